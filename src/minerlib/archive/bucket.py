"""A place in an object store, used as a path is: what the archive asks of the folder of a sealed table.

Access is what the AWS_* variables say, for this as for deltalake and Polars, which read them by themselves: nothing of
it is stored, and nothing is told.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from minerlib.errors import SettingError

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME = "s3://"
_HERE = PurePosixPath()


@dataclass(frozen=True)
class Bucket:
    """What is called `key` below `root`, as in `s3://bucket/prefix`: an object, or a folder, which is there when something
    is in it."""

    root: str
    key: PurePosixPath = _HERE

    @staticmethod
    def read(url: str) -> "Bucket":
        """The place that a URL names. Raises SettingError where it names no bucket."""
        if not url.startswith(SCHEME) or not url.removeprefix(SCHEME).strip("/"):
            raise SettingError(f"{url!r} is no place for sealed events: write s3://bucket/prefix, or a folder.")
        return Bucket(url.rstrip("/"))

    def __str__(self) -> str:
        return self.root if self.key == _HERE else f"{self.root}/{self.key}"

    def __truediv__(self, name: str) -> "Bucket":
        return Bucket(self.root, self.key / name)

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def parent(self) -> "Bucket":
        return Bucket(self.root, self.key.parent)

    def absolute(self) -> "Bucket":
        return self

    def exists(self) -> bool:
        try:
            store(self.root).head(str(self.key))
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Whether anything is in it."""
        return next(self.iterdir(), None) is not None

    def size(self) -> int:
        """Bytes of an object."""
        return store(self.root).head(str(self.key))["size"]

    def mkdir(self, **_: bool) -> None:
        """Nothing is to be done."""

    def iterdir(self) -> "Iterator[Bucket]":
        inside = store(self.root).list_with_delimiter(None if self.key == _HERE else f"{self.key}/")
        paths = [*inside["common_prefixes"], *(each["path"] for each in inside["objects"])]
        return (self / PurePosixPath(path).name for path in paths)

    @contextmanager
    def open(self, mode: str) -> Generator[BytesIO]:
        """The object's bytes, to be read (`rb`) or written (`wb`); they are there once they are all written."""
        if mode == "rb":
            yield BytesIO(self.read_bytes())
            return
        written = BytesIO()
        yield written
        store(self.root).put(str(self.key), written.getvalue())

    def read_bytes(self) -> bytes:
        return store(self.root).get(str(self.key)).bytes().to_bytes()

    def read_text(self) -> str:
        return self.read_bytes().decode()

    def write_text(self, text: str) -> None:
        store(self.root).put(str(self.key), text.encode())

    def unlink(self) -> None:
        store(self.root).delete(str(self.key))


Place = Path | Bucket


@cache
def store(root: str) -> "S3Store":
    """The object store below a URL. Raises SettingError where the library for it is not installed."""
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise SettingError(f"{root} needs a library that is not here: pip install 'minerlib[scale]'.") from None
    return S3Store.from_url(root)
