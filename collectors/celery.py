"""What Celery workers say of themselves and their tasks (celery worker -E)."""

from minerlib.nodes.bridging import bridge

if __name__ == "__main__":
    bridge("celery", exchange="celeryev", about=__doc__)
