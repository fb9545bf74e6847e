"""Saves over HTTP by 4 clients, against a bare loop that does the same necessary work."""

import multiprocessing
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import bare_saves, inputs
from benchmarks.clients import Request
from benchmarks.figures import Fact, Figure, Lab, Results, median, ratio
from benchmarks.processes import genasset

NAME = "save"
SIDE = 1024
WORKFLOW = 60_000
CLIENTS = 4
EACH = 12
HOW = f"""\
**Save.** {CLIENTS} clients on kept connections post {EACH} multipart saves each a round: a {SIDE} × {SIDE} PNG of
2.6 MB (soft colours under noise, a serial number in a text chunk, so that no two have the same bytes), a ComfyUI
workflow of 60 KB that no two share, prompt, model, seed, tags and metadata; four saves in a row go to one asset. The
floor is a process with {CLIENTS} threads and no HTTP that does for the same bodies only what any server must do: parse
with the same push parser in pieces of 256 KiB while hashing (SHA-256) and writing to a file, decode with Pillow, fsync
the file, rename it to its hash, fsync the folder, insert workflow and facts in one SQLite transaction (WAL,
synchronous=FULL). Rounds of both take turns; the ratio is the median of the rounds' ratios of saves per second. The
clients' own work, on the same cores, is part of the server's time and not of the floor's."""


def measure(lab: Lab) -> Results:
    """The throughput of saves over that of the bare loop."""
    each = 2 if lab.quick else EACH
    numbers = count()
    ours, floors, latencies = [], [], []
    with genasset(lab.folder / "save") as server, multiprocessing.get_context("spawn").Pool(1) as bare:
        for turn in range(lab.rounds(9) + 1):
            make = partial(requests, server.token, next(numbers), each)
            done = lab.clients.run(server.address, make, status=201)
            seconds = bare.apply(bare_round, (lab.folder / "save-floor", next(numbers), each))
            if turn:  # the first round warms both up
                ours.append(done.rate)
                floors.append(CLIENTS * each / seconds)
                latencies += done.latencies
                lab.say(f"{ours[-1]:.1f} of {floors[-1]:.1f} saves/s")
    what = "Save, 1024² PNG and 60 KB workflow, 4 clients"
    figure = Figure(
        what,
        f"{median(ours):.1f} saves/s",
        f"bare loop, 4 threads: {median(floors):.1f} saves/s",
        ratio(ours, floors),
        0.6,
        at_least=True,
    )
    slow = sorted(latencies)[int(len(latencies) * 0.95)]
    facts = [Fact("One such save, median / 95 of 100", f"{1000 * median(latencies):.0f} / {1000 * slow:.0f} ms")]
    return Results([figure], facts)


def requests(token: str, turn: int, each: int) -> list[list[Request]]:
    """One round of saves, none like another, dealt out to the clients."""
    first = turn * CLIENTS * each
    made = [inputs.save(token, first + number, SIDE, WORKFLOW) for number in range(CLIENTS * each)]
    return [made[client::CLIENTS] for client in range(CLIENTS)]


def bare_round(folder: Path, turn: int, each: int) -> float:
    """Seconds of the bare loop for one round of its own bodies."""
    bodies = [[b"".join(pieces[1:]) for pieces in mine] for mine in requests("", turn, each)]
    return bare_saves.run(folder, bodies)
