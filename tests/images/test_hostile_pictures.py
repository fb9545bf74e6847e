"""Every file of the hostile set is accepted or refused as its manifest says."""

import csv
import io
import time
import warnings
from pathlib import Path

import pytest
from drawn_pictures import LIMIT
from PIL import Image

from genasset.errors import GenAssetError
from genasset.images import ImageFacts, MemoryBudget, identify, preview

HANG = 10
NAMES_OF_UPLOADS = "generated/filenames.json"
PILLOW_REFUSES = "generated/ztxt_200_bombs.png"  # for its texts, which identify does not look at


@pytest.fixture(scope="module")
def expectations(image_data: Path) -> dict[str, str]:
    """What the manifest expects of each file, by its path."""
    with (image_data / "hostile" / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        return {row["path"]: row["expected"].strip('\\"') for row in csv.DictReader(manifest, delimiter="\t")}


@pytest.fixture(scope="module")
def outcomes(
    expectations: dict[str, str], image_data: Path, budget: MemoryBudget
) -> dict[str, ImageFacts | GenAssetError]:
    """What identify says of each file."""
    found: dict[str, ImageFacts | GenAssetError] = {}
    for name in expectations:
        try:
            found[name] = identify(image_data / "hostile" / name, pixel_limit=LIMIT, budget=budget)
        except GenAssetError as error:
            found[name] = error
    return found


def outcome_fits(expected: str, outcome: ImageFacts | GenAssetError) -> bool:
    """`expected` is such as "accept (201); ...", "4xx or accept with note", "415/422" or "as above" (either)."""
    if isinstance(outcome, GenAssetError):
        return 400 <= outcome.status < 500 and any(word in expected for word in ("4xx", "413", "415", "as above"))
    return "accept" in expected or "as above" in expected


def test_all_225_files_are_there(expectations: dict[str, str]) -> None:
    assert len(expectations) == 225


def test_each_file_is_accepted_or_refused_as_expected(
    expectations: dict[str, str], outcomes: dict[str, ImageFacts | GenAssetError]
) -> None:
    wrong = {
        name: (expected, outcomes[name])
        for name, expected in expectations.items()
        if name != NAMES_OF_UPLOADS and not outcome_fits(expected, outcomes[name])
    }
    assert wrong == {}


def test_no_more_than_31_of_them_are_refused(outcomes: dict[str, ImageFacts | GenAssetError]) -> None:
    assert sum(isinstance(outcome, GenAssetError) for outcome in outcomes.values()) == 31


def test_the_facts_of_each_accepted_file_are_those_that_pillow_sees(
    outcomes: dict[str, ImageFacts | GenAssetError], image_data: Path
) -> None:
    wrong = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, ImageFacts) and name != PILLOW_REFUSES:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(image_data / "hostile" / name) as image:
                    seen = ImageFacts(width=image.width, height=image.height, format=str(image.format).lower())
            if seen != outcome:
                wrong[name] = (seen, outcome)
    assert wrong == {}


def test_each_refusal_is_a_plain_sentence(outcomes: dict[str, ImageFacts | GenAssetError]) -> None:
    for name, outcome in outcomes.items():
        if isinstance(outcome, GenAssetError):
            assert str(outcome).startswith(("The ", "This ")), name
            assert str(outcome).endswith("."), name
            assert not any(word in str(outcome) for word in ("Error", "0x", "/", "Traceback")), name


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("empty.png", 400),
        ("one_byte.png", 415),
        ("svg_as.png", 415),
        ("gif_js.gif", 415),
        ("tiff.tif", 415),
        ("ico.ico", 415),
        ("jpeg_truncated.jpg", 415),
        ("two_ihdr.png", 415),
        ("bomb_rgb_20000x20000.png", 413),
        ("bomb_1bit_50000x50000.png", 413),
    ],
)
def test_the_status_of_a_refusal_says_what_is_wrong(
    name: str, status: int, outcomes: dict[str, ImageFacts | GenAssetError]
) -> None:
    outcome = outcomes[f"generated/{name}"]
    assert isinstance(outcome, GenAssetError)
    assert outcome.status == status


def test_each_accepted_file_has_a_preview_of_its_shape(
    outcomes: dict[str, ImageFacts | GenAssetError], image_data: Path, budget: MemoryBudget
) -> None:
    wrong = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, ImageFacts):
            made = preview(image_data / "hostile" / name, 256, pixel_limit=LIMIT, budget=budget)
            factor = min(1, 256 / max(outcome.width, outcome.height))
            shape = (max(1, round(outcome.width * factor)), max(1, round(outcome.height * factor)))
            with Image.open(io.BytesIO(made), formats=["WEBP"]) as image:
                image.load()
                if image.size != shape:
                    wrong[name] = (image.size, shape)
    assert wrong == {}


def test_no_file_hangs(expectations: dict[str, str], image_data: Path, budget: MemoryBudget) -> None:
    for name in expectations:
        began = time.process_time()
        for make in (identify, lambda path, **limits: preview(path, 512, **limits)):
            try:
                make(image_data / "hostile" / name, pixel_limit=LIMIT, budget=budget)
            except GenAssetError:
                continue
        assert time.process_time() - began < HANG, name
