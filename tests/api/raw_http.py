"""HTTP by hand over a socket, for clients that do what a good library would not."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

HANG_GUARD = 30
"""Seconds after which a test fails instead of waiting on."""


@dataclass
class Answer:
    """What came back, whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class RawClient:
    """One connection on which bytes go out just as they are given."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        self.host = address.netloc
        self._socket = socket.create_connection((address.hostname, address.port or 80), timeout=HANG_GUARD)
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """The connection is gone."""
        self._socket.close()

    def send(self, *pieces: bytes) -> None:
        """All bytes are with the kernel: it blocks while the server does not read."""
        for piece in pieces:
            self._socket.sendall(piece)

    def request(self, method: str, path: str, headers: dict[str, str], body: Iterable[bytes] = ()) -> None:
        """A whole request has been sent, its body to the end, before a byte of the answer is read."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n", *body)

    def answer(self) -> Answer:
        """The next answer on this connection."""
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Answer(int(status_line.split(" ")[1]), headers, self._take(int(headers.get("content-length", "0"))))

    def is_closed(self) -> bool:
        """Whether the server ends the connection, without sending anything more."""
        try:
            return self._received == b"" and self._socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            self._more()
        found, _, self._received = self._received.partition(mark)
        return found

    def _take(self, size: int) -> bytes:
        while len(self._received) < size:
            self._more()
        found, self._received = self._received[:size], self._received[size:]
        return found

    def _more(self) -> None:
        piece = self._socket.recv(65536)
        assert piece, f"the connection ended in the middle of an answer, after {self._received[-200:]!r}"
        self._received += piece


def chunked(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """A body in chunked transfer coding (RFC 9112)."""
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
