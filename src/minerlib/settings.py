"""The settings: environment variables named `MINERLIB_*`, read when they are needed, never kept.

MINERLIB_BROKER_URL        the AMQP URL of your broker; without it a private node is used
MINERLIB_RABBITMQ_SERVER   the rabbitmq-server program of the private node, where it is not found by itself
MINERLIB_STATE             local state (private broker, checkpoints, logs); default ./.minerlib
MINERLIB_ARCHIVE           the archive's directory; default ./archive
MINERLIB_SEALED            where its sealed events are, as in s3://bucket/prefix; default <archive>/sealed
MINERLIB_KEEP              how long the archive keeps which kinds, as in "tick=7d log.#=90d"; default all for ever
MINERLIB_SCOPE             company.system.environment of what this machine says; default local.lab.dev
MINERLIB_SOURCE            the name of this machine in its events; default its host name
MINERLIB_FROM_URL          the broker of foreign messages, for bridges, taps and surveys; default ours
MINERLIB_ZONE              the time zone of foreign times that name none, as in Europe/Berlin; default: no times
MINERLIB_STATS_SECONDS     how often a node says its numbers; default 60, 0 is never
MINERLIB_VERIFY_AT         when of the day (UTC) live is compared with the archive; default 03:17, or never
"""

import os
import socket
from pathlib import Path


def state_dir() -> Path:
    """Where local state lives: MINERLIB_STATE, else `.minerlib` in the current directory."""
    return Path(os.environ.get("MINERLIB_STATE") or ".minerlib").absolute()


def archive_dir() -> Path:
    """The default archive: MINERLIB_ARCHIVE, else `archive` in the current directory."""
    return Path(os.environ.get("MINERLIB_ARCHIVE") or "archive").absolute()


def sealed() -> str:
    """Where the sealed events of the default archive are: MINERLIB_SEALED, a folder or s3://bucket/prefix; empty where
    they are in it."""
    return os.environ.get("MINERLIB_SEALED") or ""


def keep() -> str:
    """How long which kinds are kept, as it was written."""
    return os.environ.get("MINERLIB_KEEP") or ""


def given_broker_url() -> str | None:
    """The broker the user named with MINERLIB_BROKER_URL, if any."""
    return os.environ.get("MINERLIB_BROKER_URL") or None


def scope() -> str:
    """The environment this machine's events are about."""
    return os.environ.get("MINERLIB_SCOPE") or "local.lab.dev"


def source() -> str:
    """This machine's name in its events."""
    return os.environ.get("MINERLIB_SOURCE") or socket.gethostname() or "localhost"


def from_url() -> str | None:
    """The broker that foreign messages are on, if it is another than ours."""
    return os.environ.get("MINERLIB_FROM_URL") or None


def zone() -> str:
    """The time zone of foreign times that name none, as it was written; empty where nobody said."""
    return os.environ.get("MINERLIB_ZONE") or ""


def stats_seconds() -> str:
    """How often a node says its numbers, in seconds, as it was written."""
    return os.environ.get("MINERLIB_STATS_SECONDS") or "60"


def verify_at() -> str:
    """When of the day the archive is verified, as it was written."""
    return os.environ.get("MINERLIB_VERIFY_AT") or "03:17"
