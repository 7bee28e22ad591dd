"""Where a host is in a stream: its offset, its rules with their state, and what it still has to publish.

All of it is written in one transaction, so a host killed at any moment goes on from one consistent place: what it
publishes twice has the same ids and numbers, and is a repeat.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from minerlib.event.order import Position

_TABLES = """
create table if not exists position (
    id integer primary key check (id = 1), epoch text, offset integer, digest text, "order" text);
create table if not exists rules (fingerprint text primary key, document text, state blob, intake text);
create table if not exists intakes (digest text primary key, data blob);
create table if not exists outbox (id text primary key, key text, body blob);
"""


class Outgoing(NamedTuple):
    """A message that must be published: its message id, routing key and body."""

    id: str
    key: str
    body: bytes


class Held(NamedTuple):
    """A rule that a host runs, as it is kept: the document, and the state in its two parts."""

    document: str
    state: bytes
    intake: bytes


class Checkpoint:
    """The file `<folder>/<scope>.sqlite`."""

    def __init__(self, folder: Path, scope: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / f"{quote(scope, safe='')}.sqlite", check_same_thread=False)
        self._db.executescript(f"pragma journal_mode=wal; pragma synchronous=full; {_TABLES}")

    @property
    def position(self) -> Position | None:
        row = self._db.execute('select epoch, offset, digest, "order" from position').fetchone()
        return Position(*row) if row else None

    def rules(self) -> dict[str, Held]:
        """What was held at `position`, by fingerprint."""
        query = "select r.fingerprint, r.document, r.state, i.data from rules r join intakes i on i.digest = r.intake"
        return {row[0]: Held(*row[1:]) for row in self._db.execute(f"{query} order by r.rowid")}

    def outbox(self) -> list[Outgoing]:
        """What was not known to be published, in the order it has to be."""
        return [Outgoing(*row) for row in self._db.execute("select id, key, body from outbox order by rowid")]

    def save(self, position: Position, rules: Mapping[str, Held], outbox: list[Outgoing]) -> None:
        """Replace everything at once."""
        with self._db:
            self._db.execute("insert or replace into position values (1, ?, ?, ?, ?)", position)
            self._db.execute("delete from rules")
            self._db.execute("delete from intakes")
            digests = {held.intake: hashlib.blake2b(held.intake, digest_size=16).hexdigest() for held in rules.values()}
            rows = [(name, held.document, held.state, digests[held.intake]) for name, held in rules.items()]
            self._db.executemany("insert into rules values (?, ?, ?, ?)", rows)
            self._db.executemany("insert into intakes values (?, ?)", [(name, data) for data, name in digests.items()])
            self._db.executemany("insert or ignore into outbox values (?, ?, ?)", outbox)

    def published(self) -> None:
        """The outbox was confirmed."""
        with self._db:
            self._db.execute("delete from outbox")

    def close(self) -> None:
        self._db.close()
