"""Client JSON: taken as it came, strict when it leaves, refused with a sentence."""

import contextlib
import faulthandler
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genasset.errors import Invalid
from genasset.jsontext import clean_metadata, clean_object, dump, merge

HANG_GUARD = 30  # seconds
DATA = Path(os.environ.get("GENASSET_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared")

odd_text = st.sampled_from(['a"b', "\\", '\\"', "[{", "NaN", "\u2028", "😀", "\x7f", "\x00\x1f"])
whole_text = st.text(max_size=20) | odd_text
half_text = st.sampled_from(["\ud800", "x\udc00y", "\\ud800", "\udfff"])
numbers = st.integers() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
separators = st.sampled_from([None, (",", ":"), (" , ", " : "), (",\r\n", "\t:")])
layouts = st.fixed_dictionaries({"indent": st.sampled_from([None, 2, "\t"]), "separators": separators})


def objects(text: st.SearchStrategy[str], leaves: st.SearchStrategy[Any] = numbers) -> st.SearchStrategy[Any]:
    values = st.recursive(
        st.none() | st.booleans() | leaves | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=20,
    )
    return st.dictionaries(text, values, max_size=5)


@pytest.fixture
def hang_guard() -> Iterator[None]:
    faulthandler.dump_traceback_later(HANG_GUARD, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def clean(text: str, max_depth: int = 500) -> tuple[str, list[str]]:
    return clean_object(text, field="workflow_json", max_depth=max_depth)


def parsed(text: str, max_depth: int = 500) -> tuple[dict[str, Any], list[str]]:
    return clean_metadata(text, field="metadata", max_depth=max_depth)


def refusal(text: str, max_depth: int = 500) -> str:
    with pytest.raises(Invalid) as caught:
        clean(text, max_depth)
    assert caught.value.field == "workflow_json"
    assert re.fullmatch("workflow_json .+[.]", str(caught.value))
    return str(caught.value)


def strict_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


@given(objects(whole_text | half_text), layouts)
def test_escaped_json_comes_back_character_for_character(value: dict[str, Any], layout: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=True, **layout)
    assert clean(text) == (text, [])
    assert parsed(text) == (json.loads(text), [])


@given(objects(whole_text), layouts)
def test_unescaped_json_comes_back_character_for_character(value: dict[str, Any], layout: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, **layout)
    assert clean(text) == (text, [])
    assert clean("\ufeff" + text) == (text, [])
    assert parsed(text) == (value, [])


@given(objects(whole_text | half_text, leaves=numbers | st.floats()), layouts)
def test_nan_and_infinities_become_null_where_they_stand(value: dict[str, Any], layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    cleaned, warnings = clean(text)
    expected = json.loads(text, parse_constant=lambda name: None)
    assert json.dumps(json.loads(cleaned, parse_constant=strict_constant)) == json.dumps(expected)
    assert cleaned.count('"') == text.count('"')
    assert bool(warnings) == (cleaned != text)
    assert parsed(text)[0] == expected


@given(
    st.text()
    | st.text(alphabet='{}[]",:\\ \n-+.0123456789eEtrufalsnNaIity/\x00\ud800\ufeff')
    | objects(whole_text).map(lambda value: json.dumps(value)[:-1])
)
def test_any_text_is_taken_or_refused_with_a_sentence(text: str) -> None:
    if is_strict_object(text.removeprefix("\ufeff")):
        assert clean(text) == (text.removeprefix("\ufeff"), [])
        return
    with contextlib.suppress(Invalid):
        cleaned, warnings = clean(text)
        assert warnings
        assert is_strict_object(cleaned)


def is_strict_object(text: str) -> bool:
    try:
        text.encode()
        return isinstance(json.loads(text, parse_constant=strict_constant), dict)
    except ValueError:
        return False


@given(objects(st.text(alphabet='[]{}"\\ax', max_size=6)), st.integers(0, 12), st.sampled_from([0, 300_000]))
def test_depth_is_counted_outside_strings_only(value: dict[str, Any], limit: int, padding: int) -> None:
    text = json.dumps({"pad": " " * padding, **value, "end": ['\\"[', {}]})

    def depth_of(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, inner), default=0) if isinstance(value, dict | list) else 0

    if depth_of(json.loads(text)) <= limit:
        assert clean(text, limit) == (text, [])
    else:
        assert refusal(text, limit) == f"workflow_json is nested too deeply; at most {limit} levels are allowed."


@pytest.mark.parametrize("escape", ['\\"', "\\\\", "\\n[", '\\\\\\"', "\\u005b["])
def test_strings_far_longer_than_a_chunk_hide_their_brackets(escape: str) -> None:
    for shift in range(4):
        text = '{"a": "' + "x" * shift + escape * 150_000 + '[[", "b":' + " " * 600_000 + '["", "[", [2]]}'
        assert clean(text, 3) == (text, [])
        assert "at most 2 levels" in refusal(text, 2)


def test_500_levels_are_taken_and_501_are_not() -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        fits = '{"a":' + opening * 499 + "1" + closing * 499 + "}"
        assert clean(fits) == (fits, [])
        value, _ = parsed(fits)
        assert dump(value) == fits
        assert dump(merge(value, value)) == fits
        assert "at most 500 levels" in refusal('{"a":' + opening * 500 + "1" + closing * 500 + "}")
    wide = '{"a": [' + ",".join(["[" * 498 + "]" * 498] * 1000) + "]}"
    assert clean(wide) == (wide, [])
    assert "at most 499 levels" in refusal(wide, 499)


@pytest.mark.usefixtures("hang_guard")
@pytest.mark.parametrize("opening", ["[", '{"a":', '{"a":['])
def test_a_hundred_thousand_levels_are_refused(opening: str) -> None:
    for text in (opening * 100_000, opening * 100_000 + "]" * 100_000):
        assert refusal(text) == "workflow_json is nested too deeply; at most 500 levels are allowed."
        assert refusal(text, 1_000_000) == "workflow_json is nested too deeply to be read."


@pytest.mark.usefixtures("hang_guard")
@pytest.mark.parametrize(
    ("piece", "start", "end"),
    [
        ("[],", '{"a": [', "1]}"), ('"",', '{"a": [', "1]}"), ('"",', '{"a": [', "NaN]}"), ("NaN,", '{"a": [', "1]}"),
        ('{"":-Infinity},', '{"a": [', "1]}"), ('"', "", ""), ('"[', "", ""), ('\\"', '{"a": "', '"}'),
        ("\\\\", '{"a": "', '"}'), ("\\ud800", '{"a": "', '"}'), ("\\", '{"a": [[], "', ""),
        ("[" * 400 + "]" * 400 + ",", '{"a": [', "1]}"),
    ],
    ids=lambda part: part[:20],
)  # fmt: skip
def test_long_hostile_texts_end_soon(piece: str, start: str, end: str) -> None:
    text = start + piece * (2_000_000 // len(piece)) + end
    with contextlib.suppress(Invalid):
        clean(text)


def test_other_kinds_than_objects_are_named() -> None:
    kinds = {"[1]": "an array", ' "x"': "a string", "-1.5": "a number", "7": "a number", "true": "true", "null": "null"}
    for text, kind in kinds.items():
        assert refusal(text) == f"workflow_json must be a JSON object, such as {{...}}; it is {kind}."


def test_refusals_say_what_is_wrong() -> None:
    assert refusal("") == refusal(" \n") == "workflow_json is empty; it must be a JSON object, such as {...}."
    assert refusal('{"a": "\ud800"}') == "workflow_json holds half of a character (a lone surrogate)."
    assert refusal('{"a": 1') == "workflow_json is not valid JSON: it ends too early."
    assert refusal("nonsense") == "workflow_json is not valid JSON: it goes wrong near line 1, column 2."
    assert refusal('{\n  "é": x}') == "workflow_json is not valid JSON: it goes wrong near line 2, column 8."
    assert refusal('{"a": NaN, b}') == "workflow_json is not valid JSON."


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 01}', '{"a": 1.}', '{"a": .5}', '{"a": +1}', '{"a": 1e}', '{"a": -}', '{"a": 0x1}', '{"a": -NaN}',
        '{"a": 1NaN}', '{"a": NaNNaN}', '{"a": - Infinity}', '{"a": nan}', '{"a": tru}', '{"a": True}', "{'a': 1}",
        '{"a": "\x00"}', '{"a": "\n"}', '{"a": "\t"}', '{"a": "\\x"}', '{"a": "\\u12"}', '{"a": "\\ud8"}',
        '{"a": \x00 NaN}', '\x00{}', '{}\x00', "{} {}", "{},", '{"a": 1,}', '{"a": [1,]}', "{1: 2}", '{"a"}',
        '{"a": 1 /* x */}', "\xa0{}", "\ufeff\ufeff{}", '{"a": "x}', '{"a": [}', '{"a": \\ud800}', '{NaN: 1}',
    ],
)  # fmt: skip
def test_what_rfc_8259_does_not_know_is_refused(text: str) -> None:
    assert "not valid JSON" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 0.10, "b": 1e400, "c": 18446744073709551615, "d": -0, "e": 1E+2, "f": ' + "9" * 5000 + "}",
        '{"z": 1, "a": 2, "z": 3}', ' {\r\n\t"a" : [ ] } \n', '{"\u2028": "\x7f\u00a0\ufeff"}',
        '{"a": "\\ud800", "\\uDFFF": "\\\\ud800 \\\\\\ud83d", "c": "\\ud83d\\ude00"}',
        '{"NaN": "NaN", "b": "x, Infinity, \\"-Infinity\\", "}',
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_numbers_keys_and_spaces_stay_as_they_are(text: str) -> None:
    assert clean(text) == (text, [])


def test_nan_is_replaced_outside_strings_only() -> None:
    text = '{"NaN": NaN, "a": [-Infinity,Infinity , "NaN\\"NaN"], "b": 0.10, "c": "\\ud800"}'
    cleaned, warnings = clean(text)
    assert cleaned == '{"NaN": null, "a": [null,null , "NaN\\"NaN"], "b": 0.10, "c": "\\ud800"}'
    assert warnings == ["workflow_json held NaN or Infinity, which JSON does not have; null is stored in their place."]


def test_nan_is_found_wherever_long_texts_are_divided() -> None:
    for spaces in range(10):
        text = '{"a": [' + " " * spaces + "-Infinity," * 120_000 + "NaN]}"
        assert json.loads(clean(text)[0], parse_constant=strict_constant) == {"a": [None] * 120_001}


def test_metadata_numbers_are_exact_or_null() -> None:
    text = '{"a": 18446744073709551616, "b": 0.10, "c": [1e400, -1e999], "d": NaN, "e": -0.0, "f": 1e-999}'
    value, warnings = parsed(text)
    assert value == {"a": 2**64, "b": 0.1, "c": [None, None], "d": None, "e": 0.0, "f": 0.0}
    assert math.copysign(1, value["e"]) == -1
    assert list(value) == list("abcdef")
    assert warnings == [
        "metadata held NaN or Infinity, which JSON does not have; null is stored in their place.",
        "metadata held numbers too large to keep (beyond about 1.8e308); null is stored in their place.",
    ]
    assert dump(value) == '{"a":18446744073709551616,"b":0.1,"c":[null,null],"d":null,"e":-0.0,"f":0.0}'


def test_metadata_integers_of_up_to_4300_digits() -> None:
    value, _ = parsed('{"a": -' + "9" * 4300 + "}")
    assert dump(value) == '{"a":-' + "9" * 4300 + "}"
    with pytest.raises(Invalid, match=re.escape("metadata holds a whole number of more than 4,300 digits.")) as caught:
        parsed('{"a": ' + "9" * 4301 + "}")
    assert caught.value.field == "metadata"


@given(objects(whole_text | half_text))
def test_a_dump_is_compact_readable_and_says_the_same(value: dict[str, Any]) -> None:
    text = dump(value)
    text.encode()
    assert json.loads(text, parse_constant=strict_constant) == json.loads(json.dumps(value))
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", compact) == text
    with pytest.raises(ValueError, match="JSON"):
        dump({**value, "a": math.nan})


def test_merge_goes_into_objects_and_replaces_all_else() -> None:
    base = {"a": {"x": 1, "y": {"p": 1}}, "b": [1, {"c": 2}], "d": 1}
    patch = {"a": {"y": {"q": None}, "x": {"new": 1}}, "b": [3], "d": None, "e": {}}
    assert merge(base, patch) == {"a": {"x": {"new": 1}, "y": {"p": 1, "q": None}}, "b": [3], "d": None, "e": {}}


@given(objects(st.sampled_from("abc")), objects(st.sampled_from("abc")))
def test_merge_equals_its_definition_and_changes_nothing(base: dict[str, Any], patch: dict[str, Any]) -> None:
    def defined(old: Any, new: Any) -> Any:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            return new
        return old | {key: defined(old.get(key), value) for key, value in new.items()}

    before = json.dumps([base, patch])
    assert json.dumps(merge(base, patch)) == json.dumps(defined(base, patch))
    assert json.dumps([base, patch]) == before


def test_merge_of_very_deep_objects() -> None:
    base, patch = dict[str, Any](), dict[str, Any]()
    for _ in range(100_000):
        base, patch = {"a": base, "b": 1}, {"a": patch, "c": 2}
    merged = merge(base, patch)
    for _ in range(100_000):
        assert merged.keys() == {"a", "b", "c"}
        merged = merged["a"]


def test_real_workflows_come_back_identical() -> None:
    files = sorted((DATA / "realdata" / "workflows").rglob("*.json"))
    if not files:
        pytest.skip(f"no real workflows under {DATA}")
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert clean(text) == (text, []), file
        assert parsed(text) == (json.loads(text), []), file
