"""The reference as a page: it shows from this server alone, and gives away nothing but its own files."""

import re
from html.parser import HTMLParser

import pytest

from genasset.api.docs import FILES
from server import Server

REFERENCES = {"src", "href", "data-description", "action", "srcset", "poster"}


class Page(HTMLParser):
    """What a page refers to, and the script that stands in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.inline = ""
        self.handlers: list[str] = []
        self._in_code = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for name, value in attrs if name in REFERENCES]
        self.handlers += [name for name, _value in attrs if name.startswith("on") or name == "style"]
        self._in_code = tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        self.inline += data.strip() if self._in_code else ""

    def handle_endtag(self, tag: str) -> None:
        self._in_code = False


@pytest.fixture
def page(session_server: Server) -> Page:
    answer = session_server.http.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def test_the_page_refers_to_nothing_but_this_server(session_server: Server, page: Page) -> None:
    paths = [one for one in page.references if one != "data:,"]
    assert len(paths) >= 4
    for path in paths:
        assert re.match(r"/[^/]", path), f"{path} is not on this server"
        answer = session_server.http.get(path, headers={"Authorization": ""})
        assert answer.status_code == 200
        assert answer.content


def test_the_page_holds_no_script_and_no_style_of_its_own(page: Page) -> None:
    assert page.inline == ""
    assert page.handlers == []


def test_a_browser_is_told_to_take_everything_from_this_server(session_server: Server) -> None:
    headers = session_server.http.get("/docs").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {source for value in policy.values() for source in value.split()} <= {"'none'", "'self'", "data:", "blob:"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("docs.js", "text/javascript"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js.LICENSE.txt", "text/plain"),
        ("LICENSE", "text/plain"),
        ("NOTICE", "text/plain"),
    ],
)
def test_a_file_of_the_page_has_its_type(session_server: Server, name: str, media_type: str) -> None:
    answer = session_server.http.get(f"/docs/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert name in FILES


def test_a_file_is_kept_for_a_year_under_the_address_that_the_page_gives_it(session_server: Server, page: Page) -> None:
    (address,) = (one for one in page.references if "docs.js" in one)
    kept = session_server.http.get(address)
    assert "immutable" in kept.headers["Cache-Control"]
    for other in ("/docs/docs.js", "/docs/docs.js?v=0123456789abcdef"):
        assert session_server.http.get(other).headers["Cache-Control"] == "no-cache"
    again = session_server.http.get(address, headers={"If-None-Match": kept.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/docs/docs.html",
        "/docs/docs.py",
        "/docs/../docs.py",
        "/docs/..%2fdocs.py",
        "/docs/..%2f..%2f__init__.py",
        "/docs/swagger-ui%2fLICENSE",
        "/docs/%2e%2e%2fdocs.py",
        "/docs/docs.js%00.css",
        "/docs/..\\docs.py",
        "/docs/swagger-ui/LICENSE",
        "/docs//etc/passwd",
    ],
)
def test_no_other_file_is_given_away(session_server: Server, path: str) -> None:
    answer = session_server.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
