"""Every marking, every action, everybody: allowed exactly as the tables of the definition say when they are read by hand."""

from __future__ import annotations

from importlib.resources import files
from tomllib import loads

import attrs
import pytest

from definitions import CALENDAR
from qms.authority import SYSTEM, Grant
from qms.case import Allowed, Context, decide, guard, may
from qms.event import Opened, When
from qms.net import UNBORN, explore
from qms.process import Procedure, Process
from qms.records import FORMS
from qms.state import Case, Particulars, evolve
from reading import may as reads

AT = 1_704_160_800_000_000
WHEN = When(AT, AT)
SHIPPED = ["errand", "nonconformity", "one-stop", "consultation", "result-correction", "group"]
GROUPED = [
    Procedure.from_tree({"code": "1.1", "process": "group", "title": {"en": "Any"}, "limits": {"legal": {"period": "20 days"}}})
]


def _text(name):
    """The file of a shipped process as tables, by the parser of the standard library."""
    return loads((files("qms") / "definitions" / "processes" / f"{name}.toml").read_text(encoding="utf-8"))


def _bound(name):
    """The process, under a procedure where it takes one."""
    process = Process.load(name)
    procedures = [*Procedure.shipped(name), *(GROUPED if name == "group" else [])]
    return process.bind(procedures[0] if procedures else None)


def _permissive(tree):
    """Every guard that is named, as one that has nothing against anything: they are tested apart."""
    uses = [use for action in tree["actions"].values() for key in ("guards", "marks") for use in action.get(key, [])]
    uses += [
        {"name": rule["when"]} for action in tree["actions"].values() for rule in action.get("raises", []) if "when" in rule
    ]
    names = {use["name"] if isinstance(use, dict) else use for use in uses}
    return {name: guard(name, reads_form=False)(lambda attempt, **params: None) for name in names}


def _case(bound, steps, parts, doers):
    """A case that stands at *steps*, with people named for its parts, and those who did something."""
    opened = Opened("a", "x", WHEN, bound.process.name, bound.process.content_hash, CALENDAR.version, CALENDAR.zone)
    if not steps:
        return evolve(None, opened)
    born = evolve(None, opened)
    flat = tuple(each for pair in sorted(parts.items()) for each in pair)
    entered = tuple(each for step in sorted(steps) for each in (step, AT))
    closed = not bound.net.closing.isdisjoint(steps)
    return Case(born.origin, 2, frozenset(steps), closed, born.calendar, entered, (), doers, Particulars(parts=flat))


def _people(tree):
    """Every class of actor: the holder of each role, who holds all, nobody in particular, and who each part names."""
    roles = {f"of-{role}": [role] for role in tree["roles"]} | {"all": list(tree["roles"]), "nobody": []}
    parts = {part: f"is-{part}" for part in tree.get("parts", [])}
    return roles | {person: [] for person in parts.values()} | {"both": list(tree["roles"])}, parts


@pytest.mark.parametrize("name", SHIPPED)
def test_who_may_do_what_where_is_what_the_tables_say(name):
    """On every marking of a shipped process, for every action and class of actor; and for who has done what is kept apart."""
    tree, bound = _text(name), _bound(name)
    roles, parts = _people(tree)
    guards = _permissive(tree)
    markings = [UNBORN, *explore(bound.net, 10_000).markings]
    apart = sorted({key for action in tree["actions"].values() for key in action.get("separate_from", []) if key not in parts})
    asked = 0
    for steps in map(bound.net.names, markings):
        for done in [None, *apart]:
            if done is not None and not steps:
                continue
            for actor, held in roles.items():
                if done is not None and actor not in {"all", "both", *parts.values()}:
                    continue
                doers = ("filed", "x") if done is None else (done, actor)
                named = {} if actor == "both" or not steps else parts
                context = Context(bound, CALENDAR, tuple(map(Grant, held)), FORMS, guards)
                case = _case(bound, steps, named, doers)
                for key in tree["actions"]:
                    is_part = [part for part, person in named.items() if person == actor]
                    expected = reads(tree, key, steps, held, is_part, [done] if done else [], born=bool(steps))
                    assert expected is (not may(case, key, actor, WHEN, context)), (key, actor, sorted(steps), done)
                    asked += 1
    assert asked >= len(markings) * len(tree["actions"]) * len(roles)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_decided_at_a_glance_is_what_is_decided_in_full(name):
    """At every marking: the same answer, with the same events and reasons, when each attempt is judged one by one."""
    bound = _bound(name)
    tree, at_once = _text(name), 0
    slow = attrs.evolve(bound, plans={key: attrs.evolve(p, plain=False, light=False) for key, p in bound.plans.items()})
    roles, parts = _people(tree)
    guards = _permissive(tree)
    for steps in map(bound.net.names, explore(bound.net, 10_000).markings):
        for actor in ("all", "both", "nobody", *parts.values()):
            for key, plan in bound.plans.items():
                doers = (*(plan.separate_actions[:1] or ("filed",)), "nobody")
                case = _case(bound, steps, {} if actor == "both" else parts, doers)
                grants = tuple(map(Grant, roles[actor]))
                answers = [
                    decide(case, key, actor, None, WHEN, Context(b, CALENDAR, grants, FORMS, guards)) for b in (bound, slow)
                ]
                assert answers[0] == answers[1]
                at_once += plan.light and isinstance(answers[0], Allowed)
    assert at_once or not any(plan.light for plan in bound.plans.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_system_does_what_clocks_and_children_fire_and_nothing_else(name):
    """On every marking, by the hand-read tables."""
    tree, bound = _text(name), _bound(name)
    context = Context(bound, CALENDAR, (), FORMS, _permissive(tree))
    for steps in map(bound.net.names, explore(bound.net, 10_000).markings):
        case = _case(bound, steps, {}, ("filed", "x"))
        for key in tree["actions"]:
            assert reads(tree, key, steps, (), system=True) is (not may(case, key, SYSTEM, WHEN, context)), (key, sorted(steps))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_denied_attempt_leaves_the_very_same_case(name):
    """On every marking: whoever tries what they may not, the case is the same object, and equal to what it was."""
    tree, bound = _text(name), _bound(name)
    roles, parts = _people(tree)
    guards = _permissive(tree)
    denied = 0
    for steps in map(bound.net.names, explore(bound.net, 10_000).markings):
        for actor, held in roles.items():
            context = Context(bound, CALENDAR, tuple(map(Grant, held)), FORMS, guards)
            case = _case(bound, steps, parts, ("filed", "x"))
            twin, steps_before = _case(bound, steps, parts, ("filed", "x")), case.steps
            for key in tree["actions"]:
                decision = decide(case, key, actor, None, WHEN, context)
                if not isinstance(decision, Allowed):
                    assert decision.reasons
                    denied += 1
            assert case == twin
            assert case.steps is steps_before
    assert denied > len(roles)
