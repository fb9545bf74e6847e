"""Many large uploads at once keep the server's memory small, whoever sends them."""

import io
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from curl_form import File, curl_form
from PIL import Image
from wire_talk import Reply, head, talk

from factories import picture
from server import Server

CLIENTS = 50
SIDE = 2582
"""Pixels of a square RGB picture that takes 20 MB when nothing in it can be compressed."""
GROWTH = 300_000_000
"""Bytes by which the server may grow while many clients upload."""
DECODING = 400_000_000
"""Bytes by which it may grow while it decodes the largest pictures it takes."""


@pytest.fixture
def roomy_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own that has served before; its gigabyte of files is gone afterwards."""
    with Server(tmp_path / "library") as server:
        version = server.saved(picture())["version"]
        assert server.http.get(version["thumbnail_url"]).status_code == 200
        yield server
    shutil.rmtree(tmp_path / "library")


def noise_png(side: int) -> bytes:
    """A PNG that cannot be compressed: random RGB rows, each without a filter, in stored blocks."""
    rows = b"".join(b"\0" + random.Random(number).randbytes(3 * side) for number in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def upload_at_once(count: int, upload: Callable[[int, Barrier], Reply]) -> list[Reply]:
    """The replies of uploads that all wait for each other when they are half sent."""
    barrier = Barrier(count, timeout=120)
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda number: upload(number, barrier), range(count)))


def halves(request: bytes, body: bytes, tail: bytes, barrier: Barrier) -> Iterator[bytes]:
    """A request in two halves, with a meeting in between."""
    yield request
    middle = len(body) // 2
    yield body[:middle]
    barrier.wait()
    yield body[middle:]
    yield tail


def upload_all(server: Server) -> tuple[list[Reply], int]:
    """The replies to 50 different pictures of 20 MB sent at once, and the bytes by which the server grew."""
    data = noise_png(SIDE)
    assert len(data) >= 20_000_000
    form = curl_form([File("image", "noise.png", data)])
    start = form.body[: form.body.index(b"IEND") + 8]
    end = form.body[len(start) :]

    def upload(number: int, barrier: Barrier) -> Reply:
        tail = number.to_bytes(4) + end  # what follows IEND makes another file of the same picture
        lines = (f"Content-Type: {form.content_type}", f"Content-Length: {len(start) + len(tail)}")
        return talk(server, halves(head(server, *lines), start, tail, barrier))

    idle = server.forget_peak()
    replies = upload_at_once(CLIENTS, upload)
    return replies, server.peak_memory() - idle


def test_fifty_uploads_of_20_mb_at_once_stay_under_300_mb(roomy_server: Server) -> None:
    replies, growth = upload_all(roomy_server)
    print(f"\n{CLIENTS} uploads of 20 MB at once: the server grew by {growth / 1e6:.0f} MB")
    assert [reply.status for reply in replies] == [201] * CLIENTS
    assert len({reply.json()["version"]["image"]["sha256"] for reply in replies}) == CLIENTS
    assert growth < GROWTH


def test_fifty_uploads_by_strangers_at_once_stay_under_300_mb_and_touch_no_disk(roomy_server: Server) -> None:
    before = roomy_server.footprint()
    token, roomy_server.token = roomy_server.token, "ga_" + "0" * 40
    replies, growth = upload_all(roomy_server)
    roomy_server.token = token
    print(f"\n{CLIENTS} uploads of 20 MB without a good token: the server grew by {growth / 1e6:.0f} MB")
    assert [reply.status for reply in replies] == [401] * CLIENTS
    assert growth < GROWTH
    assert roomy_server.footprint() == before


def large(kind: str, mode: str, **options: object) -> bytes:
    """A picture just under the pixel limit, a few kilobytes long."""
    file = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((7_000, 7_000)).convert(mode)
    gradient.save(file, kind, **options)
    return file.getvalue()


def test_the_largest_pictures_decoded_at_once_share_one_budget(roomy_server: Server) -> None:
    pictures = [large("PNG", "RGB", compress_level=1), large("PNG", "I;16", compress_level=1), large("GIF", "L")]
    pictures += [large("JPEG", "RGB"), large("JPEG", "RGB", progressive=True)]
    idle = roomy_server.forget_peak()
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(roomy_server.save, pictures * 2))
        assert [answer.status_code for answer in answers] == [201] * 10
        urls = [answer.json()["version"]["thumbnail_url"] for answer in answers]
        previews = list(threads.map(roomy_server.http.get, urls))
    growth = roomy_server.peak_memory() - idle
    print(f"\nten pictures of 49 megapixels at once: the server grew by {growth / 1e6:.0f} MB")
    assert [preview.status_code for preview in previews] == [200] * 10
    assert growth < DECODING


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGBA", {"compress_level": 1}),
        ("JPEG", "CMYK", {"progressive": True}),
        ("WEBP", "RGB", {"method": 0}),
        ("AVIF", "RGB", {"speed": 10}),
    ],
)
def test_one_picture_of_the_costliest_kinds_is_decoded_or_refused_within_the_memory(
    roomy_server: Server, kind: str, mode: str, options: dict[str, object]
) -> None:
    idle = roomy_server.forget_peak()
    answer = roomy_server.save(large(kind, mode, **options))
    if answer.status_code == 201:
        assert roomy_server.http.get(answer.json()["version"]["thumbnail_url"]).status_code == 200
    else:
        assert answer.status_code == 413, answer.text
    growth = roomy_server.peak_memory() - idle
    print(f"\none {kind} of 49 megapixels ({mode}): {answer.status_code}, the server grew by {growth / 1e6:.0f} MB")
    assert growth < DECODING
