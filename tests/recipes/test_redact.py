"""Secrets leave recipes, wherever and however they are spelled; all else stays character for character."""

import faulthandler
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genasset.jsontext import clean_object
from genasset.recipes.redact import REDACTED, SECRET_KEYS, redact_json, redact_text, redact_value

HANG_GUARD = 30  # seconds
DATA = Path(os.environ.get("GENASSET_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared")
TOKEN = "ga_" + "0aZ9" * 10


def reference(value: Any, *, secret: bool = False) -> Any:
    """What redaction is to do, said once more and simply."""
    if isinstance(value, str):
        return REDACTED if secret and value else re.sub("ga_[0-9A-Za-z]{40,}", REDACTED, value)
    if isinstance(value, list):
        return [reference(item) for item in value]
    if isinstance(value, dict):
        return {reference(key): reference(item, secret=key.casefold() in SECRET_KEYS) for key, item in value.items()}
    return value


odd_cases = {"s": "sSſ", "k": "kK\N{KELVIN SIGN}"}


@st.composite
def secret_keys(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(sorted(SECRET_KEYS)))
    key = key.replace("ss", draw(st.sampled_from(["ss", "ß", "ẞ"])))
    return "".join(draw(st.sampled_from(odd_cases.get(letter, letter + letter.swapcase()))) for letter in key)


@st.composite
def own_tokens(draw: st.DrawFn) -> str:
    body = draw(st.text(alphabet="09azAZga", min_size=38, max_size=44))
    before, after = (
        draw(st.text(max_size=3)),
        draw(st.sampled_from(["", "_x", '"', "\\", "\n", "é", TOKEN, " " + TOKEN])),
    )
    return before + draw(st.sampled_from(["", "g", "ga_", "\\", "/?t="])) + "ga_" + body + after


near_misses = st.sampled_from(
    [
        "tokens",
        "tok",
        " token",
        'a"token',
        '\\"token',
        "token\\",
        "token:",
        "\\u0074oken",
        "max_token",
        "paſword",
        "ga_",
        "key",
    ]
)
embedded = st.sampled_from(
    [
        '"token": "x"',
        '{"api_key": "sk-1"}',
        '\\"secret\\": \\"y',
        "\\",
        "\\\\",
        "\\u0067a_",
        '","password":"z',
        "[redacted]",
        "",
    ]
)
text = st.text(max_size=6) | near_misses | embedded | own_tokens()
keys = secret_keys() | text
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(keys, values, max_size=5)
harmless = st.recursive(
    st.none() | st.integers() | st.text(max_size=6) | near_misses,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | near_misses, inner, max_size=4),
    max_leaves=20,
)
layouts = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "indent": st.sampled_from([None, 0, 2, "\t"]),
        "separators": st.sampled_from([None, (",", ":"), (" ,\r\n", "\n :\t")]),
    }
)


def spelled(value: Any, string: Callable[[str], str]) -> str:
    """JSON text whose strings, keys too, are spelled by a function."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(key)}: {spelled(item, string)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelled(item, string) for item in value) + "]"
    return string(value) if isinstance(value, str) else json.dumps(value)


@pytest.fixture
def hang_guard() -> Iterator[None]:
    faulthandler.dump_traceback_later(HANG_GUARD, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def check(text: str) -> None:
    clean, changed = redact_json(text)
    value = json.loads(text)
    assert json.loads(clean) == reference(value)
    assert changed == (clean != text)
    if reference(value) != value:
        assert changed
    assert clean_object(clean, field="workflow_json", max_depth=500) == (clean, [])
    assert redact_json(clean) == (clean, False)


@given(objects, layouts)
def test_text_redaction_equals_the_reference(value: dict[str, Any], layout: dict[str, Any]) -> None:
    check(json.dumps(value, **layout))


@given(objects, st.randoms(use_true_random=False), st.sampled_from([0.05, 0.5, 1.0]))
def test_escapes_hide_nothing(value: dict[str, Any], random: Any, share: float) -> None:
    def letter(character: str) -> str:
        if character not in '"\\' and not character.isprintable():
            return json.dumps(character)[1:-1]
        if ord(character) < 0x10000 and random.random() < share:
            code = f"{ord(character):04x}"
            return "\\u" + "".join(random.choice([digit, digit.upper()]) for digit in code)
        return {'"': '\\"', "\\": "\\\\", "/": "\\/"}.get(character, character)

    check(spelled(value, lambda string: '"' + "".join(map(letter, string)) + '"'))


@given(objects)
def test_value_redaction_equals_the_reference_and_changes_nothing(value: dict[str, Any]) -> None:
    before = json.dumps(value)
    expected = reference(value)
    clean, changed = redact_value(value)
    assert json.dumps(clean) == json.dumps(expected)
    assert changed == (json.dumps(expected) != before)
    assert json.dumps(value) == before


@given(harmless, layouts)
def test_without_secrets_the_text_is_the_same(value: Any, layout: dict[str, Any]) -> None:
    if reference(value) == value:
        text = json.dumps(value, **layout)
        assert redact_json(text) == (text, False)


@given(st.text() | st.text(alphabet='{}[]",:\\ntokenga_u067'))
def test_no_text_makes_it_fail(text: str) -> None:
    redact_json(text)
    redact_text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"token":"x"}', '{"token":"[redacted]"}'),
        ('{"Api_Key" :\n "a\\"b", "n": 0.10}', '{"Api_Key" :\n "[redacted]", "n": 0.10}'),
        ('{"\\u0074oken": "x", "to\\u006Ben": "y"}', '{"\\u0074oken": "[redacted]", "to\\u006Ben": "[redacted]"}'),
        ('{"pa\\u00dFword": "x"}', '{"pa\\u00dFword": "[redacted]"}'),
        ('{"a": [{"b": {"PASSWORD": "\\\\"}}]}', '{"a": [{"b": {"PASSWORD": "[redacted]"}}]}'),
        (f'{{"a": "Bearer {TOKEN}\\n", "{TOKEN}": 1}}', '{"a": "Bearer [redacted]\\n", "[redacted]": 1}'),
        (f'{{"a": "\\\\\\u0067a{TOKEN[2:]}x"}}', '{"a": "\\\\[redacted]"}'),
        (f'{{"a": "ga\\u005F{TOKEN[3:]}", "b": "\\n{TOKEN}"}}', '{"a": "[redacted]", "b": "\\n[redacted]"}'),
        (f'{{"a": "{TOKEN[:-1]}\\u0061\\u0062 c"}}', '{"a": "[redacted] c"}'),
    ],
)
def test_only_the_secret_is_replaced(text: str, expected: str) -> None:
    assert redact_json(text) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        '{"token": ["5", 0], "secret": null, "password": 5, "apikey": "", "api_key": true}',
        '{"authorization": {"a": "b"}, "password": [{"a": "b"}, "c"]}',
        '{"widgets_values": ["{\\"api_key\\": \\"sk-1\\"}", "token", ": ", "secret"]}',
        '{"a\\"token": "x", "\\"token": "y", "token\\"": "z", "a": "token"}',
        '{"\\\\u0074oken": "x", "tokens": "y", " token": "z"}',
        f'{{"a": "\\\\u0067a{TOKEN[2:]}", "b": "\\u0041", "c": "{TOKEN[:-1]}", "d": "GA{TOKEN[2:]}"}}',
        '{"token": "[redacted]"}',
    ],
)
def test_all_else_stays(text: str) -> None:
    assert redact_json(text) == (text, False)
    assert redact_value(json.loads(text)) == (json.loads(text), False)


def test_plain_text_loses_own_tokens_only() -> None:
    assert redact_text(f"token: x, https://h/?t={TOKEN}&a=1 {TOKEN[:-1]}") == (
        f"token: x, https://h/?t=[redacted]&a=1 {TOKEN[:-1]}"
    )
    assert redact_value(TOKEN) == (REDACTED, True)


def test_every_character_that_folds_to_letters_of_the_keys_is_found() -> None:
    for code in range(0x80, sys.maxunicode + 1):
        folded = chr(code).casefold()
        if not folded.isascii() or 0xD800 <= code <= 0xDFFF:
            continue
        for key in SECRET_KEYS:
            if folded in key:
                odd = key.replace(folded, chr(code), 1)
                for text in (json.dumps({odd: "x"}), json.dumps({odd: "x"}, ensure_ascii=False)):
                    assert json.loads(redact_json(text)[0]) == {odd: REDACTED}


def test_values_may_be_very_deep() -> None:
    value: Any = {"token": "x"}
    for _ in range(50_000):
        value = {"a": [value]}
    clean, changed = redact_value(value)
    assert changed
    for item, expected in ((value, "x"), (clean, REDACTED)):
        inner = item
        while "a" in inner:
            inner = inner["a"][0]
        assert inner == {"token": expected}


@pytest.mark.usefixtures("hang_guard")
@pytest.mark.parametrize(
    "piece",
    [
        '", "token":"x", "a":"', '", "toke\\u006e":"x", "a":"', '", "token" :1, "a":"',
        '", "token"' + " " * 5000 + ':2, "a":"', '\\"token\\": \\"', TOKEN + " ", TOKEN[:-1] + "-",
        "g", "\\u0067", "\\\\\\u0067", "\\\\", "\\\\g", '\\"', '","', " ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ['{"a":"', '{"a":"\\u0041', '{"token":"'])
def test_long_hostile_texts_end_soon(piece: str, start: str) -> None:
    if piece == '","':
        text = start.replace("{", "[").replace(":", ",") + piece * 300_000 + '"]'
    else:
        text = start + piece * (1_000_000 // len(piece)) + '"}'
    clean, changed = redact_json(text)
    assert changed == (clean != text)


def test_real_workflows_lose_nothing() -> None:
    files = sorted((DATA / "realdata" / "workflows").rglob("*.json"))
    if not files:
        pytest.skip(f"no real workflows under {DATA}")
    for file in files:
        text = file.read_text(encoding="utf-8")
        value = json.loads(text)
        clean, changed = redact_json(text)
        assert json.loads(clean) == reference(value), file
        assert changed == (reference(value) != value), file
        assert changed or clean == text, file
        assert redact_value(value) == (reference(value), changed), file
