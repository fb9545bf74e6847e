"""HTTP spoken byte by byte, for requests that no client library would send."""

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from server import Server

HANG = 20
"""Seconds of silence that count as a hang."""


class Reply(NamedTuple):
    """What a server answered; status 0 when it closed the connection without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


NOTHING = Reply(0, {}, b"")


def head(server: Server, *lines: str, method: str = "POST", path: str = "/api/v1/generations") -> bytes:
    """A request head with the server's host and token, and these header lines."""
    fixed = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(server.url).netloc}"]
    return "\r\n".join([*fixed, f"Authorization: Bearer {server.token}", *lines, "", ""]).encode("latin-1")


def talk(server: Server, pieces: Iterable[bytes], *, hang_up: bool = False) -> Reply:
    """Send the pieces, each in a packet of its own, and read one answer. `hang_up` ends our side after them.

    Raises TimeoutError when the server neither answers nor closes.
    """
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=HANG) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # a server may close before it has taken everything
            for piece in pieces:
                connection.sendall(piece)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        try:
            return _read_reply(connection)
        except ConnectionError:
            return NOTHING


def _read_reply(connection: socket.socket) -> Reply:
    while True:
        data = _until(connection, b"\r\n\r\n")
        if b"\r\n\r\n" not in data:
            return NOTHING
        top, _, body = data.partition(b"\r\n\r\n")
        status_line, *lines = top.decode("latin-1").split("\r\n")
        status = int(status_line.split()[1])
        if status == 100:
            continue
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(body) < length and (piece := connection.recv(65536)):
            body += piece
        return Reply(status, headers, body[:length])


def _until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data and (piece := connection.recv(65536)):
        data += piece
    return data


@contextmanager
def listen_once() -> Iterator[tuple[str, bytearray]]:
    """A URL that answers one request with 200, and the bytes that it was sent."""
    received = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_take_one, args=(listener, received))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", received
        thread.join(HANG)


def _take_one(listener: socket.socket, received: bytearray) -> None:
    listener.settimeout(HANG)
    connection, _address = listener.accept()
    with connection:
        connection.settimeout(HANG)
        while not received.endswith(b"--\r\n"):
            received += connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        time.sleep(0.05)
