"""Previews look like the picture they stand for."""

import io
import struct
from pathlib import Path

import pytest
from drawn_pictures import (
    FORMATS,
    LIMIT,
    chunk,
    colourful,
    encoded,
    header,
    mean,
    orientation_exif,
    png,
    quadrants,
)
from PIL import Image, ImageChops, ImageCms

from genasset.errors import GenAssetError, Invalid
from genasset.images import PREVIEW_SIZES, MemoryBudget, preview

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def previewed(data: bytes, budget: MemoryBudget, size: int = 256) -> Image.Image:
    """The preview, decoded, after it was seen to be a WebP picture."""
    image = Image.open(io.BytesIO(preview(io.BytesIO(data), size, pixel_limit=LIMIT, budget=budget)))
    assert image.format == "WEBP"
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the samples, 0 to 255."""
    assert one.size == other.size
    bands = mean(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return sum(bands) / len(bands)


@pytest.mark.parametrize("size", PREVIEW_SIZES)
@pytest.mark.parametrize(
    ("stored", "shape"),
    [
        ((2048, 1024), (1, 0.5)),
        ((1500, 3000), (0.5, 1)),
        ((1024, 1024), (1, 1)),
        ((5000, 7), (1, 0)),
    ],
)
def test_the_longer_side_is_the_size_and_the_shape_is_kept(
    stored: tuple[int, int], shape: tuple[float, float], size: int, budget: MemoryBudget
) -> None:
    image = previewed(encoded(Image.new("RGB", stored, "teal"), "jpeg"), budget, size)
    assert image.size == tuple(max(round(part * size), round(min(stored) * size / max(stored)), 1) for part in shape)


def test_a_small_picture_is_not_enlarged(budget: MemoryBudget) -> None:
    assert previewed(encoded(colourful(100, 70), "png"), budget).size == (100, 70)


@pytest.mark.parametrize("stored", [(1, 60000), (60000, 1)])
def test_a_thin_picture_keeps_at_least_one_pixel(stored: tuple[int, int], budget: MemoryBudget) -> None:
    image = previewed(encoded(Image.new("RGB", stored, "red"), "png"), budget)
    assert sorted(image.size) == [1, 256]
    assert mean(image) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("stored", [(300, 200), (999, 666), (1601, 1333)])
def test_a_preview_looks_like_a_plain_reduction(kind: str, stored: tuple[int, int], budget: MemoryBudget) -> None:
    data = encoded(colourful(8, 6).resize(stored), kind)
    image = previewed(data, budget)
    with Image.open(io.BytesIO(data)) as original:
        expected = original.convert("RGB").resize(image.size, Image.Resampling.BOX)
    assert difference(image, expected) < 4


@pytest.mark.parametrize("size", [0, -1, 100, 2048])
def test_other_sizes_are_refused_with_those_there_are(size: int, budget: MemoryBudget) -> None:
    with pytest.raises(Invalid, match="256, 512, 1024") as caught:
        preview(io.BytesIO(encoded(colourful(), "png")), size, pixel_limit=LIMIT, budget=budget)
    assert caught.value.field == "size"


def test_a_path_and_a_file_give_the_same_preview(budget: MemoryBudget, tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(encoded(colourful(), "png"))
    with path.open("rb") as file:
        from_file = preview(file, 256, pixel_limit=LIMIT, budget=budget)
        assert not file.closed
    assert from_file == preview(path, 256, pixel_limit=LIMIT, budget=budget)


def test_a_bad_picture_is_refused_as_identify_does(budget: MemoryBudget) -> None:
    for data in (b"", b"hello", encoded(colourful(), "png")[:-30], png(30000, 20000, 8, 2, b"")):
        with pytest.raises(GenAssetError):
            preview(io.BytesIO(data), 256, pixel_limit=LIMIT, budget=budget)


@pytest.mark.parametrize("sample", [0, 255, 256, 2000, 40000, 65535])
def test_16_bit_grey_is_scaled_and_not_clipped(sample: int, budget: MemoryBudget) -> None:
    image = previewed(png(32, 32, 16, 0, struct.pack(">H", sample) * 32), budget)
    assert mean(image.convert("L"))[0] == pytest.approx(sample / 257, abs=1.5)


@pytest.mark.parametrize(("depth", "row"), [(1, b"\xf0\xf0"), (2, b"\xff\0\xff\0"), (4, b"\xff\xff\0\0\xff\xff\0\0")])
def test_grey_of_few_bits_spans_black_to_white(depth: int, row: bytes, budget: MemoryBudget) -> None:
    image = previewed(png(16, 16, depth, 0, row), budget).convert("L")
    assert mean(image.crop((0, 0, 3, 16)))[0] > 240
    assert mean(image.crop((5, 0, 7, 16)))[0] < 15


@pytest.mark.parametrize(
    ("depth", "colour", "clear", "solid", "key"),
    [
        (1, 0, b"\xff\xff", b"\0\0", b"\0\1"),
        (2, 0, b"\xaa" * 4, b"\x55" * 4, b"\0\2"),
        (4, 0, b"\x77" * 8, b"\x66" * 8, b"\0\7"),
        (8, 0, b"\x99" * 16, b"\x98" * 16, b"\0\x99"),
        (16, 0, b"\x12\x34" * 16, b"\x12\x35" * 16, b"\x12\x34"),
        (8, 2, b"abc" * 16, b"abd" * 16, b"\0a\0b\0c"),
        (16, 2, b"aAbBcC" * 16, b"aAbBdC" * 16, b"aAbBcC"),
    ],
    ids=["grey 1", "grey 2", "grey 4", "grey 8", "grey 16", "colour 8", "colour 16"],
)
def test_the_colour_that_png_calls_transparent_is(
    depth: int, colour: int, clear: bytes, solid: bytes, key: bytes, budget: MemoryBudget
) -> None:
    transparent = previewed(png(16, 16, depth, colour, clear, chunk(b"tRNS", key)), budget)
    assert transparent.mode == "RGBA"
    assert transparent.getchannel("A").getextrema() == (0, 0)
    assert previewed(png(16, 16, depth, colour, solid, chunk(b"tRNS", key)), budget).mode == "RGB"


def test_a_palette_with_half_transparent_colours_keeps_them(budget: MemoryBudget) -> None:
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 255]))
    data = png(32, 32, 8, 3, b"\0" * 16 + b"\1" * 16, palette, chunk(b"tRNS", bytes([128])))
    image = previewed(data, budget)
    left, right = image.crop((0, 0, 14, 32)), image.crop((18, 0, 32, 32))
    assert mean(left) == pytest.approx((255, 0, 0, 128), abs=8)
    assert mean(right) == pytest.approx((0, 0, 255, 255), abs=8)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("kind", ["png", "webp"])
def test_transparency_survives_and_hidden_colours_do_not_bleed(mode: str, kind: str, budget: MemoryBudget) -> None:
    white = Image.new("RGBA", (1024, 1024), (255, 255, 255, 255))
    white.paste((0, 0, 0, 0), (0, 0, 512, 1024))
    image = previewed(encoded(white.convert(mode), kind, lossless=True), budget)
    opaque = image.getchannel("A").point(lambda value: 255 if value == 255 else 0)
    assert mean(image.getchannel("A"))[0] == pytest.approx(127.5, abs=2)
    darkest = ImageChops.lighter(image.getchannel("R"), ImageChops.invert(opaque)).getextrema()[0]
    assert darkest > 245


def test_an_alpha_channel_without_transparency_is_left_out(budget: MemoryBudget) -> None:
    assert previewed(encoded(colourful().convert("RGBA"), "png"), budget).mode == "RGB"


@pytest.mark.parametrize(
    ("ink", "expected"),
    [((0, 0, 0, 0), (255, 255, 255)), ((255, 0, 0, 0), (0, 255, 255)), ((0, 255, 255, 0), (255, 0, 0))],
    ids=["paper", "cyan", "red"],
)
def test_cmyk_comes_out_in_the_right_colours(
    ink: tuple[int, ...], expected: tuple[int, ...], budget: MemoryBudget
) -> None:
    image = previewed(encoded(Image.new("CMYK", (600, 400), ink), "jpeg"), budget)
    assert (image.mode, image.size) == ("RGB", (256, 171))
    assert mean(image) == pytest.approx(expected, abs=6)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("value", range(1, 9))
def test_the_exif_orientation_is_applied(kind: str, value: int, budget: MemoryBudget) -> None:
    image = previewed(encoded(quadrants((960, 640)), kind, exif=orientation_exif(value)), budget)
    # TIFF 6.0: which of the stored corners is shown at the top left, and whether the sides swap.
    corner = {1: "red", 2: "lime", 3: "white", 4: "blue", 5: "red", 6: "blue", 7: "white", 8: "lime"}[value]
    right = {1: "lime", 2: "red", 3: "blue", 4: "white", 5: "blue", 6: "red", 7: "lime", 8: "white"}[value]
    assert image.size == ((256, 171) if value < 5 else (171, 256))
    for colour, place in ((corner, (10, 10)), (right, (image.width - 10, 10))):
        expected = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
        assert image.convert("RGB").getpixel(place) == pytest.approx(expected, abs=25)


@pytest.mark.parametrize(
    "exif",
    [
        orientation_exif(9999),
        orientation_exif(0),
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 0x8769, 4, 1, 8) * 3,
        b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHII", 274, 4, 2**32 - 1, 6),
    ],
    ids=["9999", "0", "empty", "beyond", "loop", "wrong type"],
)
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_unreadable_exif_turns_nothing(kind: str, exif: bytes, budget: MemoryBudget) -> None:
    assert previewed(encoded(colourful(60, 40), kind, exif=exif), budget).size == (60, 40)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_the_profile_of_an_rgb_picture_is_embedded(kind: str, budget: MemoryBudget) -> None:
    image = previewed(encoded(colourful(), kind, icc_profile=SRGB), budget)
    assert image.info["icc_profile"] == SRGB


def test_a_profile_in_several_jpeg_segments_is_put_together(budget: MemoryBudget) -> None:
    long = SRGB + bytes(100_000)
    assert previewed(encoded(colourful(), "jpeg", icc_profile=long), budget).info["icc_profile"] == long


@pytest.mark.parametrize(
    "profile",
    [SRGB[:16] + b"CMYK" + SRGB[20:], SRGB[:16] + b"GRAY" + SRGB[20:], SRGB + bytes(200_000), b"no profile"],
    ids=["cmyk", "grey", "too long", "nonsense"],
)
@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_other_profiles_are_left_out(kind: str, profile: bytes, budget: MemoryBudget) -> None:
    assert "icc_profile" not in previewed(encoded(colourful(), kind, icc_profile=profile), budget).info


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_a_preview_tells_nothing_else_of_the_file(kind: str, budget: MemoryBudget) -> None:
    secret = Image.Exif()
    secret[270] = "secret words"
    data = encoded(colourful(), kind, exif=secret.tobytes(), xmp=b"<x>secret words</x>", comment="secret words")
    found = preview(io.BytesIO(data), 256, pixel_limit=LIMIT, budget=budget)
    assert not any(word in found for word in (b"secret", b"EXIF", b"XMP "))


@pytest.mark.parametrize("kind", ["png", "webp", "gif", "avif"])
def test_an_animation_is_shown_by_its_first_frame(kind: str, budget: MemoryBudget) -> None:
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "blue", "lime")]
    image = previewed(encoded(frames[0], kind, save_all=True, append_images=frames[1:]), budget)
    assert not getattr(image, "is_animated", False)
    assert mean(image.convert("RGB")) == pytest.approx((255, 0, 0), abs=8)


def test_a_transparent_gif_stays_transparent(budget: MemoryBudget) -> None:
    drawn = Image.new("P", (40, 40), 0)
    drawn.putpalette([255, 0, 0, 0, 0, 255])
    drawn.paste(1, (20, 0, 40, 40))
    image = previewed(encoded(drawn, "gif", transparency=1, optimize=False), budget)
    assert mean(image.crop((0, 0, 18, 40))) == pytest.approx((255, 0, 0, 255), abs=8)
    assert mean(image.getchannel("A").crop((22, 0, 40, 40)))[0] < 5


def test_an_interlaced_png_is_shown_whole(image_data: Path, budget: MemoryBudget) -> None:
    for name in ("0g01", "0g16", "2c08", "3p04", "4a16", "6a08"):
        folder = image_data / "hostile" / "pngsuite"
        one, other = ((folder / f"bas{kind}{name}.png").read_bytes() for kind in "in")
        assert difference(previewed(one, budget), previewed(other, budget)) < 1, name


def test_16_bit_pictures_of_the_png_suite_have_the_right_brightness(image_data: Path, budget: MemoryBudget) -> None:
    folder = image_data / "hostile" / "pngsuite"
    for name in ("basn0g16", "basi0g16", "cs3n2c16", "basn2c16", "oi1n0g16", "oi9n2c16"):
        with Image.open(folder / f"{name}.png") as image:
            samples = image.tobytes("raw", image.mode)
            width = 2 if image.mode == "I;16" else 1
            values = struct.unpack(f"<{len(samples) // width}{'H' if width == 2 else 'B'}", samples)
        expected = sum(values) / len(values) / (257 if width == 2 else 1)
        found = mean(previewed((folder / f"{name}.png").read_bytes(), budget).convert("RGB"))
        assert sum(found) / 3 == pytest.approx(expected, abs=3), name


def test_a_transparent_grey_of_16_bits_is_clear_only_where_it_is_exact(budget: MemoryBudget) -> None:
    row = struct.pack(">H", 1000) * 16 + struct.pack(">H", 60000) * 16
    image = previewed(png(32, 32, 16, 0, row, chunk(b"tRNS", struct.pack(">H", 1000))), budget)
    assert mean(image.getchannel("A").crop((0, 0, 14, 32)))[0] < 3
    assert mean(image.crop((18, 0, 32, 32))) == pytest.approx((233, 233, 233, 255), abs=3)


def test_a_header_alone_is_no_preview(budget: MemoryBudget) -> None:
    with pytest.raises(GenAssetError, match="cut off"):
        preview(io.BytesIO(b"\x89PNG\r\n\x1a\n" + header(8, 8, 8, 2)), 256, pixel_limit=LIMIT, budget=budget)
