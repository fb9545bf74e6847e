"""Loads of a version by 1 and 4 clients, against a bare handler that gives the same bytes."""

from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Engine, event

from benchmarks import inputs
from benchmarks.clients import Request, repeat
from benchmarks.figures import Fact, Figure, Lab, Results, median, ratio
from benchmarks.processes import Process, bare_server, genasset
from genasset.assets.read import load
from genasset.library import open_library
from genasset.settings import Settings
from genasset.workspaces.tokens import authenticate

NAME = "load"
WORKFLOW = 60_000
REQUESTS = 400
HOW = f"""\
**Load.** `GET /api/v1/versions/{{id}}/load` of a version with a 60 KB workflow (its answer has it twice, as the version
and as the asset's current one), by 1 and by 4 clients. The floor is a sync Litestar handler in threads on the same
server class (Granian, uvloop, as many threads) that checks nothing and gives the very bytes of that answer. Rounds of
{REQUESTS} requests take turns; the ratio is the median of the rounds' ratios of requests per second. The statements are
counted by SQLite while the same two verbs run: the look-up of the token and the load."""


def measure(lab: Lab) -> Results:
    """The rate of loads over that of the bare handler, and the statements of one load."""
    results = Results()
    with genasset(lab.folder / "load") as server:
        token = server.token
        saved = lab.clients.run(server.address, partial(_one_save, token), status=201)
        version = msgspec.json.decode(saved.last_answer)["version"]["id"]
        request = inputs.get(f"/api/v1/versions/{version}/load", token)
        answer = lab.clients.run(server.address, partial(repeat, request, 1, 1)).last_answer
        bare_request = inputs.get("/answer", token)
        with bare_server(lab.folder / "load-floor", answer) as bare:
            for clients in (1, 4):
                measure_clients(lab, results, clients, (server, request), (bare, bare_request))
    statements = count_statements(lab, token, version)
    results.figures.append(Figure("Statements of one load", str(statements), "", statements, 3, unit=""))
    return results


def measure_clients(
    lab: Lab, results: Results, clients: int, ours: tuple[Process, Request], floor: tuple[Process, Request]
) -> None:
    """Add the rate that so many clients get, over that of the bare handler."""
    each = (30 if lab.quick else REQUESTS) // clients
    rates: tuple[list[float], list[float]] = ([], [])
    latencies: list[float] = []
    for turn in range(lab.rounds(15) + 1):
        for place, (server, request) in enumerate((ours, floor)):
            done = lab.clients.run(server.address, partial(repeat, request, clients, each))
            if turn:  # the first round warms up
                rates[place].append(done.rate)
                latencies += done.latencies if place == 0 else ()
    mine, bare = map(median, rates)
    lab.say(f"{clients} clients: {mine:.0f} of {bare:.0f} loads/s")
    who = f"{clients} client{'s' if clients > 1 else ''}"
    results.figures.append(
        Figure(
            f"Load with 60 KB workflow, {who}",
            f"{mine:.0f} loads/s",
            f"bare handler: {bare:.0f}/s",
            ratio(*rates),
            0.4,
            at_least=True,
        )
    )
    results.facts.append(Fact(f"One load, {who}, median", f"{1000 * median(latencies):.2f} ms"))


def count_statements(lab: Lab, token: str, version: str) -> int:
    """Statements that SQLite itself sees of one load, its token looked up."""
    seen: list[str] = []

    def watch(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(seen.append)

    event.listen(Engine, "connect", watch)
    library = open_library(Settings(data_dir=lab.folder / "load"))
    try:
        load(library, authenticate(library, token, "read"), version)  # opens and prepares the connection
        seen.clear()
        load(library, authenticate(library, token, "read"), version)
    finally:
        library.close()
        event.remove(Engine, "connect", watch)
    return sum(statement.lstrip().upper().startswith(("SELECT", "WITH")) for statement in seen)


def _one_save(token: str) -> list[list[list[bytes]]]:
    return [[inputs.save(token, 0, 256, WORKFLOW)]]
