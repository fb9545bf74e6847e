"""How much memory pictures take, seen from outside in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_pictures import colourful, encoded, png
from PIL import Image

MIB = 1024 * 1024

WATCHER = """
import io, json, resource, sys
from contextlib import suppress
from pathlib import Path
from PIL import Image
from genasset.errors import GenAssetError
from genasset.images import MemoryBudget, identify, preview

class Recording(MemoryBudget):
    most = 0
    def take(self, wanted_bytes):
        self.most = max(self.most, wanted_bytes)
        return super().take(wanted_bytes)

def peak():
    # VmHWM and not ru_maxrss, which a child inherits from the process that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

warm = io.BytesIO()
Image.new("RGB", (64, 64)).save(warm, "PNG")
budget = Recording(2**30)
preview(warm, 256, pixel_limit=10**8, budget=budget)
budget.most = 0
before = peak()
for name in sys.argv[2:]:
    with suppress(GenAssetError):
        if sys.argv[1] in ("identify", "both"):
            identify(Path(name), pixel_limit=50_000_000, budget=budget)
        if sys.argv[1] in ("preview", "both"):
            preview(Path(name), 512, pixel_limit=50_000_000, budget=budget)
print(json.dumps([peak() - before, budget.most]))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see a peak")


def memory_of(what: str, *files: Path) -> tuple[int, int]:
    """Peak bytes that decoding took in a fresh process, and the most that was asked of the budget."""
    command = [sys.executable, "-c", WATCHER, what, *map(str, files)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120)
    used, asked = json.loads(answer.stdout)
    return used, asked


def test_bombs_take_little_memory(image_data: Path) -> None:
    names = (
        "bomb_1bit_50000x50000.png",
        "bomb_rgb_20000x20000.png",
        "ihdr_small_idat_huge.png",
        "ztxt_200_bombs.png",
        "text_20MB_parameters.png",
        "stealth_gzip_bomb.png",
        "apng_3000_frames.png",
        "jpeg_5000_scans.jpg",
        "webp_2000_frames.webp",
        "aspect_1x60000.png",
    )
    used, _ = memory_of("both", *(image_data / "hostile" / "generated" / name for name in names))
    assert used < 60 * MIB


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pictures of 12 megapixels in the ways they differ in what they cost."""
    side = 3464
    flat = colourful(433, 433).resize((side, side), Image.Resampling.NEAREST)
    row = bytes(side * 2)
    data = {
        "rgb.png": encoded(flat, "png", compress_level=1),
        "rgba.png": encoded(Image.new("RGBA", (side, side), (9, 9, 9, 9)), "png", compress_level=1),
        "grey16.png": png(side, side, 16, 0, row),
        "palette.png": encoded(Image.new("P", (side, side)), "png", transparency=bytes([9])),
        "baseline.jpg": encoded(flat, "jpeg"),
        "progressive.jpg": encoded(flat, "jpeg", progressive=True, subsampling=0),
        "cmyk.jpg": encoded(flat.convert("CMYK"), "jpeg", progressive=True),
        "lossy.webp": encoded(flat, "webp", method=0),
        "flat.gif": encoded(Image.new("P", (side, side)), "gif"),
        "flat.avif": encoded(flat, "avif", speed=10),
    }
    folder = tmp_path_factory.mktemp("large")
    for name, content in data.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in data}


@pytest.mark.parametrize("what", ["identify", "preview"])
def test_what_is_asked_of_the_budget_is_what_decoding_takes(what: str, large: dict[str, Path]) -> None:
    wrong = {}
    for name, path in large.items():
        used, asked = memory_of(what, path)
        if not used - 4 * MIB <= asked <= 3 * used + 16 * MIB:
            wrong[name] = f"{used / MIB:.0f} MiB used, {asked / MIB:.0f} MiB asked"
    assert wrong == {}


def test_a_jpeg_is_accepted_in_a_fraction_of_its_pixels_memory(large: dict[str, Path]) -> None:
    used, _ = memory_of("identify", large["baseline.jpg"])
    assert used < 12_000_000


def test_a_line_of_forty_million_pixels_is_made_small_without_a_filter_of_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "line.png"
    path.write_bytes(png(40_000_000, 1, 1, 0, bytes(5_000_000)))
    used, asked = memory_of("preview", path)
    assert used < asked + 4 * MIB < 200 * MIB
