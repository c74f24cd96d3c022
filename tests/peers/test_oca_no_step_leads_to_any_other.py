"""OCA/management-system: a nonconformity goes from any stage to any stage, from draft to done if two fields are filled.

Also Open Zaak: there is no graph between statuses. Ours: from each step only what the definition says, whoever asks.
"""

from __future__ import annotations

import pytest

from definitions import CALENDAR
from qms.authority import Grant
from qms.case import Context, may
from qms.event import Opened, When
from qms.net import explore
from qms.process import Process
from qms.state import Case, Particulars, evolve

AT = 1_704_160_800_000_000


@pytest.mark.parametrize("name", ["nonconformity", "result-correction"])
def test_between_two_steps_without_an_action_there_is_no_way(name):
    """Somebody with every role, at every marking: an action that does not leave from there is denied, as not in its step."""
    bound = Process.load(name).bind()
    grants = tuple(map(Grant, bound.definition.roles))
    when, denials = When(AT, AT), 0
    opened = Opened("a", "x", when, name, bound.process.content_hash, CALENDAR.version, CALENDAR.zone)
    origin = evolve(None, opened).origin
    for marking in explore(bound.net, 1_000).markings:
        steps = bound.net.names(marking)
        closed = not bound.net.closing.isdisjoint(steps)
        entered = tuple(each for step in steps for each in (step, AT))
        case = Case(origin, 2, steps, closed, CALENDAR.version, entered, (), ("open", "x"), Particulars())
        for key, plan in bound.plans.items():
            if not bound.net.options(marking, key) and not plan.action.guards:
                codes = {reason.code for reason in may(case, key, "all", when, Context(bound, CALENDAR, grants))}
                assert codes & {"not-in-step", "closed", "already-standing"}
                denials += 1
    assert denials > len(bound.plans)


def test_a_draft_does_not_become_done():
    """The very case: from the first step no single action leads to the closed one."""
    net = Process.load("nonconformity").net
    first = net.fire(0, net.openings[0])
    after = {net.fire(first, move) for move in net.enabled(first)}
    assert net.mask(["closed"]) not in after
