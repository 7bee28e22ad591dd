"""A small S3 server for tests, in memory: what object stores promise and the archive relies on, and no more.

Objects are there whole or not at all, lists are true at once, and a put with `If-None-Match: *` fails with 412 where
there is one already. Signatures are not checked; that there is one is.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

BUCKET = "minerlib"


class Found(NamedTuple):
    """An object, and when it was put (seconds since 1970)."""

    body: bytes
    at: float


class Store(ThreadingHTTPServer):
    """`objects` by key, `uploads` that are not complete by id and part."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, Found] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # clients hang up when they have read enough
            super().handle_error(request, client_address)  # pyright: ignore

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a server that lives as long as the block: a process of its own, as clients may hold this one's GIL."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize, disable_nagle_algorithm = -1, True  # an answer is one packet, and at once
    server: Store

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _asked(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        assert bucket == BUCKET
        assert self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256")
        said = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return key, said, self.rfile.read(int(self.headers.get("content-length") or 0))

    def _answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "content_length" not in headers:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fault(self, code: int, name: str) -> None:
        self._answer(code, f"<Error><Code>{name}</Code><Message>{name}</Message></Error>".encode())

    def do_GET(self) -> None:
        key, said, _ = self._asked()
        if not key:
            self._list(said)
            return
        found = self.server.objects.get(key)
        if found is None:
            self._fault(404, "NoSuchKey")
            return
        found, at = found
        same = {"etag": _etag(found), "last_modified": formatdate(at, usegmt=True), "accept_ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range") or "")
        if not asked:
            self._answer(200, found, **same)
            return
        first, last = asked.groups()
        begin = int(first) if first else max(0, len(found) - int(last))
        end = min(len(found), int(last) + 1) if first and last else len(found)
        self._answer(206, found[begin:end], content_range=f"bytes {begin}-{end - 1}/{len(found)}", **same)

    def do_HEAD(self) -> None:
        key, _, _ = self._asked()
        found = self.server.objects.get(key)
        if found is None:
            self._answer(404)
            return
        found, at = found
        moment = formatdate(at, usegmt=True)
        self._answer(200, content_length=str(len(found)), etag=_etag(found), last_modified=moment)

    def do_PUT(self) -> None:
        key, said, body = self._asked()
        if "uploadId" in said:
            self.server.uploads[said["uploadId"]][int(said["partNumber"])] = body
            self._answer(200, etag=_etag(body))
            return
        self._put(key, body)

    def _put(self, key: str, body: bytes, answer: bytes = b"") -> None:
        with self.server.lock:
            if self.headers.get("if-none-match") == "*" and key in self.server.objects:
                self._fault(412, "PreconditionFailed")
                return
            self.server.objects[key] = Found(body, time())
        self._answer(200, answer, etag=_etag(body))

    def do_DELETE(self) -> None:
        key, _, _ = self._asked()
        self.server.objects.pop(key, None)
        self._answer(204)

    def do_POST(self) -> None:
        key, said, body = self._asked()
        if "delete" in said:
            gone = [unescape(found.decode()) for found in re.findall(rb"<Key>(.*?)</Key>", body)]
            for key in gone:
                self.server.objects.pop(key, None)
            told = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in gone)
            self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())
        elif "uploads" in said:
            name = f"upload-{len(self.server.uploads)}"
            self.server.uploads[name] = {}
            told = f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
            self._answer(200, told.encode())
        else:
            parts = self.server.uploads.pop(said["uploadId"])
            whole = b"".join(parts[number] for number in sorted(parts))
            told = f"<CompleteMultipartUploadResult><ETag>{_etag(whole)}</ETag></CompleteMultipartUploadResult>"
            self._put(key, whole, told.encode())

    def _list(self, said: dict[str, str]) -> None:
        prefix, delimiter, after = said.get("prefix", ""), said.get("delimiter", ""), said.get("start-after", "")
        found, folders = list[str](), dict[str, bool]()
        for key in sorted(self.server.objects.copy()):
            if not key.startswith(prefix) or key <= after:
                continue
            head, sign, _ = key[len(prefix) :].partition(delimiter or "\0")
            if sign:
                folders[f"{prefix}{head}{delimiter}"] = True
                continue
            body, at = self.server.objects.get(key, Found(b"", 0))
            moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            found.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{moment}</LastModified>"
                f"<ETag>{_etag(body)}</ETag><Size>{len(body)}</Size></Contents>"
            )
        inside = [f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in folders]
        told = "".join(["<IsTruncated>false</IsTruncated>", *found, *inside])
        self._answer(200, f"<ListBucketResult>{told}</ListBucketResult>".encode())


def _etag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


if __name__ == "__main__":
    store = Store()
    print(store.url, flush=True)
    store.serve_forever()
