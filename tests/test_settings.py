"""Settings: each by its variable, refused with a sentence that names it, and explained in docs/settings.md."""

import re
import tempfile
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from genasset.errors import Invalid
from genasset.settings import KIB, MIB, Settings, variable_of

DOCS = Path(__file__).parent.parent / "docs" / "settings.md"
KNOBS = {knob.name: knob for knob in fields(Settings)}

INTRODUCTION = """# Settings

Every setting of the server is an environment variable; there is no configuration file. An empty variable counts as not
set. `genasset serve` takes `--host`, `--port` and `--data-dir` as flags besides, which win over the variables, and the
other commands take `--data-dir`. A value that can't be taken stops the program with a sentence that names the variable.

Sizes are in bytes, times in seconds or hours as the text says, and lists are separated by commas.

"""


def settings_page() -> str:
    """docs/settings.md as the code has it."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    rows += [
        f"| `{variable_of(name)}` | {shown(knob.default)} | {knob.metadata['help']} |" for name, knob in KNOBS.items()
    ]
    return INTRODUCTION + "\n".join(rows) + "\n"


def shown(default: Any) -> str:
    if default in ("", ()):
        return "–"
    if isinstance(default, int) and default % MIB == 0 and default:
        return f"`{default}` ({default // MIB} MiB)"
    if isinstance(default, int) and default % KIB == 0 and default:
        return f"`{default}` ({default // KIB} KiB)"
    return f"`{default}`"


def test_the_page_of_settings_says_what_the_code_says() -> None:
    assert DOCS.read_text() == settings_page(), "run: python tests/test_settings.py"


def test_every_setting_has_a_help_that_is_a_sentence() -> None:
    for name, knob in KNOBS.items():
        assert re.fullmatch(r"[A-Z].{10,}\.", knob.metadata["help"]), name
        assert "|" not in knob.metadata["help"], name


def other_value(knob: Field[Any]) -> tuple[str, Any]:
    """A text for the variable and the value that it means, other than the default."""
    if knob.name == "log_level":
        return "warning", "warning"
    if knob.name == "public_url":
        return "https://art.example.org/library", "https://art.example.org/library"
    if isinstance(knob.default, tuple):
        return " one, two ,,", ("one", "two")
    if isinstance(knob.default, Path):
        return "~/elsewhere", Path.home() / "elsewhere"
    if isinstance(knob.default, int):
        return f" {knob.default + 1} ", knob.default + 1
    return "other", "other"


@pytest.mark.parametrize("name", KNOBS)
def test_a_setting_is_given_by_its_variable(name: str) -> None:
    text, value = other_value(KNOBS[name])
    settings = Settings.read({f"GENASSET_{name.upper()}": text})
    assert getattr(settings, name) == value != KNOBS[name].default
    others = {other for other in KNOBS if other != name}
    assert all(getattr(settings, other) == KNOBS[other].default for other in others)


@pytest.mark.parametrize("name", KNOBS)
def test_an_empty_variable_counts_as_not_given(name: str) -> None:
    assert Settings.read({variable_of(name): ""}) == Settings()


NUMBERS = [name for name, knob in KNOBS.items() if isinstance(knob.default, int)]


@pytest.mark.parametrize("text", ["many", "1.5", "-1", "0x10", "9" * 30, "ten", "1,000", "NaN"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_can_not_be_taken_is_refused_by_the_name_of_its_variable(name: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Settings.read({variable_of(name): text})
    assert caught.value.field == variable_of(name)
    assert re.fullmatch(rf"{variable_of(name)} must be .*\.", str(caught.value))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("threads", "0"),
        ("page_size_limit", "0"),
        ("last_used_seconds", "0"),
        ("log_level", "loud"),
        ("log_level", "INFO"),
        ("public_url", "art.example.org"),
        ("public_url", "ftp://art.example.org"),
        ("public_url", "https://"),
        ("public_url", "https://art.example.org/?a=b"),
        ("public_url", "https://art .example.org"),
    ],
)
def test_a_value_out_of_range_is_refused_before_it_does_harm(name: str, text: str) -> None:
    with pytest.raises(Invalid, match=f"^{variable_of(name)} must be"):
        Settings.read({variable_of(name): text})


def test_flags_win_over_variables_and_are_checked_like_them() -> None:
    environ = {"GENASSET_PORT": "9000", "GENASSET_HOST": "0.0.0.0"}
    settings = Settings.read(environ, port=7000, host=None)
    assert (settings.port, settings.host) == (7000, "0.0.0.0")
    with pytest.raises(Invalid, match=r"^--port must be"):
        Settings.read({}, port=70_000)
    assert Settings.read({}, data_dir=Path("x")).data_dir == Path("x")


def test_other_variables_do_not_matter() -> None:
    assert Settings.read({"GENASSET_UNKNOWN": "x", "PORT": "5", "genasset_port": "5"}) == Settings()


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = Settings()
    assert (settings.upload_limit, settings.json_limit, settings.workflow_limit) == (256 * MIB, 64 * MIB, 32 * MIB)
    assert (settings.metadata_limit, settings.json_depth, settings.picture_pixels) == (4 * MIB, 500, 50_000_000)
    assert (settings.prompt_limit, settings.notes_limit, settings.name_limit) == (100_000, 100_000, 255)
    assert (settings.tags_limit, settings.tag_limit, settings.inputs_limit) == (200, 100, 32)
    assert (settings.list_limit, settings.stranger_limit, settings.count_limit) == (32 * MIB, 64 * MIB, 10_000)
    assert (settings.url_lifetime, settings.idempotency_hours, settings.drain_seconds) == (3600, 24, 30)
    assert (settings.page_size_limit, settings.host, settings.cors_origins) == (200, "127.0.0.1", ())


def test_a_setting_is_read_once_and_does_not_change() -> None:
    settings = Settings(data_dir=Path(tempfile.gettempdir()))
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]


if __name__ == "__main__":
    DOCS.write_text(settings_page())
