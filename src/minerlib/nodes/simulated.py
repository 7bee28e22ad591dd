"""The simulated cloud as an archive of its own: weeks of past to mine for whoever has none, told apart from life."""

import importlib.util
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from minerlib import settings
from minerlib.archive import Archive, load
from minerlib.errors import ArchiveError, SettingError
from minerlib.event.moment import SECOND, duration, to_datetime, words
from minerlib.nodes.collectors import find_collector

Reading = tuple[int, str, str, dict[str, Any]]  # time in µs, source, kind, body
_MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Cloud:
    """A small cloud that never was. `truth` says what goes wrong in it, where and when: a row a trouble."""

    archive: Archive
    truth: pl.DataFrame
    says: str

    def __repr__(self) -> str:
        return self.says

    def _repr_html_(self) -> str:
        return f"<p><b>Simulated.</b> {self.says.removeprefix('Simulated: ')}</p>"


def simulated_cloud(days: float = 28, every: str = "5m", servers: int = 8, seed: int = 1) -> Cloud:
    """The past of the simulated cloud (`collectors/simulate.py`), readings `every` so often, in an archive.

    It is made once, in seconds, in the state directory; after that it is only opened. Its scope is
    `simulated.cloud.demo`, every event in it says `simulated: true`, and the same arguments give the same events.

        cloud = simulated_cloud(days=28)
        cloud.archive.scan("cpu.usage")
        cloud.truth

    Raises SettingError where an argument cannot be meant.
    """
    pace = duration(every)
    if not days > 0 or not pace or servers < 1:
        raise SettingError("A cloud has days above 0, one server or more, and readings every so often, 5m say.")
    program = find_collector("simulate")
    cloud = _module(program)
    version = sha256(program.read_bytes()).hexdigest()[:8]  # another program tells another past
    place = settings.state_dir() / "simulated" / f"{version}-{days:g}-{every}-{servers}-{seed}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=place.parent, prefix="making-"))
        try:
            keep(cloud.simulate(seed, servers, days, every=pace / SECOND), cloud.SCOPE, making)
            making.chmod(0o755)
            making.rename(place)
        except OSError:
            if not place.exists():  # else another was quicker, with the same
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    labels = cloud.truth(seed, servers, days)
    truth = pl.DataFrame(labels, infer_schema_length=None).with_columns(pl.col("start", "end").cast(_MOMENT))
    first = to_datetime(cloud.START)
    return Cloud(
        Archive(place),
        truth,
        f"Simulated: {servers} server{'s' * (servers > 1)}, {days:g} days from {first:%A, %d %B %Y}, readings every"
        f" {words(pace)}. None of it happened; what goes wrong in it is known.",
    )


def keep(readings: Iterable[Reading], scope: str, path: Path | str) -> Archive:
    """Load readings into an archive. Raises ArchiveError where other events of that scope are there already."""
    archive = Archive(path)
    if any(archive.streams(scope)):
        raise ArchiveError(f"{archive.path} holds events of {scope} already: name an empty folder.")
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for time, source, kind, body in readings:
        rows[kind].append({"time": time, "source": source, **body})
    for kind, some in rows.items():
        frame = pl.DataFrame(some, infer_schema_length=None).with_columns(pl.col("time").cast(_MOMENT))
        load(frame, kind, source_column="source", scope=scope, time="time", archive=archive)
    return archive


def _module(path: Path) -> ModuleType:
    """The program as a module."""
    spec = importlib.util.spec_from_file_location("minerlib_simulate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
