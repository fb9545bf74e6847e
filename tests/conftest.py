"""Fixtures that every test may ask for: a library in this process, a real server process, and the full test data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from factories import Desk
from genasset.library import Library, open_library
from genasset.settings import Settings
from server import Server

REPOSITORY = Path(__file__).parent.parent
SAMPLE = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def full_data() -> Path:
    """The full set of real and hostile files. Without it a test is listed as not run; in CI it fails."""
    root = Path(os.environ.get("GENASSET_TEST_DATA") or REPOSITORY.parent / "shared")
    if (root / "realdata").is_dir():
        return root
    reason = "needs the full test data: set GENASSET_TEST_DATA to the folder that holds realdata/ and hostile/"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "library")


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    opened = open_library(settings)
    yield opened
    opened.close()


@pytest.fixture
def desk(library: Library) -> Desk:
    """A caller at the library, with short ways to save and read."""
    return Desk(library)


@pytest.fixture(scope="session")
def session_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server process for all tests that do not count or break things."""
    with Server(tmp_path_factory.mktemp("session") / "library") as running:
        yield running


@pytest.fixture
def server(session_server: Server) -> Iterator[Server]:
    """The shared server, seen from a fresh workspace of its own."""
    seen = session_server.with_workspace()
    yield seen
    seen.http.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server process of the test's own."""
    with Server(tmp_path / "library") as running:
        yield running
