"""The schemas of request bodies: parsers read these by hand, so they are written by hand, and tested against them."""

from genasset import model
from genasset.api.openapi.examples import FORM
from genasset.api.openapi.schemas import Json
from genasset.assets.edit import BEST
from genasset.settings import MIB, Settings
from genasset.workspaces.tokens import DEFAULT_SCOPES

PICTURE_TYPES = "image/png, image/jpeg, image/webp, image/avif, image/gif"
SEED_PATTERN = "^[0-9]{1,20}$"


def request_schemas(settings: Settings) -> Json:
    """The schemas of all request bodies, by name, with the limits of this server."""
    return {
        "MultipartSave": _multipart_save(settings),
        "JsonSave": _json_save(settings),
        "AssetEdit": _asset_edit(settings),
        "VersionEdit": _version_edit(settings),
        "MetadataPatch": _metadata_patch(settings),
        "TokenRequest": _token_request(settings),
    }


def size(limit: int) -> str:
    """A number of bytes in words: 4 MiB, or 1500 bytes."""
    return f"{limit // MIB} MiB" if limit and limit % MIB == 0 else f"{limit} bytes"


def _shape(title: str, text: str, properties: Json, required: tuple[str, ...] = ()) -> Json:
    shape: Json = {"title": title, "description": text, "type": "object", "properties": properties}
    return {**shape, "required": list(required)} if required else shape


def _texts(settings: Settings) -> Json:
    """The text fields of a save that are the same in a form and in JSON: name → schema."""
    names = settings.name_limit
    said: dict[str, tuple[str, int | None]] = {
        "asset_id": (
            "Save as the next version of this asset; it wins over a name. Unknown or in the trash: 404.",
            None,
        ),
        "asset_name": (
            "Else the asset of that name gets the next version, or a new asset is made. When neither is given: the "
            "file's name without its extension, or `Untitled` and the time.",
            names,
        ),
        "prompt": ("What the picture was to show.", settings.prompt_limit),
        "negative_prompt": ("What it was not to show.", settings.prompt_limit),
        "model": ("The tool's own name of the model.", names),
        "intent": ("What the picture is for.", names),
        "source": ("The tool that sends it.", names),
        "notes_md": ("Markdown notes of the asset; they replace those it has.", settings.notes_limit),
        "version_label": ("A short label of the version.", names),
    }
    return {name: _text(text, limit) for name, (text, limit) in said.items()}


def _text(text: str, limit: int | None) -> Json:
    if limit is None:
        return {"type": "string", "description": text}
    return {"type": "string", "description": f"{text} At most {limit:,} characters.", "maxLength": limit}


def _documents(settings: Settings) -> dict[str, str]:
    depth = f"at most {settings.json_depth} levels deep"
    return {
        "workflow_json": f"The workflow, answered as it was sent, secrets redacted; "
        f"at most {size(settings.workflow_limit)}, {depth}.",
        "metadata": f"Anything that matters for reproducibility, such as `steps`, `cfg`, `sampler`, `scheduler`; "
        f"`source_version_id` names the parent. At most {size(settings.metadata_limit)}, {depth}.",
    }


def _tags(settings: Settings) -> str:
    return (
        f"At most {settings.tags_limit} of {settings.tag_limit} characters; trimmed, de-duplicated without regard to "
        "case, added to the asset's."
    )


def _multipart_save(settings: Settings) -> Json:
    file = {"type": "string", "format": "binary"}
    kinds = "PNG, JPEG, WebP, AVIF or GIF"
    seed = {"type": "string", "pattern": SEED_PATTERN, "description": "0 … 2^64-1, in digits."}
    documents = {
        name: {"type": "string", "description": f"A JSON object as text. {text}"}
        for name, text in _documents(settings).items()
    }
    inputs = {
        "type": "array",
        "items": file,
        "maxItems": settings.inputs_limit,
        "default": [],
        "description": f"The pictures that went in; repeat the field for each. At most {settings.inputs_limit}.",
    }
    picture = f"The picture: {kinds}, at most {settings.picture_pixels:,} pixels."
    properties: Json = {
        "image": {**file, "description": picture},
        "input_images": inputs,
        **_texts(settings),
        "seed": seed,
        **documents,
        "tags": {"type": "string", "description": f"Separated by commas. {_tags(settings)}"},
    }
    for name, example in FORM.items():
        properties[name]["examples"] = [example]
    properties["asset_id"]["default"] = ""
    text = f"At most {size(settings.upload_limit)} in all. An empty text means 'not given'; other fields are ignored."
    return _shape("MultipartSave", text, properties, ("image",))


def _json_save(settings: Settings) -> Json:
    picture = {"contentEncoding": "base64"}
    tags: Json = {
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}, {"type": "null"}],
        "description": f"A list, or a text with commas. {_tags(settings)}",
    }
    properties = {
        "image_base64": {
            "type": ["string", "null"],
            **picture,
            "description": "The picture's bytes as standard base64; a `data:` URL is taken too.",
        },
        "image_url": {
            "type": ["string", "null"],
            "description": "In place of `image_base64`; this server fetches nothing and answers 403.",
        },
        "input_images_base64": {
            "type": "array",
            "items": {"type": "string", **picture},
            "maxItems": settings.inputs_limit,
            "description": "The pictures that went in.",
        },
        "filename": {"type": ["string", "null"], "description": "The picture's name, as a form would have sent it."},
        **{name: {**schema, "type": ["string", "null"]} for name, schema in _texts(settings).items()},
        "seed": _json_seed(),
        **{name: _document(text) for name, text in _documents(settings).items()},
        "tags": tags,
    }
    text = f"At most {size(settings.json_limit)}. null and an empty text mean 'not given'."
    either = {"anyOf": [{"required": ["image_base64"]}, {"required": ["image_url"]}]}
    return {**_shape("JsonSave", text, properties), **either}


def _json_seed() -> Json:
    number = {"type": "integer", "format": "uint64", "minimum": 0}
    text = {"type": "string", "pattern": SEED_PATTERN}
    return {"anyOf": [number, text, {"type": "null"}], "description": "0 … 2^64-1, as a number or in digits."}


def _document(text: str) -> Json:
    return {"type": ["object", "null"], "description": f"A JSON object. {text}"}


def _asset_edit(settings: Settings) -> Json:
    properties = {
        "name": _nullable("Another name; 409 when a living asset has it.", maxLength=settings.name_limit),
        "tags": {
            "type": ["array", "null"],
            "items": {"type": ["string", "null"], "maxLength": settings.tag_limit},
            "maxItems": settings.tags_limit,
            "description": "The asset's tags from now on, all of them.",
        },
        "notes_md": _nullable("The asset's notes from now on; empty for none.", maxLength=settings.notes_limit),
        "current_version_id": _nullable("Make this version of the asset the current one.", format="uuid"),
    }
    return _shape("AssetEdit", "What is to change; what is not given, or null, stays.", properties)


def _version_edit(settings: Settings) -> Json:
    properties = {
        "version_label": _nullable("A short label; null or empty for none.", maxLength=settings.name_limit),
        "rating": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": BEST,
            "description": "A whole number; null for none.",
        },
    }
    return _shape("VersionEdit", "What is to change; what is not given stays.", properties)


def _metadata_patch(settings: Settings) -> Json:
    text = (
        "Objects merge deeply; other values, lists and null too, replace. Keys that name recipe fields show in "
        f"`recipe`. The metadata stays under {size(settings.metadata_limit)}."
    )
    properties = {"metadata": {"type": "object", "description": text}}
    return _shape("MetadataPatch", "What is to change in the version's metadata.", properties, ("metadata",))


def _token_request(settings: Settings) -> Json:
    scopes = {
        "type": ["array", "null"],
        "items": {"enum": list(model.SCOPES)},
        "minItems": 1,
        "default": list(DEFAULT_SCOPES),
        "description": "`admin` includes `write`, which includes `read`.",
    }
    expiry = "A time, or a date: its first moment in UTC. Never when it is not given."
    properties = {
        "name": {"type": "string", "minLength": 1, "maxLength": settings.name_limit, "description": "What it is for."},
        "scopes": scopes,
        "expires_at": _nullable(expiry, examples=["2030-01-31T12:00:00Z", "2030-01-31"]),
    }
    return _shape("TokenRequest", "A token to be made.", properties, ("name",))


def _nullable(text: str, **more: object) -> Json:
    return {"type": ["string", "null"], **more, "description": text}
