"""Versions, described."""

from genasset import shapes
from genasset.api import versions
from genasset.api.openapi.examples import VERSION_ID, asset_shape, shown, version_shape
from genasset.api.openapi.operation import (
    ANYWHERE,
    WITH_BODY,
    WITH_CHANGE,
    WITH_TOKEN,
    if_match,
    json_answer,
    json_body,
    operation,
)
from genasset.api.openapi.schemas import Json
from genasset.jsontext import dump, merge
from genasset.recipes.sent import patch_recipe

PATCH = {"steps": 40, "review": {"by": "art desk", "kept": True}}


def operations() -> list[Json]:
    """The calls on versions."""
    return [_load_version(), _change_version(), _change_metadata(), _delete_version()]


def _load_version() -> Json:
    example = shown(shapes.LoadAnswer(asset_shape(with_current=True), version_shape()))
    return operation(
        versions.load_version,
        "Versions",
        "Prompt, seed, workflow, metadata and the picture's URL, with the asset it belongs to.",
        scope="read",
        answers=json_answer("The version with its asset; the ETag is the version's.", "LoadAnswer", example, etag=True),
        codes=(*ANYWHERE, *WITH_TOKEN, "version_not_found"),
    )


def _change_version() -> Json:
    bodies: Json = {
        "label and rate": {"version_label": "softer light", "rating": 4},
        "take the rating back": {"rating": None},
    }
    return operation(
        versions.change_version,
        "Versions",
        "All else of a version is immutable.",
        scope="write",
        parameters=[if_match()],
        body=json_body("VersionEdit", bodies),
        answers=json_answer(
            "The version as it is now.",
            "VersionAnswer",
            shown(shapes.VersionAnswer(version_shape(rating=4), [])),
            etag=True,
        ),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_BODY, *WITH_CHANGE, *_GONE),
    )


def _change_metadata() -> Json:
    example = shapes.VersionAnswer(_patched(), [])
    return operation(
        versions.change_metadata,
        "Versions",
        "What was saved first is kept, and so is each patch, with who and when. Patches at the same time are all kept.",
        scope="write",
        parameters=[if_match()],
        body=json_body("MetadataPatch", {"correct the steps and note a review": {"metadata": PATCH}}),
        answers=json_answer("The version as it is now.", "VersionAnswer", shown(example), etag=True),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_BODY, *WITH_CHANGE, *_GONE),
    )


def _patched() -> shapes.Version:
    """The version of the example after the patch of the example."""
    before = shown(version_shape())
    recipe, evidence = patch_recipe(before["recipe"], before["evidence"], PATCH)
    texts = {"metadata": merge(before["metadata"], PATCH), "recipe": recipe, "evidence": evidence}
    return version_shape(**{name: dump(value) for name, value in texts.items()})


def _delete_version() -> Json:
    return operation(
        versions.delete_version,
        "Versions",
        "When it was the current one, the highest remaining becomes so; an asset goes with its last version. Numbers "
        "are never given again.",
        scope="write",
        parameters=[if_match()],
        answers=json_answer("The version is in the trash.", "Deleted", shown(shapes.Deleted(True, VERSION_ID))),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_CHANGE, *_GONE),
    )


_GONE = ("version_not_found", "precondition_failed")
