"""Proofs that a definition can always finish: 50 steps in a line, four branches of four, sixteen branches of two."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qms.net import Move, Net
from qms.soundness import check

from .harness import Row

UNIT = "a millisecond"


def rows() -> Iterator[Row]:
    """Each beside the search of pm4py (woflan) where that ends, and beside the time it may take."""
    for name, net, most, asked in (
        ("50 steps in a line", line(50), 3, True),
        ("4 branches of 4 steps", parallel(4, 4), 5, True),
        ("16 branches of 2 steps", parallel(16, 2), 5, False),
    ):
        assert check(net).sound
        peers = {"woflan of pm4py": _woflan(net)} if asked else {}
        yield Row(
            f"prove soundness: {name}",
            lambda net=net: check(net),
            {f"the {most} ms it may take": _busy(most / 1000), **peers},
            {f"the {most} ms it may take": 1},
            seconds=0.02,
        )


def line(steps: int) -> Net:
    """A net of *steps* one after another."""
    names = [f"s{n}" for n in range(steps)]
    moves = [Move(action="open", name="open", opens=True, to=(names[0],))]
    moves += [Move(action=f"a{a}", name=f"a{a}", take=(a,), need=1, leaves=(a,), to=(b,)) for a, b in pairwise(names)]
    return Net(names, [names[-1]], moves)


def parallel(branches: int, length: int) -> Net:
    """A net that forks into *branches* of *length* steps each and joins them all."""
    lines = [[f"b{k}s{n}" for n in range(length)] for k in range(branches)]
    moves = [Move(action="open", name="open", opens=True, to=tuple(each[0] for each in lines))]
    for each in lines:
        moves += [Move(action=f"a{a}", name=f"a{a}", take=(a,), need=1, leaves=(a,), to=(b,)) for a, b in pairwise(each)]
    ends = tuple(each[-1] for each in lines)
    moves.append(Move(action="join", name="join", take=ends, need=branches, leaves=ends, to=("end",)))
    return Net([*(step for each in lines for step in each), "end"], ["end"], moves)


def _busy(seconds: float):
    from time import process_time

    def wait() -> None:
        end = process_time() + seconds
        while process_time() < end:
            pass

    return wait


def _woflan(net: Net):
    from pm4py.algo.analysis.woflan import algorithm as woflan
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    petri = PetriNet("bench")
    places = {name: PetriNet.Place(name) for name in (*net.steps, "source")}
    petri.places.update(places.values())
    for move in net.moves:
        transition = PetriNet.Transition(move.action, move.action)
        petri.transitions.add(transition)
        for step in move.take or ("source",):
            add_arc_from_to(places[step], transition, petri)
        for step in move.to:
            add_arc_from_to(transition, places[step], petri)
    (end,) = net.closing
    first, last = Marking({places["source"]: 1}), Marking({places[end]: 1})
    given = {"return_asap_when_not_sound": True, "print_diagnostics": False, "return_diagnostics": False}
    work = lambda: woflan.apply(petri, first, last, parameters=given)  # noqa: E731
    assert work()
    return work
