"""The processes that are measured: `genasset serve`, and the bare server that is its floor."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

ADDRESS = re.compile(r"http://([^\s:/]+):(\d+)")
MIB = 1024 * 1024


class Process:
    """A server as its own process, up once the block begins."""

    def __init__(self, command: list[str], data_dir: Path, **environment: str) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self._log = (data_dir / "server.log").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = ADDRESS.search(line)
        if not found:
            raise RuntimeError(f"the server did not start: {line!r}, see {data_dir / 'server.log'}")
        self.address = (found[1], int(found[2]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def token(self) -> str:
        """The library's first token."""
        return (self.data_dir / "first-token").read_text().strip()

    def forget_peak(self) -> None:
        """The peak counts from now on."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def memory(self, field: str) -> float:
        """Resident memory in MiB: `VmRSS` now, `VmHWM` at its highest."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(f"{field}:")[2].split()[0]) * 1024 / MIB


def genasset(data_dir: Path, **environment: str) -> Process:
    """The server itself, on a free port."""
    return Process(["genasset", "serve", "--port", "0", "--data-dir", str(data_dir)], data_dir, **environment)


def bare_server(folder: Path, answer: bytes) -> Process:
    """A server of the same kind whose one handler gives these bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answer").write_bytes(answer)
    return Process(["benchmarks.bare_server", str(folder / "answer")], folder)
