"""Memory: many large uploads at once."""

from functools import partial

from benchmarks import inputs
from benchmarks.clients import Request
from benchmarks.figures import Fact, Figure, Lab, Results
from benchmarks.processes import genasset

NAME = "memory"
COUNT, SIDE = 50, 2856
HOW = f"""\
**Memory.** {COUNT} clients at once save a PNG of {SIDE} × {SIDE} pixels and 20 MB each, no two alike. The figure is the
highest resident memory of the server process (`VmHWM`, counted from the moment before) less what it held idle after
its first answer."""


def measure(lab: Lab) -> Results:
    """The highest memory while the uploads run, beyond what the idle server holds."""
    count, side = (8, 1024) if lab.quick else (COUNT, SIDE)
    with genasset(lab.folder / "memory") as server:
        lab.clients.run(server.address, partial(saves, server.token, 1, 256, 1000), status=201)
        idle = server.memory("VmRSS")
        server.forget_peak()
        done = lab.clients.run(server.address, partial(saves, server.token, count, side, 0), status=201)
        peak, after = server.memory("VmHWM"), server.memory("VmRSS")
    lab.say(f"idle {idle:.0f} MiB, peak {peak:.0f} MiB, after {after:.0f} MiB")
    size = len(inputs.noise_png(side)) / 1e6
    figure = Figure(
        f"{count} uploads of {size:.0f} MB at once",
        f"{peak:.0f} MiB at most",
        f"{idle:.0f} MiB idle",
        peak - idle,
        300,
        unit=" MiB",
    )
    facts = [
        Fact("Those uploads, all together", f"{done.seconds:.1f} s, {count * size / done.seconds:.0f} MB/s"),
        Fact("Resident memory: idle / after those uploads", f"{idle:.0f} / {after:.0f} MiB"),
    ]
    return Results([figure], facts)


def saves(token: str, count: int, side: int, first: int) -> list[list[Request]]:
    """One save each for as many clients."""
    return [[inputs.save(token, first + number, side, 0)] for number in range(count)]
