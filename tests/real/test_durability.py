"""When a 201 leaves the server, the file, its folder and the database have been synced to the disk, in that order.

The proof is the order of the server's own system calls.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from curl_form import File, curl_save
from system_calls import Call, read_calls, strace

from factories import picture
from server import Server, wait_until

pytestmark = pytest.mark.skipif(
    which("strace") is None and os.environ.get("CI") != "true", reason="strace is not installed"
)
SYNC = ("fsync", "fdatasync")
LINK = ("link", "linkat")
SEND = ("write", "writev", "sendto", "sendmsg")
LOG = "genasset.db-wal>"
CREATED = '"HTTP/1.1 201 Created'


class Trace:
    """A server under strace, and its calls since the last look."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self._path = path
        self._seen = 0

    def until_created(self, count: int = 1) -> list[Call]:
        """The calls since the last look, this many 201 among them."""
        calls: list[Call] = []

        def arrived() -> bool:
            lines = self._path.read_text().splitlines(keepends=True)
            calls[:] = read_calls("".join(line for line in lines[self._seen :] if line.endswith("\n")))
            return sum(call.name in SEND and CREATED in call.text for call in calls) >= count

        wait_until(arrived)
        self._seen += max(call.ended for call in calls) + 1
        return calls


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Trace]:
    trace = tmp_path / "trace"
    with Server(tmp_path / "library", under=strace(trace)) as server:
        yield Trace(server, trace)


def one(calls: list[Call], names: tuple[str, ...], text: str) -> Call:
    """The only call of these names that has the text in its arguments."""
    found = [call for call in calls if call.name in names and text in call.text]
    assert len(found) == 1, f"{len(found)} calls of {names} with {text}"
    return found[0]


def assert_in_order(*calls: Call) -> None:
    """Each call had ended when the next one began."""
    for first, second in pairwise(calls):
        assert first.ended < second.began, f"{first} should have ended before {second}"


def assert_synced(calls: list[Call], files: list[bytes]) -> None:
    """Of each file: written, synced, linked into blobs/, folder synced; then the database's log; then the 201."""
    created = one(calls, SEND, CREATED)
    logged = [call for call in calls if call.name == "pwrite64" and LOG in call.text and call.began < created.began]
    synced = [call for call in calls if call.name in SYNC and LOG in call.text and call.began > logged[-1].ended]
    for data in files:
        sha256 = hashlib.sha256(data).hexdigest()
        link = one(calls, LINK, f'/blobs/{sha256[:2]}/{sha256}"')
        upload = link.text.split('"')[1]
        assert "/incoming/" in upload
        written = [call for call in calls if call.name == "write" and f"<{upload}>" in call.text]
        file_synced = one(calls, SYNC, f"<{upload}>")
        folder_synced = one(calls, SYNC, f"/blobs/{sha256[:2]}>")
        assert_in_order(written[-1], file_synced, link, folder_synced, logged[-1], synced[0], created)


def test_a_save_is_on_the_disk_before_its_201_leaves(traced: Trace) -> None:
    data = picture(1)
    assert curl_save(traced.server, File("image", "a.png", data)).status_code == 201
    calls = traced.until_created()
    assert_synced(calls, [data])
    # The folders themselves, made at this first start, were synced before anything was put into them.
    link = next(call for call in calls if call.name in LINK and "/blobs/" in call.text)
    for folder in (f"{traced.server.data_dir}/blobs>", f"{traced.server.data_dir}>"):
        assert any(call.name in SYNC and folder in call.text and call.ended < link.began for call in calls)


def test_a_save_with_input_pictures_is_on_the_disk_before_its_201_leaves(traced: Trace) -> None:
    traced.server.saved(picture(1))
    traced.until_created()
    files = [picture(2), picture(3), picture(4)]
    inputs = [File("input_images", "in.png", data) for data in files[1:]]
    assert curl_save(traced.server, *inputs, File("image", "out.png", files[0])).status_code == 201
    assert_synced(traced.until_created(), files)


def test_a_save_of_bytes_that_are_there_already_waits_for_the_database_alone(traced: Trace) -> None:
    traced.server.saved(picture(1), asset_name="first")
    traced.until_created()
    traced.server.saved(picture(1), asset_name="second")
    calls = traced.until_created()
    created = one(calls, SEND, CREATED)
    logged = [call for call in calls if call.name == "pwrite64" and LOG in call.text]
    synced = [call for call in calls if call.name in SYNC and LOG in call.text and call.began > logged[-1].ended]
    assert_in_order(logged[-1], synced[0], created)


def test_saves_that_commit_together_are_all_on_the_disk_before_their_201_leave(traced: Trace) -> None:
    files = [picture(number) for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(traced.server.saved, files))
    calls = traced.until_created(len(files))
    for data in files:
        sha256 = hashlib.sha256(data).hexdigest()
        created = next(call for call in calls if call.name in SEND and CREATED in call.text and sha256 in call.text)
        row = next(call for call in calls if call.name == "pwrite64" and LOG in call.text and sha256 in call.text)
        assert any(
            call.name in SYNC and LOG in call.text and row.ended < call.began and call.ended < created.began
            for call in calls
        ), "a 201 left before its row was on the disk"
