"""What Fedora's and CentOS' services publish (fedora-messaging)."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("fedora", exchange="amq.topic", keys=("org.fedoraproject.#", "org.centos.#"), about=__doc__)
