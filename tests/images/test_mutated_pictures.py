"""Whatever is done to a picture's bytes, the answer is facts or a sentence."""

import io
from contextlib import suppress

import pytest
from drawn_pictures import FORMATS, LIMIT, colourful, encoded, orientation_exif, repaired
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from genasset.errors import GenAssetError
from genasset.images import MemoryBudget, identify, preview

BUDGET = MemoryBudget(64_000_000)
FRAMES = [Image.new("P", (9, 7), colour) for colour in range(3)]
SMALL = {
    "png": [
        encoded(colourful(13, 9), "png", exif=orientation_exif(6)),
        encoded(colourful(13, 9).quantize(8), "png", transparency=bytes([0, 128])),
        encoded(Image.new("I;16", (9, 9), 999), "png", transparency=999),
        encoded(FRAMES[0].convert("RGBA"), "png", save_all=True, append_images=FRAMES[1:]),
    ],
    "jpeg": [
        encoded(colourful(19, 17), "jpeg", exif=orientation_exif(6)),
        encoded(colourful(19, 17), "jpeg", progressive=True),
        encoded(colourful(9, 9).convert("CMYK"), "jpeg"),
        encoded(colourful(9, 9), "MPO", save_all=True, append_images=[colourful(8, 8)]),
    ],
    "webp": [
        encoded(colourful(13, 9), "webp", exif=orientation_exif(6)),
        encoded(colourful(13, 9).convert("RGBA"), "webp", lossless=True),
        encoded(FRAMES[0], "webp", save_all=True, append_images=FRAMES[1:]),
    ],
    "gif": [
        encoded(colourful(13, 9), "gif", interlace=1),
        encoded(FRAMES[0], "gif", save_all=True, append_images=FRAMES[1:], transparency=0, disposal=2),
    ],
    "avif": [encoded(colourful(17, 15), "avif", exif=orientation_exif(6))],
}

edits = st.lists(
    st.tuples(
        st.integers(0, 4000), st.sampled_from(["set", "cut", "add", "repeat"]), st.binary(min_size=1, max_size=4)
    ),
    max_size=6,
)


def edited(data: bytes, changes: list[tuple[int, str, bytes]], kept: float) -> bytes:
    """`data` after some changes, each at a place modulo the length, and cut off at a part of it."""
    for place, change, new in changes:
        at = place % (len(data) + 1)
        if change == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif change == "cut":
            data = data[:at] + data[at + new[0] :]
        elif change == "add":
            data = data[:at] + new + data[at:]
        else:
            data = data[: at + new[0]] + data[at:]
    return data[: round(len(data) * kept)]


def answers_with_a_sentence(data: bytes) -> None:
    for make in (
        lambda: identify(io.BytesIO(data), pixel_limit=LIMIT // 50, budget=BUDGET),
        lambda: preview(io.BytesIO(data), 256, pixel_limit=LIMIT // 50, budget=BUDGET),
    ):
        with suppress(GenAssetError):
            make()


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_picture_gives_facts_or_a_sentence(kind: str, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(SMALL[kind]))
    kept = data.draw(st.sampled_from([1.0, 1.0, 1.0]) | st.floats(0, 1))
    answers_with_a_sentence(edited(original, data.draw(edits), kept))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SMALL["png"]), edits)
def test_a_mutated_png_with_right_checksums_gives_facts_or_a_sentence(
    original: bytes, changes: list[tuple[int, str, bytes]]
) -> None:
    answers_with_a_sentence(repaired(edited(original, changes, 1.0)))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_off_anywhere_gives_facts_or_a_sentence(kind: str) -> None:
    for original in SMALL[kind]:
        for length in range(0, len(original), max(1, len(original) // 60)):
            answers_with_a_sentence(original[:length])
