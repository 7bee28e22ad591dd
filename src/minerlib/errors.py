"""Everything minerlib raises on purpose.

    MinerlibError
    ├── SettingError            a setting or an argument that cannot be meant
    ├── EventError              an event that cannot be put on the bus
    ├── BrokerError             the broker, and what it said
    │   ├── BrokerMissing       no rabbitmq-server on this machine, and no URL given
    │   ├── BrokerUnreachable   nobody answers there (worth trying again)
    │   └── BrokerRefused       it answered no: user, permission, TLS, queue type (not worth it)
    ├── StreamError             a stream that cannot be read on from where we were
    ├── ArchiveError            the archive, and what is wrong with it
    │   ├── ArchiveFull         no room or no permission to write; goes on when there is
    │   └── ArchiveBroken       a file of it is damaged or missing; goes on when it is repaired
    ├── RuleError               every fault of a rule document at once
    ├── MineError               why nothing can be suggested
    └── DemoFailed              the demo ran, and something it promises was not so

Each message says what happened, to which thing, and what to do next. None carries a password.
"""


class MinerlibError(Exception):
    """The root: `except MinerlibError` catches all of them. `exit_code` is what the command line ends with."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """In a notebook: the sentence, which says all there is to say, without the traceback."""
        return [f"{type(self).__name__}: {self}"]


class SettingError(MinerlibError):
    exit_code = 2


class EventError(MinerlibError):
    pass


class BrokerError(MinerlibError):
    exit_code = 3


class BrokerMissing(BrokerError):
    pass


class BrokerUnreachable(BrokerError):
    pass


class BrokerRefused(BrokerError):
    pass


class StreamError(MinerlibError):
    exit_code = 4


class ArchiveError(MinerlibError):
    exit_code = 5


class ArchiveFull(ArchiveError):
    pass


class ArchiveBroken(ArchiveError):
    pass


class RuleError(MinerlibError):
    """Faults of a rule document; `faults` holds one sentence each, with file and line."""

    exit_code = 6

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class MineError(MinerlibError):
    exit_code = 7


class DemoFailed(MinerlibError):
    exit_code = 8
