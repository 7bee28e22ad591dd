/* The load of this machine, the same as collectors/host.py says: ./load [SECONDS [COUNT]]
   Needs librabbitmq (Debian: gcc, libc6-dev, librabbitmq-dev): gcc -o load load.c -lrabbitmq */
#define _GNU_SOURCE
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#define CHECK(fine, what) if (!(fine)) errx(1, "the broker at %s:%d " what ".", to.host, to.port)
int main(int count, char **said) {
    double every = count > 1 ? atof(said[1]) : 1, load[3];
    char *url = getenv("MINERLIB_BROKER_URL"), *scope = getenv("MINERLIB_SCOPE") ?: "local.lab.dev", *key, body[256];
    char host[256] = "", *source = strdup(getenv("MINERLIB_SOURCE") ?: (gethostname(host, 255), host));
    for (char *dot = source; (dot = strchr(dot, '.'));) *dot = '/'; /* a dot would begin the next word of the key */
    if (asprintf(&key, "%s.%s.load.average", scope, source) > 255) errx(1, "%s is too long: a key has 255 bytes.", key);
    struct amqp_connection_info to;
    if (!url || amqp_parse_url(strdup(url), &to))
        errx(1, "MINERLIB_BROKER_URL has to be the AMQP URL of a broker, as in amqp://me:secret@rabbit:5672/");
    amqp_connection_state_t broker = amqp_new_connection();
    amqp_socket_t *way = to.ssl ? amqp_ssl_socket_new(broker) : amqp_tcp_socket_new(broker);
    if (to.ssl) amqp_ssl_socket_set_cacert(way, getenv("SSL_CERT_FILE") ?: "/etc/ssl/certs/ca-certificates.crt");
    CHECK(!amqp_socket_open(way, to.host, to.port), "cannot be reached");
    amqp_login(broker, *to.vhost ? to.vhost : "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, to.user, to.password);
    CHECK(amqp_channel_open(broker, 1) && amqp_confirm_select(broker, 1), "does not let us in");
    amqp_bytes_t exchange = amqp_cstring_bytes("events"), address = amqp_cstring_bytes(key);
    for (long left = count > 2 ? atol(said[2]) : -1; left; usleep(--left ? every * 1e6 : 0)) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        getloadavg(load, 3);
        snprintf(body, sizeof body, "{\"time\":%ld.%06ld,\"1m\":%.2f,\"5m\":%.2f,\"15m\":%.2f,\"cores\":%ld}",
                 now.tv_sec, now.tv_nsec / 1000, load[0], load[1], load[2], sysconf(_SC_NPROCESSORS_ONLN));
        amqp_basic_publish(broker, 1, exchange, address, 1, 0, NULL, amqp_cstring_bytes(body));
        amqp_frame_t answer = {0}; /* a confirm, and anything else is none */
        amqp_simple_wait_frame_noblock(broker, &answer, &(struct timeval){.tv_sec = 30});
        CHECK(answer.payload.method.id == AMQP_BASIC_ACK_METHOD, "takes nothing more");
    }
}
