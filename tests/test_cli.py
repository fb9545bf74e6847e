"""The command line as people run it: real processes, what they print and how they end."""

import json
import os
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from select import select as ready

import httpx2
import pytest
from sqlalchemy import select

from factories import picture
from genasset.db.tables import versions
from genasset.library import open_library
from genasset.settings import Settings
from server import Server, client, free_port, plain_environment

TOKEN = re.compile(r"ga_[0-9A-Za-z]{40}")
GENASSET = [sys.executable, "-m", "genasset"]


def run(*arguments: str, data_dir: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    folder = ["--data-dir", str(data_dir)] if data_dir else []
    return subprocess.run(
        [*GENASSET, *arguments, *folder],
        capture_output=True,
        text=True,
        env={**plain_environment(), **environment},
        timeout=60,
    )


def printed(*arguments: str, data_dir: Path, **environment: str) -> str:
    """What a command that must succeed prints; nothing goes to standard error."""
    done = run(*arguments, data_dir=data_dir, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: str, data_dir: Path | None = None, **environment: str) -> str:
    """The one sentence on standard error of a command that must fail."""
    done = run(*arguments, data_dir=data_dir, **environment)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server beside which commands run."""
    with Server(tmp_path_factory.mktemp("cli") / "library") as running:
        yield running


def test_a_token_made_on_a_fresh_folder_is_printed_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "library"
    out = printed("token", "create", "--name", "mine", data_dir=folder)
    assert re.fullmatch(rf"{TOKEN.pattern}\n", out)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "My library" in printed("workspace", "list", data_dir=folder)
    listed = json.loads(printed("token", "list", "--json", data_dir=folder))
    assert [(one["name"], one["scopes"], one["expires"]) for one in listed] == [("mine", "read,write", "never")]


def test_a_token_made_beside_a_running_server_works_at_once_and_is_revoked_at_once(served: Server) -> None:
    text = printed("token", "create", "--name", "beside", "--scopes", "read", data_dir=served.data_dir).strip()
    other = served.with_token(text)
    assert other.http.get("/api/v1/workspace").status_code == 200
    assert other.http.post("/api/v1/generations").status_code == 403
    listed = json.loads(printed("token", "list", "--json", data_dir=served.data_dir))
    token_id = next(one["id"] for one in listed if one["name"] == "beside")
    assert text not in json.dumps(listed)
    assert printed("token", "revoke", token_id, data_dir=served.data_dir) == "Revoked.\n"
    assert other.http.get("/api/v1/workspace").status_code == 401
    assert "no such token" in refused("token", "revoke", token_id, data_dir=served.data_dir)


def test_a_workspace_is_printed_as_its_slug_alone_and_has_tokens_of_its_own(served: Server) -> None:
    slug = printed("workspace", "create", "--name", "Studio Å, Nord", data_dir=served.data_dir)
    assert slug == "studio-a-nord\n"
    listed = json.loads(printed("workspace", "list", "--json", data_dir=served.data_dir))
    assert [(one["slug"], one["name"]) for one in listed] == [
        ("my-library", "My library"),
        ("studio-a-nord", "Studio Å, Nord"),
    ]
    made = ("token", "create", "--name", "nord", "--workspace", slug.strip(), "--expires", "2040-01-31")
    other = served.with_token(printed(*made, data_dir=served.data_dir).strip())
    assert other.get("/api/v1/workspace")["workspace"]["slug"] == "studio-a-nord"
    table = printed("token", "list", "--workspace", slug.strip(), data_dir=served.data_dir)
    heading, row = table.splitlines()
    assert heading.split("  ")[0] == "ID"
    assert "2040-01-31 00:00:00+00:00" in row
    assert "read,write" in row
    assert "nord" not in printed("token", "list", data_dir=served.data_dir)
    assert "already a workspace" in refused("workspace", "create", "--name", "studio a nord", data_dir=served.data_dir)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("token", "create", "--name", "x", "--workspace", "nowhere"), "no workspace 'nowhere'"),
        (("token", "create", "--name", "x", "--scopes", "root"), "scopes"),
        (("token", "create", "--name", "x", "--scopes", ""), "scopes"),
        (("token", "create", "--name", " "), "name"),
        (("token", "create", "--name", "x", "--expires", "soon"), "--expires"),
        (("token", "create", "--name", "x", "--expires", "2020-01-01"), "future"),
        (("token", "list", "--workspace", "nowhere"), "no workspace 'nowhere'"),
        (("workspace", "create", "--name", "  "), "name"),
        (("workspace", "create", "--name", "猫"), "Latin"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(served: Server, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(*arguments, data_dir=served.data_dir)


def test_an_empty_folder_has_no_workspace_to_list_tokens_of(tmp_path: Path) -> None:
    assert "no workspace yet" in refused("token", "list", data_dir=tmp_path)
    assert printed("workspace", "list", data_dir=tmp_path) == "SLUG  NAME\n"


def test_a_data_folder_that_can_not_be_used_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    for folder in (file, file / "below"):
        for command in (("workspace", "list"), ("serve", "--port", "0")):
            assert str(file) in refused(*command, data_dir=folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "genasset.db").write_bytes(b"no database " * 1000)
    assert "no database" in refused("workspace", "list", data_dir=other)


def test_a_setting_that_can_not_be_taken_is_one_sentence(tmp_path: Path) -> None:
    assert "GENASSET_PORT" in refused("serve", data_dir=tmp_path, GENASSET_PORT="many")
    assert "GENASSET_LOG_LEVEL" in refused("workspace", "list", data_dir=tmp_path, GENASSET_LOG_LEVEL="loud")
    assert "--port" in refused("serve", "--port", "70000", data_dir=tmp_path)


def test_the_data_folder_is_taken_from_the_environment(tmp_path: Path) -> None:
    done = run("workspace", "create", "--name", "Env", GENASSET_DATA_DIR=str(tmp_path / "env"))
    assert done.stdout == "env\n"
    assert (tmp_path / "env" / "genasset.db").is_file()


def test_help_is_given_without_touching_a_folder(tmp_path: Path) -> None:
    done = subprocess.run([*GENASSET, "--help"], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("serve", "token", "workspace", "gc"))
    assert list(tmp_path.iterdir()) == []


def test_gc_says_what_it_took_away(served: Server) -> None:
    (served.data_dir / "incoming" / "upload-dead").write_bytes(b"half")
    served.saved(picture())
    counts = json.loads(printed("gc", "--older-than", "0", "--json", data_dir=served.data_dir))
    assert counts == {"uploads": 1, "originals": 0, "previews": 0, "bytes": 4}
    out = printed("gc", data_dir=served.data_dir)
    assert out == "Removed 0 unfinished uploads, 0 unreferenced pictures and 0 previews: 0 bytes.\n"
    assert served.http.get(served.saved(picture())["version"]["signed_preview_url"]).content == picture()
    assert run("gc", "--older-than", "-1", data_dir=served.data_dir).returncode == 2


def test_a_second_server_on_the_same_folder_is_refused(served: Server) -> None:
    sentence = refused("serve", "--port", "0", data_dir=served.data_dir)
    assert "Another server already runs" in sentence
    assert str(served.data_dir) in sentence
    assert served.http.get("/healthz").status_code == 200


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = refused("serve", "--port", str(port), data_dir=tmp_path / "library")
    assert str(port) in sentence
    assert "--port" in sentence


@contextmanager
def serving(
    folder: Path, *flags: str, terminal: bool = False, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server process, and what it has printed by the time that it answers."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    command = [*GENASSET, "serve", "--data-dir", str(folder), *(flags or ("--port", "0"))]
    process = subprocess.Popen(
        command,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**plain_environment(), **environment},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield process, read_announcement(ours)
    finally:
        process.terminate()
        process.wait(20)
        os.close(ours)


def read_announcement(descriptor: int) -> str:
    found, end = b"", time.monotonic() + 30
    while b"/api/v1/generations" not in found:
        assert time.monotonic() < end, f"the server announced only {found!r}"
        if ready([descriptor], [], [], 1)[0]:
            piece = os.read(descriptor, 4096)
            assert piece, f"the server ended after {found!r}"
            found += piece
    return found.decode()


def address_in(announced: str) -> str:
    found = re.search(r"at (http://\S+)", announced)
    assert found
    return found[1]


def test_on_a_terminal_the_first_token_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with serving(folder, terminal=True) as (_process, announced):
        token = TOKEN.search(announced)
        assert token
        assert httpx2.get(
            f"{address_in(announced)}/api/v1/tokens", headers={"Authorization": f"Bearer {token[0]}"}
        ).json()["tokens"][0]["scopes"] == ["read", "write", "admin"]
        assert f'curl -H "Authorization: Bearer {token[0]}"' in announced
    assert not (folder / "first-token").exists()
    holding = [path for path in folder.rglob("*") if path.is_file() and token[0].encode() in path.read_bytes()]
    assert holding == []
    with serving(folder, terminal=True) as (_process, announced):
        assert not TOKEN.search(announced)
        assert "first token" not in announced


def test_without_a_terminal_the_first_token_is_in_a_private_file_that_one_line_names(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with serving(folder) as (_process, announced):
        assert not TOKEN.search(announced)
        file = folder / "first-token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [str(file) in line for line in announced.splitlines()].count(True) == 2  # the line, and the curl line
        token = file.read_text().strip()
        with client(address_in(announced), Authorization=f"Bearer {token}") as http:
            assert http.get("/api/v1/workspace").json()["workspace"]["name"] == "My library"
        picture_file = tmp_path / "picture.png"
        picture_file.write_bytes(picture())
        line = next(line for line in announced.splitlines() if "curl " in line)
        done = subprocess.run(
            line.partition("curl ")[1] + line.partition("curl ")[2],
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert json.loads(done.stdout)["asset"]["name"] == "My first asset"


def test_the_announced_address_is_the_public_one(tmp_path: Path) -> None:
    with serving(tmp_path / "library", GENASSET_PUBLIC_URL="https://art.example.org/lib/") as (_process, announced):
        assert "at https://art.example.org/lib (API reference: https://art.example.org/lib/docs)" in announced
        assert "https://art.example.org/lib/api/v1/generations" in announced


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    folder, port = tmp_path / "library", free_port()
    with serving(folder, "--port", str(port)) as (process, _announced):
        token = (folder / "first-token").read_text().strip()
        with client(f"http://127.0.0.1:{port}", Authorization=f"Bearer {token}") as http:
            assert http.post("/api/v1/generations", files={"image": ("a.png", picture())}).status_code == 201
        process.send_signal(number)
        assert process.wait(20) == 0
    assert list((folder / "incoming").iterdir()) == []
    with closing(open_library(Settings(data_dir=folder))) as library, library.db.read() as tx:
        assert len(tx.execute(select(versions)).all()) == 1


def test_a_killed_server_does_not_keep_its_folder_locked(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as (process, _announced):
        process.kill()
        process.wait(20)
        with serving(tmp_path / "library") as (_process, announced), client(address_in(announced)) as http:
            assert http.get("/healthz").status_code == 200
