"""A real server process and a client for it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any, Self

import httpx2
from sqlalchemy import func, select

from genasset.db.tables import artifacts, assets, blobs, idempotency_keys, tokens, versions, workflows
from genasset.library import Library, open_library
from genasset.model import SCOPES
from genasset.settings import Settings
from genasset.workspaces.overview import create_workspace
from genasset.workspaces.tokens import create_token

ADDRESS = re.compile(r"at (https?://\S+)")


class Server:
    """`genasset serve` as its own process on a free port, with the token of one workspace."""

    def __init__(self, data_dir: Path, *, under: tuple[str, ...] = (), token: str = "", **environment: str) -> None:
        """`under` is the command that runs the server, such as strace; `token` opens a library that is not new."""
        self.data_dir = data_dir
        self.under = under
        self.environment = {**plain_environment(), **environment}
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.port = 0
        self.token = token
        self.http = client()
        self._library: Library | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """The process listens; its first token is known."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = (self.data_dir / "server.log").open("a")
        if not self.port and self.environment.get("GENASSET_PUBLIC_URL"):
            self.port = free_port()  # the line that the server prints then names the public address
        command = [*self.under, sys.executable, "-m", "genasset", "serve"]
        command += ["--port", str(self.port), "--data-dir", str(self.data_dir)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = ADDRESS.search(line)
        assert found, f"the server did not start: {line!r} {self.log()[-2000:]}"
        self.url = f"http://127.0.0.1:{self.port}" if self.port else found[1]
        self.port = int(self.url.rpartition(":")[2])
        if not self.token:
            self.token = (self.data_dir / "first-token").read_text().strip()
        self._connect()

    def stop(self) -> None:
        """The process has ended in good order."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self._let_go()

    def kill(self) -> None:
        """The process is dead at once, as in a power cut of its own."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)
        self._let_go()

    @property
    def library(self) -> Library:
        """The server's stores, opened beside it as the command line opens them."""
        if self._library is None:
            self._library = open_library(Settings(data_dir=self.data_dir))
        return self._library

    def with_workspace(self) -> "Server":
        """The same process, seen through an admin token of a new workspace."""
        workspace = create_workspace(self.library, f"Test {uuid.uuid4().hex}")
        return self.with_token(create_token(self.library, workspace.id, "test", scopes=SCOPES).text)

    def with_token(self, token: str) -> "Server":
        """The same process, seen through another token."""
        other = Server(self.data_dir)
        other.process, other.url, other._library, other.token = self.process, self.url, self.library, token
        other._connect()
        return other

    def stranger(self, **headers: str) -> httpx2.Client:
        """A client without the token, sending these headers only."""
        return client(self.url, **headers)

    def with_scope(self, *scopes: str) -> "Server":
        """The same workspace, seen through a new token of these scopes."""
        made = self.http.post("/api/v1/tokens", json={"name": " and ".join(scopes), "scopes": scopes})
        assert made.status_code == 201, made.text
        return self.with_token(made.json()["token"])

    def footprint(self) -> dict[str, int]:
        """How much lies in the data folder: rows by table, and files on their way in."""
        counted = (assets, versions, workflows, artifacts, blobs, idempotency_keys, tokens)
        with self.library.db.read() as tx:
            found = {table.name: tx.scalar(select(func.count()).select_from(table)) or 0 for table in counted}
        return {**found, "incoming": len(list((self.data_dir / "incoming").iterdir()))}

    def cli(self, *arguments: str) -> str:
        """What a command prints, run beside the server."""
        command = [sys.executable, "-m", "genasset", *arguments, "--data-dir", str(self.data_dir)]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=self.environment).stdout

    def log(self) -> str:
        """What the process has logged."""
        return (self.data_dir / "server.log").read_text()

    def memory(self) -> int:
        """Bytes of memory that the process holds now."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The most bytes of memory that the process held since `forget_peak`, or since it began."""
        return self._status("VmHWM")

    def forget_peak(self) -> int:
        """`peak_memory` counts anew; the bytes held now. (See proc_pid_clear_refs(5).)"""
        assert self.process is not None
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.peak_memory()

    def save(self, image: bytes | Path, filename: str = "picture.png", **fields: str) -> httpx2.Response:
        """POST /generations as curl would send it."""
        data = image.read_bytes() if isinstance(image, Path) else image
        return self.http.post("/api/v1/generations", files={"image": (filename, data)}, data=fields)

    def saved(self, image: bytes | Path, filename: str = "picture.png", **fields: str) -> dict[str, Any]:
        """The answer of a save that must succeed."""
        answer = self.save(image, filename, **fields)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """The JSON of a GET that must succeed."""
        answer = self.http.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _status(self, line: str) -> int:
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.partition(f"{line}:")[2].split()[0])

    def _let_go(self) -> None:
        self.http.close()
        if self._library:
            self._library.close()
            self._library = None

    def _connect(self) -> None:
        self.http = client(self.url, Authorization=f"Bearer {self.token}")


def plain_environment() -> dict[str, str]:
    """The variables of this process, but for those that set up a server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GENASSET_")}


def client(url: str = "", **headers: str) -> httpx2.Client:
    """An HTTP client; it reads no certificates, which take longer to load than most tests."""
    return httpx2.Client(base_url=url, headers=headers, timeout=60, verify=False)


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def wait_until(condition: Any, seconds: float = 20) -> None:
    """Return once the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
