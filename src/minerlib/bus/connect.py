"""Connecting to a broker, with every refusal in one sentence and no password in any of them."""

import contextlib
import logging
import socket
import ssl
from collections.abc import Generator
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import pika
import pika.exceptions as amqp
from pika.adapters.utils import connection_workflow as workflow

from minerlib.bus.broker import running_url
from minerlib.errors import BrokerError, BrokerRefused, BrokerUnreachable, SettingError

logging.getLogger("pika").addHandler(logging.NullHandler())  # what matters is raised; pika also logs it, with traceback


# What pika raises where a connection is not made or breaks; ValueError where a socket is reset while it is opened.
BROKEN = (amqp.AMQPError, workflow.AMQPConnectorException, OSError, ValueError)

# What a broker answers, under codes that mean a refusal otherwise, while its streams are still coming up.
_COMING_UP = ("down or inaccessible", "does not have a replica on the local node", "stopped by supervisor")


def broker_url(url: str | None = None) -> str:
    """The broker that is meant: `url`, else MINERLIB_BROKER_URL, else the private node where it runs.

    Raises BrokerUnreachable where there is none of them.
    """
    found = url or running_url()
    if not found:
        raise BrokerUnreachable("No broker runs here: start one with minerlib up, or set MINERLIB_BROKER_URL.")
    return found


def shown(url: str) -> str:
    """The URL as it may be printed: without its password.

    >>> shown("amqp://me:secret@host:5672/x")
    'amqp://me@host:5672/x'
    """
    scheme, found, rest = url.partition("://")
    if not found:  # no URL at all, and what of it is secret cannot be known
        return "(no URL)" if "@" in url or ":" in url else url
    login, at, place = rest.rpartition("@")  # the last one: a password may hold any sign, also one it should not
    return f"{scheme}://{login.partition(':')[0] + at if login else ''}{place.partition('?')[0]}"


def parameters(url: str, name: str) -> pika.URLParameters:
    """pika's parameters of a URL: named, with heartbeat, and with a bound on how long a broker may block us.

    Raises SettingError where the URL is none.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
            raise ValueError
        found = pika.URLParameters(url)
    except (ValueError, TypeError):
        raise SettingError(
            f"{shown(url)!r} is not a broker URL: write amqp://user:password@host:5672/vhost, with %-codes for"
            " signs like / or # in a password."
        ) from None
    query = parts.query
    if "heartbeat" not in query:
        found.heartbeat = 30
    if "blocked_connection_timeout" not in query:
        found.blocked_connection_timeout = 60
    if "socket_timeout" not in query:
        found.socket_timeout = 5
    if "stack_timeout" not in query:
        found.stack_timeout = 10
    found.client_properties = {"connection_name": name, "product": "minerlib"}
    return found


def connect(url: str, name: str = "minerlib") -> pika.BlockingConnection:
    """An open connection. Raises BrokerUnreachable (worth another try) or BrokerRefused (not worth one)."""
    wanted = parameters(url, name)
    try:
        return pika.BlockingConnection(wanted)
    except BROKEN as error:
        explain(error, url)


@contextlib.contextmanager
def connected(url: str, name: str) -> Generator[pika.BlockingConnection]:
    """A connection for a little while. Raises what `connect` raises, also where it breaks in between."""
    connection = connect(url, name)
    try:
        yield connection
    except (amqp.AMQPError, OSError) as error:
        explain(error, url)
    finally:
        with contextlib.suppress(*BROKEN):
            connection.close()


def explain(error: BaseException, url: str) -> NoReturn:
    """Raise the sentence that says what a connection's failure means and what to do about it."""
    raise sentence(error, url) from None


def sentence(error: BaseException, url: str) -> BrokerError:
    """The BrokerError that says what went wrong at `url`, for any error of pika, ssl or the socket."""
    parts, place = urlsplit(url), shown(url)
    causes = list(_causes(error))

    def any_of(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    refused = "(403)" in str(any_of(amqp.ProbableAuthenticationError))
    if refused or any_of(amqp.AuthenticationError) or _code(causes, 403, "ACCESS_REFUSED - Login"):
        user = unquote(parts.username or "guest")
        return BrokerRefused(f"The broker at {place} refuses the user {user!r}: check user and password in the URL.")
    if _code(causes, 530, "") or "(530)" in str(any_of(amqp.ProbableAccessDeniedError)):
        vhost = unquote(parts.path[1:]) or "/"
        return BrokerRefused(f"The broker at {place} refuses the virtual host {vhost!r}: it is not there or not yours.")
    if found := any_of(ssl.SSLCertVerificationError):
        reason = getattr(found, "verify_message", "") or str(found)
        return BrokerRefused(
            f"The certificate of {place} is not trusted ({reason}): install its authority's certificate."
        )
    if any_of(ssl.SSLError):
        return BrokerRefused(f"{place} does not speak TLS: write amqp:// for this port, or use the broker's TLS port.")
    if any_of(socket.gaierror):
        return BrokerUnreachable(f"The host of {place} is not known: check the name in the URL.")
    if any_of(ConnectionRefusedError):
        return BrokerUnreachable(
            f"Nothing listens at {place}: start the broker (minerlib broker start) or check the URL."
        )
    # What was cut off during the handshake may be a fault of configuration or of the wire: it is worth another try.
    if any_of(amqp.ProbableAuthenticationError, amqp.ProbableAccessDeniedError):
        return BrokerUnreachable(f"{place} hung up during the login: check user and virtual host if it does so again.")
    if any_of(amqp.IncompatibleProtocolError, amqp.ProtocolSyntaxError) or _during_handshake(causes):
        tls = ": if it expects TLS, write amqps://" if parts.scheme == "amqp" else ""
        return BrokerUnreachable(f"{place} does not answer in AMQP 0-9-1{tls}.")
    if found := any_of(amqp.ChannelClosedByBroker, amqp.ConnectionClosedByBroker):
        return said_by_broker(found, url)
    what = next((str(cause) for cause in causes if str(cause)), type(error).__name__)
    return BrokerUnreachable(f"The broker at {place} did not answer as expected ({what[:200]}): is it up?")


def said_by_broker(error: BaseException, url: str) -> BrokerError:
    """The sentence for a channel or connection that the broker closed with a code and a reason."""
    code, text = getattr(error, "reply_code", 0), getattr(error, "reply_text", str(error))
    place, said = shown(url), f"{code} {text[:200]}" if code else text[:200]  # 0: the wire broke
    if code in (0, 320, 541, 506, 504) or any(words in text for words in _COMING_UP):
        return BrokerUnreachable(f"The broker at {place} closed the connection ({said}): trying again helps.")
    hint = {
        403: "this user has no permission for it",
        404: "it is not declared there",
        405: "another connection holds it",
        406: "it exists with other arguments",
        540: "this broker cannot do that",
    }.get(code, "see the broker's log")
    return BrokerRefused(f"The broker at {place} says {said}: {hint}.")


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all that stands behind it: causes, contexts, and the ones pika keeps as arguments."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        at = todo.pop(0)
        if isinstance(at, BaseException) and at not in found:
            found.append(at)
            todo += [at.__cause__, at.__context__, getattr(at, "exception", None), *at.args]
            todo += list(getattr(at, "exceptions", ()))
    return found


def _code(causes: list[BaseException], code: int, text: str) -> bool:
    return any(getattr(c, "reply_code", 0) == code and text in getattr(c, "reply_text", "") for c in causes)


def _during_handshake(causes: list[BaseException]) -> bool:
    return any(isinstance(c, (amqp.ConnectionOpenAborted, workflow.AMQPConnectorAMQPHandshakeError)) for c in causes)
