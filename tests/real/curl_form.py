"""Multipart bodies as curl writes them for `-F name=text` and `-F image=@file`."""

import uuid
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import httpx2

from server import Server

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".txt": "text/plain"}
ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class File(NamedTuple):
    """A file of a form."""

    field: str
    filename: str
    data: bytes


class Form(NamedTuple):
    """A body and the boundary in it."""

    boundary: str
    body: bytes

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"


def curl_form(parts: Sequence[File | tuple[str, str]], boundary: str | None = None) -> Form:
    """The parts in their order, texts as (field, text)."""
    boundary = boundary or "-" * 24 + uuid.uuid4().hex[:16]
    body = b"".join(f"--{boundary}\r\n".encode() + _part(part) for part in parts)
    return Form(boundary, body + f"--{boundary}--\r\n".encode())


def curl_save(server: Server, *parts: File | tuple[str, str], **headers: str) -> httpx2.Response:
    """POST /generations with the parts, as curl sends it."""
    form = curl_form(parts)
    sent = {"Content-Type": form.content_type, "User-Agent": "curl/8.0", "Accept": "*/*", **headers}
    return server.http.post("/api/v1/generations", content=form.body, headers=sent)


def _part(part: File | tuple[str, str]) -> bytes:
    if isinstance(part, File):
        kind = TYPES.get(PurePath(part.filename).suffix.lower(), "application/octet-stream")
        head = _disposition(part.field) + f'; filename="{part.filename.translate(ESCAPES)}"\r\nContent-Type: {kind}'
        return head.encode() + b"\r\n\r\n" + part.data + b"\r\n"
    field, text = part
    return f"{_disposition(field)}\r\n\r\n{text}\r\n".encode()


def _disposition(field: str) -> str:
    return f'Content-Disposition: form-data; name="{field.translate(ESCAPES)}"'
