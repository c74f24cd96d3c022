"""``python -m benchmarks.memory``: what one live case costs in bytes, of 100,000 of them, beside one live instance of each peer.

Bytes are those that Python allocated for the instances, all of them together, divided by their number. Peers that are heavy are
made in smaller numbers. Our case: eight people have acted on it, two clocks run, each with a due date; its instants are its own.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

from qms.clock import Clock
from qms.event import Opened, When
from qms.limits import TimeLimit
from qms.state import Case, evolve

from .machines import makers

MANY = 100_000


def case(number: int) -> Case:
    """A live case of eight doers and two clocks; what is its own is made anew, what cases share is shared."""
    at = 1_704_160_800_000_000 + number * 1_000_000
    opened = Opened(f"case-{number}", "p0", When(at, at), "one-stop", PROCESS, CALENDAR, "Asia/Ho_Chi_Minh", due="legal")
    born = evolve(None, opened)
    clocks: tuple[Any, ...] = ()
    for name, limit in LIMITS.items():
        clocks += (name, Clock(limit=limit, rule="vn-one-stop", started=at).with_due(at + 86_400_000_000, CALENDAR, None))
    return Case(born.origin, 9, STEPS, False, CALENDAR, ("examining", at), clocks, tuple(DOERS), born.particulars)


PROCESS, CALENDAR = "0" * 64, "1" * 64
LIMITS = {"legal": TimeLimit.parse("15 working days"), "assignment": TimeLimit.parse("4 working hours")}
STEPS = frozenset(("examining",))
DOERS = [each for n in range(8) for each in (f"action-{n}", f"person-{n}")]


def measured(make: Callable[[int], Any], many: int) -> float:
    """Bytes an instance, of *many*."""
    kept = [make(n) for n in range(10)]  # what all share is made once
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [make(n) for n in range(many)]
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == many
    return (after - before) / many


def table() -> list[str]:
    """The lines of a Markdown table."""
    ours = measured(case, MANY)
    lines = ["| a live instance | bytes | ours is smaller by |", "|---|--:|--:|"]
    lines.append(f"| a case of ours: 8 people, 2 clocks ({MANY:,} of them; at most 600) | {ours:.0f} | |")
    for name, (make, many) in makers().items():
        theirs = measured(lambda _, make=make: make(), many)
        lines.append(f"| {name} ({many:,}) | {theirs:.0f} | {theirs / ours:.1f}× |")
    return lines


if __name__ == "__main__":
    print(*table(), sep="\n")
