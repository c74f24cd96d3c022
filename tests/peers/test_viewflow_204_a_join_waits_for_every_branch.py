"""viewflow/viewflow issue 204: a join is not respected, the flow goes on with one branch done.

Also python-statemachine 267: two inspectors approve, in either order.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from definitions import small
from office import Now, denied, office

TEXT = """
[steps]
tax = {}
land = {}
tax-done = {}
land-done = {}
[actions.ask]
from = "new"
to = ["tax", "land"]
roles = ["clerk"]
[actions.finish-tax]
from = "tax"
to = "tax-done"
roles = ["clerk"]
[actions.finish-land]
from = "land"
to = "land-done"
roles = ["clerk"]
[actions.finish]
join = ["tax-done", "land-done"]
to = "done"
roles = ["clerk"]
"""


def _drop_waiting(process):
    tree = dict(process.tree)
    tree["steps"] = {step: table for step, table in tree["steps"].items() if step != "waiting"}
    return type(process).from_tree(tree)


@pytest.mark.parametrize("order", list(permutations(["finish-tax", "finish-land"])))
def test_the_whole_goes_on_when_both_are_done_and_not_before(order):
    """Through an organization, in either order, on a process that is proved sound."""
    process = _drop_waiting(small(TEXT))
    assert process.check().sound
    org = office(process, now=Now())
    case = org.open("small", by="lan")
    with denied("not-in-step"):
        org.act(case.id, "finish", by="lan")
    org.act(case.id, order[0], by="lan")
    with denied("not-in-step") as reasons:
        org.act(case.id, "finish", by="lan")
    assert ("land-done", "tax-done") == reasons[0].params["steps"]
    org.act(case.id, order[1], by="mai")
    assert {"done"} == org.act(case.id, "finish", by="lan").steps
