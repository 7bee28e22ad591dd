"""A place in an object store, used as a path is: what the archive asks of the folder of a sealed table.

Access is what the AWS_* variables say, for this as for deltalake and Polars, which read them by themselves: nothing of
it is stored, and nothing is told.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from minerlib.errors import ArchiveFull, SettingError

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME = "s3://"
_HERE = PurePosixPath()


@dataclass(frozen=True)
class Bucket:
    """What is called `key` below `root` (`s3://bucket/prefix`): an object, or a folder, which is there when something
    is in it. All methods raise ArchiveFull where the store is not reached, or refuses."""

    root: str
    key: PurePosixPath = _HERE

    @staticmethod
    def read(url: str) -> "Bucket":
        """The place that a URL names. Raises SettingError where it names no bucket, or the way there a password."""
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"):
            if urlsplit(os.environ.get(name, "")).password is not None:  # it would be told with every error
                raise SettingError(f"{name} holds a password, which no object store reads there: take it out.")
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
            self.size()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Whether anything is in it."""
        return next(self.iterdir(), None) is not None

    def size(self) -> int:
        """Bytes of an object. Raises FileNotFoundError."""
        with self._reached() as store:
            return store.head(str(self.key))["size"]

    def mkdir(self, **_: bool) -> None:
        """Nothing is to be done."""

    def iterdir(self) -> "Iterator[Bucket]":
        with self._reached() as store:
            inside = store.list_with_delimiter(None if self.key == _HERE else f"{self.key}/")
        paths = [*inside["common_prefixes"], *(each["path"] for each in inside["objects"])]
        return (self / PurePosixPath(path).name for path in paths)

    @contextmanager
    def open(self, mode: str) -> Generator[BytesIO]:
        """The object's bytes, to be read (`rb`) or written (`wb`); they are there once they are all written."""
        bytes_ = BytesIO(self.read_bytes() if mode == "rb" else b"")
        yield bytes_
        if mode == "wb":
            self.write_bytes(bytes_.getvalue())

    def read_bytes(self) -> bytes:
        with self._reached() as store:
            return store.get(str(self.key)).bytes().to_bytes()

    def write_bytes(self, said: bytes) -> None:
        with self._reached() as store:
            store.put(str(self.key), said)

    def read_text(self) -> str:
        return self.read_bytes().decode()

    def write_text(self, said: str) -> None:
        self.write_bytes(said.encode())

    def unlink(self) -> None:
        with self._reached() as store:
            store.delete(str(self.key))

    @contextmanager
    def _reached(self) -> "Generator[S3Store]":
        """The store below the root."""
        try:
            from obstore.exceptions import BaseError
            from obstore.store import S3Store
        except ModuleNotFoundError:
            raise SettingError(
                f"{self.root} needs a library that is not here: pip install 'minerlib[scale]'."
            ) from None
        try:
            yield S3Store.from_url(self.root)
        except FileNotFoundError:
            raise
        except BaseError as error:
            said = str(error).partition("\n")[0]
            raise ArchiveFull(
                f"{self.root} cannot be reached ({said}): see that AWS_ENDPOINT_URL, AWS_REGION and the keys are right;"
                " it goes on when it can."
            ) from None


Place = Path | Bucket
