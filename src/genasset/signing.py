"""Signed URLs: an id and an expiry that only this library can have signed."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from msgspec import Struct

from genasset.errors import Forbidden

EXPIRES = re.compile("[1-9][0-9]{0,18}")

QUARTER = 15 * 60
"""Seconds to which expiries are rounded up, so that a URL stays the same for a while and caches."""


class Links(Struct, frozen=True):
    """Makes the signed URLs of one answer: absolute, under `base`, good until `expires` (Unix seconds).

    A `filename` is what a browser will call the file; it is made by us, of letters, digits and dots.
    """

    base: str
    key: bytes
    expires: int

    def original(self, version_id: str, filename: str) -> str:
        """The bytes of a version as they were saved."""
        return self._sign("original", version_id, filename)

    def thumbnail(self, version_id: str) -> str:
        """A preview of a version; `&size=` chooses another of the sizes."""
        return self._sign("thumbnail", version_id, "thumbnail.webp")

    def artifact(self, artifact_id: str, filename: str) -> str:
        """The bytes of an input picture."""
        return self._sign("artifact", artifact_id, filename)

    def _sign(self, kind: str, thing_id: str, filename: str) -> str:
        signature = sign(self.key, kind, thing_id, self.expires)
        return f"{self.base}/files/{kind}/{thing_id}/{filename}?expires={self.expires}&signature={signature}"


def links(base: str, key: bytes, now: datetime, lifetime: int) -> Links:
    """Links that live at least `lifetime` seconds, and at most a quarter of an hour more."""
    end = int((now + timedelta(seconds=lifetime)).timestamp())
    return Links(base, key, -(-end // QUARTER) * QUARTER)


def sign(key: bytes, kind: str, thing_id: str, expires: int) -> str:
    """HMAC-SHA256 (RFC 2104) of what the URL gives access to, as 64 hex digits."""
    message = f"{kind}\n{thing_id}\n{expires}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def verify(key: bytes, kind: str, thing_id: str, expires: str, signature: str, now: datetime) -> None:
    """Raise Forbidden unless the URL was signed here, unaltered, and is not expired."""
    number = int(expires) if EXPIRES.fullmatch(expires) else 0
    if not hmac.compare_digest(sign(key, kind, thing_id, number).encode(), signature.encode()):
        raise Forbidden("This link was altered or is not complete; ask for a fresh one.", code="bad_signature")
    if number < now.timestamp():
        raise Forbidden("This link has expired; load the version again for a fresh one.", code="link_expired")
