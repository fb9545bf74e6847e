"""The single fields of a save or an edit, checked and cleaned."""

import re
import unicodedata
from collections.abc import Iterable

from genasset.errors import Invalid, TooLarge
from genasset.recipes.redact import redact_text
from genasset.settings import Settings

CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f]")
# Also the line separators and the marks that turn text around, which make a file name look like another.
MISLEADING = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SEED = re.compile(r"[0-9]{1,20}")
LARGEST_SEED = 2**64 - 1


def one_line(text: str, field: str, limit: int) -> str:
    """`text` trimmed, NFC-normalised and without tokens in it. Raises Invalid or TooLarge naming the field."""
    clean = unicodedata.normalize("NFC", redact_text(text)).strip()
    _check_length(clean, field, limit)
    if CONTROL.search(clean):
        raise Invalid(f"{field} holds a line break or another control character; remove it.", field=field)
    return clean


def long_text(text: str, field: str, limit: int) -> str:
    """`text` as it was sent, without tokens in it. Raises Invalid or TooLarge naming the field."""
    _check_length(text, field, limit)
    if "\0" in text:
        raise Invalid(f"{field} holds a NUL character (U+0000); remove it.", field=field)
    return redact_text(text)


def seed_text(text: str) -> str:
    """A seed as decimal text without leading zeros. Raises Invalid unless it is an integer of 0 … 2^64-1."""
    digits = text.strip()
    if not SEED.fullmatch(digits) or int(digits) > LARGEST_SEED:
        raise Invalid(f"seed must be a whole number from 0 to {LARGEST_SEED}.", field="seed")
    return str(int(digits))


def tag_list(tags: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Tags trimmed and without doubles (case does not count), in the order given."""
    kept: dict[str, str] = {}
    for tag in tags:
        clean = one_line(tag, "tags", settings.tag_limit)
        if clean:
            kept.setdefault(clean.casefold(), clean)
    check_tag_count(kept, settings)
    return tuple(kept.values())


def merged_tags(old: tuple[str, ...], new: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """The old tags, then those of the new that are not among them."""
    kept: dict[str, str] = {}
    for tag in (*old, *new):
        kept.setdefault(tag.casefold(), tag)
    check_tag_count(kept, settings)
    return tuple(kept.values())


def check_tag_count(tags: Iterable[str], settings: Settings) -> None:
    """Raise TooLarge when there are more tags than one asset may have."""
    count = sum(1 for _ in tags)
    if count > settings.tags_limit:
        raise TooLarge(f"There are {count} tags; an asset takes at most {settings.tags_limit}.", field="tags")


def file_name(text: str, limit: int) -> str:
    """The last part of a client's file name, on one line, at most `limit` characters; may be empty."""
    last = re.split(r"[/\\]", redact_text(text))[-1]
    line = MISLEADING.sub(" ", unicodedata.normalize("NFC", last)).strip()
    if len(line) <= limit:
        return line
    stem, dot, extension = line.rpartition(".")
    return (
        stem[: limit - 1 - len(extension)] + dot + extension if dot and len(extension) < 10 else line[:limit].rstrip()
    )


def stem_of(filename: str) -> str:
    """A file name without its extension: `a b.png` gives `a b`, `.png` gives nothing."""
    stem, dot, _extension = filename.rpartition(".")
    return (stem if dot else filename).strip()


def _check_length(text: str, field: str, limit: int) -> None:
    if len(text) > limit:
        raise TooLarge(f"{field} has {len(text)} characters; the limit is {limit}.", field=field)
