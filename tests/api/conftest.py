"""Servers that the tests of the HTTP API share besides the common one."""

from collections.abc import Iterator

import pytest

from server import Server

NARROW = {
    "GENASSET_UPLOAD_LIMIT": "8000000",
    "GENASSET_JSON_LIMIT": "150000",
    "GENASSET_STRANGER_LIMIT": "6000000",
    "GENASSET_WORKFLOW_LIMIT": "50000",
    "GENASSET_METADATA_LIMIT": "20000",
    "GENASSET_LIST_LIMIT": "3000",
    "GENASSET_COUNT_LIMIT": "3",
    "GENASSET_PICTURE_PIXELS": "10000",
    "GENASSET_LAST_USED_SECONDS": "1",
    "GENASSET_DRAIN_SECONDS": "1",
    "GENASSET_CORS_ORIGINS": "https://art.example.org,https://studio.example.org",
    "GENASSET_ALLOWED_HOSTS": "pictures.example.org",
}


@pytest.fixture(scope="session")
def session_narrow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server process with low limits and settings of its own."""
    with Server(tmp_path_factory.mktemp("narrow") / "library", **NARROW) as running:
        yield running


@pytest.fixture
def narrow_server(session_narrow_server: Server) -> Iterator[Server]:
    """The server with low limits, seen from a fresh workspace."""
    seen = session_narrow_server.with_workspace()
    yield seen
    seen.http.close()
