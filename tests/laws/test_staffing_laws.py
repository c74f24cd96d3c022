"""Staffing agrees with everybody trying everything: each way through a small process, done by each person who may."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qms.process import Process
from qms.staffing import check_staffing

PEOPLE = ("an", "binh", "chi")
ROLES = ("a", "b")


@st.composite
def offices(draw):
    """A small process with alternatives and duties, and who holds which roles."""
    length = draw(st.integers(1, 2))
    steps = [f"s{i}" for i in range(length)] + ["done"]
    actions: dict[str, dict[str, Any]] = {"open": {"from": "new", "to": "s0", "roles": [draw(st.sampled_from(ROLES))]}}
    for i, (one, other) in enumerate(pairwise(steps)):
        for n in range(draw(st.integers(1, 2))):
            to = draw(st.sampled_from([other, steps[-1]])) if n else other
            actions[f"do{i}-{n}"] = {"from": one, "to": to, "roles": [draw(st.sampled_from(ROLES))]}
    names = list(actions)
    for key in names[1:]:
        others = [name for name in names if name != key]
        kind = draw(st.sampled_from(["", "separate_from", "separate_from", "same_as"]))
        if kind:
            actions[key][kind] = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
    if draw(st.booleans()):
        actions[draw(st.sampled_from(names[1:]))]["approvals"] = 2
    tree = {
        "name": "drawn",
        "roles": {role: {} for role in ROLES},
        "steps": {step: {"closes": True} if step == "done" else {} for step in steps},
        "actions": actions,
    }
    held = {person: draw(st.lists(st.sampled_from(ROLES), unique=True)) for person in PEOPLE[: draw(st.integers(1, 3))]}
    return Process.from_tree(tree), held


def possible(process, people):
    """The actions that lie on a way to the end which these people can really go: states are where, who did what, what was done."""
    actions = process.definition.actions
    start: Any = ("new", (), ())
    seen, waiting, before = {start}, deque([start]), {start: []}
    while waiting:
        state = waiting.popleft()
        step, did, approved = state
        for key, action in actions.items():
            if action.from_ != step:
                continue
            for person, roles in people.items():
                if not set(action.roles) & set(roles) or barred(key, action, person, did, approved):
                    continue
                # an approval counts as done by its giver even before the last one is given
                doers = tuple(sorted({*did, (key, person)}))
                given = tuple(sorted({*approved, (key, person)}))
                fires = sum(name == key for name, _ in given) >= action.approvals
                after = (action.to[0], doers, ()) if fires else (step, doers, given)
                if after not in seen:
                    seen.add(after)
                    before[after] = []
                    waiting.append(after)
                before[after].append((state, key, fires))
    good = {state for state in seen if state[0] == "done"}
    stack = list(good)
    while stack:
        for state, _, _ in before[stack.pop()]:
            if state not in good:
                good.add(state)
                stack.append(state)
    return {key for state in good for _, key, fires in before[state] if fires}


def barred(key, action, person, did, approved):
    """Whether a duty bars the person from what they are about to do."""
    doers = {name: {who for action, who in did if action == name} for name, _ in did}
    if any(person in doers.get(other, ()) for other in action.separate_from):
        return True
    if any(doers.get(other) and person not in doers[other] for other in action.same_as):
        return True
    return action.approvals > 1 and (key, person) in approved


@settings(max_examples=300)
@given(offices())
def test_what_can_be_staffed_is_what_people_can_do(office):
    """Enough people: they can go some way to the end through every action. Who is missed is missed for what only they can do."""
    process, people = office
    found = check_staffing(process.bind(), people)
    able = possible(process, people)
    assert (able == set(process.definition.actions)) == found.enough
    lost = {person: able - possible(process, {p: r for p, r in people.items() if p != person}) for person in people}
    assert {person: actions for person, actions in lost.items() if actions} == {p: set(a) for p, a in found.absent.items()}


@settings(max_examples=100)
@given(offices())
def test_the_least_number_is_the_least(office):
    """With so many people of every role all that can be done at all is done, and with one fewer not."""
    process, _ = office
    everything = set(process.definition.actions)
    assume(possible(process, everybody(4)) == everything)
    least = check_staffing(process.bind(), {}).least
    assert [False, True] == [possible(process, everybody(number)) == everything for number in (least - 1, least)]


def everybody(number):
    """So many people, each with every role."""
    return {str(n): ROLES for n in range(number)}
