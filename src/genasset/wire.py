"""The nouns as JSON: the shapes that clients read (see docs/http-api.md).

JSON documents (workflow, metadata, recipe, evidence) pass through as the text that is stored.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from genasset import model
from genasset.signing import Links

LARGEST_EXACT = 2**53 - 1
"""Seeds up to here are JSON numbers; larger ones are decimal strings, so that no client loses digits."""

EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp", "avif": "avif", "gif": "gif"}

Time = Annotated[datetime, Meta(description="RFC 3339, UTC, ending in Z.")]
Uuid = Annotated[str, Meta(description="Lower-case UUID.", examples=["019a5b1c-7d2e-7c3a-9f10-2b6d5e8a4c71"])]
Seed = Annotated[
    int | str | None,
    Meta(description="0 … 2^64-1: a number up to 2^53-1, a decimal string above, so that no client loses digits."),
]
Document = Annotated[Raw | None, Meta(description="A JSON object, as it was sent.")]


class Person(Struct):
    """Who did it: the name of a token."""

    name: str


class Image(Struct):
    """The stored picture: its own size in pixels (no rotation applied), format and bytes."""

    width: int
    height: int
    format: Annotated[str, Meta(description="png, jpeg, webp, avif or gif.")]
    bytes: int
    sha256: str


class InputArtifact(Struct):
    """A picture that went into the version."""

    id: Uuid
    filename: str
    bytes: int
    sha256: str
    signed_url: str | None


class Version(Struct, kw_only=True):
    """One immutable result of an asset, with its recipe."""

    id: Uuid
    asset_id: Uuid
    version_number: Annotated[int, Meta(ge=1)]
    version_label: str | None
    rating: Annotated[int | None, Meta(description="0 … 5, or null while not rated.")]
    prompt: str | None
    negative_prompt: str | None
    model: str | None
    seed: Seed
    intent: str | None
    source: str | None
    tags: Sequence[str]
    workflow_json: Document | UnsetType = UNSET
    workflow_omitted: bool | UnsetType = UNSET
    recipe: Annotated[
        Raw, Meta(description="The normal form of how the picture was made; what is not known is left out.")
    ]
    evidence: Document | UnsetType = UNSET
    metadata: Document | UnsetType = UNSET
    metadata_omitted: bool | UnsetType = UNSET
    image: Image
    signed_preview_url: Annotated[str, Meta(description="The very bytes that were saved; needs no header; expires.")]
    thumbnail_url: Annotated[str, Meta(description="A WebP of at most 512 px; add &size=256 or &size=1024.")]
    input_artifacts: list[InputArtifact]
    parent_version_id: Uuid | None
    created_at: Time
    created_by: Person


class Asset(Struct, kw_only=True):
    """A named thing with numbered versions."""

    id: Uuid
    name: str
    slug: str
    tags: Sequence[str]
    notes_md: str
    current_version_id: Uuid
    version_count: int
    current_version: Version | UnsetType = UNSET
    metadata: Document
    created_at: Time
    updated_at: Time
    created_by: Person
    updated_by: Person


class AssetAnswer(Struct):
    """One asset."""

    asset: Asset


class VersionAnswer(Struct):
    """One version."""

    version: Version


class LoadAnswer(Struct):
    """A version with its asset: all that is needed to run it again."""

    asset: Asset
    version: Version


class SavedAnswer(Struct):
    """What a save made."""

    asset: Asset
    version: Version
    warnings: Sequence[str]


class PatchedAnswer(Struct):
    """A patched version."""

    version: Version
    warnings: list[str]


class AssetDetail(Struct):
    """An asset with its versions, highest number first."""

    asset: Asset
    versions: list[Version]
    versions_total: int
    next_cursor: str | None


class Pagination(Struct):
    """Where a page stands in its list."""

    page: int
    page_size: int
    total: int
    total_pages: int
    has_more: bool
    next_cursor: str | None
    total_capped: bool | UnsetType = UNSET


class AssetList(Struct):
    """One page of assets, most recently updated first."""

    assets: list[Asset]
    pagination: Pagination


class WorkspaceName(Struct):
    """A workspace, named."""

    id: Uuid
    name: str
    slug: str


class Workspace(Struct):
    """The token's workspace."""

    id: Uuid
    name: str
    slug: str
    organization: None
    workspaces: list[WorkspaceName]


class Counts(Struct):
    """What the workspace holds. `storage_bytes` counts each stored file once."""

    assets: int
    versions: int
    storage_bytes: int | UnsetType = UNSET


class WorkspaceAnswer(Struct):
    """The token's workspace and what it holds."""

    workspace: Workspace
    counts: Counts


class Token(Struct):
    """An access token, without its text."""

    id: Uuid
    name: str
    scopes: Sequence[str]
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None


class TokenList(Struct):
    """The workspace's tokens, newest first."""

    tokens: list[Token]


class NewToken(Struct):
    """A token just made; its text is shown this once."""

    token: str
    id: Uuid
    name: str
    scopes: Sequence[str]
    created_at: Time
    expires_at: Time | None


class Deleted(Struct):
    """It is in the trash, or revoked."""

    deleted: bool
    id: Uuid


class ErrorAnswer(Struct, omit_defaults=True):
    """What went wrong, as one sentence a person can act on."""

    error: str
    code: Annotated[str, Meta(description="snake_case, for programs.")]
    field: str | UnsetType = UNSET
    request_id: str | UnsetType = UNSET


class Health(Struct):
    """The server's own word on itself."""

    status: str


def seed_value(text: str | None) -> int | str | None:
    """A seed as it goes over the wire."""
    if text is None:
        return None
    return int(text) if len(text) < 16 or int(text) <= LARGEST_EXACT else text


def version(noun: model.Version, links: Links, *, sign_artifacts: bool = True) -> Version:
    """A version as clients read it."""
    out = Version(
        id=noun.id,
        asset_id=noun.asset_id,
        version_number=noun.number,
        version_label=noun.label,
        rating=noun.rating,
        prompt=noun.prompt,
        negative_prompt=noun.negative_prompt,
        model=noun.model,
        seed=seed_value(noun.seed),
        intent=noun.intent,
        source=noun.source,
        tags=noun.tags,
        recipe=raw(noun.recipe),
        image=Image(*(getattr(noun.picture, name) for name in Image.__struct_fields__)),
        signed_preview_url=links.original(noun.id, f"v{noun.number}.{EXTENSIONS[noun.picture.format]}"),
        thumbnail_url=links.thumbnail(noun.id),
        input_artifacts=[artifact(one, links if sign_artifacts else None) for one in noun.inputs],
        parent_version_id=noun.parent_version_id,
        created_at=noun.created_at,
        created_by=Person(noun.created_by),
    )
    if noun.evidence is not None:
        _add_documents(out, noun)
    return out


def _add_documents(out: Version, noun: model.Version) -> None:
    assert noun.evidence is not None
    out.evidence = raw(noun.evidence)
    out.workflow_json = None if noun.workflow is None else raw(noun.workflow)
    out.metadata = None if noun.metadata is None else raw(noun.metadata)
    if noun.workflow is None:
        out.workflow_omitted = True
    if noun.metadata is None:
        out.metadata_omitted = True


def artifact(noun: model.Artifact, links: Links | None) -> InputArtifact:
    """An input picture as clients read it; without links its URL is null."""
    url = links.artifact(noun.id, f"input.{EXTENSIONS[noun.picture.format]}") if links else None
    return InputArtifact(noun.id, noun.filename, noun.picture.bytes, noun.picture.sha256, url)


def asset(noun: model.Asset, links: Links) -> Asset:
    """An asset as clients read it, with its current version where the noun has one."""
    out = Asset(
        id=noun.id,
        name=noun.name,
        slug=noun.slug,
        tags=noun.tags,
        notes_md=noun.notes_md,
        current_version_id=noun.current_version_id,
        version_count=noun.version_count,
        metadata=raw(noun.metadata),
        created_at=noun.created_at,
        updated_at=noun.updated_at,
        created_by=Person(noun.created_by),
        updated_by=Person(noun.updated_by),
    )
    if noun.current is not None:
        out.current_version = version(noun.current, links)
    return out


def token(noun: model.Token) -> Token:
    """A token as clients read it."""
    return Token(noun.id, noun.name, noun.scopes, noun.created_at, noun.expires_at, noun.last_used_at)


def raw(text: str) -> Raw:
    """A JSON text that passes through as it is."""
    return Raw(text.encode())


encode = msgspec.json.Encoder().encode
"""A shape as JSON bytes."""
