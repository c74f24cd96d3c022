"""Running cases go over to another definition: by an explicit map, proved beforehand, each with an event that says so.

Rule 1: a case stays on the version it began under unless it is migrated. What is the same by name maps to itself.
Rule 2: every marking that a case of the old definition can come to maps to one that a case of the new one can come to; else
nothing moves, and the errors say which.
Rule 3: no duty is lost: who did an action did the action it maps to. Approvals given to an action are void.
Rule 4: clocks go on as they run, with the limit they began with. What has ended by then has ended: it fires nothing anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from attrs import field, frozen

from .calendar import WorkCalendar
from .clock import Clock, flat_pairs
from .errors import InvalidInput, Problem
from .event import Restated, When
from .limits import CountingRule
from .net import Net, explore
from .process import Bound
from .state import Case, state_of
from .turning import alarms_of

__all__ = ["Migration", "Moving", "migrated", "prove"]

CAP = 200_000


@frozen
class Moving:
    """The map from one definition to another: old names to new ones, of steps and of actions; what is not named stays."""

    old: Bound
    new: Bound
    steps: Mapping[str, str] = field(factory=dict)
    actions: Mapping[str, str] = field(factory=dict)

    def step(self, name: str) -> str:
        """Where a token that stands at *name* goes."""
        return self.steps.get(name, name)

    def action(self, name: str) -> str:
        """The action that *name* is called in the new definition."""
        return self.actions.get(name, name)


@frozen
class Migration:
    """What a migration moved, or would move (*dry*): how many cases from which steps to which, and the ids of all."""

    old: str
    new: str
    counts: Mapping[tuple[tuple[str, ...], tuple[str, ...]], int]
    cases: tuple[str, ...]
    dry: bool = False

    def text(self, language: str = "en") -> str:
        """A line that sums up, then one for each pair of places; in ``en`` or ``vi``."""
        n, old, new = len(self.cases), self.old[:12], self.new[:12]
        if language == "vi":
            head = f"{n} hồ sơ {'sẽ ' if self.dry else ''}chuyển từ phiên bản {old} sang {new}"
        else:
            head = f"{n} cases {'would go' if self.dry else 'went'} over from {old} to {new}"
        lines = [f"{', '.join(a)} → {', '.join(b)}: {count}" for (a, b), count in sorted(self.counts.items())]
        return "\n".join([head, *lines])

    def __str__(self) -> str:
        return self.text()


def prove(moving: Moving) -> None:
    """Nothing, where every marking of the old definition maps to one of the new.

    Raises:
        InvalidInput: every name that leads nowhere, and every marking that maps to none that the new definition knows; or
            more markings than can be looked at.
    """
    problems = list(_faults(moving))
    if not problems:
        problems = list(_lost(moving))
    if problems:
        raise InvalidInput(problems)


def _faults(moving: Moving) -> Iterator[Problem]:
    old, new = moving.old.definition, moving.new.definition
    tables: tuple[tuple[str, Mapping[str, str], Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("steps", moving.steps, old.steps, new.steps),
        ("actions", moving.actions, old.actions, new.actions),
    )
    for where, given, before, after in tables:
        for name, to in given.items():
            if name not in before:
                yield Problem(f"{where}.{name}", f"the old definition has no such name; it has: {', '.join(before)}")
            if to not in after:
                yield Problem(f"{where}.{name}", f"the new definition has no {to!r}; it has: {', '.join(after)}")
        for name in before:
            if name not in given and name not in after:
                yield Problem(f"{where}.{name}", "the new definition has no such name; say what it maps to")


def _lost(moving: Moving) -> Iterator[Problem]:
    known, whole = _markings(moving.new.net)
    markings, all_of_them = _markings(moving.old.net)
    if not (whole and all_of_them):
        yield Problem("steps", f"a definition has more than {CAP} markings; that no case is lost cannot be proved")
        return
    for marking in sorted(markings, key=lambda m: (len(m), sorted(m))):
        mapped = [moving.step(step) for step in sorted(marking)]
        there = frozenset(mapped)
        told = f"a case that stands at {', '.join(sorted(marking))}"
        if len(there) < len(mapped):
            yield Problem("steps", f"{told} would have two tokens at one step ({', '.join(mapped)})")
        elif there not in known:
            yield Problem(
                "steps", f"{told} would stand at {', '.join(sorted(there))}, where no case of the new definition comes"
            )


@lru_cache(maxsize=16)
def _markings(net: Net) -> tuple[frozenset[frozenset[str]], bool]:
    graph = explore(net, CAP)
    return frozenset(net.names(marking) for marking in graph.markings), graph.complete


def migrated(case: Case, moving: Moving, when: When, by: str, calendar: WorkCalendar) -> Restated:
    """The event by which *case* goes over.

    Raises:
        InvalidInput: a clock that runs, or a value on an axis, of which the new definition knows nothing; all of them.
    """
    new, definition = moving.new, moving.new.definition
    problems = [
        Problem(f"{case.id}: clocks.{name}", "runs, and the new definition has no such limit")
        for name, clock in case.clocks.items()
        if clock.state != "stopped" and name not in definition.limits
    ]
    problems += [
        Problem(f"{case.id}: axes.{name}", f"stands at {value!r}, which the new definition does not know")
        for name, value in case.axes.items()
        if value not in definition.axes.get(name, ())
    ]
    if problems:
        raise InvalidInput(problems)
    state = state_of(case)
    state["process"] = new.process.content_hash
    state["definition"] = None if new.procedure is None else new.procedure.content_hash
    state["steps"] = sorted({moving.step(step) for step in case.steps})
    state["entered"] = _renamed(case.flat_entered, moving.step)
    state["doers"] = _renamed(case.flat_doers, moving.action)
    state["clocks"] = {name: _carried(name, clock, moving, when, calendar).to_tree() for name, clock in case.clocks.items()}
    particulars = state["particulars"]
    particulars.pop("approvals", None)
    particulars.pop("approved_for", None)
    particulars["counts"] = _renamed(particulars.get("counts", ()), moving.action)
    particulars["joined"] = _renamed(particulars.get("joined", ()), moving.action)
    particulars["dates"] = _renamed(particulars.get("dates", ()), lambda name: _remembered(name, moving))
    known = dict(flat_pairs(particulars.get("axes", ())))
    axes = {name: known.get(name, values[0]) for name, values in definition.axes.items()}
    particulars["axes"] = [item for pair in axes.items() for item in pair]
    state["particulars"] = {name: value for name, value in particulars.items() if value}
    details = {"from": moving.old.process.content_hash, "to": new.process.content_hash}
    maps = {"steps": dict(moving.steps), "actions": dict(moving.actions)}
    return Restated(case.seq + 1, by, when, "migrated", state, details | {key: value for key, value in maps.items() if value})


def _renamed(flat: Any, name: Any) -> list[Any]:
    """A flat table with its names mapped."""
    return [name(item) if place % 2 == 0 else item for place, item in enumerate(flat)]


def _remembered(name: str, moving: Moving) -> str:
    return f"action:{moving.action(name.removeprefix('action:'))}" if name.startswith("action:") else name


def _carried(name: str, clock: Clock, moving: Moving, when: When, calendar: WorkCalendar) -> Clock:
    """*clock* as it goes on: what has ended by now has fired, what would have rung before now has rung."""
    if clock.due is None or not clock.goes_on:
        return clock
    rule = CountingRule.named(clock.rule)
    alarms = alarms_of(name, clock.started, clock.due, moving.new, calendar, rule) or ()
    rung = {moving.action(action) for action, at in flat_pairs(clock.alarms) if at is None}
    told = ((action, None if action in rung or at <= when.occurred else at) for action, at in flat_pairs(alarms))
    carried = clock.with_alarms(tuple(chain.from_iterable(told)))
    return carried.fire() if clock.due <= when.occurred else carried


def counted(pairs: Iterable[tuple[Case, Restated]]) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
    """How many cases went from which steps to which."""
    return Counter((tuple(sorted(case.steps)), tuple(event.state["steps"])) for case, event in pairs)
