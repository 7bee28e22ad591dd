"""What Telegraf publishes by its output amqp: Influx's line protocol, JSON or Graphite."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("telegraf", exchange="telegraf", about=__doc__)
