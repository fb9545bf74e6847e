"""What a client sends to save, checked field by field before anything is stored."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from genasset.assets.fields import file_name, long_text, one_line, seed_text, stem_of, tag_list
from genasset.errors import Invalid, TooLarge
from genasset.jsontext import clean_metadata, clean_object
from genasset.model import Draft, Upload
from genasset.recipes.redact import redact_json, redact_value
from genasset.settings import Settings

TEXT_FIELDS = (
    "asset_id",
    "asset_name",
    "prompt",
    "negative_prompt",
    "model",
    "seed",
    "intent",
    "source",
    "workflow_json",
    "metadata",
    "tags",
    "notes_md",
    "version_label",
)
"""The text fields of a save, as the wire names them."""


def make_draft(
    fields: Mapping[str, str],
    image: Upload | None,
    inputs: Sequence[Upload],
    *,
    settings: Settings,
    now: datetime,
    tags: Sequence[str] | None = None,
) -> Draft:
    """A draft of the sent fields; an empty text means 'not given'. Raises Invalid or TooLarge naming the field."""
    if image is None:
        raise Invalid("There is no picture: send the file in the form field 'image'.", field="image")
    check_input_count(len(inputs), settings)
    given = {name: text for name, text in fields.items() if text}
    workflow, warnings = _workflow(given.get("workflow_json", ""), settings)
    metadata, more = _metadata(given.get("metadata", ""), settings)
    return Draft(
        image=image,
        fingerprint=_fingerprint(given, image, inputs, tags),
        inputs=tuple(inputs),
        asset_id=given.get("asset_id", "").strip().lower() or None,
        asset_name=_name(given.get("asset_name", ""), image, settings, now),
        prompt=_long(given, "prompt", settings.prompt_limit),
        negative_prompt=_long(given, "negative_prompt", settings.prompt_limit),
        model=_line(given, "model", settings),
        seed=seed_text(given["seed"]) if given.get("seed", "").strip() else None,
        intent=_line(given, "intent", settings),
        source=_line(given, "source", settings),
        workflow=workflow,
        metadata=metadata,
        tags=tag_list(given.get("tags", "").split(",") if tags is None else tags, settings),
        notes_md=_long(given, "notes_md", settings.notes_limit),
        version_label=_line(given, "version_label", settings),
        warnings=(*warnings, *more),
    )


def _fingerprint(given: Mapping[str, str], image: Upload, inputs: Sequence[Upload], tags: Sequence[str] | None) -> str:
    sent = (sorted(given.items()), image.sha256, [one.sha256 for one in inputs], tags)
    return hashlib.sha256(msgspec.json.encode(sent)).hexdigest()


def check_input_count(count: int, settings: Settings) -> None:
    """Raise TooLarge when a save has more input images than it may."""
    if count > settings.inputs_limit:
        limit = settings.inputs_limit
        raise TooLarge(f"There are more than {limit} input images, the most that a save takes.", field="input_images")


def part_limit(field: str, settings: Settings) -> int:
    """Most bytes that the text of a form field may take: four a character where the limit counts those."""
    limits = {
        "workflow_json": settings.workflow_limit,
        "metadata": settings.metadata_limit,
        "prompt": 4 * settings.prompt_limit,
        "negative_prompt": 4 * settings.prompt_limit,
        "notes_md": 4 * settings.notes_limit,
        "tags": 4 * settings.tags_limit * (settings.tag_limit + 10),
    }
    return limits.get(field, 4 * settings.name_limit)


def _workflow(text: str, settings: Settings) -> tuple[str, list[str]]:
    if not text.strip():
        return "{}", []
    _check_bytes(text, "workflow_json", settings)
    clean, warnings = clean_object(text, field="workflow_json", max_depth=settings.json_depth)
    safe, redacted = redact_json(clean)
    if redacted:
        warnings.append("A secret in workflow_json was replaced by [redacted] before it was stored.")
    return safe, warnings


def _metadata(text: str, settings: Settings) -> tuple[dict[str, object], list[str]]:
    if not text.strip():
        return {}, []
    _check_bytes(text, "metadata", settings)
    value, warnings = clean_metadata(text, field="metadata", max_depth=settings.json_depth)
    safe, redacted = redact_value(value)
    if redacted:
        warnings.append("A secret in metadata was replaced by [redacted] before it was stored.")
    return safe, warnings


def _check_bytes(text: str, field: str, settings: Settings) -> None:
    limit = part_limit(field, settings)
    if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
        raise TooLarge(f"{field} is longer than the limit of {limit} bytes.", field=field)


def _name(text: str, image: Upload, settings: Settings, now: datetime) -> str:
    name = one_line(text, "asset_name", settings.name_limit)
    return name or stem_of(file_name(image.filename, settings.name_limit)) or f"Untitled {now:%Y-%m-%d %H:%M:%S} UTC"


def _line(given: Mapping[str, str], field: str, settings: Settings) -> str | None:
    return one_line(given.get(field, ""), field, settings.name_limit) or None


def _long(given: Mapping[str, str], field: str, limit: int) -> str | None:
    return long_text(given[field], field, limit) if field in given else None
