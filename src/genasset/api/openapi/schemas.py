"""The component schemas: what answers hold, from the shapes of `shapes.py`, and the JSON documents inside them."""

from typing import Any

import msgspec

from genasset import shapes
from genasset.api.openapi.codes import CODES

Json = dict[str, Any]

TEMPLATE = "#/components/schemas/{name}"

ANSWERS = (
    shapes.WorkspaceAnswer,
    shapes.NewToken,
    shapes.TokenList,
    shapes.AssetList,
    shapes.AssetDetail,
    shapes.AssetAnswer,
    shapes.VersionAnswer,
    shapes.LoadAnswer,
    shapes.SavedAnswer,
    shapes.Deleted,
    shapes.Health,
    shapes.ErrorAnswer,
)


def reference(name: str) -> Json:
    """A reference to a component schema."""
    return {"$ref": TEMPLATE.format(name=name)}


def answer_schemas() -> Json:
    """The schemas of all answers and of what they hold, by name."""
    _references, shapes = msgspec.json.schema_components(ANSWERS, ref_template=TEMPLATE)
    return {**shapes, "Recipe": _recipe(), "Evidence": _evidence(), "ErrorCode": _error_code()}


def _recipe() -> Json:
    text = {"type": "string"}
    whole = {"type": "integer", "minimum": 0}
    number = {"type": "number"}
    lora = {"type": "object", "properties": {"name": text, "strength": number}, "required": ["name"]}
    properties: Json = {
        "generator": {**text, "description": "The tool that made the picture."},
        "prompt": text,
        "negative_prompt": text,
        "model": {**text, "description": "The tool's own name of the model, never translated."},
        "model_hash": text,
        "seed": {**_seed(), "description": "A number up to 2^53-1, a decimal string above."},
        "steps": whole,
        "cfg": number,
        "sampler": {**text, "description": "The tool's own name, never translated: `Euler a` stays."},
        "scheduler": {**text, "description": "The tool's own name."},
        "denoise": number,
        "width": {**whole, "description": "Pixels that the tool was asked for."},
        "height": {**whole, "description": "Pixels that the tool was asked for."},
        "loras": {"type": "array", "items": lora},
        "vae": text,
        "clip_skip": whole,
    }
    return {
        "title": "Recipe",
        "description": "How the picture was made, in one form whatever tool made it. What is not known is left out.",
        "type": "object",
        "properties": properties,
    }


def _seed() -> Json:
    number = {"type": "integer", "minimum": 0, "maximum": shapes.LARGEST_EXACT}
    return {"anyOf": [number, {"type": "string", "pattern": "^[0-9]{16,20}$"}]}


def _evidence() -> Json:
    sources = ["client", "file", "patch"]
    properties: Json = {
        "source": {"enum": sources, "description": "The client said it, the file proves it, or a patch changed it."},
        "reader": {"type": "string", "description": "Which reader found it, such as form or metadata."},
        "at": {"type": "string", "description": "Where it stood, such as metadata.sampler."},
    }
    return {
        "title": "Evidence",
        "description": "For each field of the recipe where it came from.",
        "type": "object",
        "additionalProperties": {"type": "object", "properties": properties, "required": ["source", "reader", "at"]},
    }


def _error_code() -> Json:
    lines = [f"- `{code}` ({known.status}): {known.remedy}" for code, known in CODES.items()]
    return {
        "title": "ErrorCode",
        "description": "What went wrong, for programs, and what to do about it:\n\n" + "\n".join(lines),
        "type": "string",
        "enum": list(CODES),
    }
