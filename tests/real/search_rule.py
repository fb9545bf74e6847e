"""The contract's rule of search, spelled out in plain Python to check the server's index against."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

UNSPACED = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "HANGUL SYLLABLE")
KANA_MARKS = "\u3099\u309a"


class Found:
    """The words of one asset."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[str] = set()
        self.runs: list[str] = []
        for text in texts:
            for word in words(text):
                if is_unspaced(word[0]):
                    self.runs.append(word)
                else:
                    self.words.add(word)

    def has(self, word: str) -> bool:
        """Whether the word is here: a whole one, or a stretch of a script that puts no spaces between words."""
        return word in self.words or any(word in run for run in self.runs)


def words(text: str) -> Iterator[str]:
    """Runs of letters and digits, without regard to case and accents; unspaced scripts are runs of their own."""
    for _kind, run in groupby(folded(text), key=lambda character: character.isalnum() + is_unspaced(character)):
        word = "".join(run)
        if word[0].isalnum():
            yield word


def folded(text: str) -> str:
    """The text without regard to case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (one for one in plain if one in KANA_MARKS or unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", "".join(kept))


def is_unspaced(character: str) -> bool:
    """Whether the character is of a script that puts no spaces between words."""
    return character >= "\u3040" and unicodedata.name(character, "").startswith(UNSPACED)
