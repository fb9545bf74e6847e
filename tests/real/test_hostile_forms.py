"""Forms that no well-meaning client sends: each gets a save or a sentence, never a failure."""

import pytest
from curl_form import File, Form, curl_form
from verdicts import PICTURE, assert_refused, assert_saved, counts, post
from wire_talk import head, talk

from factories import picture
from server import Server

pytestmark = pytest.mark.usefixtures("unharmed")
FORM = curl_form([("prompt", "a harbour"), File("image", "harbour.png", PICTURE)])
MIB = 1024 * 1024


def raw_form(boundary: str, *parts: bytes, end: bytes = b"--\r\n") -> Form:
    """A form of parts as they are, head and data."""
    mark = f"--{boundary}".encode("latin-1")
    return Form(boundary, b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + end)


IMAGE_PART = b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + PICTURE


# Parts


@pytest.mark.parametrize("count", [1001, 20_000])
def test_huge_numbers_of_parts_are_too_many(studio: Server, count: int) -> None:
    before = counts(studio)
    parts: list[File | tuple[str, str]] = [("x", "")] * count
    sentence = assert_refused(studio, post(studio, curl_form([*parts, File("image", "a.png", PICTURE)])), 413)
    assert "parts" in sentence
    assert counts(studio) == before


def test_hundreds_of_unknown_parts_are_passed_over(studio: Server) -> None:
    parts: list[File | tuple[str, str]] = [("x", "y" * 1000), File("other", "b.bin", b"\r\n" * 999)] * 400
    assert_saved(studio, post(studio, curl_form([*parts, File("image", "a.png", PICTURE)])))


@pytest.mark.parametrize(
    "bomb",
    [
        b"X-Long: " + b"a" * MIB,
        b"\r\n".join(b"X-%d: y" % number for number in range(20_000)),
        b"X" * MIB,
        b"Content-Disposition: form-data; " + b"; ".join(b"a%d=b" % number for number in range(20_000)),
        b'Content-Disposition: form-data; name="' + b'\\"' * 100_000 + b'"',
    ],
    ids=["long header", "many headers", "no colon", "many options", "backslashes"],
)
def test_a_header_bomb_in_a_part_is_refused(studio: Server, bomb: bytes) -> None:
    before = counts(studio)
    reply = post(studio, raw_form("cut", IMAGE_PART, bomb + b"\r\n\r\ndata"))
    assert_refused(studio, reply, 400, 413)
    assert counts(studio) == before


@pytest.mark.parametrize(
    "broken",
    [
        b"\r\n\r\n" + PICTURE,
        b"Content-Type: image/png\r\n\r\n" + PICTURE,
        b'Content-Disposition: attachment; name="image"\r\n\r\n' + PICTURE,
        b"Content-Disposition: form-data\r\n\r\n" + PICTURE,
        b'Content-Disposition: form-data; name="image\r\n\r\n' + PICTURE,
        b'Content-Disposition form-data; name="image"\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="image"\n\n' + PICTURE,
        b'Content-Disposition: form-data; name="\xff\xfe"\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="im\0age"\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="image"\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx',
        b'Content-Disposition: form-data; name="image"\r\nContent-Length: 99999999\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="image"\r\nContent-Length: -1\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="image"\r\nContent-Type: image/png; charset=\xe9\r\n\r\n' + PICTURE,
        b'Content-Disposition: form-data; name="prompt"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nabc',
    ],
)
def test_a_part_with_a_broken_head_is_refused_or_passed_over(studio: Server, broken: bytes) -> None:
    for form in (raw_form("cut", broken), raw_form("cut", IMAGE_PART, broken)):
        reply = post(studio, form)
        if reply.status != 201:
            assert_refused(studio, reply, 400, 413, 415)


@pytest.mark.parametrize(
    "filename", [b"caf\xe9.png", b"\xff\xfe\xfd", b'a";b".png', b"a\\", b"%00%0a%zz.png", b"x" * 5000]
)
def test_any_bytes_as_a_file_name_give_a_name_or_a_sentence(studio: Server, filename: bytes) -> None:
    part = b'Content-Disposition: form-data; name="image"; filename="' + filename + b'"\r\n\r\n' + PICTURE
    extended = part.replace(b"; filename=", b"; filename*=UTF-8''" + filename + b"; filename=")
    for form in (raw_form("cut", part), raw_form("cut", extended)):
        reply = post(studio, form)
        if reply.status == 201:
            assert_saved(studio, reply)
            assert reply.json()["asset"]["name"].strip()
        else:
            assert_refused(studio, reply, 400, 413)


def test_zero_length_parts_count_as_not_given(studio: Server) -> None:
    fields = ("asset_id", "prompt", "model", "seed", "workflow_json", "metadata", "tags", "notes_md", "version_label")
    empty: list[File | tuple[str, str]] = [(field, "") for field in fields]
    form = curl_form([*empty, File("input_images", "", b""), File("image", "empty fields.png", PICTURE)])
    version = assert_saved(studio, post(studio, form))
    assert (version["prompt"], version["workflow_json"], version["input_artifacts"]) == (None, {}, [])


def test_an_empty_picture_is_refused(studio: Server) -> None:
    assert "empty" in assert_refused(studio, post(studio, curl_form([File("image", "a.png", b"")])), 400)
    both = curl_form([File("image", "a.png", PICTURE), File("input_images", "b.png", b"")])
    assert "empty" in assert_refused(studio, post(studio, both), 400)


def test_a_repeated_field_never_fails_and_two_pictures_are_one_too_many(studio: Server) -> None:
    twice = curl_form([("prompt", "one"), ("prompt", "two"), File("image", "a.png", PICTURE)])
    assert assert_saved(studio, post(studio, twice))["prompt"] in ("one", "two")
    two = curl_form([File("image", "a.png", PICTURE), File("image", "b.png", picture(1))])
    assert "image" in assert_refused(studio, post(studio, two), 400)


# Boundaries


def test_bytes_that_look_like_a_boundary_stay_in_the_file(studio: Server) -> None:
    boundary = "-" * 24 + "0123456789abcdef"
    near = [f"\r\n--{boundary[:-1]}", f"\r\n-{boundary}", f"\n--{boundary}\n", f"\r--{boundary}\r", "\r\n--", "\r\r\n-"]
    data = PICTURE + "".join(near).encode() * 50 + b"\r\n" * 9 + b"\r" * 300_000 + b"\r\n\r"
    form = curl_form([("prompt", "\r\n--\r\n"), File("image", "a.png", data)], boundary)
    assert_saved(studio, post(studio, form), data)
    for size in (1, 7, len(boundary) + 3):
        small = data[: len(PICTURE) + 500] + b"\r\n-"
        body = curl_form([File("image", "a.png", small)], boundary).body
        top = head(studio, f"Content-Type: {form.content_type}", f"Content-Length: {len(body)}")
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        assert_saved(studio, talk(studio, [top, *pieces]), small)


@pytest.mark.parametrize("pattern", [b"\r", b"\n", b"\r\n", b"\r\n--", b"\r\n--cu", b"-", b"--cut"])
def test_megabytes_of_what_a_parser_looks_for_are_read_at_once(studio: Server, pattern: bytes) -> None:
    data = PICTURE + pattern * (8 * MIB // len(pattern))
    form = curl_form([File("image", "a.png", data), ("prompt", (pattern * 50_000)[:90_000].decode())], "cut")
    assert_saved(studio, post(studio, form), data)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=other",
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/form-data; boundary=\xe9",
        "multipart/form-data; boundary=a b",
        'multipart/form-data; boundary="a\\"b"',
        "multipart/form-data; boundary=cut; charset=no-such",
        "multipart/mixed; boundary=cut",
        "multipart/form-data, multipart/form-data; boundary=cut",
        "application/x-www-form-urlencoded",
        "image/png",
        "",
        ";",
    ],
)
def test_a_boundary_that_is_missing_odd_or_wrong_is_a_sentence(studio: Server, content_type: str) -> None:
    body = raw_form("cut" if "cut" not in content_type else "cat", IMAGE_PART).body
    top = head(studio, f"Content-Type: {content_type}", f"Content-Length: {len(body)}")
    assert_refused(studio, talk(studio, [top, body]), 400, 413, 415)


@pytest.mark.parametrize("end", [b"", b"-", b"\r\n", b"--\r\nepilogue " + b"x" * 5000, b"--"])
def test_a_body_without_its_final_boundary_is_refused_and_an_epilogue_is_not(studio: Server, end: bytes) -> None:
    before = counts(studio)
    reply = post(studio, raw_form("cut", IMAGE_PART, end=end))
    if end.startswith(b"--"):
        assert_saved(studio, reply)
    else:
        assert_refused(studio, reply, 400)
        assert counts(studio) == before


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.95])
def test_a_body_that_is_cut_off_is_refused(studio: Server, share: float) -> None:
    cut = FORM._replace(body=FORM.body[: int(len(FORM.body) * share)])
    before = counts(studio)
    assert_refused(studio, post(studio, cut), 400)
    assert counts(studio) == before


def test_a_preamble_is_passed_over_or_refused(studio: Server) -> None:
    reply = post(studio, FORM._replace(body=b"This is a multi-part message.\r\n" + FORM.body))
    if reply.status != 201:
        assert_refused(studio, reply, 400)
