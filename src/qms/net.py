"""The marking game: where the tokens of a case stand, which moves are open to it, and where each leads.

Rule 1: a case stands at a set of steps, its marking; a marking is an int with one bit a step, never a count.
Rule 2: a move is enabled when enough of the steps it takes are marked, and none of those it adds beside is.
Rule 3: firing is one expression, ``(m & ~left & ~cancelled) | put``: nothing else moves a token.
Rule 4: marking 0 is the case that is not born; the opening moves are enabled there and nowhere else.
Rule 5: a marking is final when exactly one step is marked and that step is closing.

Roles and guards are no part of the game: they forbid moves, and never make one. One action may be several moves (one
for each alternative it leaves from, one for each branch of a chosen ``to``). Joins are ours: ``transitions`` 0.9.3 leaves a
parallel state with one branch done (T#715, T#507), a mask test cannot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from .errors import InvalidInput, Problem

__all__ = ["UNBORN", "Graph", "Move", "Net", "Play", "explore", "way_to"]

UNBORN = 0
"""The marking of a case that is not opened yet. A sound net never comes back to it."""

KEPT = 1 << 16
"""How many answers a net keeps of each question before it starts afresh."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@frozen(kw_only=True, cache_hash=True)
class Move:
    """One way an action moves the marking; steps are named, so that a move reads without its net.

    `take` and `need` say when it is enabled: at least `need` of `take` are marked (one step for a plain ``from``, all
    or n for a join, any of the alternatives for an action that moves nothing). `leaves` and `cancels` say which tokens
    go, where they stand; `to` and `adds` which are put, `adds` beside the others and only while not there yet.
    """

    action: str
    name: str
    choice: tuple[str, str] | None = None
    opens: bool = False
    take: tuple[str, ...] = ()
    need: int = 0
    leaves: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    fired_by: str | None = None
    guarded: bool = False

    @property
    def moves_nothing(self) -> bool:
        """Whether the marking is the same before and after: an apology, a rating."""
        return not (self.leaves or self.cancels or self.to or self.adds)


@frozen
class Play:
    """A move as it is made where a case stands: the tokens that leave, those that are put, and whether the case is then closed."""

    move: Move
    left: tuple[str, ...]
    put: tuple[str, ...]
    closed: bool


class _Memo(dict[K, V], Generic[K, V]):
    """Answers by question, computed when first asked; emptied when full, so it never grows past `KEPT`."""

    __slots__ = ("_answer",)

    def __init__(self, answer: Callable[[K], V]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, question: K) -> V:
        answer = self._answer(question)
        if len(self) >= KEPT:
            self.clear()
        self[question] = answer
        return answer


@frozen
class _Masks:
    """A move in bits: enabled when ``(m & take).bit_count() >= need and not m & adds``; after it ``m & keep | put``."""

    take: int
    need: int
    adds: int
    keep: int
    put: int


def _strings(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


def _set(value: Iterable[str]) -> frozenset[str]:
    return frozenset(value)


def _moves(value: Iterable[Move]) -> tuple[Move, ...]:
    return tuple(value)


@frozen
class Net:
    """Steps, the closing ones among them, and the moves between; immutable, equal by content.

    Raises:
        InvalidInput: a step named twice, ``new`` or with a ``+``; a closing step or a move that names no step (all of
            them at once, with the nearest name); a move that could never be told from another.
    """

    steps: tuple[str, ...] = field(converter=_strings)
    closing: frozenset[str] = field(converter=_set)
    moves: tuple[Move, ...] = field(converter=_moves)
    bits: dict[str, int] = field(init=False, eq=False, repr=False)
    closing_mask: int = field(init=False, eq=False, repr=False)
    actions: tuple[str, ...] = field(init=False, eq=False, repr=False)
    openings: tuple[Move, ...] = field(init=False, eq=False, repr=False)
    _by_action: dict[str, tuple[Move, ...]] = field(init=False, eq=False, repr=False)
    _effects: dict[Move, _Masks] = field(init=False, eq=False, repr=False)
    _masks: _Memo[Any, int] = field(init=False, eq=False, repr=False)
    _sets: _Memo[int, frozenset[str]] = field(init=False, eq=False, repr=False)
    _options: _Memo[tuple[int, str], tuple[Move, ...]] = field(init=False, eq=False, repr=False)
    _plays: _Memo[tuple[frozenset[str], str], tuple[Play, ...]] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        problems = tuple(_faults(self.steps, self.closing, self.moves))
        if problems:
            raise InvalidInput(problems)
        put = object.__setattr__
        put(self, "bits", {step: 1 << i for i, step in enumerate(self.steps)})
        put(self, "closing_mask", self._sum(self.closing))
        by_action: dict[str, list[Move]] = {}
        for move in self.moves:
            by_action.setdefault(move.action, []).append(move)
        put(self, "actions", tuple(by_action))
        put(self, "openings", tuple(move for move in self.moves if move.opens))
        put(self, "_by_action", {action: tuple(moves) for action, moves in by_action.items()})
        put(self, "_effects", {move: self._compile(move) for move in self.moves})
        put(self, "_masks", _Memo(self._mask))
        put(self, "_sets", _Memo(self._members))
        put(self, "_options", _Memo(self._find_options))
        put(self, "_plays", _Memo(self._find_plays))

    def __reduce__(self) -> tuple[Any, ...]:
        return Net, (self.steps, self.closing, self.moves)

    def mask(self, names: Iterable[str]) -> int:
        """The marking in which exactly *names* are marked.

        Raises:
            InvalidInput: a name is no step of this net.
        """
        try:
            return self._masks[names]
        except TypeError:  # a set or a list cannot be remembered
            return self._mask(tuple(names))

    def names(self, marking: int) -> frozenset[str]:
        """The steps that are marked in *marking*."""
        return self._sets[marking]

    def moves_of(self, action: str) -> tuple[Move, ...]:
        """The moves of *action*, enabled or not, in the order of the definition; none when there is no such action."""
        return self._by_action.get(action, ())

    def enabled(self, marking: int) -> tuple[Move, ...]:
        """All moves enabled at *marking*, in the order of the definition."""
        return tuple(move for move in self.moves if self.is_enabled(marking, move))

    def is_enabled(self, marking: int, move: Move) -> bool:
        """Whether *move* may be made at *marking* (Rule 2, Rule 4)."""
        masks = self._effects[move]
        if move.opens:
            return marking == UNBORN
        return (marking & masks.take).bit_count() >= masks.need and not marking & masks.adds

    def options(self, marking: int, action: str) -> tuple[Move, ...]:
        """The enabled moves of *action* at *marking*, told apart by what they do.

        Alternatives that come to the same marking (withdrawing from either of two branches while both are cancelled)
        are one option, the first of them; the branches of a choice are always listed each.
        """
        return self._options[marking, action]

    def plays(self, steps: frozenset[str], action: str) -> tuple[Play, ...]:
        """The `options` of *action* where exactly *steps* are marked, each with what it does there."""
        return self._plays[steps, action]

    def play(self, steps: frozenset[str], move: Move) -> Play:
        """What *move* does where *steps* are marked, enabled or not."""
        left = tuple(step for step in dict.fromkeys((*move.leaves, *move.cancels)) if step in steps)
        put = (*move.to, *move.adds)
        return Play(move, left, put, not self.closing.isdisjoint(steps.difference(left).union(put)))

    def fire(self, marking: int, move: Move) -> int:
        """The marking after *move*, which must be enabled at *marking* (Rule 3)."""
        masks = self._effects[move]
        return marking & masks.keep | masks.put

    def unsafe(self, marking: int, move: Move) -> bool:
        """Whether *move* would put a token on a step that is marked still: two tokens would be one."""
        masks = self._effects[move]
        return bool(marking & masks.keep & masks.put)

    def is_final(self, marking: int) -> bool:
        """Whether the case has ended: one step is marked, and it is closing (Rule 5)."""
        return bool(marking & self.closing_mask) and not marking & (marking - 1)

    def masks_of(self, move: Move) -> tuple[int, int, int, int, int]:
        """*move* in bits, for who plays the game at speed: take, need, adds, keep, put."""
        masks = self._effects[move]
        return masks.take, masks.need, masks.adds, masks.keep, masks.put

    def _sum(self, names: Iterable[str]) -> int:
        bits = self.bits
        total = 0
        for name in names:
            total |= bits[name]
        return total

    def _mask(self, names: Iterable[str]) -> int:
        unknown = sorted(set(names) - self.bits.keys())
        if unknown:
            raise InvalidInput(Problem("steps", _no_step(name, self.steps)) for name in unknown)
        return self._sum(names)

    def _members(self, marking: int) -> frozenset[str]:
        if marking >> len(self.steps):
            raise InvalidInput(f"the marking {marking} is none of this net, which has {len(self.steps)} steps")
        return frozenset(step for step, bit in self.bits.items() if marking & bit)

    def _compile(self, move: Move) -> _Masks:
        gone = self._sum(move.leaves) | self._sum(move.cancels)
        adds = self._sum(move.adds)
        return _Masks(self._sum(move.take), move.need, adds, ~gone, self._sum(move.to) | adds)

    def _find_options(self, question: tuple[int, str]) -> tuple[Move, ...]:
        marking, action = question
        found: dict[tuple[Any, int], Move] = {}
        for move in self.moves_of(action):
            if self.is_enabled(marking, move):
                found.setdefault((move.choice, self.fire(marking, move)), move)
        return tuple(found.values())

    def _find_plays(self, question: tuple[frozenset[str], str]) -> tuple[Play, ...]:
        steps, action = question
        return tuple(self.play(steps, move) for move in self.options(self._mask(steps), action))


def _faults(steps: Sequence[str], closing: frozenset[str], moves: Sequence[Move]) -> Iterator[Problem]:
    known = set(steps)
    if not steps:
        yield Problem("steps", "there is no step; a case must be able to stand somewhere")
    for step in sorted({step for step in steps if steps.count(step) > 1}):
        yield Problem(f"steps.{step}", "named twice")
    for step in steps:
        if step == "new" or not step or "+" in step:
            yield Problem(
                f"steps.{step}", "a step is not named 'new' (the case before it is opened), nor empty, nor with a '+'"
            )
    for step in sorted(closing - known):
        yield Problem("closing", _no_step(step, steps))
    seen: set[tuple[str, frozenset[str], tuple[str, str] | None]] = set()
    for move in moves:
        yield from _move_faults(move, known, steps)
        key = (move.action, frozenset(move.take), move.choice)
        if key in seen:
            yield Problem(f"actions.{move.action}", "two moves of it take the same steps on the same choice; keep one")
        seen.add(key)


def _move_faults(move: Move, known: set[str], steps: Sequence[str]) -> Iterator[Problem]:
    at = f"actions.{move.action}"
    if not move.action or not move.name:
        yield Problem(at, "an action has a key and a name, neither empty")
    parts = {"from": move.take, "leaves": move.leaves, "cancels": move.cancels, "to": move.to, "adds": move.adds}
    for part, names in parts.items():
        for name in sorted(set(names) - known):
            yield Problem(f"{at}.{part}", _no_step(name, steps))
        if len(set(names)) < len(names):
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield Problem(f"{at}.{part}", f"{name} is named twice")
    if move.opens:
        if move.take or move.leaves or move.cancels:
            yield Problem(f"{at}.from", "what opens a case leaves no step and cancels none")
        if not move.to:
            yield Problem(f"{at}.to", "what opens a case must say where the case then stands")
        return
    if not move.take:
        yield Problem(f"{at}.from", 'it leaves no step; write from = "new" if it opens the case')
    elif not 1 <= move.need <= len(move.take):
        yield Problem(f"{at}.need", f"{move.need} of {len(move.take)} steps cannot be asked for; 1 to {len(move.take)} can")
    if not set(move.leaves) <= set(move.take):
        yield Problem(f"{at}.leaves", "a move leaves only steps it takes; name the others in cancels")
    if move.to and not move.leaves:
        yield Problem(f"{at}.to", "it leaves no step, so it cannot go to one; a token put beside is written in adds")
    for name in sorted(set(move.to) & set(move.adds)):
        yield Problem(f"{at}.adds", f"{name} stands in to as well; keep one")


def _no_step(name: str, steps: Sequence[str]) -> str:
    near = get_close_matches(name, steps, 1)
    return f"there is no step {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(steps)}")


def way_to(net: Net, marking: int, action: str, cap: int = 2_000) -> tuple[str, ...] | None:
    """The shortest sequence of actions after which *action* is enabled; None where there is none within *cap* markings.

    Guards and roles are ignored. An empty sequence: it is enabled already.
    """
    if net.options(marking, action):
        return ()
    ways: dict[int, tuple[str, ...]] = {marking: ()}
    waiting = deque([marking])
    while waiting and len(ways) <= cap:
        here = waiting.popleft()
        for move in net.enabled(here):
            after = net.fire(here, move)
            if after not in ways:
                ways[after] = (*ways[here], move.action)
                if net.options(after, action):
                    return ways[after]
                waiting.append(after)
    return None


@frozen(eq=False)
class Graph:
    """Every marking a net can come to, in the order a breadth-first search meets them.

    `edges[i]` are the moves enabled at ``markings[i]`` with the index of the marking each leads to; `openings` the same
    for the case that is not born. `complete` is False when the search met more than its cap and stopped.
    """

    markings: list[int]
    edges: list[list[tuple[Move, int]]]
    openings: list[tuple[Move, int]]
    parents: list[tuple[int, Move]]
    complete: bool

    def witness(self, index: int) -> tuple[str, ...]:
        """The shortest sequence of actions from the start to ``markings[index]``; -1 is the start itself."""
        path: list[str] = []
        while index >= 0:
            index, move = self.parents[index]
            path.append(move.action)
        return tuple(reversed(path))


def explore(net: Net, cap: int) -> Graph:
    """The markings of *net* from every opening move, guards ignored, at most *cap* of them.

    A case that lost all its tokens stands at marking 0 and stays there: it is not born again.
    """
    candidates = _Candidates(net)
    graph = Graph([], [], [], [], True)
    markings, edges, parents = graph.markings, graph.edges, graph.parents
    index: dict[int, int] = {}

    def arrive(marking: int, parent: int, move: Move) -> int:
        known = index.get(marking)
        if known is None:
            known = index[marking] = len(markings)
            markings.append(marking)
            parents.append((parent, move))
        return known

    for move in net.openings:
        graph.openings.append((move, arrive(net.fire(UNBORN, move), -1, move)))
    at = 0
    while at < len(markings):
        if len(markings) > cap:
            return Graph(markings, edges, graph.openings, parents, False)
        marking = markings[at]
        edges.append([(move, arrive(marking & keep | put, at, move)) for move, keep, put in candidates.enabled(marking)])
        at += 1
    return graph


class _Candidates:
    """The moves that could be enabled, found by a step they cannot do without."""

    def __init__(self, net: Net) -> None:
        self._by_bit: dict[int, list[tuple[int, int, int, int, int, Move]]] = {bit: [] for bit in net.bits.values()}
        self._loose: list[tuple[int, int, int, int, int, Move]] = []
        for move in net.moves:
            take, need, adds, keep, put = net.masks_of(move)
            entry = (take, need, adds, keep, put, move)
            if move.opens:
                continue
            if need == take.bit_count():
                self._by_bit[take & -take].append(entry)
            else:
                self._loose.append(entry)

    def enabled(self, marking: int) -> Iterator[tuple[Move, int, int]]:
        rest = marking
        while rest:
            bit = rest & -rest
            rest ^= bit
            for take, _, adds, keep, put, move in self._by_bit[bit]:
                if marking & take == take and not marking & adds:
                    yield move, keep, put
        for take, need, adds, keep, put, move in self._loose:
            if (marking & take).bit_count() >= need and not marking & adds:
                yield move, keep, put
