"""What RabbitMQ says of itself: connections, queues, users, alarms (the plugin rabbitmq_event_exchange)."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("rabbitmq", exchange="amq.rabbitmq.event", about=__doc__)
