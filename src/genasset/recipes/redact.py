"""Secrets kept out of recipes: strings under telling keys, and anything that looks like one of our own tokens.

JSON text is edited at the place of the secret and nowhere else. That needs no parser, since in valid JSON
(RFC 8259) a quote that no backslash precedes begins or ends a string, and only a beginning one has a letter after it.
"""

import re
from collections.abc import Callable
from typing import Any

REDACTED = "[redacted]"
SECRET_KEYS = frozenset(
    {
        "token",
        "workspace_token",
        "access_token",
        "refresh_token",
        "authorization",
        "api_key",
        "apikey",
        "secret",
        "client_secret",
        "password",
        "service_role_key",
    }
)

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_ALPHANUMERIC = _DIGITS + _LOWER.upper() + _LOWER
# What else than a letter and its capital str.casefold() turns into letters of the keys.
_FOLDS = {"k": "\N{KELVIN SIGN}", "s": "ſ", "ss": "ßẞ"}
_BATCH = 4096


def _plain(characters: str) -> str:
    """A pattern of one of some characters."""
    return f"[{characters}]"


def _escaped(characters: str) -> str:
    r"""A pattern of one of some characters as a JSON escape, such as \u0074."""
    codes = "|".join(f"{ord(character):04x}" for character in characters)
    return rf"\\u(?i:{codes})"


def _either(characters: str) -> str:
    return f"(?:{_plain(characters)}|{_escaped(characters)})"


def _cases(letter: str) -> str:
    return "".join(dict.fromkeys(letter + letter.upper() + _FOLDS.get(letter, "")))


def _secret_pattern(spelled: Callable[[str], str]) -> re.Pattern[str]:
    """A pattern of a secret key and its non-empty string, whose inside is group 1 and ends the match."""

    def letters(part: str) -> str:
        single = "".join(spelled(_cases(letter)) for letter in part)
        return f"(?:{single}|{spelled(_FOLDS[part])})" if part == "ss" else single

    keys = "|".join("".join(map(letters, re.findall("ss|.", key))) for key in sorted(SECRET_KEYS))
    first = "".join(sorted({_cases(key[0]) for key in SECRET_KEYS}))
    space = r"[ \t\n\r]*+"
    return re.compile(
        rf'"(?=[{first}\\])(?<!\\")(?:{keys})"{space}:{space}"(?!")([^"\\]*+(?:\\.[^"\\]*+)*+)', re.DOTALL
    )


OWN_TOKEN = re.compile(rf"(ga_{_plain(_ALPHANUMERIC)}{{40,}}+)")
"""A token of this server, or any text of its form, wherever it stands."""

_SECRET = _secret_pattern(_plain)
_SECRET_WITH_ESCAPES = _secret_pattern(_either)
# A backslash begins an escape only if an even number of them precedes it; a plain g is always a g.
_TOKEN_WITH_ESCAPES = re.compile(
    rf"(?:(g)|\\(?<!\\\\)(?:\\\\)*+(?<=(\\))u0067){_either('a')}{_either('_')}"
    rf"{_either(_ALPHANUMERIC)}{{40}}{_either(_ALPHANUMERIC)}*+"
)
# Encoders do not escape these characters, but for ß and its like; then the patterns above need not look for escapes.
_ESCAPE = re.compile(_escaped(_ALPHANUMERIC + "_" + "".join(_FOLDS.values())))


def redact_text(text: str) -> str:
    """The text with everything in it that has the form of our own tokens replaced by `[redacted]`."""
    return OWN_TOKEN.sub(REDACTED, text) if "ga_" in text else text


def redact_json(text: str) -> tuple[str, bool]:
    """A valid JSON text without its secrets, and whether it differs from the one given.

    At any depth a non-empty string under a key of `SECRET_KEYS`, without regard to case (`str.casefold`), is
    `[redacted]`, as is all in a key or string that has the form of our own tokens, also where JSON escapes spell
    them. Every other character stays; so do numbers, lists, objects and null under such keys, and JSON inside
    strings. The text is expected to be strict JSON, such as `jsontext.clean_object` gives.
    """
    if "\\u" in text and _ESCAPE.search(text):
        clean = _replaced(_TOKEN_WITH_ESCAPES, _replaced(_SECRET_WITH_ESCAPES, text))
    else:
        clean = _replaced(_SECRET, text)
        clean = _replaced(OWN_TOKEN, clean) if "ga_" in clean else clean
    return clean, clean != text


def redact_value(value: Any) -> tuple[Any, bool]:
    """A copy of a parsed JSON value without its secrets, as `redact_json` does for text, and whether it differs.

    Nothing is changed in the value given. Should two keys of an object become the same, the last one's value is kept.
    """
    changed = False
    pending: list[Any] = []

    def clean(item: Any, *, secret: bool = False) -> Any:
        nonlocal changed
        if isinstance(item, str):
            safe = REDACTED if secret and item else redact_text(item)
            changed = changed or safe != item
            return safe
        if isinstance(item, dict | list):
            item = item.copy()
            pending.append(item)
        return item

    result = clean(value)
    while pending:
        copy = pending.pop()
        if isinstance(copy, list):
            copy[:] = map(clean, copy)
        else:
            members = list(copy.items())
            copy.clear()
            for key, item in members:
                copy[clean(key)] = clean(item, secret=key.casefold() in SECRET_KEYS)
    return result, changed


def _replaced(pattern: re.Pattern[str], text: str) -> str:
    """The text with `[redacted]` for every match from the start of the group that matched last.

    Parts are joined in batches, for a list of all of them may be many times larger than the text.
    """
    done: list[str] = []
    batch: list[str] = []
    position = 0
    for match in pattern.finditer(text):
        batch += (text[position : match.start(match.lastindex or 0)], REDACTED)
        position = match.end()
        if len(batch) >= _BATCH:
            done.append("".join(batch))
            batch.clear()
    if position == 0:
        return text
    return "".join((*done, *batch, text[position:]))
