"""What collectd publishes by its plugin amqp: PUTVAL, JSON or Graphite."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("collectd", exchange="amq.fanout", about=__doc__)
