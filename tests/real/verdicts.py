"""What a reply is to be: a save of these very bytes, or a refusal in words."""

import re

from curl_form import Form
from wire_talk import Reply, head, talk

from factories import picture
from server import Server

PICTURE = picture(0x336699)


def post(server: Server, form: Form, *lines: str) -> Reply:
    """The form as a request with its right length and further header lines."""
    top = head(server, f"Content-Type: {form.content_type}", f"Content-Length: {len(form.body)}", *lines)
    return talk(server, [top, form.body])


def assert_saved(server: Server, reply: Reply, data: bytes = PICTURE) -> dict[str, object]:
    """The reply is a save of these very bytes; the version."""
    assert reply.status == 201, reply.body
    version: dict[str, object] = reply.json()["version"]
    assert server.http.get(str(version["signed_preview_url"])).content == data
    return version


def assert_refused(server: Server, reply: Reply, *statuses: int) -> str:
    """The reply is one of the statuses, as a sentence and a code; the sentence."""
    assert reply.status in statuses, reply
    error = reply.json()
    assert error["error"].endswith("."), error
    assert re.fullmatch("[a-z_]+", error["code"])
    return str(error["error"])


def counts(server: Server) -> dict[str, int]:
    found: dict[str, int] = server.get("/api/v1/workspace")["counts"]
    return found
