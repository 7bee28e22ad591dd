"""What any application publishes to an exchange of its own: JSON, lines of text, or whatever the decoders know."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("app", about=__doc__)
