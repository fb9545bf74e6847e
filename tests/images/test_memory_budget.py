"""Sharing memory between threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from genasset.images import MemoryBudget

SOON, HANG = 0.05, 10


class Taker(threading.Thread):
    """A thread that takes a share and holds it until it is let go."""

    def __init__(self, budget: MemoryBudget, share: int) -> None:
        super().__init__(daemon=True)
        self._budget, self._share = budget, share
        self.has_it, self.let_go = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self._budget.take(self._share):
            self.has_it.set()
            self.let_go.wait(HANG)

    def waits(self) -> bool:
        return not self.has_it.wait(SOON)

    def gets_it(self) -> bool:
        return self.has_it.wait(HANG)


@contextmanager
def takers(budget: MemoryBudget, *shares: int) -> Iterator[list[Taker]]:
    """Threads that ask one after the other."""
    started: list[Taker] = []
    try:
        for share in shares:
            started.append(Taker(budget, share))
            started[-1].has_it.wait(SOON)
        yield started
    finally:
        for taker in started:
            taker.let_go.set()
        for taker in started:
            taker.join(HANG)


def test_shares_that_fit_are_held_at_once() -> None:
    with takers(MemoryBudget(100), 50, 30, 20) as started:
        assert all(taker.gets_it() for taker in started)


def test_a_share_that_does_not_fit_waits_until_enough_is_given_back() -> None:
    with takers(MemoryBudget(100), 60, 60) as (first, second):
        assert second.waits()
        first.let_go.set()
        assert second.gets_it()


def test_a_share_above_the_total_runs_alone() -> None:
    with takers(MemoryBudget(100), 1, 1000, 1) as (small, big, later):
        assert big.waits()
        small.let_go.set()
        assert big.gets_it()
        assert later.waits()
        big.let_go.set()
        assert later.gets_it()


def test_small_shares_do_not_overtake_a_big_one_for_ever() -> None:
    with takers(MemoryBudget(100), 10, 100, 10) as (running, big, small):
        assert small.waits()
        running.let_go.set()
        assert big.gets_it()
        assert small.waits()


def test_a_share_is_given_back_when_the_block_fails() -> None:
    budget = MemoryBudget(100)
    with pytest.raises(ZeroDivisionError), budget.take(100):
        raise ZeroDivisionError
    with takers(budget, 100) as (taker,):
        assert taker.gets_it()


def test_a_budget_of_nothing_lets_one_through_at_a_time() -> None:
    with takers(MemoryBudget(0), 0, 5) as (first, second):
        assert first.gets_it()
        assert second.waits()


def test_many_threads_never_hold_more_than_there_is() -> None:
    budget, held, most, lock = MemoryBudget(10), 0, 0, threading.Lock()

    def work(share: int) -> None:
        nonlocal held, most
        for _ in range(200):
            with budget.take(share):
                with lock:
                    held += share
                    most = max(most, held)
                with lock:
                    held -= share

    threads = [threading.Thread(target=work, args=(share,)) for share in (1, 2, 3, 4, 7, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG)
    assert not any(thread.is_alive() for thread in threads)
    assert most <= 10
