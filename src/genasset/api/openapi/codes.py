"""Every error code: its status, what an answer with it says, and what to do about it."""

from msgspec import Struct


class ErrorCode(Struct, frozen=True):
    """An error code. `sentence` and `field` are such as answers hold, `remedy` is what its reader can do."""

    status: int
    sentence: str
    remedy: str
    field: str | None = None


CODES = {
    "bad_request": ErrorCode(
        400,
        "The request can't be understood; check its address and headers.",
        "Check the address and the headers of the request.",
    ),
    "invalid_field": ErrorCode(
        400,
        "seed must be a whole number from 0 to 18446744073709551615.",
        "Correct what `field` names; the sentence says what it takes.",
        "seed",
    ),
    "bad_cursor": ErrorCode(
        400,
        "cursor is not one that this list gave; take next_cursor from the answer before.",
        "Send `next_cursor` as it came, with the same search; or begin again without a cursor.",
        "cursor",
    ),
    "empty_image": ErrorCode(
        400,
        "The picture is empty (0 bytes); send the file with its content.",
        "Send the file with its content.",
        "image",
    ),
    "broken_multipart": ErrorCode(
        400,
        "The Content-Type has no boundary; let your HTTP client write it.",
        "Let an HTTP client build the form, and send all of it.",
    ),
    "bad_idempotency_key": ErrorCode(
        400,
        "Idempotency-Key is longer than 255 characters.",
        "Send a shorter key, such as a UUID.",
    ),
    "host_not_allowed": ErrorCode(
        400,
        "This server does not answer to the host name 'art.example.org'; its operator can allow it with "
        "GENASSET_ALLOWED_HOSTS or GENASSET_PUBLIC_URL.",
        "Use a name the server goes by, or have its operator set `GENASSET_ALLOWED_HOSTS` or `GENASSET_PUBLIC_URL`.",
    ),
    "client_gone": ErrorCode(
        400,
        "The client hung up before it had sent its request.",
        "Nobody reads it: the connection was closed before the whole request was sent.",
    ),
    "no_token": ErrorCode(
        401,
        "Send your token in the header: Authorization: Bearer ga_…",
        "Send the header `Authorization: Bearer ga_…`.",
    ),
    "unauthorized": ErrorCode(
        401,
        "This token is not known here or was revoked; check GENASSET_TOKEN.",
        "Check the token's text and the server's address; make a new token if it was revoked.",
    ),
    "token_expired": ErrorCode(401, "This token has expired; make a new one.", "Make a new token."),
    "forbidden": ErrorCode(403, "This is not allowed.", "Use a token that may do it."),
    "missing_scope": ErrorCode(
        403,
        "This token lacks the scope 'write'; it has read.",
        "Use a token that has the scope which the sentence names.",
    ),
    "scope_too_wide": ErrorCode(
        403,
        "A token can't grant more than its maker has.",
        "Ask for fewer scopes, or make the token with one that has them.",
    ),
    "fetch_not_allowed": ErrorCode(
        403,
        "This server fetches no pictures from addresses; send the picture itself as image_base64.",
        "Send the picture itself: as a file, or as `image_base64`.",
    ),
    "bad_signature": ErrorCode(
        403,
        "This link was altered or is not complete; ask for a fresh one.",
        "Use a signed URL unchanged, with all of its query; load the version again for a fresh one.",
    ),
    "link_expired": ErrorCode(
        403,
        "This link has expired; load the version again for a fresh one.",
        "Load the version again and use the URL of that answer.",
    ),
    "not_found": ErrorCode(
        404,
        "There is nothing at this address; see /docs for what the API answers to.",
        "Check the address.",
    ),
    "asset_not_found": ErrorCode(
        404,
        "There is no such asset in this workspace; it may have been deleted.",
        "Check the id and which workspace the token is of; it may be in the trash.",
    ),
    "version_not_found": ErrorCode(
        404,
        "There is no such version in this workspace; it may have been deleted.",
        "Check the id and which workspace the token is of; it may be in the trash.",
    ),
    "artifact_not_found": ErrorCode(
        404,
        "There is no such input picture, or its version was deleted.",
        "Its version is in the trash, or never was.",
    ),
    "token_not_found": ErrorCode(
        404,
        "There is no such token in this workspace.",
        "List the tokens; it may be revoked already.",
    ),
    "workspace_not_found": ErrorCode(
        404,
        "There is no workspace 'studio'; see: genasset workspace list",
        "Given by the command line only: name a workspace that `genasset workspace list` shows.",
    ),
    "method_not_allowed": ErrorCode(
        405,
        "This address does not take this method; see /docs for those it takes.",
        "Use a method that the answer's `Allow` header names.",
    ),
    "conflict": ErrorCode(
        409,
        "Another server already runs on /srv/genasset; stop it, or use another --data-dir.",
        "Given by the command line only: stop the other server, or use another folder.",
    ),
    "name_taken": ErrorCode(
        409,
        "Another asset is already named 'Lighthouse'; choose another name.",
        "Choose another name.",
        "name",
    ),
    "name_busy": ErrorCode(
        409,
        "The name 'Lighthouse' was taken and freed several times just now; try again.",
        "Send the same request again.",
    ),
    "idempotency_key_reused": ErrorCode(
        409,
        "This Idempotency-Key was used for another request; take a fresh key.",
        "Take a fresh key for each different request.",
    ),
    "version_deleted": ErrorCode(
        409,
        "The version that this Idempotency-Key made was deleted; take a fresh key to save again.",
        "Take a fresh key to save it again.",
    ),
    "workspace_exists": ErrorCode(
        409,
        "There is already a workspace 'studio'; choose another name.",
        "Given by the command line only: choose another name.",
    ),
    "upload_stalled": ErrorCode(
        408,
        "Nothing of the body came for 30 seconds; send it again.",
        "Send the request again, over a steadier connection.",
    ),
    "precondition_failed": ErrorCode(
        412,
        "It was changed since you read it; load it again and repeat your change.",
        "Read it again, look at what changed, and repeat the change with the new ETag.",
    ),
    "too_large": ErrorCode(
        413,
        "The body is larger than the limit of 268435456 bytes.",
        "Send less: the sentence names the limit, which the server's operator can raise.",
    ),
    "unsupported_media_type": ErrorCode(
        415,
        "The file is not a PNG, JPEG, WebP, AVIF or GIF picture.",
        "Save the picture as PNG, JPEG, WebP, AVIF or GIF; its name does not count, its content does.",
        "image",
    ),
    "unreadable_image": ErrorCode(
        415,
        "The PNG picture is cut off: the file ends too early. Send the whole file.",
        "Send the whole file, or save the picture again with an ordinary program.",
        "image",
    ),
    "wrong_content_type": ErrorCode(
        415,
        "Send the body as application/json, not as text/plain.",
        "Send the `Content-Type` that the sentence names.",
    ),
    "range_not_satisfiable": ErrorCode(
        416,
        "The file has 1482133 bytes; ask for a range within it.",
        "Ask for a range within the length that `Content-Range` gives.",
    ),
    "internal_error": ErrorCode(
        500,
        "Something went wrong on the server; its log has the details under this request_id.",
        "Try again; if it stays, give `request_id` to the server's operator, whose log has the details.",
    ),
    "blob_damaged": ErrorCode(
        500,
        "The stored picture is missing or cut off; restore it from a backup.",
        "The server's operator restores the file from a backup.",
    ),
    "unavailable": ErrorCode(
        503,
        "Another process is writing to the database; try again in a moment.",
        "Send the same request again after the seconds that `Retry-After` gives.",
    ),
    "storage_full": ErrorCode(
        507,
        "The disk that holds the database is full; nothing was saved. Free some space and try again.",
        "The server's operator frees some space; nothing was saved.",
    ),
}
"""Code → what is known of it, by status."""


def of_status(codes: frozenset[str], status: int) -> list[str]:
    """Those of the codes that are answered with a status, in the order of CODES."""
    return [code for code, known in CODES.items() if code in codes and known.status == status]
