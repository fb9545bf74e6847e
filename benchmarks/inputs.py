"""What the benchmarks send: pictures, workflows, prompts and whole HTTP requests, the same in every run."""

import io
import json
import os
import random
import re
import struct
import zlib
from functools import cache
from pathlib import Path

from PIL import Image

REPOSITORY = Path(__file__).parent.parent
IHDR_END = 8 + 25
"""Where the first chunk of a PNG ends: behind the signature and IHDR."""

BOUNDARY = b"genasset-benchmark-boundary"
WORDS = re.findall(
    r"\w+",
    """
    amber ancient arch autumn balcony bay birch blue bridge bronze candle canyon castle cedar cliff cloud copper
    crystal dawn desert dragon dusk ember engraved evening fern fjord forest fox garden glass glacier golden granite
    harbour hill horizon ice island ivory jade kelp lantern light lighthouse linen lunar marble meadow mist moss
    oak ocean orchard owl painted pale pearl pine portrait quartz rain raven reef river rose ruin sail sand sea
    silver sky snow spire spring star stone storm summer sunset temple tide tower valley velvet village violet wave
    willow wind winter wolf wooden
    """,
)


@cache
def noise_png(side: int, share: float = 0.2) -> bytes:
    """A square PNG of soft colours under noise, which takes `share` of the brightness: as incompressible as a photo."""
    chance = random.Random(side)
    soft = Image.frombytes("RGB", (8, 8), chance.randbytes(192)).resize((side, side), Image.Resampling.BICUBIC)
    noise = Image.frombytes("RGB", (side, side), chance.randbytes(3 * side * side))
    file = io.BytesIO()
    Image.blend(soft, noise, share).save(file, "PNG", compress_level=1)
    return file.getvalue()


def serial_chunk(number: int) -> bytes:
    """A tEXt chunk (PNG 11.3.4.3) that gives the same picture other bytes."""
    body = b"tEXtSerial\0" + str(number).encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def workflow(size: int, seed: int) -> str:
    """A ComfyUI workflow of about `size` bytes of JSON; another seed gives another text."""
    chance = random.Random(seed)
    nodes: list[dict[str, object]] = []
    length = 0
    while length < size - 100:
        number = len(nodes) + 1
        node = {
            "id": number,
            "type": chance.choice(("KSampler", "CLIPTextEncode", "VAEDecode", "LoraLoader", "ControlNetApply")),
            "pos": [round(chance.uniform(-900, 900), 3), round(chance.uniform(-900, 900), 3)],
            "size": {"0": 315, "1": 262},
            "flags": {},
            "order": number,
            "mode": 0,
            "inputs": [{"name": "model", "type": "MODEL", "link": number + 7}],
            "outputs": [{"name": "LATENT", "type": "LATENT", "links": [number + 8], "slot_index": 0}],
            "widgets_values": [chance.getrandbits(50), "fixed", 20, 7.5, "dpmpp_2m", "karras", words(chance, 12)],
        }
        nodes.append(node)
        length += len(json.dumps(node)) + 2
    return json.dumps({"last_node_id": len(nodes), "nodes": nodes, "links": [], "version": 0.4, "serial": seed})


@cache
def shared_workflow(size: int) -> str:
    """One workflow of about `size` bytes; another number for its `"serial": 0` makes another of it."""
    return workflow(size, 0)


def words(chance: random.Random, count: int) -> str:
    """Words for where no real text is at hand."""
    return " ".join(chance.choices(WORDS, k=count))


@cache
def prompts() -> tuple[tuple[str, ...], str]:
    """Prompts, and where they come from: the full test data, or else words put together."""
    root = Path(os.environ.get("GENASSET_TEST_DATA") or REPOSITORY.parent / "shared")
    file = root / "realdata" / "prompts" / "prompts.txt"
    if file.is_file():
        lines = tuple(line for line in file.read_text().splitlines() if line.strip())
        return lines, f"{len(lines):,} real prompts of the full test data"
    chance = random.Random(1)
    return tuple(words(chance, chance.randint(5, 60)) for _ in range(10_000)), "generated words"


def get(path: str, token: str) -> list[bytes]:
    """A GET of the API, as the pieces to send."""
    return [f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()]


def save(token: str, number: int, side: int, workflow_bytes: int) -> list[bytes]:
    """A multipart save of a picture and a workflow that no other number has, as the pieces to send.

    Four saves in a row go to one asset. The large pieces are shared, so that many requests lie ready in little memory.
    """
    picture = noise_png(side)
    fields = {
        "asset_name": f"Benchmark {number // 4}",
        "prompt": prompts()[0][number % len(prompts()[0])],
        "model": "sd_xl_base_1.0.safetensors",
        "seed": str(number),
        "tags": "benchmark, noise",
        "metadata": json.dumps({"sampler": {"steps": 20, "cfg": 7.5}, "performance": {"sampler_name": "dpmpp_2m"}}),
    }
    if workflow_bytes:
        fields["workflow_json"] = workflow(workflow_bytes, number)
    return form(token, fields, picture[:IHDR_END] + serial_chunk(number), picture[IHDR_END:])


def form(token: str, fields: dict[str, str], *picture: bytes) -> list[bytes]:
    """A multipart save of the fields and the picture, as the pieces to send."""
    head = b"".join(_part(name) + text.encode() + b"\r\n" for name, text in fields.items())
    body = [head + _part("image", "picture.png"), *picture, b"\r\n--" + BOUNDARY + b"--\r\n"]
    lines = (
        "POST /api/v1/generations HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}",
        f"Content-Length: {sum(map(len, body))}",
    )
    return [("\r\n".join(lines) + "\r\n\r\n").encode(), *body]


def _part(name: str, filename: str = "") -> bytes:
    file = f'; filename="{filename}"\r\nContent-Type: image/png' if filename else ""
    return b"--" + BOUNDARY + f'\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
