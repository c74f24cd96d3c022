"""Hypothesis strategies: nets of every kind, nets that are sound by construction, and ways to break them.

Rule 1: `nets` draws anything small that a `Net` takes; most of it is unsound.
Rule 2: `sound_nets` builds blocks (a step on, a sequence, alternatives, a choice, parallel branches that meet all or in part,
a loop) between an opening and a closing step, and beside them a withdrawal from anywhere and a token beside. Each is sound.
Rule 3: `broken` takes one such net and does one small damage; whether the rest is sound still is for the test to say.
Rule 4: `damaged` does the same to the tree of a definition file: what comes of it is a definition, or an error with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from attrs import Factory, define, evolve, field, frozen
from attrs.validators import in_
from hypothesis import strategies as st

from qms.net import Move, Net
from qms.process import Process

__all__ = ["Chosen", "broken", "damaged", "definition_tree", "nets", "processes", "sound_nets", "values"]


@frozen(kw_only=True)
class Chosen:
    """The form of the choices in drawn processes."""

    result: str = field(validator=in_(("yes", "no")))


CLOSED = "closed"
WITHDRAWN = "withdrawn"


def _subset(steps: list[str], least: int = 1, most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(steps), min_size=min(least, len(steps)), max_size=most, unique=True).map(tuple)


def _move(steps: list[str], action: str, home: str) -> st.SearchStrategy[Move]:
    """One move of *action* from *home*: opening, plain, fork, join of all or some, staying, with tokens beside and cancelled."""
    one, some, maybe = _subset(steps, 1, 1), _subset(steps), _subset(steps, 0, 2)
    choice = st.one_of(st.none(), st.tuples(st.sampled_from(["form.x", "form.y"]), st.sampled_from(["yes", "no"])))

    @st.composite
    def draw_move(draw: st.DrawFn) -> Move:
        kind = draw(st.sampled_from(["plain", "plain", "plain", "fork", "fork", "join", "some", "stay", "end", "opens"]))
        name = draw(st.sampled_from([action, action, "go"]))
        if kind == "opens":
            return Move(action=action, name=name, opens=True, to=draw(some))
        others = tuple(step for step in draw(maybe) if step != home) if kind in {"join", "some", "stay"} else ()
        take = (home, *others)
        need = 1 if kind == "stay" else draw(st.integers(1, len(take))) if kind == "some" else len(take)
        to = () if kind in {"stay", "end"} else draw(some if kind == "fork" else one)
        return Move(
            action=action,
            name=name,
            choice=draw(choice),
            take=take,
            need=need,
            leaves=() if kind == "stay" else take,
            cancels=tuple(step for step in draw(maybe) if step not in take) if draw(st.booleans()) else (),
            to=to,
            adds=tuple(step for step in draw(maybe) if step not in to) if draw(st.booleans()) else (),
        )

    return draw_move()


@st.composite
def nets(draw: st.DrawFn, *, max_steps: int = 5, max_moves: int = 8) -> Net:
    """Any small net: 1 to *max_steps* steps, up to *max_moves* moves and mostly an opening one."""
    steps = [f"s{i}" for i in range(draw(st.integers(1, max_steps)))]
    closing = draw(st.sets(st.sampled_from(steps), min_size=draw(st.sampled_from([0, 1, 1, 1])), max_size=2))
    moves = [Move(action="open", name="open", opens=True, to=(steps[0],))] if draw(st.integers(0, 9)) else []
    seen = set()
    for i in range(draw(st.integers(0, max_moves))):
        move = draw(_move(steps, draw(st.sampled_from("abcdefgh")), steps[i % len(steps)]))
        key = (move.action, frozenset(move.take), move.choice)
        if key not in seen:
            seen.add(key)
            moves.append(move)
    return Net(steps, closing, moves)


@define
class _Builder:
    """A net growing block by block; each block lies between two steps that exist already."""

    draw: st.DrawFn
    size: int
    branches: int
    steps: list[str] = Factory(list)
    moves: list[Move] = Factory(list)

    def step(self) -> str:
        self.steps.append(f"s{len(self.steps)}")
        return self.steps[-1]

    def add(self, take: tuple[str, ...], *to: str, action: str = "", **more: Any) -> None:
        action = action or f"a{len(self.moves)}"
        need = more.pop("need", len(take))
        self.moves.append(Move(action=action, name=action, take=take, need=need, leaves=take, to=to, **more))

    def block(self, start: str, end: str, size: int) -> None:
        """A sound piece of about *size* actions from *start* to *end*."""
        kinds: dict[str, Callable[[str, str, int], None]] = {
            "sequence": self.sequence,
            "alternatives": self.alternatives,
            "choice": self.choice,
            "parallel": self.parallel,
            "loop": self.loop,
        }
        if size <= 1:
            self.add((start,), end)
        else:
            kinds[self.draw(st.sampled_from(sorted(kinds)))](start, end, size)

    def sequence(self, start: str, end: str, size: int) -> None:
        middle = self.step()
        self.block(start, middle, size // 2)
        self.block(middle, end, size - size // 2)

    def alternatives(self, start: str, end: str, size: int) -> None:
        self.block(start, end, size // 2)
        self.block(start, end, size - size // 2)

    def choice(self, start: str, end: str, size: int) -> None:
        action = f"a{len(self.moves)}"
        for value in ("yes", "no"):
            middle = self.step()
            self.add((start,), middle, action=action, choice=("form.result", value))
            self.block(middle, end, size // 2)

    def loop(self, start: str, end: str, size: int) -> None:
        before, after = self.step(), self.step()
        self.add((start,), before)
        self.block(before, after, size // 2)
        self.block(after, before, size // 4)
        self.add((after,), end)

    def parallel(self, start: str, end: str, size: int) -> None:
        many = self.draw(st.integers(2, self.branches))
        need = self.draw(st.integers(1, many))
        begun = len(self.steps)
        pairs = [(self.step(), self.step()) for _ in range(many)]
        self.add((start,), *(first for first, _ in pairs))
        for first, last in pairs:
            self.block(first, last, size // many)
        ends = tuple(last for _, last in pairs)
        rest = tuple(step for step in self.steps[begun:] if step not in ends)
        self.add(ends, end, need=need, cancels=rest if need < many or self.draw(st.booleans()) else ())


@st.composite
def sound_nets(draw: st.DrawFn, *, max_size: int = 8, max_branches: int = 3) -> Net:
    """A net of about *max_size* actions that is sound by construction (Rule 2)."""
    builder = _Builder(draw, draw(st.integers(1, max_size)), max_branches)
    first = builder.step()
    builder.block(first, CLOSED, builder.size)
    moves, steps, closing = builder.moves, [*builder.steps, CLOSED], [CLOSED]
    if draw(st.booleans()):  # a token beside, from any one step; whoever ends the case takes it along
        beside = "beside"
        moves = [evolve(move, cancels=(*move.cancels, beside)) if CLOSED in move.to else move for move in moves]
        at = draw(st.sampled_from(builder.steps))
        moves.append(Move(action="ask", name="ask", take=(at,), need=1, adds=(beside,)))
        moves.append(Move(action="answer", name="answer", take=(beside,), need=1, leaves=(beside,)))
        steps.append(beside)
    if draw(st.booleans()):  # withdrawn from wherever the case stands
        open_steps = [step for step in steps if step != CLOSED]
        for step in open_steps:
            rest = tuple(other for other in open_steps if other != step)
            moves.append(
                Move(action="withdraw", name="withdraw", take=(step,), need=1, leaves=(step,), to=(WITHDRAWN,), cancels=rest)
            )
        steps.append(WITHDRAWN)
        closing.append(WITHDRAWN)
    if draw(st.booleans()):
        moves.append(Move(action="rate", name="rate", take=tuple(closing), need=1))
    return Net(steps, closing, [Move(action="open", name="open", opens=True, to=(first,)), *moves])


@st.composite
def broken(draw: st.DrawFn, sound: st.SearchStrategy[Net] | None = None) -> Net:
    """A sound net with one small damage: a move lost, a branch or a cancellation lost, a join that asks for less, a wrong way."""
    net = draw(sound_nets() if sound is None else sound)
    moves = list(net.moves)
    at = draw(st.integers(0, len(moves) - 1))
    move = moves[at]
    other = draw(st.sampled_from(net.steps))
    extra = f"more-{len(moves)}"
    damages = {
        "lost": [],
        "branch": [evolve(move, to=move.to[:-1])] if len(move.to) > 1 else [],
        "spared": [evolve(move, cancels=())],
        "sooner": [evolve(move, need=max(1, move.need - 1))] if move.take else [],
        "astray": [evolve(move, to=(other,), adds=())] if move.leaves or move.opens else [],
        "more": [
            move,
            Move(action=extra, name=extra, take=(other,), need=1, leaves=(other,), to=(draw(st.sampled_from(net.steps)),)),
        ],
    }
    moves[at : at + 1] = damages[draw(st.sampled_from(sorted(damages)))]
    return Net(net.steps, net.closing, moves)


def definition_tree(net: Net, *, name: str = "drawn", roles: tuple[str, ...] = ("clerk",)) -> dict[str, Any]:
    """*net* as the tree of a process definition: what a TOML file of it would hold, every action open to *roles*.

    A chosen ``to`` becomes ``{ by = ... }``, by the form `Chosen` where a field of the form decides.
    """
    actions: dict[str, Any] = {}
    for action in net.actions:
        moves = net.moves_of(action)
        first = moves[0]
        entry: dict[str, Any] = {"roles": list(roles)} | ({"name": first.name} if first.name != action else {})
        entry |= _source(moves)
        if first.choice is not None:
            entry["form"] = Chosen.__name__
            entry["to"] = {"by": first.choice[0]} | {m.choice[1]: _to(m) for m in moves if m.choice and m.take == first.take}
        elif first.leaves or first.opens:
            entry["to"] = _to(first)
        if first.adds:
            entry["adds"] = list(first.adds)
        if first.cancels:  # a step that an alternative leaves anyway may stand among those it cancels
            entry["cancels"] = sorted({step for move in moves for step in move.cancels})
        actions[action] = entry
    steps = {step: {"closes": True} if step in net.closing else {} for step in net.steps}
    return {"name": name, "version": "1", "roles": {role: {} for role in roles}, "steps": steps, "actions": actions}


def _source(moves: tuple[Move, ...]) -> dict[str, Any]:
    first = moves[0]
    if first.opens:
        return {"from": "new"}
    if len(first.take) > 1 and first.leaves:
        return {"join": list(first.take)} | ({"need": first.need} if first.need < len(first.take) else {})
    sources = list(dict.fromkeys(step for move in moves for step in move.take))
    return {"from": sources[0]} if len(sources) == 1 else {"from_any": sources}


def _to(move: Move) -> str | list[str]:
    return move.to[0] if len(move.to) == 1 else list(move.to)


def processes(*, max_size: int = 6, max_branches: int = 3) -> st.SearchStrategy[Process]:
    """Processes that are sound by construction; the forms of their choices are `Chosen`, their only role is ``clerk``."""
    drawn = sound_nets(max_size=max_size, max_branches=max_branches)
    return drawn.map(definition_tree).map(Process.from_tree)


def values() -> st.SearchStrategy[Any]:
    """Anything that a TOML or JSON file can hold, and words that have a meaning in definitions where they do not belong."""
    words = st.sampled_from(
        ["", "new", "*", "form.x", "procedure.x", "3 working days", "-1 days", "__import__('os')", "a.b[0]"]
    )
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), words, st.text(max_size=8), st.dates()
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
        max_leaves=8,
    )


@st.composite
def damaged(draw: st.DrawFn, tree: Mapping[str, Any], *, most: int = 3) -> dict[str, Any]:
    """A copy of *tree* with one to *most* damages: a key or an item lost, doubled, renamed, moved or filled with anything."""
    made = deepcopy(dict(tree))
    for _ in range(draw(st.integers(1, most))):
        node, key = draw(st.sampled_from(list(_places(made))))
        kind = draw(st.sampled_from(["lost", "other", "other", "renamed", "moved", "wrapped"]))
        if kind == "lost":
            del node[key]
        elif kind == "wrapped":
            node[key] = draw(st.sampled_from([[node[key]], {"by": node[key]}, [node[key], node[key]]]))
        elif kind == "moved":
            node[key] = deepcopy(draw(st.sampled_from([inner[k] for inner, k in _places(made)])))
        elif kind == "renamed" and isinstance(node, dict):
            node[draw(st.text(max_size=8))] = node.pop(key)
        else:
            node[key] = draw(values())
        if not made:
            break
    return made


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container within *node*, with each of its keys or indices."""
    keys: Any = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])
