"""What a definition says must hold of every case, proved over all its markings and ways.

A closed vocabulary; each invariant is one of these forms (a name with keys, under ``[invariants.<name>]``):

``never_together = [steps]``: a case never stands at all of them at once.
``before = step or action``, with ``done = [actions]`` (all) or ``one_of = [actions]``: it comes there only after these;
with ``apart = true`` by different people, the action itself included.
``at_most = n``, ``of = [actions]``: together no more often than that; with ``within = phase``, while the case is in it.
``once = [dates]``: written once, whatever comes after.
``ends_without = [roles and parts]``: from every step an end is reachable though these do nothing.
``clock = limit``, ``starts_at = [actions]``: it starts there only, and once; with ``changed_by = [actions]``, only these
pause, resume, restart or extend it.
``leaves_alone = [limits, dates, axes]``, with ``actions = [...]`` or ``after = step``: these (or whatever is done once the
case has been there) change none of them.
``ends_with = [outcome, dates, axes]``: no case ends before each of them has been set.

Rule 1: guards may be true or false at any time; ``at_most`` and ``separate_from`` are taken at their word.
Rule 2: a broken invariant is a defect, told with a shortest witness; above the cap it is undecided, never held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from attrs import field, frozen

from .definition import ClockEffect, ProcessDefinition
from .invariant import Invariant
from .net import UNBORN, Move, Net, explore
from .soundness import Finding
from .stepwise import closure

__all__ = ["broken"]

Clocks = Mapping[str, Mapping[str, ClockEffect]]

_CHANGES = frozenset({"pause", "resume", "restart", "extend"})


def broken(definition: ProcessDefinition, net: Net, clocks: Clocks, cap: int) -> Iterator[Finding]:
    """The invariants of *definition* that do not hold on *net*, at most one finding for each.

    *clocks*: for each action its effect on each clock. *cap* bounds the states that are visited for one of them.
    """
    game = _Game(definition, net, clocks, cap)
    for name, invariant in definition.invariants.items():
        where = f"invariants.{name}"
        try:
            fault = _FORMS[invariant.form](game, invariant)
        except _TooManyError:
            message = f"more than {cap} states; split the process into children, or raise the cap"
            yield Finding("undecided", message, where)
            continue
        if fault is not None:
            yield Finding("invariant", fault.message, where, fault.witness)


@frozen
class _Fault:
    message: str
    witness: tuple[str, ...] = ()


class _TooManyError(Exception):
    pass


State = tuple[int, Any]


@frozen
class _Made:
    """A move made, between two markings."""

    move: Move
    before: int
    after: int


Follow = Callable[[Any, _Made], Any]
"""What is remembered after a move that is made; a fault where the move breaks the invariant; None: not possible."""


@frozen
class _Game:
    definition: ProcessDefinition
    net: Net
    clocks: Clocks
    cap: int
    _moves: dict[int, list[_Made]] = field(factory=dict, init=False)

    def search(self, start: Any, follow: Follow) -> _Fault | None:
        """The first fault that a breadth-first search over markings and what is remembered comes to, with its way."""
        waiting: deque[tuple[int, Any]] = deque()
        parents: dict[State, tuple[State | None, str]] = {}

        def way(state: State | None) -> tuple[str, ...]:
            path: list[str] = []
            while state is not None:
                state, action = parents[state]
                path.append(action)
            return tuple(reversed(path))

        def play(state: State | None, memory: Any, made: _Made) -> _Fault | None:
            kept = follow(memory, made)
            if isinstance(kept, _Fault):
                return _Fault(kept.message, (*way(state), made.move.action))
            if kept is not None and (made.after, kept) not in parents:
                parents[made.after, kept] = (state, made.move.action)
                waiting.append((made.after, kept))
            return None

        for move in self.net.openings:
            if fault := play(None, start, _Made(move, UNBORN, self.net.fire(UNBORN, move))):
                return fault
        while waiting:
            if len(parents) > self.cap:
                raise _TooManyError
            marking, memory = state = waiting.popleft()
            for made in self.moves(marking):
                if fault := play(state, memory, made):
                    return fault
        return None

    def moves(self, marking: int) -> list[_Made]:
        """What can be done at *marking*, and where it leads."""
        known = self._moves.get(marking)
        if known is None:
            net = self.net
            known = self._moves[marking] = [_Made(move, marking, net.fire(marking, move)) for move in net.enabled(marking)]
        return known

    def touched(self, action: str) -> frozenset[str]:
        """The limits, dates and axes that *action* changes."""
        effects = self.clocks[action]
        clocks = {name for name, effect in effects.items() if set(effect.effects.values()) != {"none"}}
        return frozenset(clocks | set(self.definition.actions[action].sets))

    def does(self, action: str, clock: str, effects: frozenset[str]) -> bool:
        """Whether *action* may have one of *effects* on *clock*."""
        effect = self.clocks[action].get(clock)
        return effect is not None and not effects.isdisjoint(effect.effects.values())


def _never_together(game: _Game, said: Invariant) -> _Fault | None:
    mask = game.net.mask(said.never_together)
    steps = " and ".join(said.never_together)

    def follow(memory: Any, made: _Made) -> Any:
        return (
            _Fault(f"a case can stand at {steps} at once; cancel one, or join them first")
            if made.after & mask == mask
            else memory
        )

    return game.search("", follow)


def _before(game: _Game, said: Invariant) -> _Fault | None:
    place = str(said.before)
    wanted = frozenset(said.done or said.one_of)
    is_step = place in game.definition.steps
    bit = game.net.bits[place] if is_step else 0
    if said.apart and (fault := _not_apart(game.definition, said, is_step)):
        return fault

    def follow(memory: Any, made: _Made) -> Any:
        done: frozenset[str] = memory
        more = done | ({made.move.action} & wanted)
        comes = bool(made.after & bit and not made.before & bit) if is_step else made.move.action == place
        known = more if is_step else done
        if comes and (wanted - known if said.done else not wanted & known):
            lacking = ", ".join(name for name in (said.done or said.one_of) if name not in known)
            word = "" if said.done else "one of "
            return _Fault(f"a case can come to {place} without {word}{lacking}; let every way there do it first")
        return more

    return game.search(frozenset(), follow)


def _not_apart(definition: ProcessDefinition, said: Invariant, is_step: bool) -> _Fault | None:
    """The first two of the actions that one person could do."""
    pairs = list(combinations(said.done, 2))
    if not is_step:
        pairs += [(name, str(said.before)) for name in (said.done or said.one_of)]
    for one, other in pairs:
        first, second = definition.actions[one], definition.actions[other]
        by_people = bool(first.roles or not first.fired_by) and bool(second.roles or not second.fired_by)
        if by_people and one not in second.separate_from and other not in first.separate_from:
            return _Fault(f'one person may do {one} and {other}; write separate_from = ["{one}"] in actions.{other}')
    return None


def _at_most(game: _Game, said: Invariant) -> _Fault | None:
    """Counts what is done of the actions, and what their own bounds count."""
    definition, net = game.definition, game.net
    most = said.at_most or 0
    keys = [key for key in said.of if definition.actions[key].at_most is not None]
    bounds = [bound for key in keys if (bound := definition.actions[key].at_most) is not None]
    phases = [net.mask(definition.phases[bound.phase]) if bound.phase else 0 for bound in bounds]
    phase = net.mask(definition.phases[said.within]) if said.within else 0

    def follow(memory: Any, made: _Made) -> Any:
        total, counts = memory
        inside = not phase or bool(made.before & phase)
        if made.move.action in keys:
            i = keys.index(made.move.action)
            if counts[i] >= bounds[i].n:
                return None
            counts = (*counts[:i], counts[i] + 1, *counts[i + 1 :])
        if made.move.action in said.of and inside:
            total += 1
            if total > most:
                often = f"{said.within}: " if said.within else ""
                return _Fault(f"{often}{', '.join(said.of)} can be done more than {most} times; bound them with at_most")
        if definition.actions[made.move.action].reopens:
            counts = (0,) * len(keys)
        counts = tuple(0 if p and made.before & p and not made.after & p else n for p, n in zip(phases, counts, strict=True))
        return (0 if phase and not made.after & phase else total, counts)

    return game.search((0, (0,) * len(keys)), follow)


def _once(game: _Game, said: Invariant) -> _Fault | None:
    for name in said.once:
        if game.definition.dates[name] == "once":
            continue
        writing = {key for key, action in game.definition.actions.items() if name in action.sets}
        message = f'{name} can be written twice; write dates.{name} = "once"'
        if fault := _twice(game, writing, message):
            return fault
    return None


def _twice(game: _Game, actions: set[str], message: str) -> _Fault | None:
    def follow(memory: Any, made: _Made) -> Any:
        if made.move.action not in actions:
            return memory
        return _Fault(message) if memory else True

    return game.search(False, follow)


def _ends_without(game: _Game, said: Invariant) -> _Fault | None:
    """Backwards from the ends, by what others or the system can do."""
    net, away = game.net, set(said.ends_without)
    graph = explore(net, game.cap)
    if not graph.complete:
        raise _TooManyError
    helped = {
        key
        for key, action in game.definition.actions.items()
        if action.fired_by is not None or not away.issuperset(action.roles)
    }
    back: dict[int, list[int]] = {i: [] for i in range(len(graph.markings))}
    for i, edges in enumerate(graph.edges):
        for move, target in edges:
            if move.action in helped:
                back[target].append(i)
    ends = [i for i, marking in enumerate(graph.markings) if net.is_final(marking)]
    able = closure(ends, back.__getitem__)
    stuck = next((i for i in range(len(graph.markings)) if i not in able), None)
    if stuck is None:
        return None
    here = " and ".join(sorted(net.names(graph.markings[stuck])))
    message = (
        f"from {here} no end is reachable without {', '.join(said.ends_without)}; let a limit or somebody else end the wait"
    )
    return _Fault(message, graph.witness(stuck))


def _clock(game: _Game, said: Invariant) -> _Fault | None:
    name = str(said.clock)
    starting = {key for key in game.definition.actions if game.does(key, name, frozenset({"start"}))}
    for key in game.definition.actions:
        if key in starting and key not in said.starts_at:
            return _Fault(f"{key} starts {name} too; it may only be started by {', '.join(said.starts_at)}")
        if said.changed_by and key not in said.changed_by and game.does(key, name, _CHANGES):
            return _Fault(f"{key} changes {name} too; it may only be changed by {', '.join(said.changed_by)}")
    return _twice(game, starting, f"{name} can be started twice; restart it, or let a case come there once")


def _leaves_alone(game: _Game, said: Invariant) -> _Fault | None:
    names = frozenset(said.leaves_alone)
    for key in said.actions:
        if changed := sorted(names & game.touched(key)):
            return _Fault(f"{key} changes {', '.join(changed)}; take it out of its clocks or sets")
    if said.after is None:
        return None
    bit = game.net.bits[said.after]

    def follow(memory: Any, made: _Made) -> Any:
        if memory and (changed := sorted(names & game.touched(made.move.action))):
            return _Fault(
                f"{made.move.action} changes {', '.join(changed)} after {said.after}; take it out of its clocks or sets"
            )
        return memory or bool(made.after & bit)

    return game.search(False, follow)


def _ends_with(game: _Game, said: Invariant) -> _Fault | None:
    names = frozenset(said.ends_with)

    def follow(memory: Any, made: _Made) -> Any:
        action = game.definition.actions[made.move.action]
        told = set(action.sets) | ({"outcome"} if action.outcome else set())
        known: frozenset[str] = memory | (told & names)
        if game.net.is_final(made.after) and (lacking := sorted(names - known)):
            return _Fault(f"a case can end with no {', '.join(lacking)}; let {made.move.action} say it")
        return known

    return game.search(frozenset(), follow)


_FORMS: Mapping[str, Callable[[_Game, Invariant], _Fault | None]] = {
    "never_together": _never_together,
    "before": _before,
    "at_most": _at_most,
    "once": _once,
    "ends_without": _ends_without,
    "clock": _clock,
    "leaves_alone": _leaves_alone,
    "ends_with": _ends_with,
}
