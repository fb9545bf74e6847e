"""What a benchmark gives: figures that have a target, and plain facts."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.clients import Clients


class Figure(NamedTuple):
    """Something measured that must keep a limit."""

    what: str
    measured: str
    against: str
    value: float
    limit: float
    unit: str = "×"
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


class Fact(NamedTuple):
    """Something measured that is good to know."""

    what: str
    value: str


@dataclass
class Results:
    """All that one benchmark found."""

    figures: list[Figure] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class Lab:
    """Where and how a benchmark runs. `quick` asks for the least that shows that it works."""

    folder: Path
    clients: Clients
    quick: bool
    say: Callable[[str], None]

    def rounds(self, full: int) -> int:
        """How often to measure."""
        return 2 if self.quick else full


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def ratio(ours: Sequence[float], floors: Sequence[float]) -> float:
    """The median of the ratios of rounds that ran side by side: what slows both cancels out."""
    return median([one / floor for one, floor in zip(ours, floors, strict=True)])
