"""A part of an archive: the events of some sources, for one of several processes that share the work."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from minerlib.archive.archive import Archive
from minerlib.archive.snapshot import Snapshot
from minerlib.event.pattern import kind_matches
from minerlib.rule.history import Stream


class Part(Archive):
    """An archive of which `batches` and `events` give only the sources from `first` on that lie before `end`; None is
    open. Sealed files are sorted by source, so that little else is read."""

    def __init__(self, path: Path | str, first: str | None, end: str | None) -> None:
        super().__init__(path)
        self.first, self.end = first, end

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path.absolute(), self.first, self.end)

    def _rows(self) -> pl.Expr:
        source, found = pl.col("source"), pl.lit(True)
        found = found if self.first is None else found & (source >= self.first)
        return found if self.end is None else found & (source < self.end)


class Chosen(Archive):
    """An archive of which `batches` and `events` give only these sources; its clock is that of all of them."""

    def __init__(self, path: Path | str, sources: Collection[str], share: float = 1.0) -> None:
        super().__init__(path)
        self.sources, self.share = sorted(sources), share

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path.absolute(), self.sources, self.share)

    def parts(self, stream: Stream, kinds: tuple[str, ...], count: int) -> list[Archive]:
        """None: it is a part already."""
        return []

    @property
    def _at_once(self) -> int:
        return int(super()._at_once / max(self.share, 0.1))

    def _rows(self) -> pl.Expr:
        return pl.col("source").is_in(self.sources)


def parts(path: Path, stream: Stream, kinds: tuple[str, ...], count: int) -> Iterator[Part]:
    """So many parts of about as many events each; fewer where the stream has fewer sources."""
    snapshot = Snapshot(path, lambda kind: kind_matches(kinds, kind), stream.scope, stream.epoch)
    found = [part.select("source") for kind in snapshot.kinds for part in snapshot.parts(kind)]
    if not found:
        return
    sizes = pl.concat(found).group_by("source").len().sort("source").collect()
    cuts: list[str | None] = [None]
    passed, total = 0, int(sizes["len"].sum())
    for source, size in sizes.rows():
        if passed >= total * len(cuts) / count:
            cuts.append(source)
        passed += size
    yield from (Part(path, first, end) for first, end in pairwise([*cuts, None]))
