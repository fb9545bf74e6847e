"""The shapes of answers: what clients read as JSON (see docs/http-api.md)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

LARGEST_EXACT = 2**53 - 1
"""Seeds up to here are JSON numbers; larger ones are decimal strings, so that no client loses digits."""

EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp", "avif": "avif", "gif": "gif"}

Time = Annotated[datetime, Meta(description="RFC 3339, UTC, ending in Z.", extra_json_schema={"format": "date-time"})]
Uuid = Annotated[str, Meta(description="Lower-case UUID.", pattern="^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")]
Sha256 = Annotated[str, Meta(description="SHA-256 of the file's bytes, as hex digits.", pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Meta(ge=0)]
Pixels = Annotated[int, Meta(ge=1, description="Pixels.")]
Length = Annotated[int, Meta(ge=1, description="Length in bytes.")]
Link = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
Tags = Annotated[Sequence[str], Meta(description="In the order given, without doubles.")]
Seed = Annotated[
    Annotated[int, Meta(ge=0, le=LARGEST_EXACT)] | Annotated[str, Meta(pattern="^[0-9]{16,20}$")] | None,
    Meta(description="0 … 2^64-1: a number up to 2^53-1, a decimal string above, so that no client loses digits."),
]
Document = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]
Recipe = Annotated[
    Raw,
    Meta(description="The normal form of how it was made.", extra_json_schema={"$ref": "#/components/schemas/Recipe"}),
]
Evidence = Annotated[
    Raw, Meta(description="Where each came from.", extra_json_schema={"$ref": "#/components/schemas/Evidence"})
]


class Person(Struct):
    """Who did it."""

    name: Annotated[str, Meta(description="The name of the token that was used.")]


class Image(Struct):
    """The stored picture: its own size (no rotation applied), format and bytes."""

    width: Pixels
    height: Pixels
    format: Annotated[str, Meta(description="From the content.", extra_json_schema={"enum": list(EXTENSIONS)})]
    bytes: Length
    sha256: Sha256


class InputArtifact(Struct):
    """A picture that went into the version."""

    id: Uuid
    filename: Annotated[str, Meta(description="As the client named it, without folders.")]
    bytes: Length
    sha256: Sha256
    signed_url: Annotated[Link | None, Meta(description="The bytes as sent; null with signed_artifacts=0.")]


class Version(Struct, kw_only=True):
    """One immutable result of an asset, with its recipe."""

    id: Uuid
    asset_id: Uuid
    version_number: Annotated[int, Meta(ge=1, description="1, 2, 3 … within the asset; never given again.")]
    version_label: Annotated[str | None, Meta(description="A short label.")]
    rating: Annotated[Annotated[int, Meta(ge=0, le=5)] | None, Meta(description="0 … 5, or null while not rated.")]
    prompt: Annotated[str | None, Meta(description="As sent, or the recipe's when none was sent.")]
    negative_prompt: Annotated[str | None, Meta(description="As sent, or the recipe's when none was sent.")]
    model: Annotated[str | None, Meta(description="The tool's own name of it, or the recipe's when none was sent.")]
    seed: Seed
    intent: Annotated[str | None, Meta(description="What the picture is for, in the client's words.")]
    source: Annotated[str | None, Meta(description="The tool that sent it.")]
    tags: Annotated[Sequence[str], Meta(description="Those sent with this save.")]
    workflow_json: Annotated[
        Document | None | UnsetType, Meta(description="As it was sent, secrets redacted; left out with lite=1.")
    ] = UNSET
    workflow_omitted: Annotated[
        bool | UnsetType, Meta(description="True where a list left out the workflow for its size; load has it.")
    ] = UNSET
    recipe: Recipe
    evidence: Evidence | UnsetType = UNSET
    metadata: Annotated[
        Document | None | UnsetType, Meta(description="As it was sent, patches applied; left out with lite=1.")
    ] = UNSET
    metadata_omitted: Annotated[
        bool | UnsetType, Meta(description="True where a list left out the metadata for its size; load has it.")
    ] = UNSET
    image: Image
    signed_preview_url: Annotated[Link, Meta(description="The very bytes that were saved; needs no header; expires.")]
    thumbnail_url: Annotated[Link, Meta(description="A WebP of at most 512 px; add &size=256 or &size=1024.")]
    input_artifacts: Annotated[list[InputArtifact], Meta(description="The pictures that went in, in the order sent.")]
    parent_version_id: Annotated[
        Uuid | None, Meta(description="The version it was made from, where metadata names it.")
    ]
    created_at: Time
    created_by: Person


class Asset(Struct, kw_only=True):
    """A named thing with numbered versions."""

    id: Uuid
    name: Annotated[str, Meta(description="Unique among the living assets of the workspace.")]
    slug: Annotated[str, Meta(description="For reading; follows the name; unique in the workspace.")]
    tags: Tags
    notes_md: Annotated[str, Meta(description="Notes in Markdown; empty when there are none.")]
    current_version_id: Uuid
    version_count: Annotated[int, Meta(ge=1, description="Versions that are not in the trash.")]
    current_version: Annotated[Version | UnsetType, Meta(description="In lists and load answers.")] = UNSET
    metadata: Annotated[Document, Meta(description="What is kept of the asset itself; empty for now.")]
    created_at: Time
    updated_at: Time
    created_by: Person
    updated_by: Person


class AssetAnswer(Struct):
    """An asset as it is after the change."""

    asset: Asset
    warnings: Sequence[str]


class VersionAnswer(Struct):
    """A version as it is after the change."""

    version: Version
    warnings: Sequence[str]


class LoadAnswer(Struct):
    """A version with its asset: all that is needed to run it again."""

    asset: Asset
    version: Version


class SavedAnswer(Struct):
    """What a save made."""

    asset: Asset
    version: Version
    warnings: Annotated[Sequence[str], Meta(description="Sentences on what was changed or noticed; often empty.")]


class AssetDetail(Struct):
    """An asset with its versions."""

    asset: Asset
    versions: Annotated[
        list[Version], Meta(description="Highest number first; the first answer has the current one always.")
    ]
    versions_total: Annotated[int, Meta(ge=1, description="All versions that are not in the trash.")]
    next_cursor: Annotated[str | None, Meta(description="For versions_cursor; null at the end.")]


class Pagination(Struct):
    """Where a page stands in its list."""

    page: Annotated[int, Meta(ge=1, description="As asked; it says nothing when a cursor was given.")]
    page_size: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=0, description="Exact up to 10,000 (a setting).")]
    total_pages: Count
    has_more: Annotated[bool, Meta(description="Whether assets follow after this page; always exact.")]
    next_cursor: Annotated[str | None, Meta(description="For cursor; null on the last page.")]
    total_capped: Annotated[bool | UnsetType, Meta(description="True when there are more than `total` says.")] = UNSET


class AssetList(Struct):
    """One page of assets."""

    assets: Annotated[list[Asset], Meta(description="Most recently updated first, each with its current_version.")]
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
    organization: Annotated[None, Meta(description="Always null: this server knows no organizations.")]
    workspaces: Annotated[list[WorkspaceName], Meta(description="Filled with include_workspace_list=1.")]


class Counts(Struct):
    """What the workspace holds, without what is in the trash."""

    assets: Count
    versions: Count
    storage_bytes: Annotated[
        Count | UnsetType, Meta(description="Stored bytes, each file once; left out with lite=1.")
    ] = UNSET


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
    last_used_at: Annotated[Time | None, Meta(description="Written every few seconds; null while never used.")]


class TokenList(Struct):
    """The workspace's tokens, newest first."""

    tokens: list[Token]


class NewToken(Struct):
    """A token just made; its text is shown this once."""

    token: Annotated[str, Meta(description="ga_ and 40 letters or digits; only its hash is kept.")]
    id: Uuid
    name: str
    scopes: Sequence[str]
    created_at: Time
    expires_at: Time | None


class Deleted(Struct):
    """It is in the trash, or revoked."""

    deleted: Annotated[bool, Meta(description="Always true.")]
    id: Uuid


class ErrorAnswer(Struct, omit_defaults=True):
    """What went wrong."""

    error: Annotated[str, Meta(description="One plain sentence that a person can act on.")]
    code: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/ErrorCode"})]
    field: Annotated[
        str | UnsetType, Meta(description="The field, parameter or setting that the sentence is about.")
    ] = UNSET
    request_id: Annotated[str | UnsetType, Meta(description="With a 5xx: what the server's log has under it.")] = UNSET


class Health(Struct):
    """The server's own word on itself."""

    status: Annotated[str, Meta(description="ok or ready.")]
