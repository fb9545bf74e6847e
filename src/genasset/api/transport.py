"""What holds for every HTTP request, around the application: ids, hosts, HEAD, and bodies that nobody read.

A client sends its whole body before it looks at the answer. So an answer given early is held
back until the body has been read and thrown away; only a 413 goes out at once, and the rest is
read afterwards, within limits, before the connection closes.
"""

import asyncio
import ipaddress
import logging
import re
import time
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

from genasset.errors import Stalled, TooLarge
from genasset.settings import Settings
from genasset.shapes import ErrorAnswer
from genasset.wire import encode

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

ANSWERED_AT_ONCE = (TooLarge.status, Stalled.status)
REQUEST_ID = "genasset.request_id"
BODY_LIMIT = "genasset.body_limit"
HEAD = "genasset.head"
HEADERS = "genasset.headers"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound
HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:/@?#\[\]]+))(?::[0-9]{1,5})?")
PROBES = ("/healthz", "/readyz")

log = logging.getLogger("genasset.http")


class Transport:
    """An ASGI application around another; see the module."""

    def __init__(self, app: Application, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = None if settings.public_url else _allowed_hosts(settings)
        self._any_address = settings.host in ANY_ADDRESS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._settings)
        if scope["path"] not in PROBES and not self._host_allowed(exchange.header(b"host")):
            await exchange.refuse_host()
        else:
            await self._app(exchange.scope, exchange.receive, exchange.send)
        await exchange.finish()

    def _host_allowed(self, header: str) -> bool:
        if self._hosts is None:
            return True
        host = _host_in(header)
        return host is not None and (host in self._hosts or (self._any_address and _is_address(host)))


class Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
        self._headers = dict(scope["headers"])
        self._receive, self._send, self._settings = receive, send, settings
        self._id = token_hex(16)
        self._head = scope["method"] == "HEAD"
        self._began = time.monotonic()
        self._body_read = self.header(b"content-length") in ("", "0") and not self.header(b"transfer-encoding")
        self._drain_later = False
        self.scope = {
            **scope,
            REQUEST_ID: self._id,
            BODY_LIMIT: settings.stranger_limit,
            HEAD: self._head,
            HEADERS: self._headers,
            "method": "GET" if self._head else scope["method"],
        }

    def header(self, name: bytes) -> str:
        """A request header, empty when it was not sent."""
        return header_in(self._headers, name)

    async def receive(self) -> Message:
        """The application's next piece of the request body."""
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._body_read = True
        return message

    async def send(self, message: Message) -> None:
        """A piece of the answer, once the request's body is out of the way."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._head:
            message = {**message, "body": b""}
        await self._send(message)

    async def finish(self) -> None:
        """The rest of a body that was too large is thrown away, within the limits for that."""
        if self._drain_later:
            try:
                async with asyncio.timeout(self._settings.drain_seconds):
                    await self._drain(self._settings.upload_limit)
            except TimeoutError:
                log.info("gave up reading a body that is too large request=%s", self._id)

    async def refuse_host(self) -> None:
        """Answer that this server does not go by the name the client used."""
        sentence = (
            f"This server does not answer to the host name {self.header(b'host')!r}; "
            "its operator can allow it with GENASSET_ALLOWED_HOSTS or GENASSET_PUBLIC_URL."
        )
        body = encode(ErrorAnswer(sentence, "host_not_allowed"))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": 400, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        extra = [(b"x-request-id", self._id.encode()), (b"x-content-type-options", b"nosniff")]
        if not self._body_read:
            if message["status"] in ANSWERED_AT_ONCE:
                self._drain_later = message["status"] == TooLarge.status
                extra.append((b"connection", b"close"))
            elif not await self._drain_before_answer():
                extra.append((b"connection", b"close"))
        message["headers"] = [*message.get("headers", ()), *extra]
        took = 1000 * (time.monotonic() - self._began)
        log.debug(
            "%s %s %d %.1f ms request=%s", self.scope["method"], self.scope["path"], message["status"], took, self._id
        )

    async def _drain_before_answer(self) -> bool:
        """Whether the whole body came, without a pause that is too long."""
        return await self._drain(self.scope[BODY_LIMIT], patience=self._settings.drain_seconds)

    async def _drain(self, limit: int, patience: float | None = None) -> bool:
        while not self._body_read:
            try:
                async with asyncio.timeout(patience):
                    message = await self.receive()
            except TimeoutError:
                return False
            limit -= len(message.get("body", b""))
            if limit < 0:
                return False
        return True


def header_in(headers: dict[bytes, bytes], name: bytes) -> str:
    """A header of a request (its name in lower case), empty when it was not sent."""
    return headers.get(name, b"").decode("latin-1")


def _allowed_hosts(settings: Settings) -> frozenset[str]:
    return frozenset(host.lower() for host in (*LOOPBACK, settings.host, *settings.allowed_hosts))


def _host_in(header: str) -> str | None:
    """The host of a Host header (RFC 9110) without its port, or None when it is no host and port."""
    match = HOST.fullmatch(header.strip().lower())
    return (match[1] or match[2]) if match else None


def _is_address(host: str) -> bool:
    """Whether a host is an IP address: those can't be rebound to another server, as names can."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
