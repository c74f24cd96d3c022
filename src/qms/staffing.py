"""Whether the people there are can do a process under its duties: who is missing, and what breaks when one is away.

Rule 1: an action can be staffed when some way through the process that does it, from opening to closing, can be given
people so that each holds a role of what they do, `separate_from` differs and `same_as` agrees. Workflow satisfiability.
Rule 2: the public (parts that an opening action names or that open cases) is not staff: it never lacks, and no official is it.
Rule 3: what is found is told with a shortest way and with the duties that clash, or the roles that nobody holds.
Rule 4: above the cap the answer is None, undecided, never "enough".

After Wang and Li, *Satisfiability and resiliency in workflow authorization systems* (2010).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping

from attrs import field, frozen

from .authority import SYSTEM
from .net import Move
from .process import Bound, Plan
from .soundness import Finding

__all__ = ["Staffing", "check_staffing"]

Duties = tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
"""Pairs that must differ, and pairs that must agree."""


@frozen
class Staffing:
    """What a check of the people found: `enough` (None: undecided), the *findings*, and how many people it takes at *least*.

    *absent* says, for each person without whom something cannot be done, what that is.
    """

    enough: bool | None
    findings: tuple[Finding, ...]
    least: int
    absent: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def __str__(self) -> str:
        verdict = {True: "enough people", False: "not enough people", None: "undecided"}[self.enough]
        lines = [f"{verdict}; it takes at least {self.least}", *map(str, self.findings)]
        lines += [f"without {person}: {', '.join(actions)} cannot be done" for person, actions in self.absent.items()]
        return "\n".join(lines)


def check_staffing(bound: Bound, people: Mapping[str, Collection[str]], *, cap: int = 50_000) -> Staffing:
    """Whether *people* (who holds which roles) can do every action of *bound*, and how that bears one of them being away.

    *cap* bounds the ways that are followed for one action.
    """
    ways = _Ways(bound, cap)
    findings, undone = _judge(ways, people)
    absent: dict[str, tuple[str, ...]] = {}
    for person in people:
        rest = {other: roles for other, roles in people.items() if other != person}
        lost = tuple(action for action in _judge(ways, rest)[1] if action not in undone)
        if lost:
            absent[person] = lost
    enough = False if undone else None if ways.cut else True
    return Staffing(enough, tuple(findings), ways.least(), absent)


def _judge(ways: _Ways, people: Mapping[str, Collection[str]]) -> tuple[list[Finding], list[str]]:
    """What is wrong, and which actions cannot be done."""
    held = {role for roles in people.values() for role in roles}
    findings = []
    for role in sorted({role for plan in ways.staffed.values() for role in plan.roles} - held):
        needed = ", ".join(key for key, plan in ways.staffed.items() if role in plan.roles)
        findings.append(
            Finding("role-unheld", f"nobody holds {role}, which may do {needed}; grant it to somebody", f"roles.{role}")
        )
    dead = frozenset(key for key, plan in ways.staffed.items() if not plan.parts and plan.roles.isdisjoint(held))
    undone = []
    told = set()
    for key in ways.staffed:
        routes = ways.through(key, dead)
        if any(_assign(route | {key}, ways, people) for route, _ in routes) or not ways.through(key, frozenset()):
            continue  # it can be done; or no way leads through it, and soundness tells that
        undone.append(key)
        if routes:
            route, witness = routes[0]
            clash = _clash(route | {key}, ways, people)
            message = f"under four eyes nobody is left for {', '.join(clash)}; grant a role of theirs to somebody else"
            if message not in told:
                told.add(message)
                findings.append(Finding("four-eyes", message, f"actions.{key}", witness))
        elif key not in dead:
            witness = ways.through(key, frozenset())[0][1]
            lacking = ", ".join(dict.fromkeys(action for action in witness if action in dead))
            message = f"no way to it that the people there are can go; it takes {lacking}"
            findings.append(Finding("unstaffed", message, f"actions.{key}", witness))
        else:
            findings.append(Finding("unstaffed", "nobody holds a role that may do it", f"actions.{key}"))
    return findings, undone


class _Ways:
    """The ways through a process, as the sets of bound actions that they do, smallest first."""

    def __init__(self, bound: Bound, cap: int) -> None:
        self.bound, self.cap, self.cut = bound, cap, False
        definition = bound.definition
        opening = [plan for plan in bound.plans.values() if plan.opens]
        self.public = {part for plan in opening for part in (*plan.parts, *plan.action.names)}
        self.staffed = {key: plan for key, plan in bound.plans.items() if self._is_staffed(plan)}
        self.parts = tuple(part for part in definition.parts if part not in self.public)
        self.duties = _duties(self.staffed, self.parts)
        differ, agree = self.duties
        self.tied = {name for pair in differ | agree for name in pair if name in self.staffed}
        self._found: dict[tuple[str, frozenset[str]], list[tuple[frozenset[str], tuple[str, ...]]]] = {}

    def _is_staffed(self, plan: Plan) -> bool:
        """Whether somebody of the office must do it; what the public may do as well, they can."""
        return SYSTEM not in plan.roles and self.public.isdisjoint(plan.parts) and bool(plan.roles or plan.parts)

    def through(self, action: str, dead: frozenset[str]) -> list[tuple[frozenset[str], tuple[str, ...]]]:
        """The least sets of tied actions with which a case can do *action* and close without *dead*, each with a shortest way."""
        if (action, dead) not in self._found:
            self._found[action, dead] = self._follow(action, dead)
        return self._found[action, dead]

    def _follow(self, wanted: str, dead: frozenset[str]) -> list[tuple[frozenset[str], tuple[str, ...]]]:
        net = self.bound.net
        start: tuple[int, bool, frozenset[str]] = (-1, False, frozenset())
        parents: dict[tuple[int, bool, frozenset[str]], tuple[tuple[int, bool, frozenset[str]], str] | None] = {start: None}
        least: dict[tuple[int, bool], list[frozenset[str]]] = {}
        ends: list[tuple[frozenset[str], tuple[str, ...]]] = []
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            marking, done, tied = state
            moves: Iterable[Move] = net.openings if marking < 0 else net.enabled(marking)
            for move in moves:
                if move.action in dead:
                    continue
                after = net.fire(max(marking, 0), move)
                more = tied | {move.action} if move.action in self.tied else tied
                found = (after, done or move.action == wanted, more)
                known = least.setdefault(found[:2], [])
                if any(other <= more for other in known):
                    continue
                known.append(more)
                parents[found] = (state, move.action)
                if found[1] and net.is_final(after):
                    ends.append((more, _path(parents, found)))
                else:
                    waiting.append(found)
            if len(parents) > self.cap:
                self.cut = True
                break
        return [(tied, path) for tied, path in ends if not any(other < tied for other, _ in ends)]

    def least(self) -> int:
        """The least number of people with whom every action can be done, whatever roles they may need to hold."""
        sizes = []
        for key in self.staffed:
            routes = self.through(key, frozenset())
            if routes:
                sizes.append(min(_colours(route | {key}, self) for route, _ in routes))
        return max(sizes, default=0)


def _path(
    parents: Mapping[tuple[int, bool, frozenset[str]], object], state: tuple[int, bool, frozenset[str]]
) -> tuple[str, ...]:
    path: list[str] = []
    step = parents[state]
    while isinstance(step, tuple):
        before, action = step
        path.append(action)
        step = parents[before]
    return tuple(reversed(path))


def _duties(staffed: Mapping[str, Plan], parts: Collection[str]) -> Duties:
    differ: set[tuple[str, str]] = set()
    agree: set[tuple[str, str]] = set()
    for key, plan in staffed.items():
        differ |= {(key, other) for other in plan.separate_actions if other in staffed}
        differ |= {(key, f"part:{part}") for part in plan.separate_parts if part in parts}
        agree |= {(key, other) for other in plan.same_actions if other in staffed}
        agree |= {(key, f"part:{part}") for part in plan.same_parts if part in parts}
        if not plan.roles:
            agree |= {(key, f"part:{part}") for part in plan.parts if part in parts}
        agree |= {(key, f"part:{part}") for part, source in plan.action.names.items() if source == "actor" and part in parts}
    return frozenset(differ), frozenset(agree)


def _variables(route: Collection[str], ways: _Ways) -> dict[str, str]:
    """Each tied action of a route, and the parts they meet, by the one among those that must agree that stands for all."""
    differ, agree = ways.duties
    names = {name for name in route if name in ways.staffed}
    names |= {other for pair in differ | agree for name, other in (pair,) if name in names and other.startswith("part:")}
    leader = {name: name for name in sorted(names)}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for one, other in sorted(agree):
        if one in names and other in names:
            leader[find(one)] = find(other)
    return {name: find(name) for name in sorted(names)}


def _problem(
    route: Collection[str], ways: _Ways, people: Mapping[str, Collection[str]]
) -> tuple[dict[str, set[str]], set[tuple[str, str]]]:
    """Who may stand for each variable, and which variables must differ."""
    of = _variables(route, ways)
    domains: dict[str, set[str]] = {leader: set(people) for leader in of.values()}
    for name, leader in of.items():
        plan = ways.staffed.get(name)
        if plan is not None and plan.roles and not plan.parts:
            domains[leader] &= {person for person, roles in people.items() if not plan.roles.isdisjoint(roles)}
    differ = {(of[one], of[other]) for one, other in ways.duties[0] if one in of and other in of}
    return domains, differ


def _assign(route: Collection[str], ways: _Ways, people: Mapping[str, Collection[str]]) -> bool:
    domains, differ = _problem(route, ways, people)
    return _solve(domains, differ)


def _solve(domains: Mapping[str, set[str]], differ: Collection[tuple[str, str]]) -> bool:
    """Whether every variable can be given one of its domain so that the pairs differ: fewest choices first, backtracking."""
    if any(one == other for one, other in differ):
        return False
    if not domains:
        return True
    name = min(domains, key=lambda one: (len(domains[one]), one))
    near = {other for pair in differ if name in pair for other in pair if other != name}
    for person in sorted(domains[name]):
        rest = {other: (left - {person} if other in near else left) for other, left in domains.items() if other != name}
        if all(rest.values()) and _solve(rest, differ):
            return True
    return False


def _clash(route: frozenset[str], ways: _Ways, people: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """A least set of actions of a route that cannot be given people."""
    clash = [name for name in sorted(route) if name in ways.staffed]
    for name in list(clash):
        if not _assign([other for other in clash if other != name], ways, people):
            clash.remove(name)
    return tuple(clash)


def _colours(route: Collection[str], ways: _Ways) -> int:
    """The least number of different people for a route: the chromatic number of its duties."""
    of = _variables(route, ways)
    leaders = set(of.values())
    differ = {(of[one], of[other]) for one, other in ways.duties[0] if one in of and other in of}
    for n in range(1, len(leaders) + 1):
        people = {str(i) for i in range(n)}
        if _solve({leader: set(people) for leader in leaders}, differ):
            return n
    return max(len(leaders), 1)
