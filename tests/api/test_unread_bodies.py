"""Bodies that the server does not want: read and thrown away so that the client reads the sentence, within limits."""

import threading

import pytest
from raw_http import Answer, RawClient, chunked

from factories import picture
from server import Server, wait_until

UNKNOWN = "01a20530-0000-7000-8000-000000000000"
PIECE = b"x" * 100_000
FORM = {"Content-Type": "multipart/form-data; boundary=line"}
OPENING = b'--line\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'


def whole_exchange(
    client: RawClient,
    token: str,
    method: str,
    path: str,
    body: list[bytes],
    *,
    declared: bool = True,
    kind: dict[str, str] = FORM,
) -> Answer:
    """The answer to a request whose body was sent to its end first."""
    headers = {"Authorization": f"Bearer {token}", **kind}
    if declared:
        client.request(method, path, {**headers, "Content-Length": str(len(b"".join(body)))}, body)
    else:
        client.request(method, path, {**headers, "Transfer-Encoding": "chunked"}, chunked(body))
    return client.answer()


def goes_on(client: RawClient, server: Server) -> bool:
    """Whether the connection takes another request."""
    return whole_exchange(client, server.token, "GET", "/api/v1/workspace", []).status == 200


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize(
    ("scope", "method", "path", "status", "code"),
    [
        (None, "POST", "/api/v1/generations", 401, "unauthorized"),
        (None, "PATCH", f"/api/v1/versions/{UNKNOWN}/metadata", 401, "unauthorized"),
        ("read", "POST", "/api/v1/generations", 403, "missing_scope"),
        ("write", "POST", "/api/v1/tokens", 403, "missing_scope"),
        ("admin", "POST", "/api/v1/nothing", 404, "not_found"),
        ("admin", "DELETE", f"/api/v1/assets/{UNKNOWN}", 404, "asset_not_found"),
        ("admin", "PUT", "/api/v1/generations", 405, "method_not_allowed"),
        ("admin", "GET", f"/api/v1/versions/{UNKNOWN}/load", 404, "version_not_found"),
    ],
)
def test_a_client_that_first_sends_5_mb_reads_the_sentence(
    server: Server, scope: str | None, method: str, path: str, status: int, code: str, *, declared: bool
) -> None:
    token = server.with_scope(scope).token if scope else "ga_" + "a" * 40
    with RawClient(server.url) as client:
        answer = whole_exchange(client, token, method, path, [PIECE] * 50, declared=declared)
        assert (answer.status, answer.json()["code"]) == (status, code)
        assert goes_on(client, server)


def test_a_wrong_content_type_is_said_after_the_body(server: Server) -> None:
    with RawClient(server.url) as client:
        kind = {"Content-Type": "image/png"}
        answer = whole_exchange(client, server.token, "POST", "/api/v1/generations", [PIECE] * 50, kind=kind)
        assert (answer.status, answer.json()["code"]) == (415, "wrong_content_type")
        assert goes_on(client, server)


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_form_that_breaks_at_its_start_is_read_to_its_end(server: Server, *, declared: bool) -> None:
    with RawClient(server.url) as client:
        body = [PIECE] * 50
        answer = whole_exchange(client, server.token, "POST", "/api/v1/generations", body, declared=declared)
        assert (answer.status, answer.json()["code"]) == (400, "broken_multipart")
        assert goes_on(client, server)


def test_a_stranger_who_sends_without_end_is_cut_off(narrow_server: Server) -> None:
    headers = {**FORM, "Transfer-Encoding": "chunked"}
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers, list(chunked([PIECE] * 61))[:-1])
        answer = client.answer()
        assert answer.status == 401
        assert answer.headers["connection"] == "close"
        assert client.is_closed()


@pytest.mark.parametrize(("scope", "status"), [("admin", 404), ("read", 403)])
def test_with_a_valid_token_a_body_is_read_up_to_the_upload_limit(
    narrow_server: Server, scope: str, status: int
) -> None:
    token = narrow_server.with_scope(scope).token
    with RawClient(narrow_server.url) as client:
        answer = whole_exchange(client, token, "DELETE", f"/api/v1/assets/{UNKNOWN}", [PIECE] * 75)
        assert answer.status == status
        assert goes_on(client, narrow_server)


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(server: Server) -> None:
    body = OPENING + picture() + b"\r\n--line--\r\n"
    headers = {**FORM, "Content-Length": str(len(body)), "Expect": "100-continue"}
    for token, status in ((server.token, 201), ("ga_" + "a" * 40, 401)):
        with RawClient(server.url) as client:
            client.request("POST", "/api/v1/generations", {**headers, "Authorization": f"Bearer {token}"})
            assert client.answer().status == 100
            client.send(body)
            assert client.answer().status == status


def test_a_stranger_who_sends_nothing_more_gets_the_sentence_all_the_same(narrow_server: Server) -> None:
    headers = {**FORM, "Content-Length": "1000000"}
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers, [PIECE])
        answer = client.answer()
        assert answer.status == 401
        assert client.is_closed()


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(narrow_server: Server) -> None:
    headers = {"Authorization": f"Bearer {narrow_server.token}", **FORM, "Content-Length": "15000000"}
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers)
        answer = client.answer()
        assert (answer.status, answer.json()["code"]) == (413, "too_large")
        assert "8000000 bytes" in answer.json()["error"]
        assert answer.headers["connection"] == "close"
        client.send(*[PIECE] * 3)
        assert client.is_closed()


def test_a_body_of_unknown_length_is_refused_once_it_passes_the_limit(narrow_server: Server) -> None:
    headers = {"Authorization": f"Bearer {narrow_server.token}", **FORM, "Transfer-Encoding": "chunked"}
    started = list(chunked([OPENING, *[PIECE] * 81]))[:-1]
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers, started)
        answer = client.answer()
        assert (answer.status, answer.json()["code"]) == (413, "too_large")
        assert "8000000 bytes" in answer.json()["error"]
        client.send(*chunked([PIECE]))
        assert client.is_closed()
    wait_until(lambda: narrow_server.footprint()["incoming"] == 0)


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_client_that_sends_all_of_a_body_that_is_too_large_reads_the_sentence(
    narrow_server: Server, *, declared: bool
) -> None:
    body = [OPENING, *[PIECE] * (82 if declared else 150)]
    with RawClient(narrow_server.url) as client:
        answer = whole_exchange(client, narrow_server.token, "POST", "/api/v1/generations", body, declared=declared)
        assert (answer.status, answer.json()["code"]) == (413, "too_large")
        assert client.is_closed()


def test_a_client_that_never_stops_sending_is_cut_off(narrow_server: Server) -> None:
    headers = {"Authorization": f"Bearer {narrow_server.token}", **FORM, "Transfer-Encoding": "chunked"}
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers, list(chunked([OPENING, *[PIECE] * 81]))[:-1])
        assert client.answer().status == 413
        with pytest.raises(ConnectionError):
            client.send(*chunked([PIECE] * 600))


def test_a_json_body_has_a_limit_of_its_own(narrow_server: Server) -> None:
    for path in ("/api/v1/generations", "/api/v1/tokens"):
        answer = narrow_server.http.post(
            path, content=b'{"name": "' + b"x" * 150_000 + b'"}', headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "150000 bytes" in answer.json()["error"]


def test_after_a_413_the_rest_is_awaited_for_a_while_only(narrow_server: Server) -> None:
    headers = {"Authorization": f"Bearer {narrow_server.token}", **FORM, "Content-Length": "15000000"}
    with RawClient(narrow_server.url) as client:
        client.request("POST", "/api/v1/generations", headers, [PIECE])
        assert client.answer().status == 413
        assert client.is_closed()


@pytest.mark.parametrize("sent", [b"", OPENING, OPENING + PIECE * 9, OPENING + picture() + b"\r\n--line"])
def test_a_client_that_hangs_up_leaves_nothing_behind(server: Server, sent: bytes) -> None:
    before, log = server.footprint(), len(server.log())
    headers = {"Authorization": f"Bearer {server.token}", **FORM, "Content-Length": "2000000"}
    with RawClient(server.url) as client:
        client.request("POST", "/api/v1/generations", headers, [sent])
        if len(sent) > 500_000:
            wait_until(lambda: server.footprint()["incoming"] > before["incoming"])
    wait_until(lambda: "client hung up" in server.log()[log:])
    wait_until(lambda: server.footprint() == before)
    assert "Traceback" not in server.log()[log:]
    assert "ERROR" not in server.log()[log:]
    assert server.saved(picture())["version"]["version_number"] == 1


def test_clients_that_hang_up_all_at_once_do_not_stop_others(server: Server) -> None:
    before, log = server.footprint(), len(server.log())
    headers = {"Authorization": f"Bearer {server.token}", **FORM, "Transfer-Encoding": "chunked"}

    def hang_up() -> None:
        with RawClient(server.url) as client:
            client.request("POST", "/api/v1/generations", headers, list(chunked([OPENING, *[PIECE] * 5]))[:-1])

    threads = [threading.Thread(target=hang_up) for _ in range(20)]
    for thread in threads:
        thread.start()
    server.saved(picture(), asset_name="meanwhile")
    for thread in threads:
        thread.join()
    wait_until(lambda: server.footprint()["incoming"] == 0)
    assert server.footprint()["versions"] == before["versions"] + 1
    assert "Traceback" not in server.log()[log:]
