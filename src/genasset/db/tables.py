"""Every table, once for both engines (SQLite and PostgreSQL)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

decode_texts = msgspec.json.Decoder(tuple[str, ...]).decode

Stored = TypeVar("Stored")
Reader = Callable[[Any], Stored | None]


def read_moment(value: int | None) -> datetime | None:
    """A stored time."""
    return None if value is None else EPOCH + timedelta(microseconds=value)


def read_texts(value: str | None) -> tuple[str, ...] | None:
    """A stored tuple of texts."""
    return None if value is None else decode_texts(value)


class Moment(TypeDecorator[datetime]):
    """A time, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader[datetime]:  # noqa: ARG002
        return read_moment


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts, kept as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value).decode()

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader[tuple[str, ...]]:  # noqa: ARG002
        return read_texts


Id = String(36)
Sha256 = String(64)
LIVING = text("deleted_at IS NULL")

metadata = MetaData()

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("slug", String(100), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Id, ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sha256", Sha256, nullable=False, unique=True),
    Column("scopes", Texts, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

# A row says that the bytes are stored, and when a save last relied on them: see blobs/claims.py.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Sha256, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("claimed_at", Moment, nullable=False),
)

workflows = Table(
    "workflows",
    metadata,
    Column("sha256", Sha256, primary_key=True),
    Column("bytes", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

assets = Table(
    "assets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_sha256", Sha256, nullable=False),
    Column("slug", String(100), nullable=False),
    Column("tags", Texts, nullable=False),
    Column("notes_md", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("current_version_id", Id, nullable=False),
    Column("version_count", Integer, nullable=False),
    Column("last_number", Integer, nullable=False),
    # Grows with every change: the order of lists, immune to equal times and to clocks that go back.
    Column("position", BigInteger, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("deleted_at", Moment),
    Index("assets_name", "workspace_id", "name_sha256", unique=True, sqlite_where=LIVING, postgresql_where=LIVING),
    Index("assets_slug", "workspace_id", "slug", unique=True, sqlite_where=LIVING, postgresql_where=LIVING),
    Index("assets_recent", "workspace_id", "position", sqlite_where=LIVING, postgresql_where=LIVING),
    Index("assets_count", "workspace_id", "version_count", sqlite_where=LIVING, postgresql_where=LIVING),
)

# Inserted, never updated: what may change of a version lies in version_states.
versions = Table(
    "versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("asset_id", Id, ForeignKey("assets.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("prompt", Text),
    Column("negative_prompt", Text),
    Column("model", Text),
    Column("seed", String(20)),
    Column("intent", Text),
    Column("source", Text),
    Column("tags", Texts, nullable=False),
    Column("workflow_sha256", Sha256, ForeignKey("workflows.sha256"), nullable=False),
    Column("metadata", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", Sha256, ForeignKey("blobs.sha256"), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", String(10), nullable=False),
    Column("parent_version_id", Id),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Index("versions_number", "asset_id", "number", unique=True),
    Index("versions_blobs", "workspace_id", "sha256"),
)

# `metadata` is the version's with all patches applied, or null while there is no patch.
version_states = Table(
    "version_states",
    metadata,
    Column("version_id", Id, ForeignKey("versions.id"), primary_key=True),
    Column("label", Text),
    Column("rating", Integer),
    Column("metadata", Text),
    Column("recipe", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("document_bytes", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("deleted_at", Moment),
)

metadata_patches = Table(
    "metadata_patches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version_id", Id, ForeignKey("versions.id"), nullable=False, index=True),
    Column("patch", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("version_id", Id, ForeignKey("versions.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", Sha256, ForeignKey("blobs.sha256"), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("format", String(10), nullable=False),
    Index("artifacts_version", "version_id", "place"),
    Index("artifacts_blobs", "workspace_id", "sha256"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("token_id", Id, ForeignKey("tokens.id"), primary_key=True),
    Column("key_sha256", Sha256, primary_key=True),
    Column("request_sha256", Sha256, nullable=False),
    Column("version_id", Id, nullable=False),
    Column("warnings", Texts, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

# The different words of an asset and its living versions, in the form search knows (words.py).
asset_words = Table(
    "asset_words",
    metadata,
    Column("asset_id", Id, ForeignKey("assets.id"), primary_key=True),
    Column("words", Text, nullable=False),
)
