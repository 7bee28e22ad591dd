"""The archive: today in SQLite, yesterday in Delta, both as one to whoever asks."""

from minerlib.archive.archive import Archive
from minerlib.archive.load import Loaded, load
from minerlib.archive.seal import seal
from minerlib.archive.today import Today

__all__ = ["Archive", "Loaded", "Today", "load", "seal"]
