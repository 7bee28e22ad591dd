"""The parts of a Dask frame, each looked at by the worker that reads it."""

from collections.abc import Iterator
from typing import Any, cast

import polars as pl

from minerlib.mine.progress import Progress, told


def mapped(frame: Any, part: Any, progress: Progress) -> Iterator[pl.DataFrame]:
    """What `part` makes of each partition, in their order; only the answers come back. `progress` hears of each."""
    from dask.delayed import delayed
    from distributed import as_completed, get_client

    pieces = [delayed(_answer)(piece, part) for piece in frame.to_delayed()]
    futures: Any = get_client().compute(pieces)
    with told(progress, len(pieces)) as tell:
        for done, _ in enumerate(cast(Any, as_completed(futures)), 1):
            tell(done)
    for future in futures:
        yield future.result()


def _answer(piece: Any, part: Any) -> pl.DataFrame:
    return part(pl.from_pandas(piece).lazy()).collect()
