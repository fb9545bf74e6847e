"""Real pictures with damage of every kind: each is saved as it came or refused in words."""

from itertools import pairwise

import pytest
from curl_form import File, curl_save
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factories import picture
from real_data import SAMPLE, hostile, pictures
from server import Server

pytestmark = pytest.mark.usefixtures("unharmed")

SMALL = 30_000
"""Bytes above which a picture is left out, so that most damage hits something that matters."""
SOURCES = [
    *(path.read_bytes() for path in pictures(SAMPLE) if path.stat().st_size < SMALL),
    *(one.path.read_bytes() for one in hostile(SAMPLE) if one.path.suffix in (".avif", ".jpg") and one.may_be_accepted),
    *(picture(7, (40, 30), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "AVIF")),
]
Places = st.integers(0, 2**30)


@st.composite
def flips(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bits turned, the first bytes, where headers are, more often than others."""
    damaged = bytearray(data)
    for place in draw(st.lists(Places | st.integers(0, 200), min_size=1, max_size=12)):
        damaged[place % len(data)] ^= 1 << draw(st.integers(0, 7))
    return bytes(damaged)


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> bytes:
    """The end is gone, or a stretch of the middle."""
    start, end = sorted(draw(st.tuples(Places, Places)))
    start, end = start % len(data), end % len(data)
    return data[:start] + (data[end:] if draw(st.booleans()) else b"")


@st.composite
def shuffles(draw: st.DrawFn, data: bytes) -> bytes:
    """The chunks of a PNG, or stretches of another file, in another order, some twice and some not at all."""
    edges = png_edges(data) or sorted({0, len(data), *(place % len(data) for place in draw(st.lists(Places)))})
    parts = [data[start:end] for start, end in pairwise(edges)]
    head = data[: edges[0]]
    return head + b"".join(draw(st.lists(st.sampled_from(parts), max_size=len(parts) + 2)))


@st.composite
def splices(draw: st.DrawFn, data: bytes) -> bytes:
    """A stretch is overwritten or pushed apart by other bytes."""
    new = draw(st.binary(max_size=40) | st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\x7f\xff\xff\xff", data[:30]]))
    start = draw(Places | st.integers(0, 200)) % len(data)
    return data[:start] + new + data[start + (len(new) if draw(st.booleans()) else 0) :]


def png_edges(data: bytes) -> list[int]:
    """Where the chunks of a PNG begin, and its end; nothing for another file."""
    if not data.startswith(b"\x89PNG"):
        return []
    edges = [8]
    while edges[-1] < len(data):
        edges.append(edges[-1] + 12 + int.from_bytes(data[edges[-1] : edges[-1] + 4]))
    return edges


Damaged = st.sampled_from(SOURCES).flatmap(
    lambda data: st.one_of(flips(data), cuts(data), shuffles(data), splices(data), flips(data).flatmap(splices))
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=Damaged)
@example(data=b"")
@example(data=SOURCES[0][:-1])
def test_a_damaged_picture_is_saved_as_it_came_or_refused_in_words(studio: Server, data: bytes) -> None:
    answer = curl_save(studio, File("image", "damaged.png", data))
    if answer.status_code == 201:
        version = answer.json()["version"]
        assert studio.http.get(version["signed_preview_url"]).content == data
        preview = studio.http.get(version["thumbnail_url"])
        assert (preview.status_code, preview.headers["content-type"]) == (200, "image/webp"), preview.text
    else:
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["error"].endswith("."), answer.text
