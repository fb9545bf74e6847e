"""docs/http-api.md says what is true: its examples print what it shows, its limits are the server's."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from genasset.settings import KIB, MIB, Settings
from server import Server

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "http-api.md").read_text()
PICTURES = REPOSITORY / "tests" / "data" / "realdata" / "images"
STEP = re.compile(r"^```sh run\n(.*?)^```(?:\n\n```(?:js|text)\n(.*?)^```)?", re.DOTALL | re.MULTILINE)
LIMIT = re.compile(r"^\| .* \| ([0-9,]+)(?: (MiB|KiB))? \| `GENASSET_([A-Z_]+)` \|$", re.MULTILINE)
SHORTENED = re.compile(r"[0-9A-Za-z_-]*…")
"""An ellipsis, and the beginning of what it shortens."""


def test_the_examples_print_what_the_page_shows(own_server: Server, tmp_path: Path) -> None:
    steps = STEP.findall(PAGE)
    assert len(steps) >= 15
    shutil.copy(next(PICTURES.rglob("fox_512x512.png")), tmp_path / "fox.png")
    shutil.copy(next(PICTURES.rglob("fooocus1_cropped.png")), tmp_path / "sketch.png")
    script = "set -euo pipefail\n" + "\nprintf '\\f'\n".join(command for command, _shown in steps)
    environment = {**os.environ, "GENASSET_URL": own_server.url, "GENASSET_TOKEN": own_server.token}
    run = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for (_command, shown), printed in zip(steps, run.stdout.split("\f"), strict=True):
        check_shown(shown.replace("http://127.0.0.1:8000", own_server.url), printed)


def check_shown(shown: str, printed: str) -> None:
    """What was printed is what is shown, but for white space and what an ellipsis stands for."""
    parts = SHORTENED.split(re.sub(r"\s", "", shown))
    rest = re.sub(r"\s", "", printed)
    assert rest.startswith(parts[0]), f"{parts[0]!r} is shown, {rest[:300]!r} was printed"
    rest = rest.removeprefix(parts[0])
    for part in parts[1:-1]:
        _left_out, found, after = rest.partition(part)
        assert found == part, f"{part!r} is shown, but does not stand in {rest[:300]!r}"
        rest = after
    end = parts[-1] if len(parts) > 1 else ""
    assert rest.endswith(end), f"{end!r} is shown at the end, {rest[-300:]!r} was printed"
    assert len(parts) > 1 or rest == "", f"{rest!r} was printed after what is shown"


def test_the_limits_are_those_of_the_settings() -> None:
    rows = LIMIT.findall(PAGE)
    assert len(rows) >= 15
    factors = {"": 1, "KiB": KIB, "MiB": MIB}
    for number, unit, name in rows:
        assert getattr(Settings(), name.lower()) == int(number.replace(",", "")) * factors[unit], name


@pytest.mark.parametrize(
    ("shown", "printed"),
    [('{"a":1}', '{"a":2}'), ('{"a":…}', '{"b":1}'), ('{"a":…,"b":2}', '{"a":1,"b":3}'), ("x", "xy")],
)
def test_a_page_that_shows_something_else_is_found_out(shown: str, printed: str) -> None:
    with pytest.raises(AssertionError):
        check_shown(shown, printed)
