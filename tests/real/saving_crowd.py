"""Clients that save at the same time, and what the server has acknowledged to them."""

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2
from curl_form import File, curl_form

from factories import picture
from server import Server

NAMES = ["Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper"]


class Acknowledged(NamedTuple):
    """A save that the server has answered with 201."""

    asset_id: str
    version_id: str
    number: int
    sha256: str
    inputs: tuple[str, ...]


class Crowd:
    """Clients that save until all saves are done, the server dies or somebody calls `stop`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.acknowledged: list[Acknowledged] = []
        self.complaints: list[str] = []
        self._left = 0
        self._lock = threading.Lock()
        self._rounds = 0

    @contextmanager
    def saving(self, server: Server, *, clients: int, saves: int) -> Iterator[list[threading.Thread]]:
        """The clients save while the block lasts; afterwards they have come to their end."""
        self._left, self._rounds = saves, self._rounds + 1
        threads = [threading.Thread(target=self._save, args=(server, number)) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield threads
        finally:
            for thread in threads:
                thread.join(60)
        assert not any(thread.is_alive() for thread in threads), "a client hangs"

    def stop(self) -> None:
        """No client begins another save."""
        self._left = 0

    def _save(self, server: Server, number: int) -> None:
        chooser = random.Random(f"{self.seed} {self._rounds} {number}")
        headers = {"Authorization": f"Bearer {server.token}"}
        with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as client:
            while self._begins():
                try:
                    self._save_one(client, chooser)
                except httpx2.TransportError:
                    return  # the server is dead

    def _begins(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def _save_one(self, client: httpx2.Client, chooser: random.Random) -> None:
        # A few pictures come again and again, so that saves also meet bytes that are there already.
        image, *inputs = (picture(chooser.choice([chooser.randrange(8), chooser.getrandbits(24)])) for _ in range(3))
        inputs = inputs[: chooser.choice([0, 0, 1, 2])]
        form = curl_form(
            [("asset_name", chooser.choice(NAMES)), ("prompt", f"prompt {chooser.random()}")]
            + [File("input_images", "in.png", data) for data in inputs]
            + [File("image", "out.png", image)]
        )
        answer = client.post("/api/v1/generations", content=form.body, headers={"Content-Type": form.content_type})
        if answer.status_code != 201:
            self.complaints.append(answer.text)
            return
        version: dict[str, Any] = answer.json()["version"]
        hashes = [hashlib.sha256(data).hexdigest() for data in (image, *inputs)]
        self.acknowledged.append(
            Acknowledged(version["asset_id"], version["id"], version["version_number"], hashes[0], tuple(hashes[1:]))
        )
        if chooser.random() < 0.3:
            preview = client.get(version["thumbnail_url"])
            if preview.status_code != 200:
                self.complaints.append(preview.text)
