"""The benchmarks themselves run: the shortest of them, in the form that is too short to judge."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


def test_a_benchmark_runs_and_prints_its_table() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "list"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    rows = [line for line in run.stdout.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 3, run.stdout
    assert "Page 20 by cursor, against page 1" in rows[3]
