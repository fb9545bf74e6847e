"""Assets and versions as rows: the columns that are read, and the nouns made of them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import BindParameter, ColumnElement, Connection, Row, bindparam, exists, func, select

from genasset.db.query import Ask, Query
from genasset.db.tables import artifacts, assets, version_states, versions, workflows
from genasset.model import Artifact, Asset, Picture, Version

AnyRow = Row[*tuple[Any, ...]]
Inputs = Mapping[str, tuple[Artifact, ...]]


class Said(Struct):
    """The fields of a recipe that a version has by the same names; `seed` is decimal text."""

    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    seed: str | None = None


class InRecipe(Struct):
    """The same fields as they stand in a recipe's JSON."""

    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    seed: int | str | None = None


decode_recipe = Decoder(InRecipe).decode

# Most versions have no input pictures: this spares them a statement.
HAS_INPUTS = exists().where(artifacts.c.version_id == versions.c.id).label("has_inputs")
DOCUMENT = func.coalesce(version_states.c.metadata, versions.c.metadata).label("document")

SAID_COLUMNS = (
    versions.c.prompt,
    versions.c.negative_prompt,
    versions.c.model,
    versions.c.seed,
    version_states.c.recipe,
)
VERSION_COLUMNS = (
    versions.c.id.label("version_id"),
    versions.c.asset_id,
    versions.c.number,
    version_states.c.label,
    version_states.c.rating,
    *SAID_COLUMNS,
    versions.c.intent,
    versions.c.source,
    versions.c.tags.label("version_tags"),
    versions.c.sha256,
    versions.c.bytes,
    versions.c.width,
    versions.c.height,
    versions.c.format,
    versions.c.parent_version_id,
    versions.c.created_at.label("version_created_at"),
    versions.c.created_by.label("version_created_by"),
    version_states.c.document_bytes,
    version_states.c.revision.label("version_revision"),
    HAS_INPUTS,
)
DOCUMENT_COLUMNS = (version_states.c.evidence, DOCUMENT, workflows.c.body)
ASSET_COLUMNS = (
    assets.c.id,
    assets.c.name,
    assets.c.slug,
    assets.c.tags,
    assets.c.notes_md,
    assets.c.metadata,
    assets.c.current_version_id,
    assets.c.version_count,
    assets.c.last_number,
    assets.c.position,
    assets.c.revision,
    assets.c.created_at,
    assets.c.updated_at,
    assets.c.created_by,
    assets.c.updated_by,
)

VERSIONS = versions.join(version_states, version_states.c.version_id == versions.c.id)
WITH_DOCUMENTS = VERSIONS.join(workflows, workflows.c.sha256 == versions.c.workflow_sha256)


def living_asset(workspace_id: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions: the asset is of the workspace and not in the trash."""
    return (assets.c.workspace_id == workspace_id, assets.c.deleted_at.is_(None))


def read_inputs(ask: Ask, rows: Iterable[AnyRow]) -> Inputs:
    """The input pictures, by version, of the versions in rows of VERSION_COLUMNS."""
    found: dict[str, tuple[Artifact, ...]] = {}
    wanted = _numbered(row.version_id for row in rows if row.has_inputs)
    for row in ask(_inputs(len(wanted)), **wanted) if wanted else ():
        artifact = Artifact(row.id, row.version_id, row.filename, _picture(row))
        found[row.version_id] = (*found.get(row.version_id, ()), artifact)
    return found


def read_documents(tx: Connection, rows: Iterable[AnyRow], limit: int) -> dict[str, AnyRow]:
    """The documents of the first rows (each at least the version's id and document_bytes) that fit in `limit` bytes."""
    wanted = []
    for row in rows:
        limit -= row.document_bytes
        if limit < 0:
            break
        wanted.append(row.version_id)
    return {row.id: row for row in _documents(len(wanted)).all(tx, **_numbered(wanted))} if wanted else {}


@cache
def _inputs(count: int) -> Query:
    """The input pictures of as many versions."""
    mine = select(artifacts).where(artifacts.c.version_id.in_(_numbers(count)))
    return Query(mine.order_by(artifacts.c.version_id, artifacts.c.place))


@cache
def _documents(count: int) -> Query:
    """The documents of as many versions."""
    columns = select(versions.c.id, *DOCUMENT_COLUMNS).select_from(WITH_DOCUMENTS)
    return Query(columns.where(versions.c.id.in_(_numbers(count))))


def _numbers(count: int) -> list[BindParameter[str]]:
    """The parameters id_0, id_1 … of a query."""
    return [bindparam(f"id_{place}") for place in range(count)]


def _numbered(ids: Iterable[str]) -> dict[str, str]:
    """Values for such parameters."""
    return {f"id_{place}": one for place, one in enumerate(ids)}


def version_of(row: AnyRow, inputs: Inputs, documents: AnyRow | None = None, *, lite: bool = False) -> Version:
    """The version in a row of VERSION_COLUMNS; without documents they count as left out."""
    said = said_in(row)
    return Version(
        id=row.version_id,
        asset_id=row.asset_id,
        number=row.number,
        label=row.label,
        rating=row.rating,
        prompt=said.prompt,
        negative_prompt=said.negative_prompt,
        model=said.model,
        seed=said.seed,
        intent=row.intent,
        source=row.source,
        tags=row.version_tags,
        workflow=documents.body if documents else None,
        metadata=documents.document if documents else None,
        recipe=row.recipe,
        evidence=None if lite else documents.evidence if documents else "{}",
        picture=_picture(row),
        inputs=inputs.get(row.version_id, ()),
        parent_version_id=row.parent_version_id,
        created_at=row.version_created_at,
        created_by=row.version_created_by,
        revision=row.version_revision,
    )


def said_in(row: AnyRow) -> Said:
    """What a row says of a version: as it was sent, or as the recipe has it where nothing was sent."""
    sent = Said(row.prompt, row.negative_prompt, row.model, row.seed)
    if None not in (sent.prompt, sent.negative_prompt, sent.model, sent.seed):
        return sent
    recipe = decode_recipe(row.recipe)
    return Said(
        sent.prompt or recipe.prompt,
        sent.negative_prompt or recipe.negative_prompt,
        sent.model or recipe.model,
        sent.seed or (None if recipe.seed is None else str(recipe.seed)),
    )


def asset_of(row: AnyRow, current: Version | None = None) -> Asset:
    """The asset in a row of ASSET_COLUMNS."""
    return Asset(
        id=row.id,
        name=row.name,
        slug=row.slug,
        tags=row.tags,
        notes_md=row.notes_md,
        current_version_id=row.current_version_id,
        version_count=row.version_count,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        updated_by=row.updated_by,
        revision=row.revision,
        current=current,
    )


def _picture(row: AnyRow) -> Picture:
    return Picture(row.width, row.height, row.format, row.bytes, row.sha256)
