"""Clients: a process of its own that sends ready-made requests over kept connections and times the answers.

It shares the machine's cores with the server, so it does as little as it can: requests are made
before the clock starts, sent as they lie in memory, and answers are read into one buffer.
"""

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Sequence
from itertools import chain
from multiprocessing.pool import Pool
from typing import NamedTuple, Self

Request = list[bytes]
BUFFER = 1 << 20


class Round(NamedTuple):
    """What one round of requests took: seconds from the first to the last byte of all, and each request's own."""

    seconds: float
    latencies: list[float]
    last_answer: bytes

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds


class Connection:
    """A kept HTTP/1.1 connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(120)
        self._buffer = bytearray(BUFFER)

    def ask(self, request: Request, status: int) -> bytes:
        """The body of the answer, which must have the status."""
        for piece in request:
            self._socket.sendall(piece)
        filled, end = 0, -1
        while end < 0:
            filled += self._receive(filled)
            end = self._buffer.find(b"\r\n\r\n", 0, filled)
        head = bytes(self._buffer[:end]).lower()
        start, length = end + 4, int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if start + length > len(self._buffer):
            self._buffer.extend(bytes(start + length - len(self._buffer)))
        while filled < start + length:
            filled += self._receive(filled)
        body = bytes(self._buffer[start : start + length])
        if int(head.split(b" ", 2)[1]) != status:
            raise AssertionError(f"expected {status}: {head.decode()} {body[:500].decode()}")
        return body

    def close(self) -> None:
        """The connection is gone."""
        self._socket.close()

    def _receive(self, filled: int) -> int:
        count = self._socket.recv_into(memoryview(self._buffer)[filled:])
        if count == 0:
            raise ConnectionError("the server closed the connection")
        return count


class Clients:
    """The client process."""

    def __init__(self) -> None:
        self._pool: Pool = multiprocessing.get_context("spawn").Pool(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def run(
        self, address: tuple[str, int], make: Callable[[], Sequence[Sequence[Request]]], *, status: int = 200
    ) -> Round:
        """One round: a client for each list of requests that `make` gives, all starting at once."""
        return self._pool.apply(_run, (address, make, status))


def _run(address: tuple[str, int], make: Callable[[], Sequence[Sequence[Request]]], status: int) -> Round:
    conversations = make()
    connections = [Connection(address) for _ in conversations]
    start = threading.Barrier(len(conversations) + 1)
    latencies: list[list[float]] = [[] for _ in conversations]
    last = [b""]
    failures: list[Exception] = []

    def client(number: int) -> None:
        start.wait()
        try:
            for request in conversations[number]:
                began = time.perf_counter()
                last[0] = connections[number].ask(request, status)
                latencies[number].append(time.perf_counter() - began)
        except (OSError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(len(conversations))]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for connection in connections:
        connection.close()
    if failures:
        raise RuntimeError(f"{len(failures)} clients failed, first: {failures[0]}")
    return Round(seconds, list(chain.from_iterable(latencies)), last[0])


def repeat(request: Request, clients: int, each: int) -> list[list[Request]]:
    """The same request, `each` times by every client."""
    return [[request] * each for _ in range(clients)]
