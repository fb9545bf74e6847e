"""The recipe as the client sent it: form fields, and the keys of `metadata` that name recipe fields."""

import re
from collections.abc import Callable, Iterator, Mapping

from genasset.model import Draft
from genasset.wire import seed_value

Recipe = dict[str, object]
Evidence = dict[str, dict[str, str]]

SENT = {"source": "client", "reader": "form"}

LARGEST = 2**53 - 1
"""The largest whole number that every JSON client reads exactly."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: no text that can be written down."""

FORM_FIELDS = ("prompt", "negative_prompt", "model", "seed")


def recipe_of(draft: Draft) -> tuple[Recipe, Evidence]:
    """The normal form of what was sent, and for each field where it stood. What is not known is left out."""
    recipe: Recipe = {}
    evidence: Evidence = {}
    for field in FORM_FIELDS:
        value = getattr(draft, field)
        if value is not None:
            recipe[field] = seed_value(value) if field == "seed" else value
            evidence[field] = {**SENT, "at": field}
    for field, at, value in named_in(draft.metadata):
        if field not in recipe:
            recipe[field] = value
            evidence[field] = {"source": "client", "reader": "metadata", "at": at}
    return recipe, evidence


def patch_recipe(recipe: Recipe, evidence: Evidence, patch: Mapping[str, object]) -> tuple[Recipe, Evidence]:
    """The recipe with the fields that a metadata patch names, their evidence saying so."""
    named = list(named_in(patch))
    return (
        {**recipe, **{field: value for field, _at, value in reversed(named)}},
        {
            **evidence,
            **{field: {"source": "patch", "reader": "metadata", "at": at} for field, at, _ in reversed(named)},
        },
    )


def named_in(metadata: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    """(recipe field, path, value) for every key of `metadata` that names a recipe field, most telling first."""
    yield from _read(metadata, "metadata", PLAIN)
    for group in ("sampler", "performance"):
        inner = metadata.get(group)
        if isinstance(inner, dict):
            yield from _read(inner, f"metadata.{group}", GROUPED)
    inner = metadata.get("model")
    if isinstance(inner, dict):
        yield from _read(inner, "metadata.model", MODEL)


def _read(source: Mapping[str, object], path: str, keys: "Keys") -> Iterator[tuple[str, str, object]]:
    for key, (field, read) in keys.items():
        value = read(source.get(key))
        if value is not None:
            yield field, f"{path}.{key}", value


def _text(value: object) -> str | None:
    if not isinstance(value, str) or SURROGATE.search(value):
        return None
    return value.strip() or None


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value) if len(value) < 40 else None
        except ValueError:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= LARGEST else None


Keys = Mapping[str, tuple[str, Callable[[object], object]]]

GROUPED: Keys = {
    "steps": ("steps", _whole),
    "cfg": ("cfg", _number),
    "sampler": ("sampler", _text),
    "sampler_name": ("sampler", _text),
    "scheduler": ("scheduler", _text),
    "denoise": ("denoise", _number),
}
PLAIN: Keys = {
    **GROUPED,
    "vae": ("vae", _text),
    "clip_skip": ("clip_skip", _whole),
    "model_hash": ("model_hash", _text),
}
MODEL: Keys = {"checkpoint": ("model", _text)}
