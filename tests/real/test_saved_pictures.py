"""Real pictures of many generators go through a server and come back as they were."""

import hashlib
import io
import json
import subprocess
from pathlib import Path
from shutil import which
from typing import NamedTuple

import httpx2
import pytest
from curl_form import File, curl_form, curl_save
from PIL import ExifTags, Image, ImageChops, ImageOps, ImageStat
from wire_talk import listen_once

from factories import picture
from real_data import each_file, pictures
from server import Server

LOW = (16, 16)
"""Pixels at which a preview is compared with its original."""
CLOSE = 6
"""Levels of 255 by which the two may differ at that size, on average."""


def stated_facts(path: Path) -> dict[str, object]:
    expected = json.loads(path.with_name(f"{path.name}.expected.json").read_text(encoding="utf-8"))
    facts = {key: expected[key] for key in ("width", "height", "bytes", "sha256")}
    return {**facts, "format": expected["format"].lower()}


class Look(NamedTuple):
    """What there is to see of a picture: its size as shown, and its pixels at low resolution on grey."""

    size: tuple[int, int]
    pixels: Image.Image


def look_at(data: bytes) -> Look:
    with Image.open(io.BytesIO(data)) as image:
        tiny = image.convert("RGBA").resize(LOW, Image.Resampling.BOX)
        turned = image.getexif().get(ExifTags.Base.Orientation, 1)
        size = image.size[::-1] if turned >= 5 else image.size
    if turned != 1:
        tiny.getexif()[ExifTags.Base.Orientation] = turned
        ImageOps.exif_transpose(tiny, in_place=True)
    return Look(size, Image.alpha_composite(Image.new("RGBA", LOW, "grey"), tiny).convert("RGB"))


def assert_shows(preview: bytes, original: Look, size: int) -> None:
    """The preview is a WebP of the original, neither blank nor stretched nor larger than asked."""
    assert (preview[:4], preview[8:12]) == (b"RIFF", b"WEBP")
    shown = look_at(preview)
    assert max(shown.size) == min(size, max(original.size))
    assert shown.size[0] * original.size[1] == pytest.approx(shown.size[1] * original.size[0], rel=0.02)
    assert max(ImageStat.Stat(ImageChops.difference(shown.pixels, original.pixels)).mean) < CLOSE
    contrasts = zip(ImageStat.Stat(shown.pixels).stddev, ImageStat.Stat(original.pixels).stddev, strict=True)
    assert all(abs(one - other) < CLOSE for one, other in contrasts)


@pytest.mark.parametrize("real_file", each_file(pictures), indirect=True)
def test_a_real_picture_comes_back_byte_for_byte_with_a_preview_that_shows_it(
    studio: Server, stranger: httpx2.Client, real_file: Path
) -> None:
    data = real_file.read_bytes()
    answer = curl_save(studio, File("image", real_file.name, data))
    assert answer.status_code == 201, answer.text
    asset, version = answer.json()["asset"], answer.json()["version"]
    assert asset["name"] == real_file.stem
    assert version["image"] == stated_facts(real_file)
    given = stranger.get(version["signed_preview_url"])
    assert given.content == data
    assert hashlib.sha256(given.content).hexdigest() == version["image"]["sha256"]
    assert given.headers["content-type"] == f"image/{version['image']['format']}"
    original = look_at(data)
    for size in (256, 512, 1024):
        preview = stranger.get(f"{version['thumbnail_url']}&size={size}")
        assert (preview.status_code, preview.headers["content-type"]) == (200, "image/webp")
        assert_shows(preview.content, original, size)


def test_the_full_set_has_all_47_pictures(full_data: Path) -> None:
    assert len(pictures(full_data)) == 47


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("my picture [final] (2).png", "my picture [final] (2)"),
        ("ComfyUI_00001_.png", "ComfyUI_00001_"),
        ("00012-3141592653 [a&b=c] {x};y.png", "00012-3141592653 [a&b=c] {x};y"),
        ("100% + 'quoted', déjà vu — 灯台.png", "100% + 'quoted', déjà vu — 灯台"),
        ("two..dots. .png", "two..dots."),
    ],
)
def test_a_file_name_with_spaces_and_brackets_names_the_asset(
    studio: Server, stranger: httpx2.Client, filename: str, name: str
) -> None:
    data = picture(len(filename))
    answer = curl_save(studio, File("image", filename, data), File("input_images", filename, data))
    assert answer.status_code == 201, answer.text
    assert answer.json()["asset"]["name"] == name
    (source,) = answer.json()["version"]["input_artifacts"]
    assert source["filename"] == filename
    assert stranger.get(source["signed_url"]).content == data


@pytest.mark.skipif(which("curl") is None, reason="curl is not installed")
def test_these_forms_are_those_that_curl_sends(tmp_path: Path) -> None:
    path = tmp_path / "my picture [1].png"
    path.write_bytes(picture())
    with listen_once() as (url, received):
        command = ["curl", "-s", "-m", "20", "-F", "prompt=a lighthouse", "-F", f'image=@"{path}"', url]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    boundary = body[2 : body.index(b"\r\n")].decode()
    sent = curl_form([("prompt", "a lighthouse"), File("image", path.name, path.read_bytes())], boundary)
    assert body == sent.body
    assert f"Content-Type: {sent.content_type}".encode() in head
