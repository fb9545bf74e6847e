"""`genasset serve`: the server in this process, until it is told to stop."""

import asyncio
import ctypes
import fcntl
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from genasset.app import create_app
from genasset.errors import Conflict, Unavailable
from genasset.library import Library, make_folder, open_library
from genasset.model import SCOPES
from genasset.settings import KIB, MIB, OWNER_ALONE, Settings
from genasset.workspaces.overview import first_workspace
from genasset.workspaces.tokens import create_token, has_tokens

log = logging.getLogger("genasset.serve")

TOKEN_FILE = "first-token"  # noqa: S105
CONNECTION_BUFFER = 128 * KIB
"""Bytes that a connection reads ahead, and the longest head of a request."""
MOST_REQUESTS = 4096
"""Connections that are served at once; more wait."""
M_MMAP_THRESHOLD = -3
"""From glibc's malloc.h; once it is set, glibc no longer raises it by itself."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Raises Unavailable when it can't start."""
    os.umask(OWNER_ALONE)
    start_logging(settings.log_level)
    return_freed_memory()
    allow_many_files()
    port = free_port(settings.host, settings.port)
    make_folder(settings.data_dir)
    with only_server(settings.data_dir):
        library = open_library(settings)
        try:
            token = first_token(library)
            app = create_app(library)
            uvloop.run(
                answer_requests(
                    app, settings.host, port, partial(announce, settings, port, token), grace=settings.grace_seconds
                )
            )
        finally:
            library.close()


def first_token(library: Library) -> str | None:
    """The text of a token that may do everything, when this library is new; None when it is not."""
    if has_tokens(library):
        return None
    return create_token(library, first_workspace(library).id, "first token", scopes=SCOPES).text


def announce(settings: Settings, port: int, token: str | None) -> None:
    """Say where the server is and how to use it. A token shows on a terminal only; else a private file has it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = settings.public_url.rstrip("/") or f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
    lines = [f"GenAsset serves {settings.data_dir.resolve()} at {address} (API reference: {address}/docs)"]
    shown = "$GENASSET_TOKEN"
    if token and sys.stdout.isatty():
        lines.append(f"Your first token, shown this once: {token}")
        shown = token
    elif token:
        path = write_private(settings.data_dir / TOKEN_FILE, token)
        lines.append(f"Your first token is in {path}; move it to a safe place.")
        shown = f"$(cat '{path}')"
    lines.append(
        f'Save a picture:  curl -H "Authorization: Bearer {shown}" -F image=@picture.png '
        f'-F asset_name="My first asset" -F prompt="a lighthouse at dawn" {address}/api/v1/generations'
    )
    print("\n".join(lines), flush=True)  # noqa: T201


def write_private(path: Path, text: str) -> Path:
    """The text is in the file, which only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    return path.resolve()


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises Unavailable when another program listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"Can't listen on {host} port {port} ({error.strerror}); choose another with --port."
            ) from error
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """No other server runs on the folder while the block lasts. Raises Conflict when one does."""
    with (data_dir / "server.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another server already runs on {data_dir.resolve()}; stop it, or use another --data-dir."
            ) from None
        yield


def return_freed_memory() -> None:
    """Blocks of 1 MiB and more go back to the system once they are freed.

    glibc keeps them, for each thread that ever decoded a picture: ten large ones at once were seen to leave 1.4 GB.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, MIB)


def allow_many_files() -> None:
    """This process may open as many files, connections among them, as the system lets it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def start_logging(level: str) -> None:
    """Log lines go to standard error, one a line; the HTTP server's own chatter is left out."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    logging.getLogger("genasset").setLevel(level.upper())
    logging.getLogger("_granian").setLevel(logging.ERROR)


async def answer_requests(
    app: object, host: str, port: int, when_listening: Callable[[], None], *, grace: float = 30
) -> None:
    """Serve the ASGI application until SIGTERM or SIGINT; requests under way get `grace` seconds to finish."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        # HTTP/1 alone: there a connection that stays silent is closed after 30 s.
        http=HTTPModes.http1,
        backlog=1024,
        backpressure=MOST_REQUESTS,
        http1_settings=HTTP1Settings(max_buffer_size=CONNECTION_BUFFER),
        log_enabled=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    serving = asyncio.create_task(server.serve())
    greeting = asyncio.create_task(_once_listening(host, port, when_listening))
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    greeting.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    _done, unfinished = await asyncio.wait((serving,), timeout=grace)
    if unfinished:
        log.warning("stopped with requests under way after %d seconds of grace", grace)
        os._exit(0)


async def _once_listening(host: str, port: int, then: Callable[[], None]) -> None:
    """Granian tells nobody when its socket takes connections, so we try until it does."""
    while True:
        try:
            _reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    then()
