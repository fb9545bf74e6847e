"""Texts as the words that search knows, the same for every engine.

A word is a run of Unicode letters and digits; anything else separates. Case and accents are
folded. Chinese, Japanese and Korean, which put no spaces between words, become single
characters and pairs of neighbours.
"""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
# Hiragana, Katakana, CJK ideographs with extensions A to H, compatibility ideographs, Hangul.
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U000323af"
RUN = re.compile(f"[{CJK}]+|[^{CJK}]+")
ACCENTS = re.compile("[\u0300-\u036f]+")
LONGEST = 100
"""Characters of a word that search looks at; a run of CJK may be longer, for it is many words."""
IS_CJK = re.compile(f"[{CJK}]")

WORKSPACE_MARK = "\ue000"
"""First character of the word that names an asset's workspace; no text can hold such a word."""


def fold(text: str) -> str:
    """`text` without regard to case, accents and presentation forms."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", ACCENTS.sub("", plain))


def words_of(texts: Iterable[str | None], *, characters: int, most: int) -> set[str]:
    """The different words of the first `characters` of each text, at most `most` of them."""
    found: set[str] = set()
    for text in texts:
        for run in _runs(text[:characters] if text else ""):
            found.update(_grams(run) if IS_CJK.match(run) else (run,))
            if len(found) >= most:
                return found
    return found


def query_words(search: str) -> list[str]:
    """What an asset's words must contain for `search` to find it, without doubles."""
    wanted: dict[str, None] = {}
    for run in _runs(search):
        wanted.update(dict.fromkeys(_pairs(run) if IS_CJK.match(run) else (run,)))
    return list(wanted)


def workspace_word(workspace_id: str) -> str:
    """The word that all assets of a workspace have and no other."""
    return WORKSPACE_MARK + workspace_id.replace("-", "")


def _runs(text: str) -> Iterable[str]:
    for word in WORD.findall(fold(text)):
        for run in (word,) if word.isascii() else RUN.findall(word):
            yield run if IS_CJK.match(run) else run[:LONGEST]


def _grams(run: str) -> Iterable[str]:
    yield from run
    yield from _pairs(run)


def _pairs(run: str) -> Iterable[str]:
    return (run[at : at + 2] for at in range(len(run) - 1)) if len(run) > 1 else (run,)
