"""By which names the server goes, and which web pages may call it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from factories import picture
from server import Server

PUBLIC = "https://art.example.org/library"


@pytest.fixture(scope="module")
def public_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("public") / "library"
    with Server(folder, GENASSET_PUBLIC_URL=f"{PUBLIC}/") as running:
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8000", "[::1]:8000", "[::1]"])
def test_loopback_names_are_allowed(server: Server, host: str) -> None:
    answer = server.http.get("/api/v1/workspace", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.evil.example.org", "localhost.evil", "192.0.2.1", "[::2]", "x" * 300]
)
def test_another_host_name_is_refused(server: Server, host: str) -> None:
    for path in ("/api/v1/workspace", "/", "/docs", "/openapi.json"):
        answer = server.http.get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "host_not_allowed")
        assert "GENASSET_ALLOWED_HOSTS" in answer.json()["error"]
        assert "X-Request-Id" in answer.headers
    assert server.http.head("/api/v1/workspace", headers={"Host": host}).content == b""


def test_a_refused_host_has_its_body_read(server: Server) -> None:
    answer = server.http.post("/api/v1/generations", content=b"x" * 5_000_000, headers={"Host": "evil.example.org"})
    assert answer.json()["code"] == "host_not_allowed"


def test_the_probes_answer_to_any_name(server: Server) -> None:
    for path in ("/healthz", "/readyz"):
        assert server.http.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_named_hosts_are_allowed_besides(narrow_server: Server) -> None:
    for host in ("pictures.example.org", "Pictures.Example.Org:8443", "localhost"):
        assert narrow_server.http.get("/api/v1/workspace", headers={"Host": host}).status_code == 200
    assert narrow_server.http.get("/api/v1/workspace", headers={"Host": "other.example.org"}).status_code == 400


def test_without_a_public_url_links_go_where_the_client_came_from(narrow_server: Server) -> None:
    files = {"image": ("a.png", picture())}
    answer = narrow_server.http.post("/api/v1/generations", files=files, headers={"Host": "pictures.example.org:8443"})
    version = answer.json()["version"]
    for key in ("signed_preview_url", "thumbnail_url"):
        assert version[key].startswith("http://pictures.example.org:8443/api/v1/files/")


def test_links_are_built_from_the_public_url(public_server: Server) -> None:
    files = [("image", ("a.png", picture())), ("input_images", ("b.png", picture(1)))]
    version = public_server.http.post("/api/v1/generations", files=files).json()["version"]
    links = [version["signed_preview_url"], version["thumbnail_url"], version["input_artifacts"][0]["signed_url"]]
    assert all(link.startswith(f"{PUBLIC}/api/v1/files/") for link in links)
    with public_server.stranger() as stranger:
        assert stranger.get(links[0].replace(PUBLIC, public_server.url)).content == picture()


def test_with_a_public_url_any_host_name_is_taken(public_server: Server) -> None:
    assert public_server.http.get("/api/v1/workspace", headers={"Host": "behind-a-proxy"}).status_code == 200


ORIGIN = "https://art.example.org"
CORS = "Access-Control-Allow-Origin"


def test_no_web_page_may_call_the_server_by_default(server: Server) -> None:
    answer = server.http.get("/api/v1/workspace", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert not any(name.lower().startswith("access-control") for name in answer.headers)
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = server.http.options("/api/v1/generations", headers=asked)
    assert CORS not in preflight.headers


@pytest.mark.parametrize("origin", [ORIGIN, "https://studio.example.org"])
def test_a_page_of_a_named_origin_may(narrow_server: Server, origin: str) -> None:
    answer = narrow_server.http.get("/api/v1/workspace", headers={"Origin": origin})
    assert answer.headers[CORS] == origin
    assert {"ETag", "X-Request-Id"} <= set(answer.headers["Access-Control-Expose-Headers"].replace(" ", "").split(","))
    with narrow_server.stranger(Origin=origin) as stranger:
        refused = stranger.get("/api/v1/workspace")
        assert (refused.status_code, refused.headers[CORS]) == (401, origin)
        asked = {
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, if-match",
        }
        preflight = stranger.options("/api/v1/assets/x", headers=asked)
    assert preflight.is_success
    assert preflight.headers[CORS] == origin
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "idempotency-key", "if-match"))


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "http://art.example.org", "https://art.example.org.evil", "null"]
)
def test_a_page_of_another_origin_may_not(narrow_server: Server, origin: str) -> None:
    assert CORS not in narrow_server.http.get("/api/v1/workspace", headers={"Origin": origin}).headers
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert CORS not in narrow_server.http.options("/api/v1/generations", headers=asked).headers
