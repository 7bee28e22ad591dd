"""docs/producers.md tells the truth: its table names every decoder, its mapping does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from minerlib.errors import SettingError
from minerlib.event.decode import DECODERS, Delivery
from minerlib.event.decode.mapping import Entry, read
from minerlib.event.moment import SECOND
from minerlib.nodes.collectors import collectors, collectors_dir
from minerlib.nodes.mappings import read_mapping

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "producers.md").read_text()
AT = 1_795_334_400 * SECOND  # 2026-11-22T08:00:00Z


@pytest.fixture
def mapping(tmp_path: Path) -> list[Entry]:
    """The page's own example, read as a bridge reads it."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    file = tmp_path / "mapping.yaml"
    file.write_text(block)
    return read_mapping(file)


def test_the_table_names_every_decoder_in_order():
    """And says of each by what it was tested."""
    rows = [row.strip("|").split("|") for row in re.findall(r"^\|.*\|$", PAGE, re.M)][2:]
    assert [row[0].strip(" `") for row in rows] == [*DECODERS, "raw"]
    assert all(re.search("capture|real|documentation|source|made", row[-1]) for row in rows)
    assert {len(row) for row in rows} == {6}


def test_the_bridges_are_there():
    """The collectors that the page calls, and the page where a bridge's own help refers to it."""
    called = set(re.findall(r"^    minerlib collect (\w+)", PAGE, re.M))
    assert called <= collectors().keys()
    said = subprocess.run(
        [sys.executable, collectors_dir() / "app.py", "--help"], capture_output=True, text=True, check=True
    ).stdout
    pages = re.findall(r"docs/[\w.-]+", said)
    assert pages
    assert all((ROOT / page).is_file() for page in pages)


@pytest.mark.parametrize(("delivery", "wanted"), [
    (Delivery(body=b'{"customer": {"id": 7}, "state": "paid", "made": 1795334400000}', exchange="shop",
              key="orders.eu.paid"),
     ("acme.shop.eu", "customer-7", "order.paid", AT)),
    (Delivery(body=b"", exchange="amq.rabbitmq.event", key="queue.created",
              headers={"timestamp_in_ms": 1795334400000, "vhost": "/"}),
     ("", "rabbit-prod", "rabbitmq.queue.created", AT)),
    (Delivery(body=b'{"log": "x", "kubernetes": {"host": "n1", "container_name": "web"}}', key="kube.var.log"),
     ("", "n1", "log.web", None)),
    (Delivery(body=b"<13>Nov 22 09:00:00 h app: x", exchange="syslog", at=AT), ("", "h", "log.app", AT)),
    (Delivery(body=b"<13>Nov 22 09:00:00 h app: x", exchange="other", at=AT), ("", "h", "log.app", None)),
])  # fmt: skip
def test_the_example_mapping(mapping: list[Entry], delivery: Delivery, wanted: tuple):
    """Each entry places the messages that it is about, and no others."""
    _, ((scope, event),) = read(delivery, mapping)
    assert (scope, event.source, event.kind, event.time) == wanted


@pytest.mark.parametrize(("text", "said"), [
    ("- {producer: collectd, source: x}\n- {producer: colectd}", "entry 2: 'colectd' is no producer"),
    ("- {zone: Europe/Berlim}", "entry 1: 'Europe/Berlim' is no time zone"),
    ("- {sauce: x}", "entry 1: Object contains unknown field `sauce`"),
    ("- {scope: acme}", "entry 1: 'acme' is not a scope"),
    ("- {unit: min}", "entry 1: Invalid enum value 'min'"),
    ("source: x", "is no mapping: write a list"),
])  # fmt: skip
def test_faults_of_a_mapping(tmp_path: Path, text: str, said: str):
    """Told with the file and the number of the entry."""
    file = tmp_path / "site.yaml"
    file.write_text(text)
    with pytest.raises(SettingError, match=re.escape(said)) as error:
        read_mapping(file)
    assert str(file) in str(error.value)
