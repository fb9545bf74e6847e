"""The package: the base install is a light client, the wheel carries everything the server needs."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def needed_by(name: str, found: set[str] | None = None) -> set[str]:
    """The distributions that a distribution needs without extras, itself among them."""
    found = set() if found is None else found
    if name in found:
        return found
    found.add(name)
    for requirement in distribution(name).requires or ():
        other = re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()
        if "extra ==" not in requirement and _is_installed(other):
            needed_by(other, found)
    return found


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except ModuleNotFoundError:
        return False
    return True


def test_the_base_install_needs_httpx2_and_msgspec_alone() -> None:
    plain = {one for one in distribution("genasset").requires or () if "extra ==" not in one}
    assert {re.split(r"[^A-Za-z0-9._-]", one)[0] for one in plain} == {"httpx2", "msgspec"}


def test_the_client_works_with_the_base_install_alone_and_the_command_says_what_is_missing(
    wheel: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in needed_by("httpx2") | needed_by("msgspec"):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top != ".." and not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    run = [sys.executable, "-S", "-c"]
    environment = {"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"}
    script = "from genasset import Client; Client('http://127.0.0.1:1', 'ga_x').close(); print('light')"
    light = subprocess.run([*run, script], env=environment, capture_output=True, text=True, check=False)
    assert light.stdout == "light\n", light.stderr
    command = subprocess.run(
        [*run, "from genasset.__main__ import main; main()"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert command.returncode == 1
    assert "pip install 'genasset[server]'" in command.stderr
    assert "Traceback" not in command.stderr


def test_the_wheel_carries_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("genasset/")}
    source = REPOSITORY / "src"
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert packed == {name for name in files if "__pycache__" not in name}
