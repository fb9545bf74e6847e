"""Every hostile file meets a server: none fails it, hangs it or bloats it, and each gets the answer it deserves."""

import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from curl_form import File, curl_save
from PIL import Image

from factories import picture
from real_data import NAMES_OF_UPLOADS, HostileFile, hostile
from server import Server

HANG = 10
"""Seconds that no file may take, its thumbnail included."""
MEMORY = 400_000_000
"""Bytes by which the server's memory may grow over all files together."""


class Outcome(NamedTuple):
    """What became of a file."""

    sent: HostileFile
    answer: httpx2.Response
    stored: bool
    seconds: float
    original: httpx2.Response | None
    thumbnail: httpx2.Response | None


class Run(NamedTuple):
    """All files, sent one after the other, and the bytes by which the server grew at its peak."""

    outcomes: list[Outcome]
    growth: int

    @property
    def accepted(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.answer.status_code == 201]

    @property
    def refused(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.answer.status_code != 201]


@pytest.fixture(scope="module")
def run(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with Server(tmp_path_factory.mktemp("hostile") / "library") as server:
        server.saved(picture(), asset_name="warm up")
        idle = server.forget_peak()
        outcomes = [send(server, file) for file in hostile(data_root)]
        yield Run(outcomes, server.peak_memory() - idle)


def send(server: Server, file: HostileFile) -> Outcome:
    before, began = server.footprint(), time.monotonic()
    answer = curl_save(server, File("image", file.path.name, file.path.read_bytes()))
    original = thumbnail = None
    if answer.status_code == 201:
        version = answer.json()["version"]
        original = server.http.get(version["signed_preview_url"])
        thumbnail = server.http.get(version["thumbnail_url"])
    return Outcome(file, answer, server.footprint() != before, time.monotonic() - began, original, thumbnail)


def names(outcomes: list[Outcome]) -> list[str]:
    return [f"{one.sent.name}: {one.answer.status_code} {one.answer.text[:200]}" for one in outcomes]


def test_all_hostile_files_together_cost_little_memory_and_no_one_much_time(run: Run) -> None:
    slowest = sorted(run.outcomes, key=lambda one: -one.seconds)[:3]
    print(f"\n{len(run.outcomes)} hostile files: memory grew by {run.growth / 1e6:.0f} MB at its peak; slowest:")
    print(", ".join(f"{one.sent.name} {one.seconds:.2f} s" for one in slowest))
    assert run.growth < MEMORY
    assert slowest[0].seconds < HANG


def test_no_hostile_file_makes_the_server_fail(run: Run) -> None:
    answers = [(one, one.answer) for one in run.outcomes]
    answers += [(one, answer) for one in run.accepted for answer in (one.original, one.thumbnail) if answer]
    assert names([one for one, answer in answers if answer.status_code >= 500]) == []


def test_hostile_files_are_accepted_or_refused_as_the_manifest_says(run: Run) -> None:
    assert names([one for one in run.accepted if not one.sent.may_be_accepted]) == []
    assert names([one for one in run.refused if not one.sent.may_be_refused]) == []
    assert run.accepted
    assert run.refused


def test_accepted_hostile_files_come_back_byte_for_byte(run: Run) -> None:
    damaged = [one for one in run.accepted if one.original and one.original.content != one.sent.path.read_bytes()]
    assert names(damaged) == []
    assert all(one.stored and one.original for one in run.accepted)


def test_accepted_hostile_files_get_a_thumbnail(run: Run) -> None:
    for one in run.accepted:
        assert one.thumbnail is not None
        assert one.thumbnail.headers["content-type"] == "image/webp", one.sent.name
        with Image.open(io.BytesIO(one.thumbnail.content)) as image:
            assert image.format == "WEBP"
            assert 1 <= min(image.size) <= max(image.size) <= 512, one.sent.name


def test_a_refused_hostile_file_gets_a_sentence_and_leaves_nothing_behind(run: Run) -> None:
    for one in run.refused:
        error = one.answer.json()
        assert error["error"].endswith("."), one.sent.name
        assert len(error["error"]) > 20, one.sent.name
        assert error["code"].islower(), one.sent.name
        assert not one.stored, one.sent.name


def test_the_type_of_a_file_comes_from_its_content_and_never_from_its_name(run: Run) -> None:
    signatures = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF", "gif": b"GIF8", "avif": b"\0\0\0"}
    for one in run.accepted:
        stated = one.answer.json()["version"]["image"]["format"]
        assert one.original is not None
        assert one.original.headers["content-type"] == f"image/{stated}"
        assert one.original.content.startswith(signatures[stated]), one.sent.name
        assert one.original.headers["x-content-type-options"] == "nosniff"


def test_the_full_set_has_all_225_files(full_data: Path) -> None:
    assert len(list(hostile(full_data))) + 1 == 225


def test_any_upload_file_name_is_taken_and_none_leads_out_of_the_data_folder(
    data_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    around = tmp_path_factory.mktemp("around")
    listed = json.loads((data_root / "hostile" / NAMES_OF_UPLOADS).read_text(encoding="utf-8"))
    with Server(around / "library") as server:
        for number, filename in enumerate([*listed, "..", ".", "/", "C:\\x\\y.png", "a\x7fb.png", "name\u2028x.png"]):
            data = picture(number)
            answer = curl_save(server, File("image", filename, data), File("input_images", filename, data))
            assert answer.status_code == 201, (filename, answer.text)
            assert_sane(answer.json()["asset"]["name"])
            (source,) = answer.json()["version"]["input_artifacts"]
            assert_sane(source["filename"])
            for url in (answer.json()["version"]["signed_preview_url"], source["signed_url"]):
                given = server.http.get(url)
                assert given.content == data
                assert given.headers["content-disposition"].isascii()
        assert [path.name for path in around.iterdir()] == ["library"]
        stored = {path.name for path in (around / "library" / "blobs").rglob("*") if path.is_file()}
        assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in stored)
        assert os.listdir(around / "library" / "incoming") == []


def assert_sane(name: str) -> None:
    """One line without a path in it, of a reasonable length."""
    assert name
    assert name == name.strip()
    assert not any(character in name for character in "/\\\0\r\n")
    assert name.isprintable()
    assert len(name) <= 255
