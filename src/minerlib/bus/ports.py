"""The ports of a private node, below those that the system gives to outgoing connections: one of these could take a
port of ours while the node is down."""

import itertools
import random
import socket

PORTS = range(20_000, 32_768)  # Linux gives outgoing connections those from 32768 on, others from 49152 on


def free_ports() -> list[int]:
    """Three that nobody listens on."""
    return list(itertools.islice(filter(is_free, random.sample(PORTS, len(PORTS))), 3))


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def is_epmd(port: int) -> bool:
    """Whether an epmd answers there: ours outlives a node that was killed, and serves it again."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection:
            connection.sendall(b"\x00\x01n")  # NAMES: answered with the port, then the names
            return connection.recv(4) == port.to_bytes(4)
    except OSError:
        return False
