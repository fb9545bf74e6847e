"""Pictures and saves for tests."""

import io
from itertools import count
from typing import Any

from PIL import Image

from genasset.assets.draft import make_draft
from genasset.assets.save import save
from genasset.blobs.incoming import Incoming
from genasset.library import Library
from genasset.model import SCOPES, Caller, Saved
from genasset.workspaces.overview import create_workspace
from genasset.workspaces.tokens import authenticate, create_token


def picture(color: int | tuple[int, int, int] = 0, size: tuple[int, int] = (8, 8), format: str = "PNG") -> bytes:
    """A small picture of one colour; another colour gives other bytes."""
    rgb = (color >> 16 & 255, color >> 8 & 255, color & 255) if isinstance(color, int) else color
    file = io.BytesIO()
    Image.new("RGB", size, rgb).save(file, format)
    return file.getvalue()


def caller_in(library: Library, name: str = "Studio") -> Caller:
    """A caller with all scopes in a new workspace."""
    workspace = create_workspace(library, name)
    text = create_token(library, workspace.id, "tester", scopes=SCOPES).text
    return authenticate(library, text, "admin")


class Desk:
    """A caller at a library."""

    def __init__(self, library: Library, workspace: str = "Studio") -> None:
        self.library = library
        self.caller = caller_in(library, workspace)

    def save(
        self, image: bytes | None = None, *, inputs: list[bytes] | None = None, key: str | None = None, **fields: Any
    ) -> Saved:
        """The sent fields as a new version."""
        incoming = Incoming(self.library.incoming)
        try:
            uploads = []
            for data in (picture() if image is None else image, *(inputs or ())):
                file = incoming.open()
                file.write(data)
                uploads.append(file.finish("picture.png"))
            draft = make_draft(fields, uploads[0], uploads[1:], settings=self.library.settings, now=self.library.now())
            return save(self.library, self.caller, draft, idempotency_key=key)
        finally:
            incoming.discard()


_COLOURS = count(0x400000)


def fresh_picture(size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture whose bytes no other test saves."""
    return picture(next(_COLOURS), size)
