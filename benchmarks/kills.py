"""Kills: the crash test of the suite, with more rounds."""

import os
import subprocess
import sys
import time

from benchmarks.figures import Fact, Figure, Lab, Results
from benchmarks.inputs import REPOSITORY

NAME = "kills"
ROUNDS = 10
HOW = f"""\
**Kills.** The server process gets SIGKILL at random moments during 200 saves from 4 clients, {ROUNDS} times on one
folder; after each restart every acknowledged version is loaded and its bytes compared, and `genasset gc --older-than 0`
alone leaves nothing half there (`tests/real/test_crash.py`)."""


def measure(lab: Lab) -> Results:
    """Whether everything acknowledged survives."""
    rounds = 1 if lab.quick else ROUNDS
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "tests/real/test_crash.py"]
    began = time.perf_counter()
    environment = {**os.environ, "GENASSET_TEST_KILLS": str(rounds)}
    run = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    lab.say(run.stdout.strip().splitlines()[-1])
    lost = 0 if run.returncode == 0 else 1
    figure = Figure(f"Rounds of {rounds} kills that lost something acknowledged", str(lost), "", lost, 0, unit="")
    return Results([figure], [Fact("Those rounds, with all their checks", f"{time.perf_counter() - began:.0f} s")])
