"""Cursors: where a list goes on, signed so that only one given here is taken."""

import base64
import binascii
import hashlib
import hmac

from genasset.errors import Invalid
from genasset.library import Library

SIGNATURE = 12
"""Bytes of the HMAC-SHA256 that a cursor carries."""


def write_cursor(library: Library, purpose: str, owner: str, position: int) -> str:
    """A text that `read_cursor` gives back as `position`, for the same list of the same owner only."""
    value = position.to_bytes(8, "big")
    return base64.urlsafe_b64encode(value + _signature(library, purpose, owner, value)).decode()


def read_cursor(library: Library, purpose: str, owner: str, cursor: str) -> int:
    """The position in a cursor. Raises Invalid for one that was not given here for this list."""
    try:
        data = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    value, signature = data[:8], data[8:]
    if not hmac.compare_digest(signature, _signature(library, purpose, owner, value)):
        raise Invalid(
            "cursor is not one that this list gave; take next_cursor from the answer before.",
            code="bad_cursor",
            field="cursor",
        )
    return int.from_bytes(value, "big")


def _signature(library: Library, purpose: str, owner: str, value: bytes) -> bytes:
    message = f"cursor\n{purpose}\n{owner}\n".encode("utf-8", "surrogatepass") + value
    return hmac.new(library.signing_key, message, hashlib.sha256).digest()[:SIGNATURE]
