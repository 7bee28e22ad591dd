"""Sealing and upkeep find the disk full, at every size that it may have: it is said, and done when there is room.

The disk is a tmpfs in a mount namespace of its own, so `unshare` is all that is needed. It is let go lazily: deltalake
may hold a file that it could not write.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import keeper

PAGE, STEP = 4096, 16 * 1024  # bytes
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]


def full(disk: Path, template: Path) -> int:
    """Try all sizes from that of the archive on, until it is done at once; how often it was not."""
    size = sum(-(-path.stat().st_size // PAGE) * PAGE for path in template.rglob("*") if path.is_file())
    failed = 0
    while True:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], check=True)
        root = disk / "archive"
        try:
            shutil.copytree(template, root)
        except OSError:  # not even the archive goes there
            said = None
        else:
            said = keeper.keep(root)
            if said:
                assert all("cannot be" in each for each in said), said
                subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
                keeper.check(root, done=False)
                assert keeper.keep(root) == []
                keeper.check(root, done=True)
                failed += 1
            else:
                keeper.check(root, done=True)
        subprocess.run(["umount", "--lazy", disk], check=True)
        if said == []:
            return failed
        size += STEP


def allowed() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not allowed(), reason="no mount namespace here: unshare --user --mount is not allowed")
def test_disk_full(tmp_path: Path) -> None:
    """It fails at three sizes at least."""
    template, disk = tmp_path / "template", tmp_path / "disk"
    keeper.make(template)
    disk.mkdir()
    run = [*UNSHARE, sys.executable, "-m", "archive.test_disk_full", str(disk), str(template)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3


if __name__ == "__main__":
    print(full(Path(sys.argv[1]), Path(sys.argv[2])))
