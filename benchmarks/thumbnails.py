"""Absolute numbers of what has no target of its own: previews made and kept, originals."""

from functools import partial

import msgspec

from benchmarks import inputs
from benchmarks.clients import Request, repeat
from benchmarks.figures import Fact, Lab, Results, median
from benchmarks.processes import genasset

NAME = "files"
COUNT = 40
HOW = f"""\
**Files.** {COUNT} thumbnails (512 px WebP of 1024 × 1024 pictures) at their first look, then one of them again and
again, and an original of 2.6 MB; 4 clients."""


def measure(lab: Lab) -> Results:
    """Thumbnails and originals per second."""
    count = 4 if lab.quick else COUNT
    with genasset(lab.folder / "files") as server:
        lab.clients.run(server.address, partial(saves, server.token, count), status=201)
        answer = lab.clients.run(server.address, partial(listed, server.token, count)).last_answer
        versions = [row["current_version"] for row in msgspec.json.decode(answer)["assets"]]
        thumbnails = [path_of(version["thumbnail_url"]) for version in versions]
        first = lab.clients.run(server.address, partial(each_once, thumbnails))
        again = lab.clients.run(server.address, partial(repeat, inputs.get(thumbnails[0], ""), 4, 10 * count))
        original = inputs.get(path_of(versions[0]["signed_preview_url"]), "")
        originals = lab.clients.run(server.address, partial(repeat, original, 4, count))
    size = len(originals.last_answer) / 1e6
    lab.say(f"{first.rate:.1f} new thumbnails/s, {again.rate:.0f} kept ones/s, {originals.rate:.0f} originals/s")
    return Results(
        [],
        [
            Fact(
                "Thumbnails made at first look, 4 clients",
                f"{first.rate:.1f}/s, {1000 * median(first.latencies):.0f} ms each",
            ),
            Fact("Thumbnails that are kept, 4 clients", f"{again.rate:.0f}/s"),
            Fact(f"Originals of {size:.1f} MB, 4 clients", f"{originals.rate:.0f}/s, {size * originals.rate:.0f} MB/s"),
        ],
    )


def saves(token: str, count: int) -> list[list[Request]]:
    """Saves of as many assets."""
    made = [inputs.save(token, 4 * number, 1024, 0) for number in range(count)]
    return [made[client::4] for client in range(4)]


def listed(token: str, count: int) -> list[list[Request]]:
    """A list of all of them."""
    return [[inputs.get(f"/api/v1/assets?page_size={count}", token)]]


def each_once(paths: list[str]) -> list[list[Request]]:
    """Each path once, dealt out to 4 clients."""
    asked = [inputs.get(path, "") for path in paths]
    return [asked[client::4] for client in range(4)]


def path_of(url: str) -> str:
    """A URL without its scheme and host."""
    return "/" + url.split("/", 3)[3]
