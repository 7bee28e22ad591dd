"""What OpenStack's services notify (oslo.messaging); a service with an exchange of its own (nova): --exchange nova."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("openstack", exchange="openstack", keys=("notifications.#",), about=__doc__)
