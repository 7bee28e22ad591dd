"""The node of collectors/polyglot in its languages: what each needs, how it is compiled and run."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from minerlib.nodes.collectors import collectors_dir

from .bench import SCOPE

FOLDER = collectors_dir() / "polyglot"
JARS = [f"/usr/share/java/{name}.jar" for name in ("amqp-client", "slf4j-api", "slf4j-nop")]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


class Language(NamedTuple):
    """`{file}` is the program as it is written, `{built}` a folder for what is made of it; a warning is an error."""

    file: str
    needs: list[str]
    run: list[str]
    build: list[str] = []


LANGUAGES = {
    "bash": Language("load.sh", ["bash", "amqp-publish"], ["bash", "{file}"]),
    "c": Language(
        "load.c",
        ["gcc", "/usr/include/amqp.h"],
        ["{built}/load"],
        build=["gcc", *WARNINGS, "-o", "{built}/load", "{file}", "-lrabbitmq"],
    ),
    "ruby": Language("load.rb", ["ruby", "/usr/share/doc/ruby-bunny"], ["ruby", "{file}"]),
    "java": Language(
        "Load.java",
        ["javac", *JARS],
        ["java", "-cp", ":".join([*JARS, "{built}"]), "Load"],
        build=["javac", "-Xlint", "-Werror", "-cp", ":".join(JARS), "-d", "{built}", "{file}"],
    ),
}


def filled(command: list[str], language: Language, built: Path) -> list[str]:
    return [part.format(file=FOLDER / language.file, built=built) for part in command]


class Node:
    """The node in one language, as somebody runs it at a terminal; `source` is its machine, `word` that in a key."""

    def __init__(self, name: str, built: Path) -> None:
        self.name, self.command = name, filled(LANGUAGES[name].run, LANGUAGES[name], built)
        self.source, self.word = f"{name}.example.net", f"{name}/example/net"

    def start(self, url: str, *arguments: object) -> subprocess.Popen[str]:
        """`arguments` are the seconds between two readings, and how many."""
        mine = {"MINERLIB_BROKER_URL": url, "MINERLIB_SCOPE": SCOPE, "MINERLIB_SOURCE": self.source}
        return subprocess.Popen(
            # started in the background, tests ignore Ctrl-C, and so would what they start
            ["env", "--default-signal=INT", *self.command, *map(str, arguments)],
            env={**os.environ, **mine, "OMP_NUM_THREADS": "1"}, text=True,  # which coreutils' nproc believes
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
