"""Start-up: from the start of the process to its first answers."""

import subprocess
import sys
import time
from pathlib import Path

from benchmarks import fill, inputs
from benchmarks.clients import Connection
from benchmarks.figures import Fact, Figure, Lab, Results, median
from benchmarks.processes import genasset

NAME = "start"
LARGE, ROUNDS, LIMIT = 100_000, 7, 1.5
HOW = f"""\
**Start-up.** From the start of `genasset serve` to the answer of `GET /healthz`, and on to that of the first
authenticated `GET /api/v1/assets`; for a library that is not there yet (its schema is made), an empty one, and one of
{LARGE:,} versions. Medians of {ROUNDS} starts, which take turns."""


def measure(lab: Lab) -> Results:
    """Seconds to the first answers, of a new, an empty and a large library."""
    count = 2000 if lab.quick else LARGE
    large = fill.fill(lab.folder / "start-large", count, 2000)
    empty = lab.folder / "start-empty"
    with genasset(empty) as server:
        token = server.token
    times: dict[str, list[tuple[float, float]]] = {"new": [], "empty": [], f"{count:,} versions": []}
    for turn in range(lab.rounds(ROUNDS)):
        new = lab.folder / f"start-new-{turn}"
        for name, folder, text in (("new", new, ""), ("empty", empty, token), (f"{count:,} versions", *large)):
            times[name].append(start(folder, text))
    bare = median([_bare_start() for _ in range(5)])
    figures = []
    for name, taken in times.items():
        alive, listed = (median([one[place] for one in taken]) for place in (0, 1))
        lab.say(f"{name}: alive after {alive:.2f} s, listed after {listed:.2f} s")
        measured, limit = f"{alive:.2f} s to /healthz, {listed:.2f} s to the list", LIMIT
        figures.append(Figure(f"Start-up, {name} library", measured, "", listed, limit, unit=" s"))
    return Results(figures, [Fact("Python itself, started and ended", f"{bare:.2f} s")])


def start(folder: Path, token: str) -> tuple[float, float]:
    """Seconds from the start of the process to the answers of /healthz and of a list."""
    began = time.perf_counter()
    with genasset(folder) as server:
        connection = Connection(server.address)
        connection.ask(inputs.get("/healthz", ""), 200)
        alive = time.perf_counter() - began
        connection.ask(inputs.get("/api/v1/assets", token or server.token), 200)
        listed = time.perf_counter() - began
        connection.close()
    return alive, listed


def _bare_start() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began
