"""Whether the people there are can do a process under its duties: who is missing, and what breaks when one is away.

Rule 1: an action can be staffed when some way through the process that does it, from opening to closing, can be given
people so that each holds a role of what they do, `separate_from` differs and `same_as` agrees, and as many approve as must.
Workflow satisfiability. A duty binds who acts later: what is done afterwards is no hindrance.
Rule 2: the public (parts that an opening action names or that open cases) is not staff: it never lacks, and no official is it.
Rule 3: what is found is told with a shortest way and with the duties that clash, or the roles that nobody holds.
Rule 4: above the cap the answer is None, undecided, never "enough".

After Wang and Li, *Satisfiability and resiliency in workflow authorization systems* (2010).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Protocol

from attrs import field, frozen

from .authority import SYSTEM
from .definition import Action, ProcessDefinition
from .net import Move, Net
from .soundness import Finding
from .stepwise import public_of

__all__ = ["Staffable", "Staffing", "check_staffing"]


class Planned(Protocol):
    """What is asked of the plan of an action: `qms.process.Plan`."""

    @property
    def action(self) -> Action: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def separate_actions(self) -> tuple[str, ...]: ...
    @property
    def separate_parts(self) -> tuple[str, ...]: ...
    @property
    def same_actions(self) -> tuple[str, ...]: ...
    @property
    def same_parts(self) -> tuple[str, ...]: ...


class Staffable(Protocol):
    """What is asked of a process whose blanks are filled: `qms.process.Bound`."""

    @property
    def definition(self) -> ProcessDefinition:
        """The definition of the process."""

    @property
    def net(self) -> Net:
        """Its steps and moves."""

    @property
    def plans(self) -> Mapping[str, Planned]:
        """Its actions, by key."""


@frozen
class Staffing:
    """What a check of the people found: `enough` (None: undecided), the *findings*, and how many people it takes at *least*.

    *absent* says, for each person without whom something cannot be done, what that is.
    """

    enough: bool | None
    findings: tuple[Finding, ...]
    least: int
    absent: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def told(self) -> Iterator[Finding]:
        """The findings, one for each person without whom something cannot be done, and one where it is undecided."""
        yield from self.findings
        for person, actions in self.absent.items():
            message = f"without {person} nobody can do {', '.join(actions)}; let somebody stand in"
            yield Finding("no-stand-in", message, f"staff.{person}", severity="warning")
        if self.enough is None:
            yield Finding("undecided", "too many ways to follow; raise the cap of check_staffing", "staff")

    def __str__(self) -> str:
        verdict = {True: "enough people", False: "not enough people", None: "undecided"}[self.enough]
        lines = [f"{verdict}; it takes at least {self.least}", *map(str, self.findings)]
        lines += [f"without {person}: {', '.join(actions)} cannot be done" for person, actions in self.absent.items()]
        return "\n".join(lines)


def check_staffing(bound: Staffable, people: Mapping[str, Collection[str]], *, cap: int = 50_000) -> Staffing:
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
    least = ways.least()
    enough = None if ways.cut else not undone
    return Staffing(enough, tuple(findings), least, absent)


def _judge(ways: _Ways, people: Mapping[str, Collection[str]]) -> tuple[list[Finding], list[str]]:
    """What is wrong, and which actions cannot be done."""
    held = {role for roles in people.values() for role in roles}
    findings = []
    for role in sorted({role for plan in ways.staffed.values() for role in plan.roles} - held):
        needed = ", ".join(key for key, plan in ways.staffed.items() if role in plan.roles)
        message = f"nobody holds {role}, which may do {needed}; grant it to somebody"
        findings.append(Finding("role-unheld", message, f"roles.{role}", severity="warning"))
    dead = frozenset(key for key, plan in ways.staffed.items() if not plan.parts and plan.roles.isdisjoint(held))
    undone = []
    told = set()
    for key in ways.staffed:
        routes = ways.through(key, dead)
        if any(_assign(route, ways, people) for route, _ in routes) or not ways.through(key, frozenset()):
            continue  # it can be done; or no way leads through it, and soundness tells that
        undone.append(key)
        if routes:
            route, witness = routes[0]
            clash = _clash(route, ways, people)
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
            roles = " or ".join(sorted(ways.staffed[key].roles))
            findings.append(Finding("unstaffed", f"nobody holds {roles}; grant it to somebody", f"actions.{key}"))
    return findings, undone


Pair = tuple[str, str]


@frozen
class _Route:
    """What matters of a way: who acts (the tied actions, once for each approval), which of them must differ, which agree."""

    actors: frozenset[str] = frozenset()
    differ: frozenset[Pair] = frozenset()
    agree: frozenset[Pair] = frozenset()

    def __le__(self, other: _Route) -> bool:
        return self.actors <= other.actors and self.differ <= other.differ and self.agree <= other.agree


State = tuple[int, bool, _Route]
Routes = list[tuple[_Route, tuple[str, ...]]]


class _Ways:
    """The ways through a process, as what they ask of people, shortest first."""

    def __init__(self, bound: Staffable, cap: int) -> None:
        self.bound, self.cap, self.cut = bound, cap, False
        self.public = public_of(bound.definition)
        self.staffed = {key: plan for key, plan in bound.plans.items() if self._is_staffed(plan)}
        self.parts = tuple(part for part in bound.definition.parts if part not in self.public)
        plans = self.staffed.values()
        named = {name for plan in plans for name in (*plan.separate_actions, *plan.same_actions)}
        self.tied = {key for key, plan in self.staffed.items() if key in named or self._is_tied(plan)}
        self._found: dict[tuple[str, frozenset[str]], Routes] = {}

    def _is_staffed(self, plan: Planned) -> bool:
        """Whether somebody of the office must do it; what the public may do as well, they can."""
        return SYSTEM not in plan.roles and self.public.isdisjoint(plan.parts) and bool(plan.roles or plan.parts)

    def _is_tied(self, plan: Planned) -> bool:
        return bool(plan.separate_actions or plan.same_actions or plan.action.approvals > 1 or self._parts_of(plan))

    def _parts_of(self, plan: Planned) -> set[str]:
        acting = {part for part, source in plan.action.names.items() if source == "actor"}
        return {*plan.separate_parts, *plan.same_parts, *plan.parts, *acting}.intersection(self.parts)

    def actors(self, key: str) -> list[str]:
        """Who does an action, as names for people to be found: one, or one for each approval."""
        return [key, *(f"{key}#{n}" for n in range(2, self.staffed[key].action.approvals + 1))]

    def through(self, action: str, dead: frozenset[str]) -> Routes:
        """The least that a way asks on which a case does *action* and closes without *dead*, each with a shortest such way."""
        if (action, dead) not in self._found:
            self._found[action, dead] = self._follow(action, dead)
        return self._found[action, dead]

    def extend(self, route: _Route, key: str) -> _Route:
        """*route* with *key* done at its end: only what was done before binds who does it."""
        if key not in self.tied:
            return route if key not in self.staffed else _Route(route.actors | {key}, route.differ, route.agree)
        plan, mine = self.staffed[key], self.actors(key)
        before = {name: self.actors(name) for name in (*plan.separate_actions, *plan.same_actions) if name in self.tied}
        done = {name: doers for name, doers in before.items() if doers[0] in route.actors and name != key}
        same = [done[name] for name in plan.same_actions if name in done]
        differ = set(combinations(mine, 2))
        differ |= {(one, other) for name in plan.separate_actions for other in done.get(name, ()) for one in mine}
        differ |= {(one, f"part:{part}") for part in plan.separate_parts if part in self.parts for one in mine}
        agree = {(one, doers[min(n, len(doers) - 1)]) for doers in same for n, one in enumerate(mine)}
        parts = self._parts_of(plan).difference(plan.separate_parts)
        if plan.roles:
            parts.difference_update(part for part in plan.parts if part not in plan.same_parts)
        agree |= {(one, f"part:{part}") for part in parts for one in mine}
        return _Route(route.actors.union(mine), route.differ | differ, route.agree | agree)

    def _follow(self, wanted: str, dead: frozenset[str]) -> Routes:
        net = self.bound.net
        start: State = (-1, False, _Route())
        parents: dict[State, tuple[State, str] | None] = {start: None}
        least: dict[tuple[int, bool], list[_Route]] = {}
        ends: Routes = []
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            marking, done, route = state
            moves: Iterable[Move] = net.openings if marking < 0 else net.enabled(marking)
            for move in moves:
                if move.action in dead:
                    continue
                after = net.fire(max(marking, 0), move)
                more = self.extend(route, move.action) if move.action in self.tied or move.action == wanted else route
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
        return [(route, path) for route, path in ends if not any(other <= route and other != route for other, _ in ends)]

    def least(self) -> int:
        """The least number of people with whom every action can be done, whatever roles they may need to hold."""
        found = [self.through(key, frozenset()) for key in self.staffed]
        numbers = [[number for route, _ in routes if (number := _colours(route)) is not None] for routes in found]
        return max((min(possible) for possible in numbers if possible), default=0)


def _path(parents: Mapping[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    path: list[str] = []
    step = parents[state]
    while step is not None:
        before, action = step
        path.append(action)
        step = parents[before]
    return tuple(reversed(path))


def _variables(route: _Route) -> dict[str, str]:
    """Each who acts on a route, and the parts they meet, by the one among those that must agree that stands for all."""
    names = route.actors | {name for pair in route.differ | route.agree for name in pair}
    leader = {name: name for name in sorted(names)}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for one, other in sorted(route.agree):
        leader[find(one)] = find(other)
    return {name: find(name) for name in sorted(names)}


def _assign(route: _Route, ways: _Ways, people: Mapping[str, Collection[str]]) -> bool:
    """Whether everybody who acts on the route can be somebody."""
    of = _variables(route)
    domains: dict[str, set[str]] = {leader: set(people) for leader in of.values()}
    for name, leader in of.items():
        plan = ways.staffed.get(name.partition("#")[0])
        if plan is not None and plan.roles and not plan.parts:
            domains[leader] &= {person for person, roles in people.items() if not plan.roles.isdisjoint(roles)}
    return all(domains.values()) and _solve(domains, {(of[one], of[other]) for one, other in route.differ})


def _solve(domains: Mapping[str, set[str]], differ: Collection[Pair]) -> bool:
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


def _clash(route: _Route, ways: _Ways, people: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """A least set of actions of a route that cannot be given people."""
    clash = route.actors
    for name in sorted(route.actors):
        if not _assign(_without(route, clash - {name}), ways, people):
            clash -= {name}
    return tuple(dict.fromkeys(name.partition("#")[0] for name in sorted(clash)))


def _without(route: _Route, left: frozenset[str]) -> _Route:
    """*route* with only those *left* who act, and the parts."""

    def among(pairs: frozenset[Pair]) -> frozenset[Pair]:
        return frozenset(pair for pair in pairs if all(name in left or name.startswith("part:") for name in pair))

    return _Route(left, among(route.differ), among(route.agree))


def _colours(route: _Route) -> int | None:
    """The least number of different people for a route: the chromatic number of its duties. None: no number would do."""
    of = _variables(route)
    leaders = set(of.values())
    differ = {(of[one], of[other]) for one, other in route.differ}
    for n in range(1, len(leaders) + 1):
        people = {str(i) for i in range(n)}
        if _solve({leader: set(people) for leader in leaders}, differ):
            return n
    return None if leaders else 1
