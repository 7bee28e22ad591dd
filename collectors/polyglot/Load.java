// The load of this machine, the same as collectors/host.py says: java -cp ... Load.java [SECONDS [COUNT]]
// Needs RabbitMQ's client (Debian: default-jdk-headless, librabbitmq-client-java); README.md has the whole command.
import com.rabbitmq.client.*;
import java.net.InetAddress;
import java.nio.file.*;

class Load {
    public static void main(String[] said) throws Exception {
        var every = said.length > 0 ? Double.parseDouble(said[0]) : 1;
        var left = said.length > 1 ? Long.parseLong(said[1]) : -1;
        var set = System.getenv();
        var source = set.getOrDefault("MINERLIB_SOURCE", InetAddress.getLocalHost().getHostName()).replace('.', '/');
        var key = set.getOrDefault("MINERLIB_SCOPE", "local.lab.dev") + "." + source + ".load.average";
        var to = new ConnectionFactory();
        to.setAutomaticRecoveryEnabled(false);
        try {
            to.setUri(set.get("MINERLIB_BROKER_URL").replaceAll("/$", ""));
            if (to.isSSL()) to.useSslProtocol(javax.net.ssl.SSLContext.getDefault()); // else it trusts everybody
        } catch (Exception error) { // which may name the password
            System.err.println("Load: MINERLIB_BROKER_URL has to be an AMQP URL, as in amqp://me:secret@rabbit:5672/");
            System.exit(1);
        }
        try (var broker = to.newConnection(); var channel = broker.createChannel()) {
            var returned = new java.util.concurrent.atomic.AtomicBoolean();
            channel.addReturnListener(message -> returned.set(true));
            channel.confirmSelect();
            for (; left != 0; Thread.sleep(--left == 0 ? 0 : Math.round(every * 1000))) {
                var load = Files.readString(Path.of("/proc/loadavg")).split(" ");
                var body = String.format("{\"time\":\"%s\",\"1m\":%s,\"5m\":%s,\"15m\":%s,\"cores\":%d}",
                        java.time.Instant.now(), load[0], load[1], load[2], Runtime.getRuntime().availableProcessors());
                channel.basicPublish("events", key, true, MessageProperties.PERSISTENT_BASIC, body.getBytes());
                channel.waitForConfirmsOrDie(30_000);
                if (returned.get()) throw new IllegalStateException("it did not keep an event");
            }
        } catch (Exception error) {
            System.err.printf("Load: the broker at %s:%d cannot be used: %s%n", to.getHost(), to.getPort(), error);
            System.exit(1);
        }
    }
}
