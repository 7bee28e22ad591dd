"""A program of other people, run by a test."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self


def there(files: Sequence[str]) -> bool:
    """Whether a producer is on this machine."""
    return all(Path(file).exists() for file in files)


class Producer:
    """A program in the foreground with a folder of its own, as long as the `with` lasts; `log` is what it said."""

    def __init__(self, folder: Path, command: list[str], **environment: str) -> None:
        self.folder, self.command, self.environment = folder, command, environment

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def __enter__(self) -> Self:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env={"PATH": "/usr/sbin:/usr/bin:/bin", **self.environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def stop(self) -> None:
        """Have it end as its service would."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(30) == 0, self.log

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
