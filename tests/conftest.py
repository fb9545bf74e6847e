"""Fixtures that every test may ask for: a library in this process, a real server process, and the full test data."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from factories import Desk
from genasset.library import Library, open_library
from genasset.settings import Settings
from real_data import full_root
from server import Server


@pytest.fixture(scope="session")
def full_data() -> Path:
    """The full set of real and hostile files. Without it a test is listed as not run; in CI it fails."""
    root = full_root()
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


HEAVY = {"test_crash.py", "test_durability.py", "test_hostile_files.py", "test_upload_memory.py"}
"""Files whose tests load the machine or measure it, and so do not run beside each other."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers, a file's tests run in one of them, and those of all heavy files in the same one.

    (Marks of pytest-xdist would say so too, but with pytest 9.2 it does not heed them: pytest-xdist issue 1386.)
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = PurePosixPath(nodeid.split("::", 1)[0])
            return "heavy" if file.name in HEAVY else str(file)

    return ByFile(config, log)
