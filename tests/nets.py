"""Words to write nets in, for tests: each makes one move."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from qms.net import Move, Net

CLOSED = "closed"


def opens(action: str, *to: str, **more: Any) -> Move:
    """The move that opens a case at *to*."""
    return Move(action=action, name=more.pop("name", action), opens=True, to=to, **more)


def go(action: str, source: str, *to: str, **more: Any) -> Move:
    """A move from one step to another, or to several (a fork), or to none (the token goes)."""
    return Move(action=action, name=more.pop("name", action), take=(source,), need=1, leaves=(source,), to=to, **more)


def join(action: str, sources: str, *to: str, need: int = 0, **more: Any) -> Move:
    """A move from *sources* (separated by spaces) that must all hold, or *need* of them."""
    take = tuple(sources.split())
    return Move(action=action, name=more.pop("name", action), take=take, need=need or len(take), leaves=take, to=to, **more)


def stay(action: str, sources: str, **more: Any) -> Move:
    """A move that leaves the token where it is, at any of *sources*; it may still put one beside."""
    return Move(action=action, name=more.pop("name", action), take=tuple(sources.split()), need=1, **more)


def net(steps: str, *moves: Move, closing: str = CLOSED) -> Net:
    """A net of *steps* (separated by spaces, closing ones beside) and *moves*."""
    names = closing.split()
    return Net((*steps.split(), *(name for name in names if name not in steps.split())), frozenset(names), moves)


def parallel(branches: int, *, need: int = 0, length: int = 2) -> Net:
    """A case that forks into *branches* of *length* steps each, which meet again when *need* (all) are finished."""
    steps = [[f"b{i}s{j}" for j in range(length)] for i in range(branches)]
    moves = [opens("open", "start"), go("fork", "start", *(branch[0] for branch in steps))]
    moves += [go(f"do{i}-{j}", a, b) for i, line in enumerate(steps) for j, (a, b) in enumerate(pairwise(line))]
    rest = tuple(step for branch in steps for step in branch[:-1]) if need else ()
    moves.append(join("join", " ".join(branch[-1] for branch in steps), CLOSED, need=need, cancels=rest))
    return net(" ".join(["start", *(step for branch in steps for step in branch)]), *moves)
