"""What it costs to begin: importing minerlib, and installing the bare package into an empty environment.

    python benchmarks/start.py [--json] [--quick]

The installation takes what the package index or pip's cache gives: it is the whole wait of a user, network included.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import Row, arguments, in_turn, report

ROOT = Path(__file__).parent.parent
IMPORT, INSTALL = 0.150, 30.0  # seconds that count as nothing


def imported() -> float:
    """Seconds of `import minerlib` in a Python that has just begun, its own start left out."""
    code = "import time; t = time.perf_counter(); import minerlib; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def installed() -> float:
    """Seconds of `pip install` of the bare package; ends the program where that brings Jupyter."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        begun = time.perf_counter()
        subprocess.run([f"{folder}/bin/pip", "install", "--quiet", str(ROOT)], check=True, stderr=subprocess.DEVNULL)
        spent = time.perf_counter() - begun
        names = subprocess.run([f"{folder}/bin/pip", "list"], capture_output=True, text=True, check=True).stdout
        if "jupyter" in names.lower() or "polars" in names.lower():
            sys.exit("The bare package pulls what only an analyst needs.")
        return spent


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    (light,) = in_turn(5, imported)
    (small,) = in_turn(1 if options.quick else 5, installed)
    rows = [
        Row("import minerlib, seconds", light, "150 ms", IMPORT, "≤ 1"),
        Row("install the bare package, seconds", small, "half a minute", INSTALL, "≤ 1"),
    ]
    report(rows, options.json)


if __name__ == "__main__":
    main()
