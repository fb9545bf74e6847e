"""Every knob of the server, with its default and help, read from `GENASSET_*` variables."""

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from genasset.errors import Invalid

KIB = 1024
MIB = 1024 * KIB

OWNER_ALONE = 0o077
"""The umask of every process that writes to the data folder: its files hold secrets."""


def knob(default: Any, text: str, *, least: int = 0, most: int = 2**62, form: str = "", wanted: str = "") -> Any:
    """A setting's default and the sentence that explains it; numbers have a range, texts a pattern and its name."""
    return field(default=default, metadata={"help": text, "range": (least, most), "form": form, "wanted": wanted})


@dataclass(frozen=True)
class Settings:
    """The settings of one server. A field `data_dir` is the variable `GENASSET_DATA_DIR`."""

    data_dir: Path = knob(Path("data"), "Folder of the embedded stores: the SQLite database and the blobs.")
    host: str = knob("127.0.0.1", "Address to listen on; 0.0.0.0 for every interface.")
    port: int = knob(8000, "TCP port to listen on; 0 for any free one.", most=65535)
    public_url: str = knob(
        "",
        "Address clients use, such as https://art.example.org; else that of each request.",
        form=r"https?://[^\s/?#]+(/[^\s?#]*)?",
        wanted="an address such as https://art.example.org",
    )
    allowed_hosts: tuple[str, ...] = knob(
        (), "Host names accepted without a public URL, besides loopback names and the bound address."
    )
    cors_origins: tuple[str, ...] = knob((), "Web origins that may call the API from a browser; none by default.")
    log_level: str = knob(
        "info",
        "Least severe log lines shown: debug, info, warning or error.",
        form="debug|info|warning|error",
        wanted="debug, info, warning or error",
    )
    threads: int = knob(16, "Threads that run verbs; as many requests touch the stores at once.", least=1, most=1000)

    upload_limit: int = knob(256 * MIB, "Largest body of a multipart save, in bytes.")
    json_limit: int = knob(64 * MIB, "Largest JSON body, in bytes.")
    edit_limit: int = knob(8 * MIB, "Largest JSON body of a PATCH or of a new token, in bytes.")
    stranger_limit: int = knob(64 * MIB, "Bytes read and thrown away of a body sent without a valid token.")
    workflow_limit: int = knob(32 * MIB, "Largest workflow_json, in bytes.")
    metadata_limit: int = knob(4 * MIB, "Largest metadata, in bytes, patches applied.")
    json_depth: int = knob(500, "Deepest nesting of a JSON document.", least=1)
    picture_pixels: int = knob(50_000_000, "Largest picture, in pixels (width times height).")
    decode_memory: int = knob(256 * MIB, "Memory that pictures may take while they are decoded, over all threads.")
    picture_memory: int = knob(352 * MIB, "Memory that one picture may take while it is decoded; more is refused.")
    prompt_limit: int = knob(100_000, "Longest prompt or negative prompt, in characters.")
    notes_limit: int = knob(100_000, "Longest notes of an asset, in characters.")
    name_limit: int = knob(255, "Longest name, label, model, source, intent or file name, in characters.")
    tags_limit: int = knob(200, "Most tags of one asset or save.")
    tag_limit: int = knob(100, "Longest tag, in characters.")
    inputs_limit: int = knob(32, "Most input images of one save.")
    list_limit: int = knob(32 * MIB, "Bytes of workflow JSON in one list answer; later rows leave theirs out.")
    page_size_limit: int = knob(200, "Most assets on one page of a list.", least=1)
    page_reach: int = knob(1_000_000, "Rows that ?page= may skip; cursors go deeper at no cost.")
    count_limit: int = knob(10_000, "Totals of lists are exact up to this number.")
    search_limit: int = knob(8 * KIB, "Longest search text, in bytes.")
    indexed_text: int = knob(16 * KIB, "Characters of each text that search looks at.")
    indexed_words: int = knob(20_000, "Most different words that search keeps of one asset.")

    url_lifetime: int = knob(3600, "Seconds a signed URL lives at least; rounded up to the next quarter of an hour.")
    idempotency_hours: int = knob(24, "Hours for which an Idempotency-Key is remembered.")
    drain_seconds: int = knob(30, "Seconds for which a refused upload is read and thrown away.")
    idle_seconds: int = knob(30, "Seconds without a byte after which an upload is given up.")
    grace_seconds: int = knob(30, "Seconds that requests under way get to finish when the server is stopped.")
    busy_seconds: int = knob(30, "Seconds to wait for another process that writes to the database.")
    last_used_seconds: int = knob(15, "Seconds between writes of when tokens were last used.", least=1)

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, **flags: Any) -> "Settings":
        """Settings from the environment, over which given flags (not None) win.

        Raises Invalid with the name of the variable or flag when a value can't be taken.
        """
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for one in fields(cls):
            variable, flag = variable_of(one.name), flags.get(one.name)
            if flag is not None:
                values[one.name] = _checked(f"--{one.name.replace('_', '-')}", flag, one)
            elif source.get(variable, "") != "":
                values[one.name] = _checked(variable, _parse(variable, source[variable], one.default), one)
        return cls(**values)


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"GENASSET_{name.upper()}"


def _parse(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, Path):
        return Path(os.path.expanduser(text))
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise Invalid(f"{variable} must be a whole number, not {text!r}.", field=variable) from None
    return text


def _checked(name: str, value: Any, setting: Field[Any]) -> Any:
    """The value, when it is in the setting's range or form. Raises Invalid naming the variable or flag."""
    least, most = setting.metadata["range"]
    if isinstance(value, int) and not least <= value <= most:
        raise Invalid(f"{name} must be a whole number from {least} to {most}, not {value}.", field=name)
    form, wanted = setting.metadata["form"], setting.metadata["wanted"]
    if form and not re.fullmatch(form, value):
        raise Invalid(f"{name} must be {wanted}, not {value!r}.", field=name)
    return value
