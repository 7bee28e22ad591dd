"""What can still be read of a Delta log of which a part is broken: files put in and taken out, transactions."""

import json
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq


class Log(NamedTuple):
    """Files that entries put in and took out, and the highest version of each transaction."""

    added: set[str]
    removed: set[str]
    versions: dict[str, int]


def read_log(folder: Path) -> Log:
    """The entries that can be read, and the newest checkpoint that can."""
    log = Log(set(), set(), {})
    if not folder.is_dir():
        return log
    for path in sorted(folder.glob("*.checkpoint.parquet"), reverse=True):
        try:
            _take(log, pq.read_table(path).to_pylist())
        except (OSError, pa.ArrowException, ValueError):
            continue
        break
    for path in sorted(folder.glob("*.json")):
        try:
            _take(log, [json.loads(line) for line in path.read_text().splitlines() if line.strip()])
        except (OSError, ValueError):
            continue
    return log


def _take(log: Log, actions: list[dict[str, Any]]) -> None:
    for action in actions:
        if added := action.get("add"):
            log.added.add(unquote(added["path"]))
        if removed := action.get("remove"):
            log.removed.add(unquote(removed["path"]))
        if version := action.get("txn"):
            name = version["appId"]
            log.versions[name] = max(version["version"], log.versions.get(name, -1))
