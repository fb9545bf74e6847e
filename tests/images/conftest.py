"""What the picture tests share: the test data and a memory budget."""

import os
from pathlib import Path

import pytest

from genasset.images import MemoryBudget


@pytest.fixture(scope="session")
def image_data() -> Path:
    """The folder with hostile/ and realdata/images/."""
    default = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("GENASSET_TEST_DATA", default))
    if not (folder / "hostile" / "MANIFEST.tsv").is_file():
        reason = f"needs the full test data (GENASSET_TEST_DATA), not found in {folder}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def budget() -> MemoryBudget:
    return MemoryBudget(256 * 1024 * 1024)
