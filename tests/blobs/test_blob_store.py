"""What every blob store promises, held by one suite. A new store is one more line in STORES."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genasset.blobs import PIECE, BlobStore, original_key, preview_key
from genasset.blobs.local import LocalBlobs

STORES: dict[str, Callable[[Path], BlobStore]] = {"local files": lambda folder: LocalBlobs(folder / "store")}

KEY = original_key("ab" * 32)
OTHER = original_key("cd" * 32)
PREVIEW = preview_key("ab" * 32, 512)


@pytest.fixture(params=STORES.values(), ids=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    made: BlobStore = request.param(tmp_path)
    return made


def whole(store: BlobStore, key: str) -> bytes:
    return b"".join(store.read(key))


class TestBlobStore:
    """Each test goes through the methods of the protocol alone."""

    @pytest.fixture
    def put(self, store: BlobStore, tmp_path: Path) -> Callable[[str, bytes], Path]:
        def put(key: str, data: bytes) -> Path:
            path = tmp_path / "upload"
            path.unlink(missing_ok=True)
            path.write_bytes(data)
            store.put_file(key, path)
            return path

        return put

    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
    def test_a_file_comes_back_byte_for_byte(
        self, store: BlobStore, put: Callable[[str, bytes], Path], size: int
    ) -> None:
        data = os.urandom(size)
        put(KEY, data)
        assert whole(store, KEY) == data
        assert store.size(KEY) == size
        assert max(map(len, store.read(KEY)), default=0) <= PIECE

    def test_the_file_that_was_put_is_left_alone_and_not_needed(
        self, store: BlobStore, put: Callable[[str, bytes], Path]
    ) -> None:
        path = put(KEY, b"content")
        assert path.read_bytes() == b"content"
        path.unlink()
        assert whole(store, KEY) == b"content"

    def test_putting_twice_is_harmless(self, store: BlobStore, put: Callable[[str, bytes], Path]) -> None:
        for _ in range(2):
            put(KEY, b"content")
        assert whole(store, KEY) == b"content"
        assert [blob.key for blob in store.scan("blobs")] == [KEY]

    @pytest.mark.parametrize("there", [b"", b"cut o", b"longer than it should be"])
    def test_what_is_there_in_another_size_is_replaced(
        self, store: BlobStore, put: Callable[[str, bytes], Path], there: bytes
    ) -> None:
        put(KEY, there)
        put(KEY, b"cut off no more")
        assert whole(store, KEY) == b"cut off no more"
        assert [blob.key for blob in store.scan("blobs")] == [KEY]

    def test_bytes_are_put_and_put_anew(self, store: BlobStore) -> None:
        for data in (b"first", b"second and longer", b""):
            store.put_bytes(PREVIEW, data)
            assert whole(store, PREVIEW) == data
        assert [blob.key for blob in store.scan("previews")] == [PREVIEW]

    def test_parts_are_read_by_first_byte_and_end(self, store: BlobStore, put: Callable[[str, bytes], Path]) -> None:
        data = os.urandom(2 * PIECE + 100)
        put(KEY, data)

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.integers(0, len(data)), st.integers(0, len(data)))
        def read_part(one: int, other: int) -> None:
            start, end = sorted((one, other))
            assert b"".join(store.read(KEY, start, end)) == data[start:end]
            assert b"".join(store.read(KEY, start)) == data[start:]

        read_part()

    def test_nothing_is_said_to_be_nothing(self, store: BlobStore) -> None:
        assert store.size(KEY) is None
        with pytest.raises(FileNotFoundError):
            next(iter(store.read(KEY)))
        with pytest.raises(FileNotFoundError):
            next(iter(store.read(KEY, 5, 10)))
        assert list(store.scan("blobs")) == []
        store.delete(KEY)

    def test_what_is_deleted_is_gone_and_may_come_again(
        self, store: BlobStore, put: Callable[[str, bytes], Path]
    ) -> None:
        put(KEY, b"content")
        put(OTHER, b"other")
        for _ in range(2):
            store.delete(KEY)
            assert store.size(KEY) is None
        assert whole(store, OTHER) == b"other"
        put(KEY, b"content")
        assert whole(store, KEY) == b"content"

    def test_a_scan_lists_what_is_under_a_prefix_with_size_and_time(
        self, store: BlobStore, put: Callable[[str, bytes], Path]
    ) -> None:
        put(KEY, b"content")
        put(OTHER, b"other")
        store.put_bytes(PREVIEW, b"preview")
        found = {blob.key: blob for blob in store.scan("blobs")}
        assert {key: blob.bytes for key, blob in found.items()} == {KEY: 7, OTHER: 5}
        assert {blob.key: blob.bytes for blob in store.scan("previews")} == {PREVIEW: 7}
        now = datetime.now(UTC)
        assert all(
            now - timedelta(minutes=1) < blob.modified_at < now + timedelta(minutes=1) for blob in found.values()
        )

    def test_many_that_put_the_same_at_once_do_no_harm(self, store: BlobStore, tmp_path: Path) -> None:
        data = os.urandom(100_000)
        start = threading.Barrier(8)

        def put(number: int) -> None:
            path = tmp_path / f"upload {number}"
            path.write_bytes(data)
            start.wait(20)
            store.put_file(KEY, path)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(put, range(8)))
        assert whole(store, KEY) == data
        assert [blob.key for blob in store.scan("blobs")] == [KEY]

    def test_a_reader_sees_old_or_new_bytes_and_never_a_mixture(self, store: BlobStore) -> None:
        versions = {bytes([number]) * 50_000 for number in range(5)}
        store.put_bytes(PREVIEW, bytes([0]) * 50_000)
        done = threading.Event()

        def read() -> set[bytes]:
            seen = set()
            while not done.is_set():
                seen.add(whole(store, PREVIEW))
            return seen

        with ThreadPoolExecutor(2) as threads:
            readers = [threads.submit(read) for _ in range(2)]
            for _ in range(20):
                for data in versions:
                    store.put_bytes(PREVIEW, data)
            done.set()
            assert all(reader.result() <= versions for reader in readers)

    def test_a_store_that_answers_says_nothing(self, store: BlobStore) -> None:
        store.check()


class Syncs:
    """Stands in for fsync: remembers what was synced and what lay under the key then; fails when told to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: list[tuple[str, bool]] = []
        self.broken = False

    def __call__(self, descriptor: int) -> None:
        if self.broken:
            raise OSError(5, "Input/output error")
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        self.seen.append((path.name, (self.root / KEY).exists()))
        os.fsync(descriptor)


class TestLocalFiles:
    """What holds for files in a folder besides."""

    @pytest.fixture
    def syncs(self, tmp_path: Path) -> Syncs:
        return Syncs(tmp_path / "store")

    @pytest.fixture
    def local(self, tmp_path: Path, syncs: Syncs) -> LocalBlobs:
        made = LocalBlobs(tmp_path / "store", sync=syncs)
        syncs.seen.clear()
        return made

    @pytest.fixture
    def upload(self, tmp_path: Path) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(b"content")
        return path

    def test_a_file_is_synced_before_it_has_its_name_and_its_folder_after(
        self, local: LocalBlobs, syncs: Syncs, upload: Path
    ) -> None:
        local.put_file(KEY, upload)
        assert syncs.seen == [("upload", False), ("ab", True)]

    def test_a_file_that_is_there_already_is_synced_all_the_same(
        self, local: LocalBlobs, syncs: Syncs, upload: Path
    ) -> None:
        local.put_file(KEY, upload)
        local.put_file(KEY, upload)
        assert syncs.seen[2:] == [("upload", True), ("ab", True)]

    def test_a_file_that_can_not_be_synced_is_not_stored(self, local: LocalBlobs, syncs: Syncs, upload: Path) -> None:
        syncs.broken = True
        with pytest.raises(OSError, match="Input/output"):
            local.put_file(KEY, upload)
        assert local.size(KEY) is None

    def test_a_new_store_is_durable_down_to_its_folders(self, tmp_path: Path, syncs: Syncs) -> None:
        LocalBlobs(tmp_path / "store", sync=syncs)
        assert [name for name, _ in syncs.seen] == ["blobs", "store", tmp_path.name]
        assert len(list((tmp_path / "store" / "blobs").iterdir())) == 256

    @pytest.fixture
    def elsewhere(self, tmp_path: Path) -> Iterator[Path]:
        """A file on another file system, which can't be linked to."""
        if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
            pytest.skip("needs /dev/shm on a file system of its own")
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
            file.write(b"content")
            file.flush()
            yield Path(file.name)

    def test_a_file_from_another_file_system_is_copied_and_synced(
        self, local: LocalBlobs, syncs: Syncs, elsewhere: Path
    ) -> None:
        local.put_file(KEY, elsewhere)
        assert whole(local, KEY) == b"content"
        assert [there for _name, there in syncs.seen] == [False, False, True]
        assert [blob.key for blob in local.scan("")] == [KEY]

    def test_a_folder_that_is_away_does_not_answer(self, local: LocalBlobs, tmp_path: Path) -> None:
        (tmp_path / "store" / "blobs").rename(tmp_path / "away")
        with pytest.raises(OSError, match="No such file"):
            local.check()
