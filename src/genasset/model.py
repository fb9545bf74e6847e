"""The nouns of GenAsset: plain immutable values that verbs take and give."""

from datetime import datetime

from msgspec import Struct

SCOPES = ("read", "write", "admin")
"""What a token may do, weakest first; each includes the ones before it."""


class Workspace(Struct, frozen=True):
    """A library of its own: what belongs to one workspace does not exist for another."""

    id: str
    name: str
    slug: str
    created_at: datetime


class Token(Struct, frozen=True):
    """What is known of an access token; its text is never stored."""

    id: str
    workspace_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class Caller(Struct, frozen=True):
    """Who asks: a token of a workspace."""

    workspace_id: str
    token_id: str
    name: str
    scopes: tuple[str, ...]


class Upload(Struct, frozen=True):
    """A file received from a client, lying at `path` until the save is over."""

    path: str
    filename: str
    sha256: str
    bytes: int


class Picture(Struct, frozen=True):
    """A decoded picture file: stored size in pixels, format, and its bytes by hash."""

    width: int
    height: int
    format: str
    bytes: int
    sha256: str


class Artifact(Struct, frozen=True):
    """A picture that went into a version."""

    id: str
    version_id: str
    filename: str
    picture: Picture


class Version(Struct, frozen=True, kw_only=True):
    """One immutable result with its recipe.

    `workflow`, `metadata`, `recipe` and `evidence` are JSON texts; `workflow`, `metadata` and
    `evidence` are None where a list left them out. `seed` is decimal text, 0 … 2^64-1.
    """

    id: str
    asset_id: str
    number: int
    label: str | None
    rating: int | None
    prompt: str | None
    negative_prompt: str | None
    model: str | None
    seed: str | None
    intent: str | None
    source: str | None
    tags: tuple[str, ...]
    workflow: str | None
    metadata: str | None
    recipe: str
    evidence: str | None
    picture: Picture
    inputs: tuple[Artifact, ...]
    parent_version_id: str | None
    created_at: datetime
    created_by: str
    revision: int


class Asset(Struct, frozen=True, kw_only=True):
    """A named thing with numbered versions. `current` is the whole current version where it was asked for."""

    id: str
    name: str
    slug: str
    tags: tuple[str, ...]
    notes_md: str
    current_version_id: str
    version_count: int
    metadata: str
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    revision: int
    current: Version | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """A save that was checked and cleaned, ready to become a version.

    `fingerprint` is the SHA-256 of the fields and files as they were sent.
    """

    image: Upload
    fingerprint: str
    inputs: tuple[Upload, ...] = ()
    asset_id: str | None = None
    asset_name: str
    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    seed: str | None = None
    intent: str | None = None
    source: str | None = None
    workflow: str = "{}"
    metadata: dict[str, object] = {}
    tags: tuple[str, ...] = ()
    notes_md: str | None = None
    version_label: str | None = None
    warnings: tuple[str, ...] = ()


class Saved(Struct, frozen=True):
    """What a save gives: the asset, its new version and what the client should know."""

    asset: Asset
    version: Version
    warnings: tuple[str, ...]
