"""Requests that no well-meaning client sends: a save, a sentence or a closed connection, never a failure."""

import gzip
import subprocess
from pathlib import Path
from shutil import which

import pytest
from curl_form import File, curl_form
from verdicts import PICTURE, assert_refused, assert_saved, counts, post
from wire_talk import NOTHING, Reply, head, talk

from server import Server, wait_until

pytestmark = pytest.mark.usefixtures("unharmed")
FORM = curl_form([("asset_name", "Harbour"), ("prompt", "a harbour"), File("image", "harbour.png", PICTURE)])
MIB = 1024 * 1024


# Lengths and encodings of the body


def test_200_chunks_of_one_byte_are_a_body_like_any_other(studio: Server) -> None:
    data = PICTURE + bytes(1000)
    form = curl_form([File("image", "a.png", data)], "cut")
    rest = len(form.body) - 200
    chunks = [b"1\r\n" + form.body[at : at + 1] + b"\r\n" for at in range(200)]
    chunks.append(f"{rest:x}".encode() + b";extension=1\r\n" + form.body[200:] + b"\r\n0\r\nTrailer: x\r\n\r\n")
    top = head(studio, f"Content-Type: {form.content_type}", "Transfer-Encoding: chunked")
    assert_saved(studio, talk(studio, [top, *chunks]), data)


def test_a_body_longer_than_it_says_is_cut_off_and_refused(studio: Server) -> None:
    before = counts(studio)
    top = head(studio, f"Content-Type: {FORM.content_type}", f"Content-Length: {len(FORM.body) - 40}")
    assert_refused(studio, talk(studio, [top, FORM.body]), 400)
    assert counts(studio) == before


def test_a_client_that_hangs_up_before_it_has_sent_all_saves_nothing(studio: Server) -> None:
    before = counts(studio)
    for declared in (len(FORM.body) + 1, len(FORM.body) + MIB, 2**62):
        top = head(studio, f"Content-Type: {FORM.content_type}", f"Content-Length: {declared}")
        reply = talk(studio, [top, FORM.body], hang_up=True)
        assert reply == NOTHING or 400 <= reply.status < 500, reply
    chunked = head(studio, f"Content-Type: {FORM.content_type}", "Transfer-Encoding: chunked")
    reply = talk(studio, [chunked, b"ff\r\n", FORM.body[:255], b"\r\n"], hang_up=True)
    assert reply == NOTHING or 400 <= reply.status < 500, reply
    assert counts(studio) == before


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip", "x-unknown"])
def test_a_compressed_body_is_refused_with_a_sentence(studio: Server, encoding: str) -> None:
    before = counts(studio)
    form = FORM._replace(body=gzip.compress(FORM.body))
    assert_refused(studio, post(studio, form, f"Content-Encoding: {encoding}"), 400, 415)
    lines = ("Content-Type: application/json", f"Content-Encoding: {encoding}")
    body = gzip.compress(b'{"image_base64": ""}')
    reply = talk(studio, [head(studio, *lines, f"Content-Length: {len(body)}"), body])
    assert_refused(studio, reply, 400, 415)
    assert counts(studio) == before


CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Transfer-Encoding: chunked, chunked"], CHUNKED),
        (["Transfer-Encoding: gzip, chunked"], CHUNKED),
        (["Transfer-Encoding: chunked, identity"], CHUNKED),
        (["Transfer-Encoding: identity"], b"hello"),
        (["Transfer-Encoding: \x0bchunked"], CHUNKED),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], CHUNKED),
        (["Content-Length: 5", "Content-Length: 7"], b"hello"),
        (["Content-Length: 5, 5"], b"hello"),
        (["Content-Length: -5"], b"hello"),
        (["Content-Length: +5"], b"hello"),
        (["Content-Length: 0x5"], b"hello"),
        (["Content-Length: 99999999999999999999999999"], b"hello"),
        (["Transfer-Encoding: chunked"], b"5 \r\nhello\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"-5\r\nhello\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"zz\r\nhello\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"5\nhello\n0\n\n"),
        (["Transfer-Encoding: chunked"], b"5;" + b"x" * MIB + b"\r\nhello\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n" + b"T: x\r\n" * 100_000 + b"\r\n"),
    ],
)
def test_odd_lengths_and_transfer_encodings_save_nothing(studio: Server, lines: list[str], body: bytes) -> None:
    before = counts(studio)
    top = head(studio, "Content-Type: multipart/form-data; boundary=cut", *lines)
    reply = talk(studio, [top, body], hang_up=True)
    assert reply == NOTHING or 400 <= reply.status < 500 or reply.status == 501, reply
    assert counts(studio) == before


# Heads


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/assets?search=" + "x" * 9_000,
        "/api/v1/assets?" + "&".join(f"a{number}=b" for number in range(5_000)),
        "/" + "x" * 60_000,
        "/api/v1/assets?search=" + "%F0%9F%92%A9" * 300_000,
        "/api/v1/assets/%00",
        "/api/v1/assets/%ff%fe",
        "/api/v1/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/assets/../../../etc/passwd",
        "/docs/..%2f..%2f..%2fetc%2fpasswd",
        "/docs/%2fetc%2fpasswd",
        "/docs/%00",
        "/api/v1/files/original/%00/%00?expires=1&signature=%00",
        "/api/v1/files/original/x/..%2f..%2fgenasset.db?expires=99999999999999999999&signature=%C3%A9",
        "/api/v1/assets?search=%ff%fe%00&cursor=%ff&page=%EF%BC%91",
        "/api/v1/assets?page=1&page=2&page_size=%zz",
        "/%zz%",
        "//etc/passwd",
        "http://example.org/api/v1/assets",
        "*",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_odd_addresses_never_fail(studio: Server, method: str, path: str) -> None:
    reply = talk(studio, [head(studio, "Connection: close", method=method, path=path)])
    assert reply == NOTHING or reply.status < 500, reply
    assert b"root:" not in reply.body
    assert b"SQLite format" not in reply.body


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Long: " + "a" * 2 * MIB],
        [f"X-{number}: y" for number in range(5_000)],
        ["Authorization: Bearer \xff\xfe"],
        ["Authorization: Bearer " + "ga_" + "a" * 60_000],
        ["If-Match: " + '"x",' * 5_000],
        ["Idempotency-Key: \xe9\xff"],
        ["Idempotency-Key: " + "k" * 5_000],
        ["Range: bytes=" + "0-1," * 5_000],
        ["Host: \xe9"],
        ["Host: [::1"],
        ["Host: a", "Host: b"],
        ["X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"],
        ["Cookie: " + "a=b; " * 3_000],
        ["Content-Length: 0", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x"],
        ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade, HTTP2-Settings"],
        ["folded: a\r\n b"],
        ["no colon here"],
        [": no name"],
        ["na me: x"],
    ],
    ids=lambda lines: lines[0][:24],
)
def test_odd_headers_never_fail(studio: Server, lines: list[str]) -> None:
    for method, path in (("GET", "/api/v1/assets"), ("POST", "/api/v1/generations")):
        reply = talk(studio, [head(studio, *lines, "Content-Length: 0", method=method, path=path)], hang_up=True)
        assert reply == NOTHING or reply.status < 500, reply
        assert b"evil.example" not in reply.body


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"get / http/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"A" * 100_000,
        bytes(range(256)) * 40,
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"G" * 70 + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_request_never_fails(studio: Server, bytes_sent: bytes) -> None:
    reply = talk(studio, [bytes_sent], hang_up=True)
    assert reply == NOTHING or reply.status < 500, reply


# Clients of older and stricter habits


def test_a_save_by_http_1_0_is_answered(studio: Server) -> None:
    top = head(studio, f"Content-Type: {FORM.content_type}", f"Content-Length: {len(FORM.body)}")
    assert_saved(studio, talk(studio, [top.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1), FORM.body]))


@pytest.mark.skipif(which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    "options", [["-H", "Expect: 100-continue"], ["--http1.0"], ["-H", "Transfer-Encoding: chunked"]]
)
def test_curl_saves_a_picture_in_each_of_its_ways(studio: Server, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "by curl [1].png"
    path.write_bytes(PICTURE + bytes(2 * MIB))
    command = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {studio.token}"]
    command += [*options, "-F", f'image=@"{path}"', f"{studio.url}/api/v1/generations"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    assert_saved(studio, Reply(int(status), {}, body.encode()), path.read_bytes())


def test_two_requests_in_one_packet_are_two_answers(studio: Server) -> None:
    top = head(studio, f"Content-Type: {FORM.content_type}", f"Content-Length: {len(FORM.body)}")
    before = counts(studio)["versions"]
    assert_saved(studio, talk(studio, [top + FORM.body + top + FORM.body]))
    wait_until(lambda: counts(studio)["versions"] == before + 2)
