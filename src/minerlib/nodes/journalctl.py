"""`journalctl` as a process that follows the journal, and the file that says up to where it was read."""

import json
import os
import queue
import re
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from minerlib.errors import SettingError
from minerlib.event.lines.journal import FIELDS

_AHEAD = 1000  # entries that are read before they are asked for
_TOLD = 2000  # bytes of its complaints, the last ones, that are told
_PATIENCE = 120.0  # seconds in which the newest entry is found
_OURS = re.compile(r"-[aqmk]*[fnro]|--(follow|lines|reverse|output(-fields)?|cursor(-file)?|after-cursor|no-tail)(=|$)")


def check_which(arguments: Sequence[str]) -> None:
    """Raises SettingError where arguments say how to read, and not which entries: that is ours."""
    for each in arguments:
        if _OURS.match(each):
            raise SettingError(f"Leave out {each}: how the journal is read is not to be said, only which entries.")


class CursorFile:
    """The cursor of the last entry that is in safety; replaced at once or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.cursor = file.read_text() if file.exists() else None

    def save(self, cursor: str) -> None:
        if cursor == self.cursor:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        with new.open("w") as file:
            file.write(cursor)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
        self.cursor = cursor


class Journalctl:
    """Entries from `cursor` on, itself included: `--after-cursor` leaves out one more where that entry is gone.

    Without a cursor, from the beginning, or from where `arguments` say. Raises SettingError where there is none.
    """

    def __init__(self, arguments: Sequence[str], cursor: str | None) -> None:
        following = ["--follow", "--no-tail", *([f"--cursor={cursor}"] if cursor else [])]
        # a pipe that nobody reads meanwhile would block it once full
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = _start([*arguments, *following], self._complaints)
        except SettingError:
            self._complaints.close()
            raise
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=_AHEAD)
        self._left = threading.Event()
        self._said: str | None = None
        self._reading = threading.Thread(target=self._read, name="journalctl", daemon=True)
        self._reading.start()

    def entries(self, most: int, wait: float) -> list[dict[str, Any]]:
        """The next entries, at most so many, after at most `wait` s."""
        lines: list[bytes] = []
        try:
            lines.append(self._lines.get(timeout=wait))
            while len(lines) < most:
                lines.append(self._lines.get_nowait())
        except queue.Empty:
            pass
        return [json.loads(line) for line in lines]

    def ended(self) -> str | None:
        """What it said when it ended by itself and everything was read; None while it runs."""
        if self._reading.is_alive() or not self._lines.empty():
            return None
        if self._said is None:
            ended = self._process.wait()
            self._complaints.seek(max(0, self._complaints.seek(0, os.SEEK_END) - _TOLD))
            said = self._complaints.read().decode(errors="replace").strip()
            self._said = f"journalctl ended with {ended}: {said or 'it said nothing'}"
        return self._said

    def close(self) -> None:
        self._left.set()
        self._process.terminate()
        self._process.wait()
        self._reading.join()
        if self._process.stdout:
            self._process.stdout.close()
        self._complaints.close()

    def __enter__(self) -> "Journalctl":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            while line.endswith(b"\n") and not self._left.is_set():  # one without its end was cut off with the process
                try:
                    self._lines.put(line, timeout=0.2)
                    break
                except queue.Full:
                    continue


def last_cursor(arguments: Sequence[str]) -> str | None:
    """The cursor of the newest entry; None where there is no entry. Raises SettingError."""
    process = _start([*arguments, "--lines=1"], subprocess.PIPE)
    try:
        told, said = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise SettingError(f"journalctl did not say in {_PATIENCE:.0f} s which entry is the newest.") from None
    if process.returncode and said:
        raise SettingError(f"journalctl cannot read the journal: {said.decode(errors='replace').strip()}")
    return json.loads(told)["__CURSOR"] if told.strip() else None


def _start(arguments: Sequence[str], complaints: IO[bytes] | int) -> subprocess.Popen[bytes]:
    fields = ",".join(FIELDS)
    command = ["journalctl", *arguments, "--output=json", f"--output-fields={fields}", "--all", "--no-pager", "--quiet"]
    try:  # in a session of its own: Ctrl-C is for us, who then end it
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, start_new_session=True
        )
    except OSError as error:
        raise SettingError(f"There is no journalctl here to read the journal with: {error.strerror}.") from None
