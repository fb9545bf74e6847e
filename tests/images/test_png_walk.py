"""Walking over the chunks of a PNG file."""

import io
import zlib

import pytest
from drawn_pictures import LIMIT, SIGNATURE, chunk, colourful, encoded, header, png, split_png

from genasset.errors import UnsupportedMedia
from genasset.images import MemoryBudget, identify
from genasset.images.png_file import PIECE, chunks

TEXT = chunk(b"tEXt", b"parameters\0a cat")
DATA = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
HEAD = header(1, 1, 8, 2)
END = chunk(b"IEND")


def walk(*parts: bytes) -> list[bytes]:
    return [one.type for one in chunks(io.BytesIO(SIGNATURE + b"".join(parts)))]


def complaint(*parts: bytes) -> str:
    with pytest.raises(UnsupportedMedia) as caught:
        walk(*parts)
    assert caught.value.code == "unreadable_image"
    return str(caught.value)


def test_each_chunk_is_given_with_where_its_data_lies() -> None:
    data = encoded(colourful(), "png")
    found = [(one.type, data[one.offset : one.offset + one.length]) for one in chunks(io.BytesIO(data))]
    assert found == [(whole[4:8], whole[8:-4]) for whole in split_png(data)]


def test_the_file_may_be_read_between_two_steps() -> None:
    file = io.BytesIO(SIGNATURE + HEAD + TEXT + DATA + TEXT + END)
    texts = []
    for one in chunks(file):
        if one.type == b"tEXt":
            file.seek(one.offset)
            texts.append(file.read(one.length))
    assert texts == [b"parameters\0a cat"] * 2


def test_what_follows_the_end_is_ignored() -> None:
    assert walk(HEAD, DATA, END, b"PK\x03\x04 anything") == [b"IHDR", b"IDAT", b"IEND"]


def test_a_file_without_signature_is_no_picture() -> None:
    with pytest.raises(UnsupportedMedia, match="not a PNG, JPEG"):
        list(chunks(io.BytesIO(b"\x89PNG\r\n\x1a\r" + HEAD + DATA + END)))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((DATA, HEAD, END), "IHDR must come first"),
        ((HEAD, HEAD, DATA, END), "IHDR must come first and once"),
        ((HEAD, END), "no IDAT"),
        ((HEAD, DATA, TEXT, DATA, END), "do not follow each other"),
        ((HEAD, DATA, chunk(b"PLTE", b"abc"), END), "PLTE"),
        ((HEAD, chunk(b"PLTE", b"abc"), chunk(b"PLTE", b"abc"), DATA, END), "PLTE"),
        ((HEAD, chunk(b"QQQQ"), DATA, END), "QQQQ"),
        ((HEAD, chunk(b"\0\0\0\0"), DATA, END), "no chunk"),
        ((HEAD, DATA), "cut off"),
        ((HEAD, DATA[:-5]), "cut off"),
        ((HEAD, DATA[:-2]), "cut off"),
        ((HEAD, TEXT[:-6]), "cut off"),
        ((), "cut off"),
    ],
)
def test_a_broken_order_is_refused_with_the_rule(parts: tuple[bytes, ...], words: str) -> None:
    assert words in complaint(*parts)


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
def test_a_wrong_checksum_of_what_makes_the_pixels_is_refused(kind: bytes) -> None:
    parts = [HEAD, chunk(b"PLTE", b"abc"), chunk(b"tRNS", b"abcdef"), DATA, END]
    wrong = [part[:-1] + bytes([part[-1] ^ 1]) if part[4:8] == kind else part for part in parts]
    assert f"checksum of its {kind.decode()} chunk" in complaint(*wrong)


def test_a_wrong_checksum_of_a_text_is_no_reason_to_refuse() -> None:
    assert b"tEXt" in walk(HEAD, TEXT[:-1] + b"?", DATA, END)


def test_checksums_are_left_alone_when_asked() -> None:
    file = io.BytesIO(SIGNATURE + HEAD + DATA[:-1] + b"?" + END)
    assert len(list(chunks(file, check_crc=False))) == 3


def test_no_more_than_a_mebibyte_is_read_at_once(budget: MemoryBudget) -> None:
    class Recording(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.largest = max(self.largest, len(data))
            return data

    text = chunk(b"tEXt", b"parameters\0" + b"x" * 5_000_000)
    uncompressed = chunk(b"IDAT", zlib.compress(bytes(3001 * 1000), 0))
    file = Recording(SIGNATURE + header(1000, 1000, 8, 2) + text + uncompressed + END)
    identify(file, pixel_limit=LIMIT, budget=budget)
    assert file.largest <= PIECE


@pytest.mark.parametrize(
    ("depth", "colour", "row", "before"),
    [
        (3, 0, b"\0", ()),
        (16, 3, b"\0\0", (chunk(b"PLTE", b"abc"),)),
        (8, 1, b"\0", ()),
        (8, 3, b"\0", ()),
        (8, 3, b"\0", (chunk(b"PLTE", b"abcd"),)),
        (8, 3, b"\0", (chunk(b"PLTE", b"abc" * 257),)),
    ],
)
def test_pixels_that_png_does_not_have_are_refused(
    depth: int, colour: int, row: bytes, before: tuple[bytes, ...], budget: MemoryBudget
) -> None:
    with pytest.raises(UnsupportedMedia, match="damaged"):
        identify(io.BytesIO(png(1, 1, depth, colour, row, *before)), pixel_limit=LIMIT, budget=budget)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (2**31, 1)])
def test_an_impossible_size_is_refused(size: tuple[int, int], budget: MemoryBudget) -> None:
    data = SIGNATURE + header(*size, 8, 2) + DATA + END
    with pytest.raises(UnsupportedMedia, match="damaged"):
        identify(io.BytesIO(data), pixel_limit=2**40, budget=budget)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tRNS", b"odd"),
        chunk(b"iCCP", b"name\0\0not zlib"),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"eXIf", b"nonsense"),
        chunk(b"gAMA", b""),
        chunk(b"acTL", b""),
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(50_000_000))),
    ],
    ids=["tRNS", "iCCP", "iCCP bomb", "eXIf", "gAMA", "acTL", "zTXt bomb", "iTXt bomb"],
)
def test_broken_or_exploding_extras_do_not_spoil_a_picture(extra: bytes, budget: MemoryBudget) -> None:
    data = png(4, 4, 8, 2, bytes(12), extra)
    assert identify(io.BytesIO(data), pixel_limit=LIMIT, budget=budget).width == 4
