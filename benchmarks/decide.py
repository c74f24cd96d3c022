"""One decision: role, separation of duties and a guard, no clock effect; `decide` and `evolve` beside a stock machine.

The stock machine is `transitions.Machine` with conditions for the same three questions, and makes equal frozen records
after the change: the event, and the case as it then stands. It tells yes or no; ours tells every reason. Its model is set back by hand, outside of what is counted
against it: one attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from transitions import Machine

from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.case import Allowed, Context, decide, evolve, guard, may
from qms.event import Acted, Opened, When
from qms.process import Process
from qms.state import Case

from .harness import Row

AT = 1_704_160_800_000_000


@guard("paid", reads_form=False)
def paid(attempt: Any) -> None:
    return attempt.context.facts["paid"] and None


def rows() -> Iterator[Row]:
    """A decision at one step, the same among 2 and 16 branches, and the explanation."""
    from . import machines

    assert machines.joins_agree()
    case, context = _prepared(branches=0)
    stock = _stock(case)
    ours = _decision(case, context)
    yield Row(
        "decide and evolve: role, separation, guard",
        ours,
        {"stock transitions, equal frozen record": stock, **machines.decisions()},
        {
            "stock transitions, equal frozen record": 5,
            "xstate-statemachine": 8,
            "sismic": 30,
            "python-statemachine": 60,
        },
    )
    few = {f"{name}, among 2": work for name, work in machines.among(2).items()}
    many = {f"{name}, among 16": work for name, work in machines.among(16).items()}
    yield Row(
        "decide and evolve among 16 branches",
        _decision(*_prepared(branches=16)),
        {"the same among 2": _decision(*_prepared(branches=2)), **many},
        {"the same among 2": 0.83},
    )
    yield Row("decide and evolve among 2 branches", _decision(*_prepared(branches=2)), few)
    yield Row(
        "explain (may)",
        lambda: may(case, "sign", "hoa", When(AT, AT), context),
        {"decide": lambda: decide(case, "sign", "hoa", None, When(AT, AT), context)},
        {"decide": 0.67},
    )


def _tree(branches: int) -> dict[str, Any]:
    """draft, then (among other branches, all standing) sign."""
    aside = [f"aside-{number}" for number in range(branches)]
    tree: dict[str, Any] = {
        "name": f"bench-{branches}",
        "version": "1",
        "title": {"en": "Bench"},
        "opens": "open",
        "roles": {"clerk": {"title": {"en": "Clerk"}}, "head": {"title": {"en": "Head"}}},
        "steps": {"drafting": {}, "signing": {}, "signed": {}, "ended": {"closes": True}} | {step: {} for step in aside},
        "actions": {
            "open": {"from": "new", "to": ["drafting", *aside], "roles": ["clerk"]},
            "draft": {"from": "drafting", "to": "signing", "roles": ["clerk"]},
            "sign": {"from": "signing", "to": "signed", "roles": ["head"], "separate_from": ["draft"], "guards": ["paid"]},
            "end": {"from": "signed", "to": "ended", "roles": ["head"], "cancels": ["*"]},
        },
    }
    for step in tree["steps"]:
        tree["steps"][step]["title"] = {"en": step}
    for name, action in tree["actions"].items():
        action["title"] = {"en": name}
        if action["to"] == ["drafting"]:
            action["to"] = "drafting"
    return tree


def _prepared(branches: int):
    bound = Process.from_tree(_tree(branches)).bind()
    calendar = WorkCalendar.from_dates(
        zone="UTC", week={"mon-fri": "08:00-12:00 13:00-17:00"}, off=[], first=date(2023, 1, 1), last=date(2025, 12, 31)
    )
    people = Roster({"lan": ["clerk"], "hoa": ["head"]})
    when = When(AT, AT)
    guards = {"paid": paid}
    opened = Opened("a", "lan", when, bound.process.name, "0" * 64, calendar.version, "UTC")
    case = evolve(None, opened)
    context = Context(bound, calendar, people.grants("lan", AT), {}, guards, {"paid": True})
    for action in ("open", "draft"):
        answer = decide(case, action, "lan", None, when, context)
        assert isinstance(answer, Allowed), answer
        for event in answer.events:
            case = evolve(case, event)
    return case, Context(bound, calendar, people.grants("hoa", AT), {}, guards, {"paid": True})


def _decision(case, context):
    def work():
        answer = decide(case, "sign", "hoa", None, When(AT, AT), context)
        return evolve(case, answer.events[0])

    after = work()
    assert "signed" in after.steps
    return work


class _Dossier:
    """A model as the tutorials of `transitions` make one."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.doers = {"open": {"lan"}, "draft": {"lan"}}
        self.roles = {"lan": {"clerk"}, "hoa": {"head"}}
        self.facts = {"paid": True}
        self.record = None

    def has_role(self, event):
        return "head" in self.roles[event.kwargs["actor"]]

    def is_another(self, event):
        return event.kwargs["actor"] not in self.doers["draft"]

    def is_paid(self, event):
        return self.facts["paid"]

    def keep(self, event):
        case, name, actor, when = self.case, event.event.name, event.kwargs["actor"], event.kwargs["when"]
        dest = event.transition.dest
        self.record = (
            Acted(case.seq + 1, name, actor, when, (event.transition.source,), (dest,), False),
            Case(case.origin, case.seq + 1, frozenset((dest,)), False, case.calendar, (dest, when.occurred), case.flat_clocks,
                 (*case.flat_doers, name, actor), case.particulars),
        )  # fmt: skip


def _stock(case):
    dossier = _Dossier(case)
    Machine(
        dossier,
        states=["drafting", "signing", "signed", "ended"],
        initial="signing",
        auto_transitions=False,
        send_event=True,
        transitions=[
            {"trigger": "draft", "source": "drafting", "dest": "signing"},
            {
                "trigger": "sign",
                "source": "signing",
                "dest": "signed",
                "conditions": ["has_role", "is_another", "is_paid"],
                "after": "keep",
            },
            {"trigger": "end", "source": "signed", "dest": "ended"},
        ],
    )

    def work():
        dossier.state = "signing"
        dossier.sign(actor="hoa", when=When(AT, AT))
        return dossier.record

    assert work()[0].put == ("signed",)
    return work
