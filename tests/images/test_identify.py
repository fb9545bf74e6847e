"""What identify accepts, what it refuses, and how it says so."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawn_pictures import FORMATS, LIMIT, chunk, colourful, encoded, orientation_exif, png
from PIL import Image

from genasset.errors import GenAssetError, Invalid, TooLarge, UnsupportedMedia
from genasset.images import ImageFacts, MemoryBudget, identify

NOT_A_PICTURE = "The file is not a PNG, JPEG, WebP, AVIF or GIF picture."


def facts(data: bytes, budget: MemoryBudget, limit: int = LIMIT) -> ImageFacts:
    return identify(io.BytesIO(data), pixel_limit=limit, budget=budget)


def refusal(data: bytes, budget: MemoryBudget) -> GenAssetError:
    with pytest.raises(GenAssetError) as caught:
        facts(data, budget)
    return caught.value


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_of_each_format_is_known_by_its_content(kind: str, budget: MemoryBudget, tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(encoded(colourful(61, 43), kind))
    found = identify(path, pixel_limit=LIMIT, budget=budget)
    assert found == ImageFacts(width=61, height=43, format=kind)
    assert found.media_type == f"image/{kind}"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_pixel_is_accepted(mode: str, budget: MemoryBudget) -> None:
    assert facts(encoded(Image.new(mode, (20, 10)), "png"), budget).width == 20


@pytest.mark.parametrize(
    "options",
    [{"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}, {"restart_marker_blocks": 1}, {"optimize": True}],
    ids=lambda options: next(iter(options)),
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_is_accepted(mode: str, options: dict[str, object], budget: MemoryBudget) -> None:
    picture = colourful(203, 101).convert(mode)
    assert facts(encoded(picture, "jpeg", **options), budget) == ImageFacts(width=203, height=101, format="jpeg")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [True, False])
def test_every_kind_of_webp_is_accepted(mode: str, lossless: bool, budget: MemoryBudget) -> None:
    data = encoded(colourful().convert(mode), "webp", lossless=lossless, exif=orientation_exif(6), xmp=b"<x/>")
    assert facts(data, budget) == ImageFacts(width=64, height=48, format="webp")


@pytest.mark.parametrize("kind", ["png", "webp", "gif", "avif"])
def test_an_animation_counts_as_its_format(kind: str, budget: MemoryBudget) -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue", "lime")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert facts(data, budget) == ImageFacts(width=30, height=20, format=kind)


def test_a_phone_picture_of_several_counts_as_jpeg(budget: MemoryBudget) -> None:
    data = encoded(colourful(100, 80), "MPO", save_all=True, append_images=[colourful(50, 40)])
    assert facts(data, budget) == ImageFacts(width=100, height=80, format="jpeg")


def test_the_size_is_the_stored_one_whatever_the_orientation(budget: MemoryBudget) -> None:
    data = encoded(colourful(64, 48), "jpeg", exif=orientation_exif(6))
    assert (facts(data, budget).width, facts(data, budget).height) == (64, 48)


def test_a_file_object_is_read_from_its_beginning_and_left_open(budget: MemoryBudget) -> None:
    file = io.BytesIO(encoded(colourful(), "png"))
    file.seek(20)
    identify(file, pixel_limit=LIMIT, budget=budget)
    assert not file.closed


def test_an_empty_file_is_refused_as_empty(budget: MemoryBudget) -> None:
    error = refusal(b"", budget)
    assert isinstance(error, Invalid)
    assert "0 bytes" in str(error)


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE html><html></html>",
        b"%PDF-1.7\n",
        b"push graphic-context\nviewbox 0 0 640 480\n",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
    ids=["byte", "svg", "html", "pdf", "mvg", "heic", "wav"],
)
def test_what_is_no_picture_is_refused_as_such(data: bytes, budget: MemoryBudget) -> None:
    error = refusal(data, budget)
    assert (type(error), error.code, str(error)) == (UnsupportedMedia, "unsupported_media_type", NOT_A_PICTURE)


@pytest.mark.parametrize("other", ["TIFF", "BMP", "ICO", "PPM", "TGA", "JPEG2000"])
def test_formats_that_pillow_knows_but_we_do_not_take_are_refused(other: str, budget: MemoryBudget) -> None:
    assert str(refusal(encoded(colourful(), other), budget)) == NOT_A_PICTURE


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.25, 0.5, 0.75, 0.95])
def test_a_picture_that_is_cut_off_is_refused_as_unreadable(kind: str, kept: float, budget: MemoryBudget) -> None:
    data = encoded(colourful(), kind)
    error = refusal(data[: int(len(data) * kept)], budget)
    assert (type(error), error.code) == (UnsupportedMedia, "unreadable_image")
    assert "cut off" in str(error)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2, 3, 10, 1000])
def test_a_jpeg_that_lacks_its_last_bytes_is_refused(progressive: bool, missing: int, budget: MemoryBudget) -> None:
    data = encoded(colourful(400, 300), "jpeg", progressive=progressive)
    assert refusal(data[:-missing], budget).code == "unreadable_image"


def test_too_many_pixels_are_refused_with_the_numbers_and_the_limit(budget: MemoryBudget) -> None:
    huge = png(30000, 20000, 8, 2, b"")
    with pytest.raises(TooLarge) as caught:
        facts(huge, budget)
    for number in ("30000", "20000", "600,000,000", "50,000,000"):
        assert number in str(caught.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_exactly_the_limit_passes_and_one_pixel_more_does_not(kind: str, budget: MemoryBudget) -> None:
    data = encoded(colourful(40, 30), kind)
    assert facts(data, budget, limit=40 * 30).height == 30
    with pytest.raises(TooLarge):
        facts(data, budget, limit=40 * 30 - 1)


def test_a_gif_whose_frame_reaches_out_of_its_screen_is_measured_by_the_frame(budget: MemoryBudget) -> None:
    data = bytearray(encoded(colourful(40, 30), "gif"))
    data[6:10] = bytes([10, 0, 10, 0])
    assert facts(bytes(data), budget) == ImageFacts(width=40, height=30, format="gif")
    with pytest.raises(TooLarge):
        facts(bytes(data), budget, limit=40 * 30 - 1)


def test_a_raised_limit_is_not_undone_by_pillows_own(budget: MemoryBudget) -> None:
    wide = png(30000, 3000, 1, 0, b"\x55" * 3750)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert facts(wide, budget, limit=90_000_000).width == 30000


def test_more_scans_than_encoders_write_are_refused(budget: MemoryBudget) -> None:
    data = encoded(colourful(), "jpeg", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert facts(data[:-2] + 10 * last + data[-2:], budget).format == "jpeg"
    assert "40 scans" in str(refusal(data[:-2] + 40 * last + data[-2:], budget))


def test_more_parts_than_any_program_writes_are_refused(budget: MemoryBudget) -> None:
    drawn = encoded(colourful(), "png")
    assert "chunks" in str(refusal(drawn[:33] + 250_000 * chunk(b"tEXt") + drawn[33:], budget))
    drawn = encoded(colourful(), "jpeg")
    assert "segments" in str(refusal(drawn[:2] + 10_000 * b"\xff\xfe\0\2" + drawn[2:], budget))
    drawn = encoded(Image.new("L", (8, 8)), "gif")
    start = drawn.index(b",", 13 + 3 * 256) if drawn[10] & 7 == 7 else drawn.index(b",", 13)
    assert "blocks" in str(refusal(drawn[:start] + b"!\xfe" + 100_000 * b"\1x" + b"\0" + drawn[start:], budget))


@pytest.mark.parametrize(
    "body",
    [
        b"VP8 \x06\0\0\0\0\0\0\x9d\x01\x2a",
        b"VP8L\x01\0\0\0\x2f\0",
        b"VP8X\x01\0\0\0\0\0",
        b"VP8L\x05\0\0\0\x2f\0\0\0\0\0VP8X\0\0\0\0",
        b"",
    ],
    ids=["VP8", "VP8L", "VP8X", "late VP8X", "nothing"],
)
def test_a_webp_with_stunted_headers_is_refused(body: bytes, budget: MemoryBudget) -> None:
    data = b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
    assert refusal(data, budget).code == "unreadable_image"


def test_a_picture_whose_headers_disagree_about_its_size_is_refused(budget: MemoryBudget) -> None:
    data = bytearray(encoded(colourful().convert("RGBA"), "webp", exif=orientation_exif(1)))
    assert data[12:16] == b"VP8X"
    data[24] += 1
    assert refusal(bytes(data), budget).code == "unreadable_image"


@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_a_format_that_pillow_was_built_without_is_refused_by_name(
    kind: str, budget: MemoryBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(colourful(), kind)
    monkeypatch.setattr("PIL.features.check", lambda feature: False)
    error = refusal(data, budget)
    assert (error.status, error.code) == (415, "unsupported_media_type")
    assert kind in str(error).lower()


def test_a_missing_file_is_not_mistaken_for_a_bad_picture(budget: MemoryBudget, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identify(tmp_path / "nowhere.png", pixel_limit=LIMIT, budget=budget)


def test_a_failing_disk_is_not_mistaken_for_a_bad_picture(budget: MemoryBudget) -> None:
    class FailingDisk(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 30:
                raise OSError(5, "Input/output error")
            return super().read(size)

    file = FailingDisk(encoded(colourful(1000, 1000), "png", compress_level=0))
    with pytest.raises(OSError, match="Input/output error"):
        identify(file, pixel_limit=LIMIT, budget=budget)


def test_many_threads_get_the_same_facts_as_one(budget: MemoryBudget) -> None:
    files = [encoded(colourful(200, 150), kind) for kind in FORMATS] * 20
    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(lambda data: facts(data, MemoryBudget(2_000_000)), files))
    assert at_once == [facts(data, budget) for data in files]
