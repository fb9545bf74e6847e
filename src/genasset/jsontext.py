"""JSON that clients send, as text: checked against RFC 8259 and edited in place, never decoded and encoded again.

A workflow is stored as the characters that came, so its numbers and the order of its keys survive. Only metadata
is parsed into Python values, because patches are merged into it.
"""

import json
import math
import re
import sys
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import msgspec

from genasset.errors import Invalid

# Decoding into Raw walks the whole text, all of RFC 8259 but UTF-8 itself, and builds no objects.
_walker = msgspec.json.Decoder(msgspec.Raw)
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPLIT_STRINGS = re.compile(f"({_STRING})", re.DOTALL)
# A stretch outside strings never ends within a word or after its sign, so that no NaN is cut in two.
_RUN_OF_TOKENS = re.compile(f'(?:[^"]{{1,64}}+[A-Za-z]*+|{_STRING}){{1,16384}}+', re.DOTALL)
_FIRST_MARK = re.compile(r"[ \t\n\r]*+(.)", re.DOTALL)
_BYTE_OF_ERROR = re.compile(r"\(byte (\d+)\)")
_KINDS = {"[": "an array", '"': "a string", "t": "true", "f": "false", "n": "null"}

_OTHER_BYTES = bytes(set(range(256)) - set(b'"[]{}'))
_SQUARE = bytes.maketrans(b"{}", b"[]")
_STEPS = bytes.maketrans(b"[]", b"\x01\xff")
_REST_OF_ESCAPE = re.compile(rb"\\*+.?", re.DOTALL)
_CHUNK = 1 << 18


def clean_object(text: str, *, field: str, max_depth: int) -> tuple[str, list[str]]:
    """The text of a JSON object as strict JSON (RFC 8259), and warning sentences that name `field`.

    The text is the one given, character for character, but that a byte order mark at its start is gone and NaN,
    Infinity and -Infinity outside strings are null, with one warning. Repeated keys and escapes of lone
    surrogates ("\\ud800") are kept. The outermost object is level 1 of `max_depth`.

    Raises Invalid with `field` when the text is not JSON, not an object, nested deeper than `max_depth` levels
    (or than the interpreter's own recursion limit, about 1,000), or holds what UTF-8 cannot encode.
    """
    text = text.removeprefix("\ufeff")
    warnings: list[str] = []
    error = _first_error(text, field, max_depth)
    if error is not None and ("NaN" in text or "Infinity" in text):
        edited = _with_null_for_nan(text)
        if edited != text:
            text = edited
            error = _first_error(text, field, max_depth)
            warnings.append(f"{field} held NaN or Infinity, which JSON does not have; null is stored in their place.")
    if error is not None:
        raise Invalid(_sentence(error, text, field, edited=bool(warnings)), field=field)
    _check_kind(text, field)
    return text, warnings


def clean_metadata(text: str, *, field: str, max_depth: int) -> tuple[dict[str, Any], list[str]]:
    """The object that a JSON text says, and warning sentences that name `field`.

    Integers are exact, floats are the nearest doubles; NaN, Infinity, -Infinity and numbers beyond a double are
    None, with a warning each kind. Of repeated keys the last one counts. Keys keep their order.

    Raises Invalid as `clean_object` does, and for a whole number of more than 4,300 digits (Python's own limit,
    `sys.set_int_max_str_digits`).
    """
    text, warnings = clean_object(text, field=field, max_depth=max_depth)
    beyond = False

    def number(literal: str) -> float | None:
        nonlocal beyond
        value = float(literal)
        if math.isfinite(value):
            return value
        beyond = True
        return None

    try:
        value: dict[str, Any] = json.loads(text, parse_float=number)
    except RecursionError:
        raise _too_deep_to_read(field) from None
    except ValueError:
        digits = f"{sys.get_int_max_str_digits():,}"
        raise Invalid(f"{field} holds a whole number of more than {digits} digits.", field=field) from None
    if beyond:
        warnings.append(
            f"{field} held numbers too large to keep (beyond about 1.8e308); null is stored in their place."
        )
    return value, warnings


def dump(value: Any) -> str:
    """The strict, compact JSON text of a value of dicts with str keys, lists, str, int, float, bool and None.

    Keys keep their order, text stays readable, and the result can always be encoded as UTF-8: lone surrogates
    are written as escapes. Raises ValueError for what `clean_metadata` never gives: NaN, infinities and integers of
    more than 4,300 digits.
    """
    text = _encoder.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Python's own spelling of a surrogate, \udxxx, is JSON's as well.
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def merge(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A new object: `base` with the members of `patch`, objects under the same key merged alike at any depth.

    Every other value of the patch, lists and None too, replaces what was there. Neither input is changed; what
    needed no merging is shared with the result.
    """
    merged = dict(base)
    pending = [(merged, patch)]
    while pending:
        target, changes = pending.pop()
        for key, value in changes.items():
            old = target.get(key)
            if isinstance(old, dict) and isinstance(value, dict):
                target[key] = inner = dict(old)
                pending.append((inner, value))
            else:
                target[key] = value
    return merged


def _first_error(text: str, field: str, max_depth: int) -> msgspec.DecodeError | None:
    """What keeps the text from being JSON, or None; raises Invalid for text too deep or not of whole characters."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Invalid(f"{field} holds half of a character (a lone surrogate).", field=field) from None
    if _is_deeper(data, max_depth):
        raise Invalid(f"{field} is nested too deeply; at most {max_depth} levels are allowed.", field=field)
    try:
        try:
            _walker.decode(data)
        except msgspec.DecodeError:
            # It refuses escapes of lone surrogates. Turned into other escapes of four digits they are as valid
            # as before, also where "\\ud800" is a backslash and plain text.
            _walker.decode(data.replace(rb"\ud", rb"\u0").replace(rb"\uD", rb"\u0"))
    except msgspec.DecodeError as error:
        return error
    except RecursionError:
        raise _too_deep_to_read(field) from None
    return None


def _too_deep_to_read(field: str) -> Invalid:
    return Invalid(f"{field} is nested too deeply to be read.", field=field)


def _sentence(error: msgspec.DecodeError, text: str, field: str, *, edited: bool) -> str:
    data = text.encode()
    if not data.strip(b" \t\n\r"):
        return f"{field} is empty; it must be a JSON object, such as {{...}}."
    found = _BYTE_OF_ERROR.search(str(error))
    if found is None:
        return f"{field} is not valid JSON: it ends too early."
    if edited:
        return f"{field} is not valid JSON."
    place = min(int(found[1]), len(data))
    line = data.count(b"\n", 0, place) + 1
    start = data.rfind(b"\n", 0, place) + 1
    column = len(data[start:place].decode(errors="ignore")) + 1
    return f"{field} is not valid JSON: it goes wrong near line {line}, column {column}."


def _check_kind(text: str, field: str) -> None:
    mark = _FIRST_MARK.match(text)
    if mark is not None and mark[1] != "{":
        kind = _KINDS.get(mark[1], "a number")
        raise Invalid(f"{field} must be a JSON object, such as {{...}}; it is {kind}.", field=field)


def _is_deeper(data: bytes, max_depth: int) -> bool:
    """Whether brackets outside strings nest deeper than `max_depth`; linear, and no call per level."""
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return False
    height = 0
    for brackets in _brackets(data):
        if not _is_shallow(brackets, max_depth - height):
            steps = memoryview(brackets.translate(_STEPS)).cast("b")
            if max(accumulate(steps, initial=height)) > max_depth:
                return True
        height += 2 * brackets.count(b"[") - len(brackets)
    return False


def _is_shallow(brackets: bytes, room: int) -> bool:
    """True if the brackets surely rise by no more than `room`, which is quick to see for most texts."""
    level = 0
    while level + brackets.count(b"[") > room:
        peeled = brackets.replace(b"[]", b"")
        if len(peeled) * 4 >= len(brackets) * 3:
            return False
        brackets = peeled
        level += 1
    return True


def _brackets(data: bytes) -> Iterator[bytes]:
    """The brackets outside strings, all as square ones, in chunks, for a list of many parts takes much memory."""
    start = inside = 0
    while start < len(data):
        cut = _REST_OF_ESCAPE.match(data, start + _CHUNK)
        end = cut.end() if cut else len(data)
        # Taken from the left, pairs of backslashes leave those alone that escape a quote.
        chunk = data[start:end].replace(rb"\\", b"").replace(rb"\"", b"").translate(_SQUARE, _OTHER_BYTES)
        # Without two neighbouring quotes every bracket is still on its side of the strings.
        parts = chunk.replace(b'""', b"").split(b'"')
        yield b"".join(parts[inside::2])
        inside ^= (len(parts) - 1) & 1
        start = end


def _with_null_for_nan(text: str) -> str:
    """The text with NaN, Infinity and -Infinity outside strings as null; a text that is no JSON stays none."""
    if "\0" in text:  # It is never valid, and the pieces of a run are joined with it.
        return text
    done: list[str] = []
    position = 0
    while run := _RUN_OF_TOKENS.match(text, position):
        position = run.end()
        done.append(_run_with_null_for_nan(run[0]))
    done.append(text[position:])
    return "".join(done)


def _run_with_null_for_nan(run: str) -> str:
    if "NaN" not in run and "Infinity" not in run:
        return run
    parts = _SPLIT_STRINGS.split(run)
    outside = "\0".join(parts[::2])
    outside = outside.replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null")
    parts[::2] = outside.split("\0")
    return "".join(parts)
