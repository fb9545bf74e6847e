"""Example values: one lighthouse, saved twice, as requests send it and answers show it.

Answers are built through `shapes.py` from nouns, so that an example never lacks a field.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from genasset import model, shapes, wire
from genasset.api.openapi.schemas import Json
from genasset.assets.draft import make_draft
from genasset.jsontext import dump
from genasset.recipes.sent import recipe_of
from genasset.settings import Settings
from genasset.signing import links

ASSET_ID = "019a5b1c-7d2e-7c3a-9f10-2b6d5e8a4c71"
VERSION_ID = "019a5b1c-7d31-7f02-8c55-91d0a7e3b6f4"
EARLIER_ID = "019a5b0e-11c9-7a6d-b2f8-3e4c5d6a7b80"
ARTIFACT_ID = "019a5b1c-7d33-7b84-a0e6-5c2f1d9e8a37"
TOKEN_ID = "019a5af0-3c5b-7e91-8d27-6a4b9c0f1e52"  # noqa: S105
WORKSPACE_ID = "019a5aef-90d4-7d18-bb63-0f7e2c5a8d46"
CURSOR = "AAAAAAAAACpk5f0bq1cTrU3c0sE="

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4sikNAASqAg3Ja0PyAAAAAElFTkSuQmCC"  # one pixel

WORKFLOW = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 156680208700286, "steps": 30, "cfg": 6.5, "model": ["4", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
}
METADATA = {
    "steps": 30,
    "cfg": 6.5,
    "sampler": "dpmpp_2m",
    "scheduler": "karras",
    "source_version_id": EARLIER_ID,
}
TEXTS = {
    "asset_name": "Lighthouse",
    "prompt": "a lighthouse at dawn, soft light",
    "negative_prompt": "people, text",
    "model": "sd_xl_base_1.0.safetensors",
    "intent": "cover",
    "source": "ComfyUI",
    "notes_md": "Chosen for the **cover**.",
    "version_label": "softer light",
}
SEED = "156680208700286"
TAGS = "sea, dawn"

FORM = {
    **TEXTS,
    "seed": SEED,
    "workflow_json": json.dumps(WORKFLOW),
    "metadata": json.dumps(METADATA),
    "tags": TAGS,
}
"""The text fields of a form; beside them goes the file."""

JSON_SAVE: Json = {
    "image_base64": PIXEL,
    "filename": "lighthouse.png",
    **TEXTS,
    "seed": int(SEED),
    "workflow_json": WORKFLOW,
    "metadata": METADATA,
    "tags": TAGS.split(", "),
}

SAVED_AT = datetime(2026, 3, 14, 7, 42, 19, 284000, UTC)
LINKS = links("http://127.0.0.1:8000/api/v1", b"an example", SAVED_AT, 3600)
BY = "studio laptop"


def shown(shape: Struct) -> Json:
    """A shape as an answer shows it."""
    value: Json = json.loads(wire.encode(shape))
    return value


def version() -> model.Version:
    """The second lighthouse."""
    upload = model.Upload("", "lighthouse.png", "5d0c9d5e4f7b1a3c" * 4, 1482133)
    draft = make_draft(FORM, upload, [], settings=Settings(), now=SAVED_AT)
    recipe, evidence = recipe_of(draft)
    sent = {name: getattr(draft, name) for name in ("prompt", "negative_prompt", "model", "seed", "intent", "source")}
    picture = model.Picture(1024, 1024, "png", upload.bytes, upload.sha256)
    sketch = model.Picture(768, 512, "jpeg", 90211, "a1b2c3d4e5f60718" * 4)
    return model.Version(
        **sent,
        id=VERSION_ID,
        asset_id=ASSET_ID,
        number=2,
        label=draft.version_label,
        rating=None,
        tags=draft.tags,
        workflow=draft.workflow,
        metadata=dump(draft.metadata),
        recipe=dump(recipe),
        evidence=dump(evidence),
        picture=picture,
        inputs=(model.Artifact(ARTIFACT_ID, VERSION_ID, "sketch.jpg", sketch),),
        parent_version_id=EARLIER_ID,
        created_at=SAVED_AT,
        created_by=BY,
        revision=1,
    )


def asset(*, with_current: bool = False) -> model.Asset:
    """The lighthouse."""
    return model.Asset(
        id=ASSET_ID,
        name=TEXTS["asset_name"],
        slug="lighthouse",
        tags=("sea", "dawn"),
        notes_md=TEXTS["notes_md"],
        current_version_id=VERSION_ID,
        version_count=2,
        metadata="{}",
        created_at=SAVED_AT - timedelta(minutes=16),
        updated_at=SAVED_AT,
        created_by=BY,
        updated_by=BY,
        revision=2,
        current=version() if with_current else None,
    )


def asset_shape(*, with_current: bool = False, **changes: Any) -> shapes.Asset:
    """The lighthouse as answers show it, with some fields changed."""
    return wire.asset(structs.replace(asset(with_current=with_current), **changes), LINKS)


def version_shape(**changes: Any) -> shapes.Version:
    """The second lighthouse as answers show it, with some fields changed."""
    return wire.version(structs.replace(version(), **changes), LINKS)
