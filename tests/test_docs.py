"""The documents say what is true: their commands run, what they link to is there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from server import Server

REPOSITORY = Path(__file__).parent.parent
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
TOUR = re.compile(r"^```sh tour\n(.*?)^```\n\n```text\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_the_tour_of_the_readme_prints_what_it_says(own_server: Server) -> None:
    steps = TOUR.findall((REPOSITORY / "README.md").read_text())
    assert len(steps) >= 4
    script = "set -euo pipefail\n" + "\necho ---\n".join(command for command, _output in steps)
    environment = {**os.environ, "GENASSET_URL": own_server.url, "GENASSET_TOKEN": own_server.token}
    run = subprocess.run(
        ["bash", "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split("---\n") == [output for _command, output in steps]


def test_the_python_lines_of_the_readme_run(own_server: Server, tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    fox = next((REPOSITORY / "tests/data/realdata").rglob("fox_512x512.png"))
    (tmp_path / "fox.png").write_bytes(fox.read_bytes())
    own_server.saved(fox, asset_name="Fox", tags="winter")
    environment = {**os.environ, "GENASSET_URL": own_server.url, "GENASSET_TOKEN": own_server.token}
    python = REPOSITORY / ".venv/bin/python"
    run = subprocess.run(
        [python, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "Fox 43\n"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    missing = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert not missing


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert {"serve", "test", "setup", "check", "bench", "help"} <= targets
    named = {
        name for path in DOCUMENTS for name in re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text(), re.MULTILINE)
    }
    assert named <= targets
