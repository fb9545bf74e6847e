"""Fixtures of the tests on real and hostile input."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from real_data import each_root
from server import Server, wait_until


@pytest.fixture
def real_file(request: pytest.FixtureRequest) -> Path:
    """A file of `real_data.each_file`: of the sample, or of the full set, which must then be there."""
    path: Path = request.param or request.getfixturevalue("full_data")
    return path


@pytest.fixture(scope="module", params=each_root())
def data_root(request: pytest.FixtureRequest) -> Path:
    """The sample, then the full set, which must be there."""
    root: Path = request.param or request.getfixturevalue("full_data")
    return root


@pytest.fixture(scope="module")
def studio(session_server: Server) -> Server:
    """The shared server, seen from a workspace that this module has to itself."""
    return session_server.with_workspace()


@pytest.fixture(scope="session")
def stranger() -> Iterator[httpx2.Client]:
    """A client without a token, for signed URLs."""
    with httpx2.Client(timeout=60) as client:
        yield client


@pytest.fixture
def unharmed(studio: Server) -> Iterator[None]:
    """Whatever a test sends, the server lives, has logged no failure and keeps nothing half received."""
    logged = len(studio.log())
    yield
    assert studio.http.get("/healthz").status_code == 200
    wait_until(lambda: not any((studio.data_dir / "incoming").iterdir()))
    assert "Traceback" not in studio.log()[logged:], studio.log()[logged:]
