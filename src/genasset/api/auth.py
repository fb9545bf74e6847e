"""Who asks: the bearer token of a request (RFC 6750)."""

import threading
from datetime import datetime

from genasset.api.answers import AnyRequest
from genasset.api.transport import BODY_LIMIT, HEADERS, header_in
from genasset.errors import Forbidden, GenAssetError, Unauthorized
from genasset.library import Library
from genasset.model import Caller
from genasset.signing import Links, links
from genasset.workspaces.tokens import authenticate, note_uses


class TokenUses:
    """When tokens were last used, written in batches."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._uses: dict[str, datetime] = {}

    def note(self, token_id: str) -> None:
        """The token was used now; the database knows after the next `flush`."""
        with self._lock:
            self._uses[token_id] = self._library.now()

    def flush(self) -> None:
        """The database knows all uses noted so far."""
        with self._lock:
            uses, self._uses = self._uses, {}
        try:
            if uses:
                note_uses(self._library, uses)
        except GenAssetError:
            with self._lock:  # the next flush writes what this one could not
                self._uses = {**uses, **self._uses}
            raise


def library_of(request: AnyRequest) -> Library:
    """The library that this server serves."""
    library: Library = request.app.state.library
    return library


def caller_of(request: AnyRequest, scope: str) -> Caller:
    """Who holds the request's token. Raises Unauthorized, or Forbidden when it lacks `scope`.

    From here on a body that nobody reads is thrown away up to the upload limit.
    """
    library = library_of(request)
    kind, _, text = _header(request, b"authorization").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise Unauthorized("Send your token in the header: Authorization: Bearer ga_…", code="no_token")
    try:
        caller = authenticate(library, text.strip(), scope)
    except Forbidden:
        _trust_body(request, library)
        raise
    _trust_body(request, library)
    request.app.state.token_uses.note(caller.token_id)
    return caller


def links_of(request: AnyRequest) -> Links:
    """Signed URLs under the public URL or, without one, under the address that the client used."""
    library = library_of(request)
    base = library.settings.public_url.rstrip("/") or f"{request.scope['scheme']}://{_header(request, b'host')}"
    return links(f"{base}/api/v1", library.signing_key, library.now(), library.settings.url_lifetime)


def _header(request: AnyRequest, name: bytes) -> str:
    """A header, straight from the connection: the framework's own object of all of them takes as long as a look-up."""
    return header_in(request.scope[HEADERS], name)  # type: ignore[literal-required]


def _trust_body(request: AnyRequest, library: Library) -> None:
    request.scope[BODY_LIMIT] = library.settings.upload_limit  # type: ignore[literal-required]
