"""The floor of a save: its necessary work in a bare loop, without HTTP, checks or answer.

Each save parses the multipart body with the server's own push parser while it hashes and writes the
picture, decodes it, syncs the file, renames it to its hash, syncs the folder, and commits one
transaction (write-ahead log, synchronous=FULL) with the workflow and the facts.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from multipart import MultipartSegment, PushMultipartParser
from PIL import Image

from benchmarks.inputs import BOUNDARY
from genasset.db.sqlite import driver

PIECE = 256 * 1024
SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "CREATE TABLE IF NOT EXISTS workflows (sha256 TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS versions (sha256 TEXT PRIMARY KEY, bytes INTEGER, width INTEGER, height INTEGER, "
    "workflow_sha256 TEXT, fields TEXT)",
)


class Store:
    """A folder of files and a SQLite database with one connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.database = driver.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
        for statement in SCHEMA:
            self.database.execute(statement)

    def close(self) -> None:
        """The database is closed."""
        self.database.close()


def run(folder: Path, bodies: list[list[bytes]]) -> float:
    """Seconds that as many threads as there are lists take to save all bodies."""
    store = Store(folder)
    start = threading.Barrier(len(bodies) + 1)

    def work(mine: list[bytes]) -> None:
        start.wait()
        for body in mine:
            save(store, body)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in bodies]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    store.close()
    return seconds


def save(store: Store, body: bytes) -> None:
    """The body's picture and fields are on disk."""
    temporary = store.folder / f"incoming-{threading.get_ident()}"
    with temporary.open("wb", buffering=0) as file:
        fields, digest = _parse(body, file.write)
        with Image.open(temporary, formats=["PNG"]) as image:
            image.load()
        os.fsync(file.fileno())
    os.rename(temporary, store.folder / digest)
    folder = os.open(store.folder, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    workflow = fields.pop("workflow_json", b"{}")
    workflow_digest = hashlib.sha256(workflow).hexdigest()
    facts = (digest, len(body), *image.size, workflow_digest, repr(fields))
    with store.lock:
        store.database.execute("BEGIN IMMEDIATE")
        store.database.execute("INSERT OR IGNORE INTO workflows VALUES (?, ?)", (workflow_digest, workflow.decode()))
        store.database.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?)", facts)
        store.database.execute("COMMIT")


def _parse(body: bytes, write: "object") -> tuple[dict[str, bytes], str]:
    parser = PushMultipartParser(BOUNDARY.decode())
    fields: dict[str, bytes] = {}
    digest = hashlib.sha256()
    name = ""
    for event in _events(parser, body):
        if isinstance(event, MultipartSegment):
            name = event.name
        elif event and name == "image":
            digest.update(event)
            write(event)  # type: ignore[operator]
        elif event:
            fields[name] = fields.get(name, b"") + event
    return fields, digest.hexdigest()


def _events(parser: PushMultipartParser, body: bytes) -> Iterable[MultipartSegment | bytearray | None]:
    view = memoryview(body)
    for at in range(0, len(body), PIECE):
        yield from parser.parse(bytes(view[at : at + PIECE]))
    parser.close()
