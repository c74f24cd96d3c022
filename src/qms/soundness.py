"""Proof that a net can always finish: a search over its markings, and a shortest witness for whatever is wrong.

Rule 1: guards, roles and forms are ignored: a guard may be true or false at any time. What is found can be played in the net.
Rule 2: sound means: from every marking a case can come to, it can still come to a final one; whenever a closing step is
marked nothing else is; no step is asked to hold two tokens; every step and every action is of use; and what people say
names one move. It is said only after the whole search.
Rule 3: above the cap the answer is ``None``, undecided, never ``True``; a defect met before the cap is a defect.
Rule 4: a parallel block that is sound by itself is one step to the rest: it is folded before the search, so that the cost
grows with the sum of the branches, not their product. If the folded net has a finding, the whole net is searched instead.
Rule 5: one cause, one finding. A marking that cannot finish is told as the deadlock it runs into; as a livelock only where
it can run round for ever, into no deadlock and no improper marking.

After van der Aalst, *Verification of workflow nets* (1997), for nets whose moves may also cancel (reset nets).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from attrs import evolve, frozen

from .net import Graph, Move, Net, explore

__all__ = ["CODES", "Finding", "Report", "check"]

CODES = (
    "no-opening",
    "no-closing",
    "undecided",
    "unreachable-step",
    "dead-action",
    "deadlock",
    "livelock",
    "improper-completion",
    "not-cancelled",
    "unsafe",
    "overlap",
)
"""Every code a finding can have, in the order findings are told."""

K = TypeVar("K", bound=Hashable)

TOLD = 10
"""How many deadlocks are told one by one; the last says how many more there are."""


@frozen
class Finding:
    """What is wrong: its *code*, a *message* that says the mend, *where* it stands, and the actions that lead to it.

    The `witness` is a shortest one; it is empty where the defect is that something can never happen. `severity` is
    ``error`` (a defect, or undecided) or ``warning``: cases can be run, and somebody should know.
    """

    code: str
    message: str
    where: str
    witness: tuple[str, ...] = ()
    severity: str = "error"

    def __str__(self) -> str:
        path = f" (after {', '.join(self.witness)})" if self.witness else ""
        warning = "warning: " if self.severity == "warning" else ""
        return f"{self.where}: {warning}{self.code}: {self.message}{path}"


@frozen
class Report:
    """What a check found: `sound` is True, False, or None where the net is larger than the cap; `markings` were visited.

    Warnings leave `sound` as it is.
    """

    sound: bool | None
    findings: tuple[Finding, ...]
    markings: int = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings for which nobody should run cases."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that somebody should know, or argue."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def __str__(self) -> str:
        verdict = {True: "sound", False: "not sound", None: "undecided"}[self.sound]
        return "\n".join([f"{verdict}: {self.markings} markings", *map(str, self.findings)])


def check(net: Net, cap: int = 200_000) -> Report:
    """Judge *net* by all its markings, at most *cap* of them; those inside a folded block are not visited (Rule 4)."""
    folded = _fold(net)
    if folded is not net:
        report = _search(folded, cap)
        if report.sound:
            return report
    return _search(net, cap)


def _search(net: Net, cap: int) -> Report:
    findings = list(_ends(net))
    graph = explore(net, cap)
    play = _Play(net, graph)
    if graph.openings:
        findings += play.faults_of_moves()
        if net.closing:
            findings += play.deadlocks()
        if graph.complete:
            findings += play.useless()
            if net.closing:
                findings += play.livelocks()
    sound: bool | None = not findings
    if not graph.complete:
        sound = None if sound else False
        message = f"more than {cap} markings; split the process into children, or raise the cap"
        findings.append(Finding("undecided", message, "steps"))
    findings.sort(key=lambda finding: CODES.index(finding.code))
    return Report(sound, tuple(findings), len(graph.markings))


def _ends(net: Net) -> Iterator[Finding]:
    if not net.openings:
        yield Finding("no-opening", 'no action opens a case; give the first one from = "new"', "actions")
    if not net.closing:
        yield Finding("no-closing", "no step ends a case; give the last one closes = true", "steps")


class _Play:
    """One finished search, and the questions asked of it."""

    def __init__(self, net: Net, graph: Graph) -> None:
        self.net = net
        self.graph = graph
        closing = net.closing_mask
        self.improper = [bool(m & closing) and bool(m & (m - 1)) for m in graph.markings]

    def faults_of_moves(self) -> list[Finding]:
        """Improper completion, tokens not cancelled, unsafe moves, overlaps: each once for each place, where first met."""
        graph, markings = self.graph, self.graph.markings
        judge = _Judge(self.net)
        found: dict[tuple[str, str], Finding] = {}

        def add(at: int, move: Move, told: Iterable[tuple[str, str, str]]) -> None:
            for code, where, message in told:
                if (code, where) not in found:
                    found[code, where] = Finding(code, message, where, (*graph.witness(at), move.action))

        for move, target in graph.openings:
            if self.improper[target]:
                add(-1, move, judge.improper(move, markings[target]))
        for move, told in judge.overlaps(graph.openings):
            add(-1, move, (told,))
        for at, edges in enumerate(graph.edges):
            if self.improper[at]:
                continue  # what follows from an improper end is no news
            marking = markings[at]
            for move, target in edges:
                if self.improper[target]:
                    add(at, move, judge.improper(move, markings[target]))
                if marking & judge.doubtful[move]:
                    add(at, move, judge.leftovers(marking, move))
            for move, told in judge.overlaps(edges):
                add(at, move, (told,))
        return list(found.values())

    def deadlocks(self) -> list[Finding]:
        """Markings where nothing can be done, though the case has not ended."""
        graph, net = self.graph, self.net
        dead = [
            at
            for at, edges in enumerate(graph.edges)
            if not edges and not net.is_final(graph.markings[at]) and not self.improper[at]
        ]
        found = []
        for n, at in enumerate(dead[:TOLD], 1):
            more = f" ({len(dead) - TOLD} more like it)" if n == TOLD < len(dead) else ""
            found.append(Finding("deadlock", self._stuck(at) + more, _listed(net, graph.markings[at]), graph.witness(at)))
        return found

    def _stuck(self, at: int) -> str:
        net, marking = self.net, self.graph.markings[at]
        if not marking:
            return "the case stands nowhere and is not closed; let the last action go to a closing step"
        here = _and(_sorted(net, marking))
        for move in net.moves:
            lacking = set(move.take) - net.names(marking)
            if lacking and len(lacking) < len(move.take) and move.need > 1:
                return f"the case is stuck at {here}: {move.action} waits for {_and(sorted(lacking))} as well; let that branch get there"
        return (
            f"the case is stuck at {here}, where no action is possible; add one that leaves it, or close it with closes = true"
        )

    def useless(self) -> list[Finding]:
        """Steps no case comes to, and actions no case can do."""
        net, graph = self.net, self.graph
        seen = 0
        for marking in graph.markings:
            seen |= marking
        alive = {move.action for move, _ in graph.openings}
        alive.update(move.action for edges in graph.edges for move, _ in edges)
        found = [
            Finding("unreachable-step", f"no case can come to {step}; let an action go to it, or remove it", f"steps.{step}")
            for step, bit in net.bits.items()
            if not seen & bit
        ]
        found += [
            Finding("dead-action", _why_dead(net, action, seen), f"actions.{action}")
            for action in net.actions
            if action not in alive
        ]
        return found

    def livelocks(self) -> list[Finding]:
        """Markings from which a case goes round for ever: no end, no deadlock, nothing improper can be reached."""
        graph, net = self.graph, self.net
        ends = [
            at for at, edges in enumerate(graph.edges) if not edges or self.improper[at] or net.is_final(graph.markings[at])
        ]
        before: list[list[int]] = [[] for _ in graph.markings]
        for at, edges in enumerate(graph.edges):
            for _, target in edges:
                before[target].append(at)
        escapes = _closure(ends, before.__getitem__)
        covered: set[int] = set()
        found = []
        for at in range(len(graph.markings)):
            if at in escapes or at in covered:
                continue
            covered |= _closure([at], lambda i: [target for _, target in graph.edges[i]])
            here = _and(_sorted(net, graph.markings[at]))
            message = f"from {here} the case can go on but never end; add an action that leads to a closing step"
            found.append(Finding("livelock", message, _listed(net, graph.markings[at]), graph.witness(at)))
        return found


class _Judge:
    """What may be wrong with one move at one marking."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.doubtful: dict[Move, int] = {}
        self._stays: dict[tuple[Move, int], int] = {}
        shared: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
        for move in net.moves:
            _, _, _, keep, put = net.masks_of(move)
            loose = bool(put & net.closing_mask) or _is_partial_join(move)
            self.doubtful[move] = keep if loose else keep & put
            shared.setdefault(move.name, set()).add((move.action, move.take))
        self.shared = {name for name, ways in shared.items() if len(ways) > 1}

    def improper(self, move: Move, after: int) -> Iterator[tuple[str, str, str]]:
        net = self.net
        for step in _sorted(net, after & net.closing_mask):
            rest = _and(_sorted(net, after & ~net.bits[step]))
            yield "improper-completion", f"steps.{step}", f"{move.action} ends the case at {step} while it stands at {rest} too"

    def leftovers(self, marking: int, move: Move) -> Iterator[tuple[str, str, str]]:
        """Tokens that stay though they should not: doubled, left behind by an end, or by a join that did not wait."""
        net = self.net
        _, _, _, keep, put = net.masks_of(move)
        where = f"actions.{move.action}"
        left = marking & keep
        doubled = left & put
        if doubled:
            what = _and(_sorted(net, doubled))
            yield (
                "unsafe",
                where,
                f"{move.action} puts a token at {what}, where one stands already; cancel it, or join the branches first",
            )
        mend = 'name them in cancels (or cancels = ["*"])'
        if left and net.mask(move.to) & net.closing_mask:
            yield "not-cancelled", where, f"{move.action} ends the case and leaves {_and(_sorted(net, left))} behind; {mend}"
        elif left and _is_partial_join(move) and (late := self._stragglers(move, left)):
            what = _and(_sorted(net, late))
            yield "not-cancelled", where, f"{move.action} does not wait for all and leaves {what} behind; {mend}"

    def _stragglers(self, join: Move, left: int) -> int:
        """The tokens of *left* that could still come to a step *join* takes, without clearing what it put.

        Each alone, and generously: a step once reached stays reached. So a token of an outer block, which must meet the
        result of this join first, is none.
        """
        late = self._stays.get((join, left))
        if late is None:
            late = self._stays[join, left] = sum(
                bit for bit in self.net.bits.values() if left & bit and self._comes_to(join, bit)
            )
        return late

    def _comes_to(self, join: Move, token: int) -> bool:
        net = self.net
        take, _, _, _, result = net.masks_of(join)
        reached = token
        while not reached & take:
            before = reached
            for move in net.moves:
                needs, need, _, keep, put = net.masks_of(move)
                clears = ~keep & result or needs & net.closing_mask
                if not move.opens and not clears and (reached & needs).bit_count() >= need:
                    reached |= put
            if reached == before:
                return False
        return True

    def overlaps(self, edges: list[tuple[Move, int]]) -> Iterator[tuple[Move, tuple[str, str, str]]]:
        """Two moves under one name that a person could not tell apart at this marking."""
        if not self.shared:
            return
        named: dict[str, list[tuple[Move, int]]] = {}
        for move, target in edges:
            if move.name in self.shared:
                named.setdefault(move.name, []).append((move, target))
        for name, same in named.items():
            for i, (first, to) in enumerate(same):
                for second, other in same[i + 1 :]:
                    if _unclear(first, second, to == other):
                        yield first, ("overlap", f"actions.{first.action}", _overlap(name, first, second))


def _unclear(first: Move, second: Move, same_result: bool) -> bool:
    if first.action != second.action:
        return True
    if first.take == second.take or same_result:
        return False
    one, two = first.choice, second.choice
    return one is None or two is None or one == two or one[0] != two[0]


def _overlap(name: str, first: Move, second: Move) -> str:
    if first.action != second.action:
        return f"{first.action} and {second.action} are both called {name} and possible together; give one another name"
    return (
        f"{name} could leave {_and(first.take)} or {_and(second.take)}, both marked, with different results; "
        "cancel the rest, or make it an action for each"
    )


def _is_partial_join(move: Move) -> bool:
    return bool(move.leaves) and move.need < len(move.take)


def _why_dead(net: Net, action: str, seen: int) -> str:
    moves = net.moves_of(action)
    unseen = {step for move in moves for step in move.take if not seen & net.bits[step]}
    steps = dict.fromkeys(step for move in moves for step in move.take)
    if unseen:
        return f"no case can do {action}: it never comes to {_and(sorted(unseen))}; mend that, or remove it"
    return (
        f"no case can do {action}: it never stands at {_and(steps)} as that asks; use from_any for alternatives, or fork before"
    )


def _closure(start: Iterable[K], following: Callable[[K], Iterable[K]]) -> set[K]:
    seen = set(start)
    stack = list(seen)
    while stack:
        for other in following(stack.pop()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def _sorted(net: Net, marking: int) -> list[str]:
    return [step for step, bit in net.bits.items() if marking & bit]


def _listed(net: Net, marking: int) -> str:
    return ", ".join(f"steps.{step}" for step in _sorted(net, marking)) or "steps"


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


# Folding parallel blocks (Rule 4)


def _fold(net: Net) -> Net:
    """*net* with its parallel blocks, innermost first, each folded into one step; *net* itself where there is none."""
    while any(_is_full_join(move) for move in net.moves):
        blocks = _Blocks(net)
        folded = next((each for move in net.moves if _is_full_join(move) and (each := blocks.folded(move.take))), None)
        if folded is None:
            return net
        net = folded
    return net


def _is_full_join(move: Move) -> bool:
    return move.need == len(move.take) > 1 and move.leaves == move.take


def _is_inner(move: Move) -> bool:
    """A move of one token from one step to another, which touches nothing else."""
    return len(move.take) == 1 and move.leaves == move.take and len(move.to) == 1 and not (move.cancels or move.adds)


class _Blocks:
    """The branches of a net: steps that plain moves connect. A block is one branch for each step of a join.

    Folding is exact in one direction, which is the one that is needed: where the folded net is sound, the net is. So a
    block is folded only if its tokens come and go together (one entry, joins of all, exits and cancellations that
    clear the whole block), an exit is possible all the time, and no name in it could be meant of something outside.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        self._branch = {step: {step} for step in net.steps}
        for move in filter(_is_inner, net.moves):
            one, other = self._branch[move.take[0]], self._branch[move.to[0]]
            if one is not other:
                one |= other
                self._branch.update(dict.fromkeys(other, one))

    def folded(self, ends: tuple[str, ...]) -> Net | None:
        """The net with the block that the join of *ends* closes as one step; None where it is no such block."""
        net = self.net
        branches = [self._branch[end] for end in ends]
        block: set[str] = set().union(*branches)
        if len(block) != sum(map(len, branches)) or block & net.closing:
            return None
        outer = [move for move in net.moves if not (_is_inner(move) and move.take[0] in block)]
        entries = {frozenset(move.to) & block for move in outer} - {frozenset()}
        if len(entries) != 1 or not all(self._is_proper(branch, entry, ends) for entry in entries for branch in branches):
            return None
        if not self._is_unmistakable(block):
            return None
        place = f"~{len(net.steps)}{ends[0]}"
        moves: dict[tuple[object, ...], Move] = {}
        for move in outer:
            new = _outside(move, block, branches, set(ends), place)
            key = (new.action, frozenset(new.take), new.choice) if new else ()
            if new is None or moves.setdefault(key, new) != new:
                return None
        if not self._exits_always(moves.values(), place, branches):
            return None
        return Net((*(step for step in net.steps if step not in block), place), net.closing, tuple(moves.values()))

    def _is_proper(self, branch: set[str], entry: frozenset[str], ends: tuple[str, ...]) -> bool:
        """Whether *branch* has one entry and one end, every step of it is reached from there and comes to the end."""
        first, last = entry & branch, branch & set(ends)
        if len(first) != 1 or len(last) != 1:
            return False
        forward: dict[str, list[str]] = {step: [] for step in branch}
        backward: dict[str, list[str]] = {step: [] for step in branch}
        for move in self.net.moves:
            if _is_inner(move) and move.take[0] in branch:
                forward[move.take[0]].append(move.to[0])
                backward[move.to[0]].append(move.take[0])
        return _closure(first, forward.__getitem__) == branch == _closure(last, backward.__getitem__)

    def _is_unmistakable(self, block: set[str]) -> bool:
        """Whether each name inside *block* is used in one branch of it alone, and at one step by one action."""
        inside = {move.name for move in self.net.moves if _is_inner(move) and move.take[0] in block}
        homes: dict[str, set[int]] = {name: set() for name in inside}
        ways: dict[tuple[str, str], set[str]] = {}
        for move in self.net.moves:
            if move.name in inside:
                if not _is_inner(move) or move.take[0] not in block:
                    return False
                homes[move.name].add(id(self._branch[move.take[0]]))
                ways.setdefault((move.name, move.take[0]), set()).add(move.action)
        return all(len(home) == 1 for home in homes.values()) and all(len(actions) == 1 for actions in ways.values())

    def _exits_always(self, moves: Iterable[Move], place: str, branches: list[set[str]]) -> bool:
        """Whether what can be done at the folded step could be done all the time at some branch of the block."""
        for move in moves:
            if place in move.take and (move.leaves or move.adds):
                same = [each for each in self.net.moves_of(move.action) if each.choice == move.choice]
                sources = {step for each in same for step in each.take}
                if not any(_is_full_join(each) for each in same) and not any(branch <= sources for branch in branches):
                    return False
                if len({each.choice and each.choice[0] for each in self.net.moves_of(move.action)}) > 1:
                    return False
        return True


def _outside(move: Move, block: set[str], branches: list[set[str]], ends: set[str], place: str) -> Move | None:
    """*move* as it is when *block* is the one step *place*; None where it would not touch the block as a whole."""
    to = tuple(step for step in move.to if step not in block)
    rest = tuple(sorted(step for step in move.cancels if step not in block))
    taken, clears = block & set(move.take), block <= set(move.leaves) | set(move.cancels)
    if block & set(move.adds) or (len(to) < len(move.to) and _is_partial_join(move)):
        return None
    if len(to) < len(move.to):
        to = (*to, place)
    if not taken:
        if len(rest) == len(move.cancels):
            return evolve(move, to=to)
        return evolve(move, to=to, cancels=(*rest, place)) if clears else None
    if _is_full_join(move) and set(move.take) == ends:
        return evolve(move, take=(place,), need=1, leaves=(place,), to=to, cancels=rest)
    if len(move.take) == 1 and move.leaves and clears:
        return evolve(move, take=(place,), leaves=(place,), to=to, cancels=rest)
    if not move.leaves and move.need == 1 and not move.cancels and not (move.adds and not any(b <= taken for b in branches)):
        return evolve(move, take=(*(step for step in move.take if step not in block), place))
    return None
