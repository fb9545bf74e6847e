"""Access tokens: made, checked, listed and revoked. Only their hash is stored."""

import hashlib
import re
import secrets as randomness
import string
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, insert, select, update

from genasset.assets.fields import one_line
from genasset.assets.rows import AnyRow
from genasset.db.query import Query
from genasset.db.tables import tokens
from genasset.errors import Forbidden, Invalid, NotFound, Unauthorized
from genasset.library import Library, new_id
from genasset.model import SCOPES, Caller, Token

PREFIX = "ga_"
ALPHABET = string.ascii_letters + string.digits
LENGTH = 40
FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{LENGTH}}}")
DEFAULT_SCOPES = ("read", "write")

CALLER_COLUMNS = ("id", "workspace_id", "name", "scopes", "expires_at", "revoked_at")
BY_HASH = Query(select(*(tokens.c[name] for name in CALLER_COLUMNS)).where(tokens.c.sha256 == bindparam("sha256")))


class NewToken(Struct, frozen=True):
    """A token just made, with the text that is shown once."""

    text: str
    token: Token


def create_token(
    library: Library,
    workspace_id: str,
    name: str,
    *,
    scopes: tuple[str, ...] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
    maker: Caller | None = None,
) -> NewToken:
    """A new token of the workspace. Raises Invalid, or Forbidden when `maker` grants more than it has."""
    clean = _scopes(scopes)
    if maker and _rank(clean) > _rank(maker.scopes):
        raise Forbidden("A token can't grant more than its maker has.", code="scope_too_wide")
    now = library.now()
    if expires_at and expires_at <= now:
        raise Invalid("expires_at must lie in the future.", field="expires_at")
    label = one_line(name, "name", library.settings.name_limit)
    if not label:
        raise Invalid("name must not be empty: say what the token is for.", field="name")
    text = PREFIX + "".join(randomness.choice(ALPHABET) for _ in range(LENGTH))
    token = Token(new_id(), workspace_id, label, clean, now, expires_at)
    columns = {column: getattr(token, column) for column in Token.__struct_fields__}
    with library.db.write() as tx:
        tx.execute(insert(tokens).values(**columns, sha256=_hash(text)))
    return NewToken(text, token)


def authenticate(library: Library, text: str, scope: str) -> Caller:
    """Who holds the token. Raises Unauthorized for an unknown, revoked or expired one, Forbidden without `scope`."""
    found = library.db.ask(BY_HASH, sha256=_hash(text)) if FORM.fullmatch(text) else ()
    row = found[0] if found else None
    if row is None or row.revoked_at is not None:
        raise Unauthorized("This token is not known here or was revoked; check GENASSET_TOKEN.")
    if row.expires_at is not None and row.expires_at <= library.now():
        raise Unauthorized("This token has expired; make a new one.", code="token_expired")
    if _rank((scope,)) > _rank(row.scopes):
        raise Forbidden(f"This token lacks the scope {scope!r}; it has {', '.join(row.scopes)}.", code="missing_scope")
    return Caller(row.workspace_id, row.id, row.name, row.scopes)


def list_tokens(library: Library, workspace_id: str) -> list[Token]:
    """The workspace's living tokens, newest first."""
    wanted = select(tokens).where(tokens.c.workspace_id == workspace_id, tokens.c.revoked_at.is_(None))
    with library.db.read() as tx:
        return [_token(row) for row in tx.execute(wanted.order_by(tokens.c.id.desc()))]


def has_tokens(library: Library) -> bool:
    """Whether anybody was ever given a token here."""
    with library.db.read() as tx:
        return tx.scalar(select(tokens.c.id).limit(1)) is not None


def revoke_token(library: Library, workspace_id: str, token_id: str) -> None:
    """The token opens nothing any more. Raises NotFound when the workspace has no such living token."""
    with library.db.write() as tx:
        changed = tx.execute(
            update(tokens)
            .where(tokens.c.id == token_id, tokens.c.workspace_id == workspace_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=library.now())
        )
        if changed.rowcount == 0:
            raise NotFound("There is no such token in this workspace.", code="token_not_found")


def note_uses(library: Library, uses: dict[str, datetime]) -> None:
    """`last_used_at` of each token id is the given time."""
    with library.db.write() as tx:
        for token_id, moment in uses.items():
            tx.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=moment))


def as_moment(text: str | None, field: str) -> datetime | None:
    """An RFC 3339 time, or a date (its first moment), in UTC. Raises Invalid naming the field."""
    if not text:
        return None
    try:
        moment = msgspec.convert(f"{text}T00:00:00Z" if "T" not in text.upper() else text, datetime)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise Invalid(f"{field} must be a time such as 2030-01-31T12:00:00Z.", field=field) from None


def _scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise Invalid(f"scopes must be some of {', '.join(SCOPES)}.", field="scopes")
    return tuple(scope for scope in SCOPES if scope in scopes)


def _rank(scopes: tuple[str, ...]) -> int:
    return max(map(SCOPES.index, scopes))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _token(row: AnyRow) -> Token:
    return Token(*(getattr(row, name) for name in Token.__struct_fields__))
