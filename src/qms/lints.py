"""Advice on a definition: what can be played and ended, and may yet go on for ever, or wait for somebody who never comes.

Rule 1: each is a warning. A process with it can be run, and may be right; who thinks so writes why under ``argued``, and the
warning is silent. Only what no case could ever do well is a defect, and that is soundness's, staffing's or an invariant's.
Rule 2: judged step by step (`stepwise`), so that what goes wrong only by branches meeting is soundness's to find.
Rule 3: a warning may be missing and is never invented: where it is unclear whether a clock runs or a bound holds, it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from .definition import Action, ClockEffect, ProcessDefinition
from .limits import TimeLimit
from .net import Move, Net
from .shares import amounts, is_longer
from .soundness import Finding
from .stepwise import Stepwise, components, near, together

__all__ = ["ADVICE", "advise", "argue", "escapes"]

ADVICE = (
    "branch-escape",
    "unbounded-loop",
    "automatic-loop",
    "unbounded-pause",
    "no-lapse",
    "no-children",
    "dead-trigger",
    "undo-leaves-cases",
    "steps-over-limit",
)
"""Every code of advice, in the order it is given."""

_STARTS = frozenset({"start", "restart"})
_STRETCHES = frozenset({"pause", "restart"})


def advise(
    definition: ProcessDefinition,
    net: Net,
    limits: Mapping[str, TimeLimit],
    shares: Mapping[str, TimeLimit],
    clocks: Mapping[str, Mapping[str, ClockEffect]],
) -> list[Finding]:
    """What there is to say of *definition* on *net*, with the *limits* and the *shares* of steps that a procedure fills in.

    *clocks*: for each action its effect on each clock, as far as the procedure has chosen.
    """
    steps = Stepwise(definition, net, clocks)
    every: tuple[Callable[[Stepwise], Iterator[Finding]], ...] = (
        _loops,
        _pauses,
        _without_lapse,
        _without_children,
        _triggers,
        _undone,
    )
    found = [*escapes(net), *(finding for each in every for finding in each(steps))]
    return found + list(_over_limit(steps, limits, shares))


def argue(findings: Iterable[Finding], argued: Mapping[str, str]) -> list[Finding]:
    """*findings* without the warnings that the definition argues (``"code place" = "why"``); an argument about nothing is one.

    Defects cannot be argued away.
    """
    every = list(findings)
    told = {f"{finding.code} {finding.where}" for finding in every if finding.severity == "warning"}
    left = [finding for finding in every if finding.severity == "error" or f"{finding.code} {finding.where}" not in argued]
    stale = (key for key in argued if key not in told)
    return left + [_warn("argued-nothing", "there is no such warning; remove the argument", f"argued.{key}") for key in stale]


def _warn(code: str, message: str, where: str, witness: tuple[str, ...] = ()) -> Finding:
    return Finding(code, message, where, witness, "warning")


# Branches that leave their block


def escapes(net: Net) -> Iterator[Finding]:
    """Branches of a fork that come into each other without a join: ASL allows no such way, and people do not expect it."""
    told: set[str] = set()
    for fork in net.moves:
        if len(fork.to) < 2:
            continue
        branches = {first: _branch(net, first, set(fork.to) - {first}) for first in fork.to}
        for one, reached in branches.items():
            for other, theirs in branches.items():
                move = next((reached[step] for step in reached if step in theirs and reached[step] is not None), None)
                if one == other or move is None or move.action in told:
                    continue
                told.add(move.action)
                into = next(step for step in move.to if step in theirs)
                message = (
                    f"{move.action} leads from the branch of {one} into that of {other} at {into}; "
                    "let the branches meet in a join, or cancel the others"
                )
                yield _warn("branch-escape", message, f"actions.{move.action}", (*near(net, move.take[0]), move.action))


def _branch(net: Net, first: str, others: set[str]) -> dict[str, Move | None]:
    """The steps that a token at *first* comes to by itself, without a join with *others* and without cancelling them; and how."""
    reached: dict[str, Move | None] = {first: None}
    grown = True
    while grown:
        grown = False
        for move in net.moves:
            if not move.leaves or not set(move.take) <= reached.keys() or others & set(move.cancels):
                continue
            for step in move.to:
                if step not in reached and step not in net.closing:
                    reached[step] = move
                    grown = True
    return reached


# Loops


def _loops(steps: Stepwise) -> Iterator[Finding]:
    actions = steps.definition.actions
    free = [
        (move, one, other)
        for move, one, other in steps.edges
        if not (steps.is_bounded(move.action) or _clocks_at(steps, one) or _clocks_at(steps, other))
    ]
    for names, around, witness in _rounds(steps, free):
        message = (
            f"the case can go round for ever ({', '.join(around)}) and nothing is ever late; "
            "let a limit run there, or bound one of the actions with at_most"
        )
        yield _warn("unbounded-loop", message, names, witness)
    alone = [edge for edge in steps.edges if _is_automatic(actions[edge[0].action]) and not steps.is_bounded(edge[0].action)]
    for names, around, witness in _rounds(steps, alone):
        message = f"the case goes round by itself ({', '.join(around)}) until somebody stops it; bound one of them with at_most"
        yield _warn("automatic-loop", message, names, witness)


def _clocks_at(steps: Stepwise, step: str) -> bool:
    return any(not name.startswith("child:") for name in steps.sure[step])


def _is_automatic(action: Action) -> bool:
    return action.fired_by is not None and not action.roles


Edges = list[tuple[Move, str, str]]


def _rounds(steps: Stepwise, edges: Edges) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """For each loop of *edges* its steps, the actions once round from the step that is nearest, and those with the way there."""
    for loop in components((one, other) for _, one, other in edges):
        within = [(move.action, one, other) for move, one, other in edges if one in loop and other in loop]
        start = min((step for step in steps.net.steps if step in loop), key=lambda step: len(steps.way(step)))
        ways: dict[str, tuple[str, ...]] = {other: (action,) for action, one, other in reversed(within) if one == start}
        waiting = list(ways)
        for step in waiting:
            for action, one, other in within:
                if one == step and other not in ways:
                    ways[other] = (*ways[step], action)
                    waiting.append(other)
        names = ", ".join(step for step in steps.net.steps if step in loop)
        yield f"steps.{names}", ways[start], (*steps.way(start), *ways[start])


def _pauses(steps: Stepwise) -> Iterator[Finding]:
    """Actions that stop the limit of the case, or count it anew, as often as somebody likes: a supplement without a bound."""
    definition = steps.definition
    due = definition.due
    if due is None:
        return
    bounded = any(terms.at_most is not None or terms.total is not None for terms in definition.limits[due].pauses)
    for key, action in definition.actions.items():
        effect = steps.clocks[key].get(due)
        if effect is None or bounded or steps.is_bounded(key) or _STRETCHES.isdisjoint(effect.effects.values()):
            continue
        moves = steps.net.moves_of(key)
        stays = any(not move.leaves for move in moves)
        sources = {step for move in moves for step in move.leaves}
        targets = [step for move in moves for step in move.to]
        back = () if stays else steps.path(targets, sources, lambda name: not steps.is_bounded(name))
        if back is None or action.from_ == "new":
            continue
        how = ", ".join((key, *back))
        message = f"limits.{due} can be stopped or counted anew without end ({how}); bound {key} with at_most"
        start = next((step for step in steps.net.steps if step in sources), None)
        way = steps.way(start) if start else ()
        yield _warn("unbounded-pause", message, f"actions.{key}", (*way, key, *back))


# Waiting for what may never come


def _without_lapse(steps: Stepwise) -> Iterator[Finding]:
    """Steps that only the public can end: if they never come back, the case is open for ever."""
    net = steps.net
    if not steps.public:
        return
    for step in net.steps:
        outs = [move for move in net.moves if step in move.leaves or (move.fired_by and _ends_beside(net, move, step))]
        if step not in net.closing and outs and all(steps.by_public_alone(move.action) for move in outs):
            who = ", ".join(sorted({role for move in outs for role in steps.definition.actions[move.action].roles}))
            message = f"only {who} can end the wait at {step}; let a limit end it (fired_by), or somebody of the office"
            yield _warn("no-lapse", message, f"steps.{step}", steps.way(step))


def _ends_beside(net: Net, move: Move, step: str) -> bool:
    """Whether a limit ends the wait at *step* from a branch beside it."""
    return step in move.cancels and any(together(net, step, other) for other in move.take)


def _without_children(steps: Stepwise) -> Iterator[Finding]:
    """Steps that only children can end, to which a case may come without having opened one: it waits for nobody."""
    actions = steps.definition.actions
    for step in steps.net.steps:
        outs = [move.action for move in steps.net.moves if step in move.leaves]
        triggers = [trigger for key in outs if (trigger := actions[key].fired_by) is not None and not actions[key].roles]
        links = sorted({trigger.children for trigger in triggers if trigger.children is not None})
        if not outs or len(triggers) < len(outs) or any(trigger.children is None for trigger in triggers):
            continue
        if not any(f"child:{link}" in steps.sure[step] for link in links):
            message = (
                f"only the end of {', '.join(links)} leads on from {step}, and a case can come here without having opened one; "
                "open it always (leave when out), or let somebody go on without"
            )
            yield _warn("no-children", message, f"steps.{step}", steps.way(step))


def _triggers(steps: Stepwise) -> Iterator[Finding]:
    """Actions fired by a limit that nothing starts."""
    actions = steps.definition.actions
    started = {
        clock for action in actions.values() for clock, effect in action.clocks.items() if _STARTS & {*effect.effects.values()}
    }
    for key, action in actions.items():
        limit = action.fired_by.limit if action.fired_by else None
        if limit is not None and limit not in started:
            message = (
                f'no action starts limits.{limit}, so that it fires nothing; write clocks.{limit} = "start" where it begins'
            )
            yield _warn("dead-trigger", message, f"actions.{key}.fired_by")


def _undone(steps: Stepwise) -> Iterator[Finding]:
    """Actions that can be undone, and open other cases, which cannot."""
    for key, action in steps.definition.actions.items():
        if action.undoable and action.raises:
            opened = ", ".join(dict.fromkeys(rule.process for rule in action.raises))
            message = f"undoing {key} leaves the cases of {opened} that it opened; do not let it be undone"
            yield _warn("undo-leaves-cases", message, f"actions.{key}.undoable")


# The limits of steps on the longest path


def _over_limit(steps: Stepwise, limits: Mapping[str, TimeLimit], shares: Mapping[str, TimeLimit]) -> Iterator[Finding]:
    """The longest way, each step once, on which the limits of the steps are together longer than that of the case.

    Only periods whose units compare with those of the case's are summed: units never convert.
    """
    due = steps.definition.due
    if due is None or due not in limits:
        return
    allowances = {step: found for step in steps.net.steps if (found := _allowance(steps, step, due, limits, shares))}
    families = amounts([limits[due]])
    if not allowances or len(families) != 1:
        return
    (family,) = families
    sizes = {step: amounts([period]).get(family, 0) for step, period in allowances.items()}
    path, way = _longest(steps, due, sizes)
    spent = [allowances[step] for step in path if sizes.get(step)]
    if spent and is_longer(spent, limits[due]):
        told = " + ".join(f"{allowances[step]} at {step}" for step in path if sizes.get(step))
        message = f"{told} are more than limits.{due}, {limits[due]}; shorten one of them"
        yield _warn("steps-over-limit", message, f"limits.{due}", way)


def _allowance(
    steps: Stepwise, step: str, due: str, limits: Mapping[str, TimeLimit], shares: Mapping[str, TimeLimit]
) -> TimeLimit | None:
    """How long a case should stay at *step*: its share, or the longest limit that starts and stops with it."""
    if due not in steps.sure[step]:
        return None
    if step in shares:
        return shares[step]
    before = set[str]().union(*(steps.sure[one] for _, one, other in steps.edges if other == step))
    leaving = [move for move in steps.net.moves if step in move.leaves and steps.net.closing.isdisjoint(move.to)]
    own = [
        limits[name]
        for name in steps.sure[step] - before - {due}
        if name in limits and all(steps.halts(move.action, name) for move in leaving)
    ]
    ordered = sorted(own, key=lambda period: (max(amounts([period]).values()), str(period)))
    return ordered[-1] if ordered else None


def _longest(steps: Stepwise, due: str, sizes: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The way through the steps where *due* runs with the largest sum; as steps, and as actions from the opening."""
    after: dict[str, list[tuple[str, str]]] = {}
    for move, one, other in steps.edges:
        if due in steps.sure[one] and due in steps.sure[other]:
            after.setdefault(one, []).append((move.action, other))
    best: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {}
    for step in _last_first([step for step in steps.net.steps if due in steps.sure[step]], after):
        ways = [(best[other], action) for action, other in after.get(step, ()) if other in best and best[other][0]]
        (size, path, way), action = max(ways, key=lambda found: found[0][0], default=((0, (), ()), ""))
        best[step] = sizes.get(step, 0) + size, (step, *path), (action, *way) if action else ()
    _, path, way = max(best.values(), key=lambda found: found[0], default=(0, (), ()))
    return path, (*steps.way(path[0]), *way) if path else ()


def _last_first(starts: Iterable[str], after: Mapping[str, list[tuple[str, str]]]) -> list[str]:
    """The steps in an order in which each comes after those it leads to, except by a way back."""
    done: dict[str, None] = {}
    seen: set[str] = set()
    for start in starts:
        stack = [(start, iter(after.get(start, ())))] if start not in seen else []
        seen.add(start)
        while stack:
            step, rest = stack[-1]
            _, follower = next(rest, ("", None))
            if follower is None:
                done[step] = None
                stack.pop()
            elif follower not in seen:
                seen.add(follower)
                stack.append((follower, iter(after.get(follower, ()))))
    return list(done)
