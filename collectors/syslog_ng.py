"""What syslog-ng publishes by its destination amqp(), with or without a body."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("syslog_ng", exchange="syslog", about=__doc__)
