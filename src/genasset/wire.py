"""The nouns as JSON: each noun becomes its shape.

JSON documents (workflow, metadata, recipe, evidence) pass through as the text that is stored.
"""

import msgspec
from msgspec import Raw

from genasset import model, shapes
from genasset.shapes import EXTENSIONS, LARGEST_EXACT
from genasset.signing import Links


def seed_value(text: str | None) -> int | str | None:
    """A seed as it goes over the wire."""
    if text is None:
        return None
    return int(text) if len(text) < 16 or int(text) <= LARGEST_EXACT else text


def version(noun: model.Version, links: Links, *, sign_artifacts: bool = True) -> shapes.Version:
    """A version as clients read it."""
    out = shapes.Version(
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
        image=image(noun.picture),
        signed_preview_url=links.original(noun.id, f"v{noun.number}.{EXTENSIONS[noun.picture.format]}"),
        thumbnail_url=links.thumbnail(noun.id),
        input_artifacts=[artifact(one, links if sign_artifacts else None) for one in noun.inputs],
        parent_version_id=noun.parent_version_id,
        created_at=noun.created_at,
        created_by=shapes.Person(noun.created_by),
    )
    if noun.evidence is not None:
        _add_documents(out, noun)
    return out


def _add_documents(out: shapes.Version, noun: model.Version) -> None:
    assert noun.evidence is not None
    out.evidence = raw(noun.evidence)
    out.workflow_json = None if noun.workflow is None else raw(noun.workflow)
    out.metadata = None if noun.metadata is None else raw(noun.metadata)
    if noun.workflow is None:
        out.workflow_omitted = True
    if noun.metadata is None:
        out.metadata_omitted = True


def image(noun: model.Picture) -> shapes.Image:
    """A stored picture as clients read it."""
    return shapes.Image(noun.width, noun.height, noun.format, noun.bytes, noun.sha256)


def artifact(noun: model.Artifact, links: Links | None) -> shapes.InputArtifact:
    """An input picture as clients read it; without links its URL is null."""
    url = links.artifact(noun.id, f"input.{EXTENSIONS[noun.picture.format]}") if links else None
    return shapes.InputArtifact(noun.id, noun.filename, noun.picture.bytes, noun.picture.sha256, url)


def asset(noun: model.Asset, links: Links, current: shapes.Version | None = None) -> shapes.Asset:
    """An asset as clients read it, with its current version (`current`, if it is at hand) where the noun has one."""
    out = shapes.Asset(
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
        created_by=shapes.Person(noun.created_by),
        updated_by=shapes.Person(noun.updated_by),
    )
    if noun.current is not None:
        out.current_version = current or version(noun.current, links)
    return out


def token(noun: model.Token) -> shapes.Token:
    """A token as clients read it."""
    return shapes.Token(noun.id, noun.name, noun.scopes, noun.created_at, noun.expires_at, noun.last_used_at)


def raw(text: str) -> Raw:
    """A JSON text that passes through as it is."""
    return Raw(text.encode())


encode = msgspec.json.Encoder().encode
"""A shape as JSON bytes."""
