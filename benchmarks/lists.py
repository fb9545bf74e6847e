"""Lists and searches: as quick in a large library, deep down, and for a word that nearly all rows have."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from benchmarks import fill, inputs
from benchmarks.clients import Clients, Connection, Request, repeat
from benchmarks.figures import Fact, Figure, Lab, Results, median, ratio
from benchmarks.processes import Process, genasset

NAME = "list"
SMALL, LARGE, DEEP, REQUESTS = 1000, 100_000, 1000, 40
WORKFLOW = 2000
ROWS = 24
LIST = "/api/v1/assets"
HOW = f"""\
**List.** Two libraries are filled directly with the rows that saves make ({fill.EACH} versions an asset, each with a
workflow of its own of 2 KB and a prompt cut or filled up to {fill.PROMPT} characters): one of {SMALL:,} versions and
one of {LARGE:,}. A filled asset is compared with one saved through the API, value for value. One client asks
`GET /api/v1/assets` ({ROWS} rows, whole answers) of the small library, the large one, the large one with the cursor of
page {DEEP:,}, and searches the large one for a word that 80 of 100 assets have and for one that {fill.RARE_ASSETS} in
all have. All five take turns, {REQUESTS} requests each; a ratio is the median of the rounds' ratios of median times."""


def measure(lab: Lab) -> Results:
    """How the time of a list grows with the library, the page and the hits."""
    small_count, large_count, deep = (200, 1200, 20) if lab.quick else (SMALL, LARGE, DEEP)
    small, large = (fill.fill(lab.folder / f"list-{count}", count, WORKFLOW) for count in (small_count, large_count))
    lab.say(f"filled {small_count + large_count} versions")
    with genasset(small.data_dir) as few, genasset(large.data_dir) as many:
        check_filled(few, small.token)
        cursor = cursor_of_page(many, large.token, deep)
        asked = {
            "small": (few, small.token, LIST),
            "large": (many, large.token, LIST),
            "deep": (many, large.token, f"{LIST}?cursor={quote(cursor)}"),
            "common": (many, large.token, f"{LIST}?search={fill.COMMON}"),
            "rare": (many, large.token, f"{LIST}?search={fill.RARE}"),
        }
        rounds = [
            partial(_times, lab.clients, server, inputs.get(path, token), name)
            for name, (server, token, path) in asked.items()
        ]
        times = _take_turns(lab, dict(zip(asked, rounds, strict=True)))
    return _results(times, (small_count, large_count), deep)


def _take_turns(lab: Lab, rounds: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in rounds}
    for turn in range(lab.rounds(15) + 1):
        for name, run in rounds.items():
            seconds = run()
            if turn:
                times[name].append(seconds)
    lab.say(", ".join(f"{name} {1000 * median(values):.2f} ms" for name, values in times.items()))
    return times


def _times(clients: Clients, server: Process, request: Request, name: str) -> float:
    done = clients.run(server.address, partial(repeat, request, 1, REQUESTS))
    answer = msgspec.json.decode(done.last_answer)
    rows = [row["name"] for row in answer["assets"]]
    if len(rows) != ROWS or (name in ("common", "rare") and not _has_word(answer, name)):
        raise AssertionError(f"{name} gave {len(rows)} rows")
    return median(done.latencies)


def _has_word(answer: dict[str, Any], name: str) -> bool:
    word = fill.COMMON if name == "common" else fill.RARE
    return all(word in row["current_version"]["prompt"] for row in answer["assets"])


def _results(times: dict[str, list[float]], counts: tuple[int, int], deep: int) -> Results:
    small, count = counts

    def figure(what: str, measured: str, against: str, limit: float) -> Figure:
        ours, floor = times[measured], times[against]
        return Figure(
            what, f"{1000 * median(ours):.2f} ms", f"{1000 * median(floor):.2f} ms", ratio(ours, floor), limit
        )

    return Results(
        [
            figure(f"List of 24 at {count:,} versions, against {small:,}", "large", "small", 1.3),
            figure(f"Page {deep:,} by cursor, against page 1", "deep", "large", 1.3),
            figure("Search of a word in 80 of 100 rows, against a rare one", "common", "rare", 2),
        ],
        [
            Fact(f"One list of 24 whole rows at {count:,} versions", f"{1000 * median(times['large']):.2f} ms"),
            Fact("Prompts in those rows", inputs.prompts()[1]),
        ],
    )


def cursor_of_page(server: Process, token: str, page: int) -> str:
    """The cursor of the page, found by going there."""
    connection = Connection(server.address)
    cursor = ""
    for _ in range(page - 1):
        path = f"{LIST}?lite=1&cursor={quote(cursor)}"
        answer = msgspec.json.decode(connection.ask(inputs.get(path, token), 200))
        cursor = answer["pagination"]["next_cursor"]
    connection.close()
    return cursor


def check_filled(server: Process, token: str) -> None:
    """Raise AssertionError unless a filled asset looks as one does whose saves sent the same fields."""
    connection = Connection(server.address)
    filled = fill.fields(3, 1, WORKFLOW)
    name = filled["asset_name"]
    for turn in range(fill.EACH):
        sent = {**fill.fields(3, turn, WORKFLOW), "asset_name": f"{name} again"}
        connection.ask(inputs.form(token, sent, inputs.noise_png(fill.SIDE)), 201)
    found = msgspec.json.decode(connection.ask(inputs.get(f"{LIST}?search={quote(name)}", token), 200))
    connection.close()
    saved, made = (_comparable(row) for row in found["assets"])
    if saved != made:
        raise AssertionError(f"filled rows differ from saved ones:\n{made}\n{saved}")


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what must differ: ids, times, names, people, and the picture's bytes."""
    version = row["current_version"]
    differs = (
        "id",
        "asset_id",
        "created_at",
        "updated_at",
        "created_by",
        "updated_by",
        "name",
        "slug",
        "current_version_id",
    )
    urls = ("signed_preview_url", "thumbnail_url")
    return {
        **{key: value for key, value in row.items() if key not in differs},
        "current_version": {key: value for key, value in version.items() if key not in (*differs, *urls)}
        | {"image": {**version["image"], "sha256": "", "bytes": 0}},
    }
