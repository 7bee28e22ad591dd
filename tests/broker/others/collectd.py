"""A real collectd, which publishes what it measures and writes the same down.

collectd --amqp--> an exchange for each format    --csv--> files
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from .producer import Producer

NEEDS = ("/usr/sbin/collectd", "/usr/lib/collectd/amqp.so")
FORMATS = ("Command", "JSON", "Graphite")
HOST = "web-1.example.net"
PLUGINS = ("cpu", "df", "disk", "interface", "load", "memory", "processes", "swap", "uptime")

_COLLECTD = """
Hostname "{host}"
FQDNLookup false
BaseDir "{folder}"
PIDFile "{folder}/pid"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File STDERR
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "{folder}/csv"
  StoreRates false
</Plugin>
{plugins}
LoadPlugin amqp
<Plugin amqp>
{publish}
</Plugin>
"""
_PUBLISH = """
  <Publish "{format}">
    Host "{to.hostname}"
    Port "{to.port}"
    VHost "/"
    User "{to.username}"
    Password "{to.password}"
    Exchange "collectd.{format}"
    Format {format}
    StoreRates false
  </Publish>
"""


class Value(NamedTuple):
    """A value list: which one it is, when (s since 1970), and its values by name."""

    name: tuple[str, str, str, str]  # plugin, its instance, type, its instance
    time: float
    values: dict[str, float]


class Collectd(Producer):
    """Values of this machine once a second, in three formats at a time."""

    def __init__(self, folder: Path, url: str, formats: Sequence[str] = FORMATS) -> None:
        folder.mkdir()
        publish = "".join(_PUBLISH.format(format=each, to=urlsplit(url)) for each in formats)
        plugins = "\n".join(f"LoadPlugin {name}" for name in PLUGINS)
        conf = _COLLECTD.format(host=HOST, folder=folder, plugins=plugins, publish=publish)
        (folder / "conf").write_text(conf)
        super().__init__(folder, [NEEDS[0], "-f", "-C", str(folder / "conf")])

    def said(self) -> Iterator[Value]:
        """What it wrote down: csv/<host>/<plugin>-<instance>/<type>-<instance>-<date>, a line a second."""
        for path in (self.folder / "csv").glob("*/*/*"):
            host, plugin, type_ = path.relative_to(self.folder / "csv").parts
            assert host == HOST
            words = (*plugin.partition("-")[::2], *type_[:-11].partition("-")[::2])
            with path.open(newline="") as file:
                for row in csv.DictReader(file):
                    time = float(row.pop("epoch"))
                    yield Value(words, time, {name: float(value) for name, value in row.items()})
