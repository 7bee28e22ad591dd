"""Retention: how long events of which kinds are kept. What was loaded from files stays: its times are old on purpose.

    tick=7d log.#=90d #=730d      the first pattern that matches a kind counts; what none matches is kept for ever, and
                                  the workbench's own kinds are matched only when named

A day of `seen` goes as a whole, once all of it is older.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError

from minerlib.archive.places import LOADED, kind_dir
from minerlib.archive.sealed import open_table
from minerlib.errors import ArchiveFull, SettingError
from minerlib.event.moment import DAY, duration, to_datetime
from minerlib.event.pattern import kind_matches

_TRIES = 8
_EXPIRED = "expired"  # the table's transaction of this name is the first date that is whole, in days since 1970
_ORIGIN = date(1970, 1, 1)
_LIVE = f"(epoch < '{LOADED}' or epoch >= '{LOADED[:-1]}.')"  # not what was loaded: a dot follows a hyphen


class Keep(NamedTuple):
    """Events of the kinds that match a pattern are kept so long, in microseconds; None is for ever."""

    pattern: str
    age: int | None


def read_keep(said: str) -> list[Keep]:
    """What a setting says, as in `tick=7d log.#=90d`. Raises SettingError where it cannot be meant."""
    found: list[Keep] = []
    for word in said.replace(",", " ").split():
        pattern, sign, age = word.partition("=")
        if not pattern or not sign:
            raise SettingError(f"{word!r} says not how long what is kept: write kind=age, as in log.#=90d.")
        span = None if age == "forever" else duration(age)
        if span is not None and span < DAY:
            raise SettingError(f"{word!r}: a day is the least that is kept.")
        found.append(Keep(pattern, span))
    return found


def age_of(kind: str, keeps: Sequence[Keep]) -> int | None:
    """How long a kind is kept, in microseconds; None is for ever."""
    return next((keep.age for keep in keeps if kind_matches(keep.pattern, kind)), None)


def kept_from(table: DeltaTable) -> date:
    """The first date of a table of which nothing went for its age."""
    return _ORIGIN + timedelta(days=table.transaction_version(_EXPIRED) or 0)


def expire(root: Path, kind: str, age: int, at: int) -> int:
    """Take the days of a kind that are older than `age` at the moment `at` out of its table; how many events they had.

    The files go with the next vacuum. Raises ArchiveFull, ArchiveError.
    """
    first = to_datetime(at - age).date()
    place = kind_dir(root, kind)
    for _ in range(_TRIES):
        table = open_table(root, kind)
        if table is None or not any(str(each["date"]) < str(first) for each in table.partitions()):
            return 0
        try:
            done = CommitProperties(app_transactions=[Transaction(_EXPIRED, (first - _ORIGIN).days)])
            return int(table.delete(f"date < '{first}' and {_LIVE}", commit_properties=done)["num_deleted_rows"])
        except CommitFailedError:  # somebody else committed
            continue
        except (DeltaError, OSError) as error:
            said = str(error).partition("\n")[0]
            raise ArchiveFull(f"{place} cannot be written ({said}): make room there.") from None
    return 0
