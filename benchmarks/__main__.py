"""`python -m benchmarks [--only NAME …] [--quick]`: measure, print the table, write docs/benchmarks.md."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from benchmarks import inputs, kills, lists, loads, saves, startup, thumbnails, uploads
from benchmarks.clients import Clients
from benchmarks.figures import Fact, Figure, Lab, Results

ALL: tuple[ModuleType, ...] = (saves, loads, lists, uploads, startup, thumbnails, kills)
PAGE = inputs.REPOSITORY / "docs" / "benchmarks.md"
LIBRARIES = ("granian", "litestar", "msgspec", "sqlalchemy", "pysqlite3", "pillow")

INTRODUCTION = """\
# Benchmarks

`make bench` measures these figures and writes this page. Each that has a target is a ratio against a floor or another
size in the same run, the two taking turns, so that a machine whose speed drifts gives the same ratio; or a plain limit.
The clients are a process of their own that sends ready-made requests over plain sockets; they share the machine's cores
with the server, which is a real `genasset serve`. Absolute numbers are facts of one machine and one hour: good for
orders of magnitude, not for comparing.
"""


def main() -> None:
    """Measure what was asked for; exit 1 when a target is missed (but for --quick, which is too short to judge)."""
    arguments = read_arguments()
    chosen = [one for one in ALL if not arguments.only or one.NAME in arguments.only]
    found: dict[str, Results] = {}
    folder = Path(tempfile.mkdtemp(prefix="genasset-bench-"))
    try:
        with Clients() as clients:
            for module in chosen:
                lab = Lab(folder, clients, arguments.quick, lambda text, name=module.NAME: print(f"{name}: {text}"))
                found[module.NAME] = module.measure(lab)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures = [figure for results in found.values() for figure in results.figures]
    print("\n".join(("", *table(figures))))
    if len(chosen) == len(ALL) and not arguments.quick:
        facts = [fact for results in found.values() for fact in results.facts]
        PAGE.write_text(page(figures, facts))
    sys.exit(not arguments.quick and any(not figure.kept for figure in figures))


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=[one.NAME for one in ALL], help="just these; the page stays as it is"
    )
    parser.add_argument(
        "--quick", action="store_true", help="the least that shows that it works; the page stays as it is"
    )
    return parser.parse_args()


def page(figures: list[Figure], facts: list[Fact]) -> str:
    """docs/benchmarks.md."""
    parts = [
        INTRODUCTION,
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine()}.\n",
        "## Figures with a target\n",
        "\n".join(table(figures)) + "\n",
        "## Facts\n",
        "\n".join(("| what | value |", "| --- | --- |", *(f"| {fact.what} | {fact.value} |" for fact in facts))) + "\n",
        "## How\n",
        "\n\n".join(module.HOW for module in ALL) + "\n",
    ]
    return "\n".join(parts)


def table(figures: list[Figure]) -> list[str]:
    """The figures as a table."""
    lines = ["| what | measured | against | figure | target | |", "| --- | --- | --- | --- | --- | --- |"]
    for one in figures:
        sign, kept = "≥" if one.at_least else "≤", "kept" if one.kept else "**missed**"
        value = f"{one.value:.2f}" if one.value < 10 else f"{one.value:.0f}"
        target = f"{sign} {one.limit:g}{one.unit}"
        lines.append(f"| {one.what} | {one.measured} | {one.against or '–'} | {value}{one.unit} | {target} | {kept} |")
    return lines


def machine() -> str:
    """What it ran on."""
    memory = int(Path("/proc/meminfo").read_text().partition("MemTotal:")[2].split()[0]) / 2**20
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({processor}), {memory:.0f} GiB, Python {platform.python_version()}, {libraries}"


if __name__ == "__main__":
    main()
