"""`transitions` takes a destination that does not exist, and fails when somebody first goes there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from transitions import Machine

from definitions import problems, tree, with_
from qms.process import Process


def test_a_stock_machine_fails_on_the_day_it_is_used():
    """Built without a word; the first case to go there is stuck with an error."""
    model = SimpleNamespace()
    machine = Machine(model, states=["waiting", "done"], initial="waiting", auto_transitions=False)
    machine.add_transition("finish", "waiting", "dome")
    with pytest.raises(ValueError, match="dome"):
        model.finish()


def test_a_wrong_target_is_refused_with_its_place_and_the_nearest_name():
    """Ours: the file is not taken, and says where and what was probably meant."""
    (told,) = problems(Process.from_tree, with_(tree(), "actions.finish.to", "dome"))
    assert told.startswith("actions.finish.to")
    assert "done" in told
