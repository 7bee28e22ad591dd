"""The body of a row as JSON text, out of its columns and its `rest`."""

import msgspec

from minerlib.archive.columns import bodies_of


def body_of(flat: str, rest: str | None) -> str:
    """The body that columns (a JSON object, null where a row has none) and `rest` came from.

    >>> body_of('{"cpu.user": 3.0, "idle": null}', '{"tags":["a"]}')
    '{"tags":["a"],"cpu":{"user":3.0}}'
    """
    columns = {name: [value] for name, value in msgspec.json.decode(flat).items() if value is not None}
    return msgspec.json.encode(bodies_of(columns, [rest])[0]).decode()
