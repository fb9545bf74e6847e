"""Thumbnails over HTTP: WebP of three sizes, made at first look and kept."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from factories import fresh_picture, picture
from genasset.blobs import preview_key
from server import Server


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "query", "expected"),
    [
        ((1200, 800), "", (512, 341)),
        ((1200, 800), "&size=256", (256, 171)),
        ((1200, 800), "&size=512", (512, 341)),
        ((1200, 800), "&size=1024", (1024, 683)),
        ((800, 1200), "&size=256", (171, 256)),
        ((100, 50), "&size=256", (100, 50)),
        ((100, 50), "&size=1024", (100, 50)),
        ((256, 256), "&size=256", (256, 256)),
    ],
)
def test_a_thumbnail_is_a_webp_of_the_asked_size(
    server: Server, size: tuple[int, int], query: str, expected: tuple[int, int]
) -> None:
    version = server.saved(picture(0x3366CC, size))["version"]
    with server.stranger() as stranger:
        answer = stranger.get(version["thumbnail_url"] + query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    found = opened(answer.content)
    assert found.format == "WEBP"
    assert all(abs(one - other) <= 1 for one, other in zip(found.size, expected, strict=True))
    red, green, blue = found.convert("RGB").getpixel((found.width // 2, found.height // 2))  # type: ignore[misc]
    assert abs(red - 0x33) + abs(green - 0x66) + abs(blue - 0xCC) < 20


def test_a_turned_photo_has_an_upright_thumbnail_and_its_own_size(server: Server) -> None:
    image = Image.new("RGB", (600, 300), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    version = server.saved(file.getvalue())["version"]
    assert (version["image"]["width"], version["image"]["height"]) == (600, 300)
    assert opened(server.http.get(version["thumbnail_url"] + "&size=256").content).size == (128, 256)


@pytest.mark.parametrize("size", ["0", "255", "300", "2048", "-256", "x", "256.0", "9" * 30])
def test_another_size_is_refused(server: Server, size: str) -> None:
    version = server.saved(picture())["version"]
    answer = server.http.get(f"{version['thumbnail_url']}&size={size}")
    assert (answer.status_code, answer.json()["field"]) == (400, "size")
    assert "size" in answer.json()["error"]


def test_each_size_has_an_etag_of_its_own(server: Server) -> None:
    url = server.saved(picture())["version"]["thumbnail_url"]
    found = {server.http.get(f"{url}&size={size}").headers["ETag"] for size in (256, 512, 1024)}
    assert len(found) == 3
    for etag in found:
        answers = [
            server.http.get(f"{url}&size={size}", headers={"If-None-Match": etag}).status_code
            for size in (256, 512, 1024)
        ]
        assert sorted(answers) == [200, 200, 304]


def test_a_thumbnail_is_made_once_and_again_when_it_is_gone(server: Server) -> None:
    version = server.saved(fresh_picture())["version"]
    kept = server.data_dir / preview_key(version["image"]["sha256"], 512)
    assert not kept.exists()
    first = server.http.get(version["thumbnail_url"]).content
    assert kept.read_bytes() == first
    made = kept.stat().st_mtime_ns
    assert server.http.get(version["thumbnail_url"]).content == first
    assert kept.stat().st_mtime_ns == made
    kept.unlink()
    assert opened(server.http.get(version["thumbnail_url"]).content).format == "WEBP"


def test_many_looks_at_a_new_picture_give_the_same_thumbnail(server: Server) -> None:
    url = server.saved(fresh_picture((700, 700)))["version"]["thumbnail_url"]
    start = threading.Barrier(6)

    def look(_number: int) -> bytes:
        with server.stranger() as stranger:
            start.wait(20)
            return stranger.get(url).content

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(look, range(6)))) == 1


def test_thumbnails_leave_nothing_on_their_way_in(server: Server) -> None:
    url = server.saved(fresh_picture())["version"]["thumbnail_url"]
    server.http.get(url)
    assert server.footprint()["incoming"] == 0


def test_an_altered_thumbnail_link_is_refused(server: Server) -> None:
    version = server.saved(picture())["version"]
    for url in (version["thumbnail_url"][:-1], version["thumbnail_url"].replace("thumbnail/", "original/", 1)):
        assert server.http.get(url).status_code == 403
