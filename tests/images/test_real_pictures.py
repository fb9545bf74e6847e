"""Pictures that generators and their users made are all accepted."""

import io
import json
from pathlib import Path

import pytest
from drawn_pictures import LIMIT, mean
from PIL import Image, ImageChops

from genasset.images import ImageFacts, MemoryBudget, identify, preview


@pytest.fixture(scope="module")
def pictures(image_data: Path) -> list[tuple[Path, ImageFacts]]:
    """Each picture with the facts that its expectation file states."""
    found = []
    for stated in sorted((image_data / "realdata" / "images").rglob("*.expected.json")):
        expected = json.loads(stated.read_text(encoding="utf-8"))
        facts = ImageFacts(width=expected["width"], height=expected["height"], format=expected["format"].lower())
        found.append((stated.with_name(stated.name.removesuffix(".expected.json")), facts))
    assert len(found) == 47
    return found


def test_each_real_picture_is_accepted_with_its_size_and_format(
    pictures: list[tuple[Path, ImageFacts]], budget: MemoryBudget
) -> None:
    found = {path: identify(path, pixel_limit=LIMIT, budget=budget) for path, _ in pictures}
    assert found == dict(pictures)


def test_each_real_picture_has_a_preview_that_looks_like_it(
    pictures: list[tuple[Path, ImageFacts]], budget: MemoryBudget
) -> None:
    for path, facts in pictures:
        made = preview(path, 256, pixel_limit=LIMIT, budget=budget)
        with Image.open(io.BytesIO(made)) as image, Image.open(path) as original:
            assert image.format == "WEBP", path
            assert max(image.size) == min(256, max(facts.width, facts.height)), path
            assert image.width / image.height == pytest.approx(facts.width / facts.height, rel=0.02), path
            expected = original.convert("RGBA").resize(image.size, Image.Resampling.BOX)
            seen = Image.alpha_composite(Image.new("RGBA", image.size, "grey"), image.convert("RGBA"))
            wanted = Image.alpha_composite(Image.new("RGBA", image.size, "grey"), expected)
            assert max(mean(ImageChops.difference(seen, wanted))) < 8, path
