"""A message that was handed to a publisher."""

from dataclasses import dataclass


@dataclass(slots=True)
class Published:
    """What goes out, and `at`: how many were sent with it."""

    exchange: str
    key: str
    body: bytes
    id: str
    headers: dict[str, str] | None
    timestamp: int | None
    at: int
