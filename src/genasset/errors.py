"""What can go wrong, as a sentence a person can act on, with a code and an HTTP status.

An error is raised where the fact is known and becomes an answer in one place (`app.py`),
the same through every face.
"""


class GenAssetError(Exception):
    """Something the caller can act on. `str(error)` is one plain sentence."""

    status: int = 400
    code: str = "bad_request"

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code or type(self).code
        self.field = field


class Invalid(GenAssetError):
    """The request says something that cannot be taken; `field` names what."""

    status = 400
    code = "invalid_field"


class Unauthorized(GenAssetError):
    """There is no token, or none that is known and still good."""

    status = 401
    code = "unauthorized"


class Forbidden(GenAssetError):
    """The token is good, but not for this; or a signature does not hold."""

    status = 403
    code = "forbidden"


class NotFound(GenAssetError):
    """There is no such thing in the caller's workspace."""

    status = 404
    code = "not_found"


class Stalled(GenAssetError):
    """The request's body stopped coming."""

    status = 408
    code = "upload_stalled"


class Conflict(GenAssetError):
    """The request fights with what is stored."""

    status = 409
    code = "conflict"


class PreconditionFailed(GenAssetError):
    """The `If-Match` of the request is not the thing's current ETag."""

    status = 412
    code = "precondition_failed"


class TooLarge(GenAssetError):
    """A limit is passed; the sentence names the limit."""

    status = 413
    code = "too_large"


class UnsupportedMedia(GenAssetError):
    """The bytes are no picture of a supported kind, or the body is of a wrong type."""

    status = 415
    code = "unsupported_media_type"


class RangeNotSatisfiable(GenAssetError):
    """The asked byte range lies outside the file; `size` is the file's length in bytes."""

    status = 416
    code = "range_not_satisfiable"

    def __init__(self, sentence: str, *, size: int) -> None:
        super().__init__(sentence)
        self.size = size


class BlobDamaged(GenAssetError):
    """Stored bytes are missing or not those that were saved."""

    status = 500
    code = "blob_damaged"


class Unavailable(GenAssetError):
    """A store does not answer now; the same request may work later."""

    status = 503
    code = "unavailable"


class StorageFull(GenAssetError):
    """There is no room left to store what was sent."""

    status = 507
    code = "storage_full"
