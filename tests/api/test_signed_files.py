"""Signed URLs of originals: the very bytes, in ranges too, safe in a browser, for whoever was given the link."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from factories import picture
from genasset.signing import QUARTER, links
from server import Server

DATA = picture(0x123456, (40, 30))


@pytest.fixture
def version(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.saved(DATA, asset_name='Sea "at" night; ünï')["version"]
    return found


def get(server: Server, url: str, **headers: str) -> httpx2.Response:
    """What somebody without a token gets."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.stranger(**named) as stranger:
        return stranger.get(url)


def test_a_signed_url_is_absolute_and_gives_the_saved_bytes_without_a_header(
    server: Server, version: dict[str, Any]
) -> None:
    url = version["signed_preview_url"]
    assert url.startswith(f"{server.url}/api/v1/files/")
    answer = get(server, url)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert int(answer.headers["Content-Length"]) == len(DATA)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["ETag"] == f'"{version["image"]["sha256"]}"'
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_picture_is_no_active_content_for_a_browser(server: Server, version: dict[str, Any]) -> None:
    for url in (version["signed_preview_url"], version["thumbnail_url"]):
        headers = get(server, url).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["Content-Disposition"].startswith("inline; filename=")
        assert "max-age=" in headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ['a"; filename="evil.html', "a%0d%0aX-Evil: 1", "ünï", "..%2f..%2fx", "%00", "<script>"]
)
def test_the_name_in_a_link_can_not_break_out_of_its_header(server: Server, version: dict[str, Any], name: str) -> None:
    head, _, tail = version["signed_preview_url"].partition("?")
    answer = get(server, f"{head.rpartition('/')[0]}/{name}?{tail}")
    if answer.status_code == 404:  # an encoded slash makes another address
        return
    assert answer.content == DATA
    assert "X-Evil" not in answer.headers
    disposition = answer.headers["Content-Disposition"]
    assert disposition.count('"') == 2
    assert disposition.isascii()
    assert answer.headers["Content-Type"] == "image/png"


def expiry(url: str) -> int:
    return int(parse_qs(urlsplit(url).query)["expires"][0])


def test_a_link_lives_an_hour_and_at_most_a_quarter_more(version: dict[str, Any]) -> None:
    left = expiry(version["signed_preview_url"]) - datetime.now(UTC).timestamp()
    assert 3600 - 60 < left <= 3600 + QUARTER
    assert expiry(version["signed_preview_url"]) % QUARTER == 0


def test_the_end_of_a_link_is_rounded_up_so_that_it_stays_the_same_for_a_quarter() -> None:
    def url(minute: int, second: int = 0, lifetime: int = 3600) -> str:
        now = datetime(2030, 1, 1, 10, minute, second, tzinfo=UTC)
        return links("http://x", b"key", now, lifetime).original("id", "v1.png")

    assert url(0, 1) == url(7) == url(15) != url(15, 1)
    assert url(15, 1) == url(30)
    noon = datetime(2030, 1, 1, 11, 0, tzinfo=UTC)
    assert expiry(url(0)) == noon.timestamp()
    assert expiry(url(0, 1)) == (noon + timedelta(minutes=15)).timestamp()
    assert expiry(url(0, lifetime=60)) == (noon - timedelta(minutes=45)).timestamp()


def test_an_altered_link_is_refused(server: Server, version: dict[str, Any]) -> None:
    url = version["signed_preview_url"]
    other = server.saved(picture(1), asset_name="Other")["version"]
    end = expiry(url)
    altered = [
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url[:-10],
        url + "0",
        url.replace(f"expires={end}", f"expires={end + QUARTER}"),
        url.replace(f"expires={end}", f"expires=0{end}"),
        url.replace(f"expires={end}", "expires=x"),
        url.replace(f"expires={end}", f"expires={'9' * 30}"),
        url.partition("?")[0],
        url.partition("&")[0],
        url.replace(version["id"], other["id"]),
        url.replace("/original/", "/artifact/"),
        url.replace("/original/", "/thumbnail/"),
        url.upper()
        .replace(server.url.upper(), server.url)
        .replace("/API/V1/FILES/ORIGINAL/", "/api/v1/files/original/"),
        url.rpartition("=")[0] + "=%ff%00é",
    ]
    for one in altered:
        answer = get(server, one)
        assert answer.status_code == 403, one
        assert answer.json()["code"] in ("bad_signature", "link_expired"), one
        assert isinstance(answer.json()["error"], str)


def test_an_expired_link_is_refused_and_told_so(server: Server, version: dict[str, Any]) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    old = links(f"{server.url}/api/v1", server.library.signing_key, long_ago, 3600).original(version["id"], "v1.png")
    answer = get(server, old)
    assert (answer.status_code, answer.json()["code"]) == (403, "link_expired")


def test_a_link_signed_with_another_key_is_refused(server: Server, version: dict[str, Any]) -> None:
    forged = links(f"{server.url}/api/v1", b"k" * 32, datetime.now(UTC), 3600).original(version["id"], "v1.png")
    answer = get(server, forged)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


def test_a_link_outlives_a_restart_of_the_server(own_server: Server) -> None:
    url = own_server.saved(DATA)["version"]["signed_preview_url"]
    before = own_server.url
    own_server.stop()
    own_server.start()
    assert get(own_server, url.replace(before, own_server.url)).content == DATA


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=0-0", 0, 1),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
        ("bytes=5-5", 5, 6),
        ("bytes = 0-9", 0, 10),
    ],
)
def test_a_range_gives_a_part_of_the_bytes(
    server: Server, version: dict[str, Any], asked: str, start: int, end: int | None
) -> None:
    answer = get(server, version["signed_preview_url"], Range=asked)
    part = DATA[start:end]
    assert answer.content == part
    if part == DATA:
        assert answer.status_code == 200
        return
    assert answer.status_code == 206
    first = DATA.index(part) if len(part) > 4 else range(len(DATA))[start]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(DATA)}"
    assert int(answer.headers["Content-Length"]) == len(part)
    assert answer.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=99999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_length(
    server: Server, version: dict[str, Any], asked: str
) -> None:
    answer = get(server, version["signed_preview_url"], Range=asked)
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize(
    "asked", ["", "bytes=", "bytes=-", "lines=0-5", "bytes=a-b", "bytes=0-1,5-6", "bytes=--5", "0-5"]
)
def test_what_is_no_single_range_gives_the_whole(server: Server, version: dict[str, Any], asked: str) -> None:
    answer = get(server, version["signed_preview_url"], Range=asked)
    assert (answer.status_code, answer.content) == (200, DATA)


def test_a_range_of_something_that_changed_gives_the_whole(server: Server, version: dict[str, Any]) -> None:
    url, etag = version["signed_preview_url"], f'"{version["image"]["sha256"]}"'
    assert get(server, url, Range="bytes=0-3", If_Range=etag).status_code == 206
    for other in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT", f"W/{etag}"):
        assert get(server, url, Range="bytes=0-3", If_Range=other).status_code == 200


@pytest.mark.parametrize("kind", ["signed_preview_url", "thumbnail_url"])
def test_what_a_browser_has_is_not_sent_again(server: Server, version: dict[str, Any], kind: str) -> None:
    etag = get(server, version[kind]).headers["ETag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = get(server, version[kind], If_None_Match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag
    assert get(server, version[kind], If_None_Match='"x"').status_code == 200


def test_head_gives_the_length_without_the_bytes(server: Server, version: dict[str, Any]) -> None:
    with server.stranger() as stranger:
        answer = stranger.head(version["signed_preview_url"])
        part = stranger.head(version["signed_preview_url"], headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(DATA)
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")


def test_a_large_original_comes_in_pieces_and_whole(server: Server) -> None:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((1500, 1500), 90).save(file, "PNG")
    data = file.getvalue()
    assert len(data) > 1_000_000
    url = server.saved(data)["version"]["signed_preview_url"]
    assert get(server, url).content == data
    assert get(server, url, Range="bytes=262143-600000").content == data[262143:600001]
    with server.stranger() as stranger, stranger.stream("GET", url) as answer:
        next(answer.iter_raw())
    assert get(server, url).content == data
