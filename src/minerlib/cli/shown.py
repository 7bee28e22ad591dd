"""Text of events as a terminal may see it."""

from typing import Any

import msgspec

# what moves the cursor, colours, or turns the direction of writing
CONTROL = dict.fromkeys((*range(32), 127, *range(128, 160), *range(8234, 8239), *range(8294, 8298)), "·")
_ESCAPED = {code: f"\\u{code:04x}" for code in CONTROL}


def json_line(value: Any) -> str:
    """A value as JSON on one line; what would steer a terminal is escaped, and so is read as it was."""
    return msgspec.json.encode(value).decode().translate(_ESCAPED)
