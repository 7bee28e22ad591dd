"""The fastest client that can be had: librabbitmq's, in C, which takes a stream's messages and drops them."""

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("drain.c")


def build(folder: Path) -> Path | None:
    """The program, built in a folder; None without a C compiler or librabbitmq-dev."""
    program, compiler = folder / "drain", shutil.which("cc")
    if compiler is None:
        return None
    built = subprocess.run([compiler, "-O2", "-o", program, SOURCE, "-lrabbitmq"], capture_output=True)
    return program if built.returncode == 0 else None


def drain(program: Path, url: str, queue: str, messages: int) -> float:
    """Messages a second."""
    environment = {**os.environ, "AMQP_URL": url.removesuffix("/")}
    said = subprocess.run([program, queue, str(messages)], env=environment, capture_output=True, text=True, check=True)
    return messages / float(said.stdout)
