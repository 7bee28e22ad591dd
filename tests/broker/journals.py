"""Real journals: what systemd-journal-remote writes is what journalctl reads."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

_WRITERS = ("/usr/lib/systemd/systemd-journal-remote", "/lib/systemd/systemd-journal-remote")
WRITER = next((path for path in _WRITERS if Path(path).exists()), None)
needs_journal = pytest.mark.skipif(not (WRITER and which("journalctl")), reason="there is no systemd-journal-remote")
BEGUN = 1_795_334_400_000_000


class Journal:
    """A folder of journals; the numbers of entries rise, as their times do."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.file, self._written, self._rotated = folder, folder / "system.journal", 0, 0

    def write(self, *messages: bytes | str, **fields: str) -> None:
        """Entries of sshd on the host gate."""
        told = b""
        for message in messages:
            at = self._written * 1000
            said = {
                "__REALTIME_TIMESTAMP": BEGUN + at, "__MONOTONIC_TIMESTAMP": 1_000_000 + at, "_BOOT_ID": "a" * 32,
                "_MACHINE_ID": "b" * 32, "_HOSTNAME": "gate", "SYSLOG_IDENTIFIER": "sshd", "PRIORITY": "5", **fields,
            }  # fmt: skip
            text = message.encode() if isinstance(message, str) else message
            told += "".join(f"{name}={value}\n" for name, value in said.items()).encode()
            told += b"MESSAGE\n" + len(text).to_bytes(8, "little") + text + b"\n\n"
            self._written += 1
        assert WRITER
        subprocess.run([WRITER, "-o", str(self.file), "-"], input=told, capture_output=True, check=True)

    def rotate(self) -> Path:
        """The file gets another name, and the next entry begins a new one."""
        self._rotated += 1
        return self.file.rename(self.folder / f"system@{self._rotated:04}.journal")
