"""Files on their way in: whose process lives they stay, and what it left behind is known as abandoned."""

import hashlib
import subprocess
import sys
from pathlib import Path

from genasset.blobs.incoming import Incoming, discard_abandoned

HOLD = """
import sys, time
from pathlib import Path
from genasset.blobs.incoming import Incoming
file = Incoming(Path(sys.argv[1])).open()
file.write(b"half a picture")
print(file.path.name, flush=True)
time.sleep(60)
"""


def test_a_file_grows_with_its_hash_and_goes_when_it_is_discarded(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path)
    file = incoming.open()
    for piece in (b"half ", b"a ", b"picture"):
        file.write(piece)
    upload = file.finish("sea.png")
    assert Path(upload.path).read_bytes() == b"half a picture"
    assert upload.sha256 == hashlib.sha256(b"half a picture").hexdigest()
    assert (upload.bytes, upload.filename) == (14, "sea.png")
    incoming.open()
    incoming.discard()
    assert list(tmp_path.iterdir()) == []
    incoming.discard()


def test_a_file_in_this_process_is_not_abandoned(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path)
    incoming.open().write(b"x")
    assert discard_abandoned(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 1
    incoming.discard()


def test_a_file_is_abandoned_once_its_process_is_dead(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    name = writer.stdout.readline().strip()
    assert (tmp_path / name).read_bytes() == b"half a picture"
    assert discard_abandoned(tmp_path) == []
    assert (tmp_path / name).exists()
    writer.kill()
    writer.wait(20)
    assert discard_abandoned(tmp_path) == [14]
    assert not (tmp_path / name).exists()


def test_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    assert discard_abandoned(tmp_path) == []
    assert (tmp_path / "lost+found").is_dir()
