"""The token game of BPMN as places and transitions, and its silent moves removed where nobody could tell.

Rule 1: each sequence flow is a place, and so is what stands before a task, an exclusive gateway or an end. Tasks and starts are
        transitions that people see; gateways are silent ones (Dijkman, Dumas and Ouyang, 2008).
Rule 2: a place is removed by joining what fills it with what empties it, where what empties it needs nothing else. Either one silent
        move empties it: then that is made at once (Berthelot's post-agglomeration). Or silent moves that do nothing else fill it:
        then they wait until what follows is done (pre-agglomeration). What can be done in which order, and whether all cases can
        end, is the same before and after. Else the place stays, with its silent move.
Rule 3: of a transition that people see no copy is made that could be enabled together with another copy of it.
Rule 4: a place with a key of ours is a step and stays one.

So a choice before a join stays: a token that has chosen the join waits there, and one that has not could still leave. And so does
one before a fork: both branches begin with the choice, whichever of them is worked on first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count

from attrs import define, evolve, field, frozen

__all__ = ["Game", "Place", "Transition"]

GROWTH = 200
"""How many transitions more than at first there may be for the sake of removing silent ones."""


@define
class Place:
    """Where a token can be: its rank in the file, the names it goes by, a key of ours where the file has one, whether it is an end."""

    rank: int
    names: list[str] = field(factory=list)
    key: str = ""
    closing: bool = False


@frozen
class Transition:
    """A move of tokens: by the node *label* ('' is silent), over the elements *via*, *opens* a case or takes from *pre*."""

    label: str
    pre: tuple[int, ...]
    post: tuple[int, ...]
    via: tuple[str, ...] = ()
    opens: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether nobody sees it."""
        return not self.label

    @property
    def identity(self) -> tuple[object, ...]:
        """What it does, whatever the order of its places and the way it took."""
        return self.label, self.opens, frozenset(self.pre), frozenset(self.post)


class Game:
    """Places and transitions, numbered."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        self.transitions: dict[int, Transition] = {}
        self.fills: dict[int, set[int]] = {}
        self.empties: dict[int, set[int]] = {}
        self.known: Counter[tuple[object, ...]] = Counter()
        self._numbers = count()

    def place(self, *names: str, key: str = "", closing: bool = False) -> int:
        """A new place."""
        n = next(self._numbers)
        self.places[n] = Place(n, [name for name in names if name], key, closing)
        self.fills[n], self.empties[n] = set(), set()
        return n

    def add(self, transition: Transition) -> int:
        """A new transition."""
        n = next(self._numbers)
        self.transitions[n] = transition
        self.known[transition.identity] += 1
        for place in transition.pre:
            self.empties[place].add(n)
        for place in transition.post:
            self.fills[place].add(n)
        return n

    def silent(self, pre: Iterable[int], post: Iterable[int], *via: str) -> int:
        """A new silent transition."""
        return self.add(Transition("", tuple(pre), tuple(post), via))

    def _drop(self, n: int) -> None:
        transition = self.transitions.pop(n)
        self.known[transition.identity] -= 1
        for place in transition.pre:
            self.empties[place].discard(n)
        for place in transition.post:
            self.fills[place].discard(n)

    def reduce(self, *, copies: bool = True) -> None:
        """Remove what silent moves can be removed (Rule 2); without *copies*, only as far as each task stays one transition."""
        most = len(self.transitions) + GROWTH
        keyed = any(place.key for place in self.places.values())
        rules: list[Callable[[int], bool]] = [self._pull, lambda place: copies and self._pull(place, most)]
        rules.insert(0 if not keyed else 2, self._push)
        while any(self._everywhere(rule) for rule in rules):
            pass

    def _everywhere(self, rule: Callable[[int], bool]) -> bool:
        made = [rule(place) for place in list(self.places) if place in self.places]
        return any(made)

    def _push(self, q: int) -> bool:
        """Whether the one silent move that empties *q* was joined to all that fill it."""
        place = self.places[q]
        if place.closing or len(self.empties[q]) != 1 or not (self.fills[q] or place.key):
            return False
        (last,) = self.empties[q]
        move = self.transitions[last]
        heir = self.places[move.post[0]] if len(move.post) == 1 else None
        if not move.is_silent or move.pre != (q,) or q in move.post or (place.key and (heir is None or heir.key)):
            return False
        before = [self.transitions[n] for n in self.fills[q]]
        if any(not set(first.post).isdisjoint(move.post) for first in before):
            return False
        if heir is not None:
            heir.names[:0] = place.names
            if place.key:
                heir.key, heir.rank = place.key, place.rank
        self._join(q, [self._joined(first, move, q) for first in before])
        return True

    def _pull(self, q: int, most: int = 0) -> bool:
        """Whether the silent moves (one, if not *most*) that fill *q* were joined to all that empty it."""
        place = self.places[q]
        if place.closing or place.key or not self.empties[q] or not self.fills[q] or self.fills[q] & self.empties[q]:
            return False
        before = [self.transitions[n] for n in sorted(self.fills[q])]
        after = [self.transitions[n] for n in sorted(self.empties[q])]
        grown = len(self.transitions) + len(before) * len(after) - len(before) - len(after)
        if len(before) > 1 and (not most or grown > most):
            return False
        if any(not move.is_silent or move.post != (q,) for move in before) or any(move.pre != (q,) for move in after):
            return False
        made = [self._joined(first, then, q) for first in before for then in after]
        if len(before) > 1 and self._is_unclear(made, q):
            return False
        if len(before) == 1 and len(before[0].pre) == 1:
            self.places[before[0].pre[0]].names += place.names
        self._join(q, made)
        return True

    def _joined(self, first: Transition, then: Transition, q: int) -> Transition:
        """*first*, and *then* at once, over the place *q*."""
        at = first.post.index(q)
        post = (*first.post[:at], *then.post, *first.post[at + 1 :])
        return evolve(first, label=first.label or then.label, post=post, via=(*first.via, *then.via))

    def _is_unclear(self, made: list[Transition], q: int) -> bool:
        """Whether two copies of one task could be enabled together (Rule 3)."""
        gone = self.fills[q] | self.empties[q]
        seen: dict[str, list[Transition]] = {each.label: [] for each in made if each.label}
        rest = (each for n, each in self.transitions.items() if each.label in seen and n not in gone) if seen else ()
        for one in (*rest, *(each for each in made if each.label)):
            mine = set(one.pre)
            for other in seen[one.label]:
                if (one.pre, one.post) != (other.pre, other.post) and (mine <= set(other.pre) or mine >= set(other.pre)):
                    return True
            seen[one.label].append(one)
        return False

    def _join(self, q: int, made: list[Transition]) -> None:
        for n in self.fills[q] | self.empties[q]:
            self._drop(n)
        del self.places[q], self.fills[q], self.empties[q]
        for transition in made:
            if transition.is_silent and set(transition.pre) == set(transition.post):
                continue  # a gateway that leads back to itself
            if not self.known[transition.identity]:
                self.add(transition)
