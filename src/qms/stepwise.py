"""A definition looked at step by step: what leads where, and which clocks run wherever a case waits.

Rule 1: cost grows with the definition, never with its markings. Branches are looked at each for itself.
Rule 2: what is said to run at a step runs there on every way a case can come to it, so that silence is the only error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

from .definition import NEW, ClockEffect, ProcessDefinition
from .net import Graph, Move, Net, explore

__all__ = ["Stepwise", "closure", "components", "near", "public_of", "together"]

K = TypeVar("K", bound=Hashable)

LOOKED = 5_000
"""How many markings are looked at for a shortest way to a step."""

_SETS_GOING = frozenset({"start", "restart", "resume"})
_HALTS = frozenset({"pause", "stop"})


class Stepwise:
    """The steps of *net*, with what *definition* says of the actions between them, and their effects on *clocks*."""

    def __init__(self, definition: ProcessDefinition, net: Net, clocks: Mapping[str, Mapping[str, ClockEffect]]) -> None:
        self.definition, self.net, self.clocks = definition, net, clocks
        self.edges = [
            (move, step, target)
            for move in net.moves
            for step in move.leaves
            for target in move.to
            if target != step and step not in net.closing
        ]
        """Every way from a step to another, by a move; what is reopened is no such way."""

    @cached_property
    def public(self) -> frozenset[str]:
        """The parts of the public; see `public_of`."""
        return public_of(self.definition)

    def is_bounded(self, action: str) -> bool:
        """Whether the definition says how often *action* may be done at most."""
        return self.definition.actions[action].at_most is not None

    def by_public_alone(self, action: str) -> bool:
        """Whether nobody of the office may do *action*, nor the system."""
        roles = self.definition.actions[action].roles
        return bool(roles) and self.public.issuperset(roles)

    def halts(self, action: str, clock: str) -> bool:
        """Whether *action* stops or pauses *clock*."""
        effect = self.clocks[action].get(clock)
        return effect is not None and not _HALTS.isdisjoint(effect.effects.values())

    def way(self, *steps: str) -> tuple[str, ...]:
        """The shortest sequence of actions to where one of *steps* holds; empty where none is near."""
        return near(self.net, *steps)

    @cached_property
    def sure(self) -> Mapping[str, frozenset[str]]:
        """For each step the clocks that run there, and (as ``child:x``) the children opened, on whatever way a case came."""
        return _sure(self.definition, self.net, self.clocks)

    def path(self, start: Iterable[str], goal: Collection[str], allow: Callable[[str], bool]) -> tuple[str, ...] | None:
        """The shortest sequence of allowed actions from a step of *start* to one of *goal*; None where there is none."""
        ways: dict[str, tuple[str, ...]] = dict.fromkeys(start, ())
        waiting = list(ways)
        for step in waiting:
            if step in goal:
                return ways[step]
            for move, source, target in self.edges:
                if source == step and target not in ways and allow(move.action):
                    ways[target] = (*ways[step], move.action)
                    waiting.append(target)
        return None


def near(net: Net, *steps: str) -> tuple[str, ...]:
    """The shortest sequence of actions to where one of *steps* holds; empty where none is near."""
    graph, wanted = _explored(net), net.mask(steps)
    return next((graph.witness(i) for i, marking in enumerate(graph.markings) if marking & wanted), ())


def together(net: Net, *steps: str) -> bool:
    """Whether a case can stand at all of *steps* at once, as far as is looked."""
    graph, wanted = _explored(net), net.mask(steps)
    return not graph.complete or any(marking & wanted == wanted for marking in graph.markings)


@lru_cache(maxsize=8)
def _explored(net: Net) -> Graph:
    return explore(net, LOOKED)


def public_of(definition: ProcessDefinition) -> frozenset[str]:
    """The parts that are not of the office: the subject, who opens a case, and whom an opening names."""
    opening = [action for action in definition.actions.values() if action.from_ == NEW]
    named = {part for action in opening for part in (*action.roles, *action.names)}
    return frozenset(part for part in definition.parts if part in named or part == definition.subject)


def closure(start: Iterable[K], after: Callable[[K], Iterable[K]]) -> set[K]:
    """*start* and all that follows from it."""
    seen = set(start)
    stack = list(seen)
    while stack:
        for item in after(stack.pop()):
            if item not in seen:
                seen.add(item)
                stack.append(item)
    return seen


def components(edges: Iterable[tuple[str, str]]) -> Iterator[frozenset[str]]:
    """The largest sets of more than one step of which each leads to each, in the order of the edges."""
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for one, other in edges:
        after.setdefault(one, []).append(other)
        before.setdefault(other, []).append(one)

    def after_of(step: str) -> Sequence[str]:
        return after.get(step, ())

    def before_of(step: str) -> Sequence[str]:
        return before.get(step, ())

    done: set[str] = set()
    for step in _core(after, before):
        if step not in done:
            ahead: set[str] = closure([step], after_of)
            behind: set[str] = closure([step], before_of)
            found = ahead & behind
            done |= found
            if len(found) > 1:
                yield frozenset(found)


def _core(after: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]) -> list[str]:
    """What may lie on a loop: the rest when all that nothing leads to has been taken away, again and again."""
    names: dict[str, None] = dict.fromkeys([*after, *before])
    count = {step: len(before.get(step, ())) for step in names}
    loose = [step for step, n in count.items() if not n]
    for step in loose:
        for target in after.get(step, ()):
            count[target] -= 1
            if not count[target]:
                loose.append(target)
    gone = set(loose)
    return [step for step in count if step not in gone]


def _sure(
    definition: ProcessDefinition, net: Net, clocks: Mapping[str, Mapping[str, ClockEffect]]
) -> dict[str, frozenset[str]]:
    effects = {key: _effects(clocks[key]) for key in definition.actions}
    elsewhere = frozenset(name for table in clocks.values() for name in table) - _started(clocks)
    opened = {
        key: frozenset(f"child:{rule.child}" for rule in action.raises if rule.child is not None and rule.when is None)
        for key, action in definition.actions.items()
    }
    halted = {step: frozenset[str]() for step in net.steps}
    for move in net.moves:
        for step in () if move.leaves else move.take:
            halted[step] |= effects[move.action][1]
    uses: dict[str, list[Move]] = {step: [] for step in net.steps}
    for move in net.moves:
        for step in move.take:
            uses[step].append(move)
    sure: dict[str, frozenset[str]] = {}
    waiting = list(net.openings)
    while waiting:
        move = waiting.pop()
        known = [sure[step] for step in move.take if step in sure]
        if len(known) < move.need:
            continue
        before = elsewhere if move.opens else _together(known, move)
        going, halts = effects[move.action]
        after = (before - halts) | going | opened[move.action]
        for step in (*move.to, *move.adds):
            holds = after - halted[step]
            new = holds if step not in sure else sure[step] & holds
            if sure.get(step) != new:
                sure[step] = new
                waiting += uses[step]
    return {step: sure.get(step, frozenset()) for step in net.steps}


def _started(clocks: Mapping[str, Mapping[str, ClockEffect]]) -> frozenset[str]:
    """The clocks that some action starts; one that is only stopped was started by what was recorded elsewhere."""
    starts = {"start", "restart"}
    return frozenset(
        name for table in clocks.values() for name, effect in table.items() if not starts.isdisjoint(effect.effects.values())
    )


def _together(known: Sequence[frozenset[str]], move: Move) -> frozenset[str]:
    """What holds where all of some tokens have come together, or where any of them may be the one."""
    if move.need == len(move.take):
        return frozenset[str]().union(*known)
    return frozenset[str].intersection(*known)


def _effects(clocks: Mapping[str, ClockEffect]) -> tuple[frozenset[str], frozenset[str]]:
    """The clocks that run after an action, and those that may have been halted by it; a choice not made is taken kindly."""
    going, halts = set(), set()
    for name, effect in clocks.items():
        values = set(effect.effects.values())
        open_choice = effect.by is not None and effect.by.startswith("procedure.")
        if values & _SETS_GOING if open_choice else values <= _SETS_GOING:
            going.add(name)
        if values <= _HALTS if open_choice else values & _HALTS:
            halts.add(name)
    return frozenset(going), frozenset(halts)
