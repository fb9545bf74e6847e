"""Where the real and hostile files lie: a sample beside the tests, and the full set where it is there.

Both have the same folders: realdata/images, realdata/workflows, realdata/prompts and hostile.
"""

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SAMPLE = Path(__file__).parent / "data"
NAMES_OF_UPLOADS = "generated/filenames.json"


def full_root() -> Path:
    """The folder of the full set, whether it is there or not."""
    return Path(os.environ.get("GENASSET_TEST_DATA") or SAMPLE.parents[2] / "shared")


def each_root() -> list[object]:
    """Parameters: the sample and the full set. The fixture that takes them asks `full_data` for the latter."""
    return [pytest.param(SAMPLE, id="sample"), pytest.param(None, id="full")]


def each_file(find: Callable[[Path], list[Path]]) -> list[object]:
    """Parameters: what `find` finds in the sample, then in the full set; one stand-in when that is missing."""
    full = [pytest.param(path, id=f"full-{path.name}") for path in find(full_root())]
    sample = [pytest.param(path, id=f"sample-{path.name}") for path in find(SAMPLE)]
    return [*sample, *(full or [pytest.param(None, id="full")])]


def pictures(root: Path) -> list[Path]:
    """The real pictures under a root."""
    stated = _files(root / "realdata" / "images", "*.expected.json")
    return [path.with_name(path.name.removesuffix(".expected.json")) for path in stated]


def workflows(root: Path) -> list[Path]:
    """The real workflow files under a root."""
    return _files(root / "realdata" / "workflows", "*.json")


def prompts(root: Path) -> list[str]:
    """The real prompts under a root, one line each."""
    return (root / "realdata" / "prompts" / "prompts.txt").read_text(encoding="utf-8").splitlines()


class HostileFile(NamedTuple):
    """A file of the hostile set and what its manifest expects of a server."""

    path: Path
    name: str
    expected: str

    @property
    def may_be_accepted(self) -> bool:
        """Whether 201 is a right answer."""
        return "accept" in self.expected or "as above" in self.expected

    @property
    def may_be_refused(self) -> bool:
        """Whether a 4xx is a right answer."""
        return any(word in self.expected for word in ("4xx", "413", "415", "as above"))


def hostile(root: Path) -> Iterator[HostileFile]:
    """The files of the hostile set under a root, but for the list of file names."""
    with (root / "hostile" / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if row["path"] != NAMES_OF_UPLOADS:
                yield HostileFile(root / "hostile" / row["path"], row["path"], row["expected"])


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())
