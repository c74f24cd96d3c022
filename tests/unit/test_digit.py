"""DIGIT configurations: what becomes of states, actions, roles and milliseconds; what is refused, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qms.errors import InvalidInput
from qms.exchange import digit
from qms.exchange.imported import Imported

DAY = 86_400_000


def action(name: str, to: str, *roles: str, **more: Any) -> dict[str, Any]:
    """An action of a state."""
    return {"action": name, "nextState": to, "roles": roles or ("CLERK",), **more}


def state(name: str | None, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A state of a service; it ends where it has no action."""
    return {"state": name, "isStartState": name is None, "isTerminateState": not actions, "actions": [*actions], **more}


def service(*states: dict[str, Any], sla: Any = 5 * DAY, name: Any = "Small.Service", **more: Any) -> dict[str, Any]:
    """A service of these states, or the smallest there is."""
    known = states or (state(None, action("APPLY", "WAITING")), state("WAITING", action("DO", "DONE")), state("DONE"))
    return {"tenantId": "pb", "businessService": name, "businessServiceSla": sla, "states": [*known], **more}


def one(*states: dict[str, Any], days: str | None = None, **more: Any) -> Imported:
    """The process of one service."""
    (found,) = digit.loads(json.dumps(service(*states, **more)), days=days)
    return found


def refused(tree: Any) -> list[str]:
    """The faults of a file."""
    with pytest.raises(InvalidInput) as caught:
        digit.loads(tree if isinstance(tree, str) else json.dumps(tree))
    return [str(problem) for problem in caught.value.problems]


def test_states_are_steps_and_the_unnamed_one_opens() -> None:
    """Names are kept as names and codes; keys are ours."""
    definition = one().process.definition
    assert ("small-service", "apply") == (definition.name, definition.opens)
    assert [("APPLY", "new", ("waiting",)), ("DO", "waiting", ("done",))] == [
        (a.name, a.from_, a.to) for a in definition.actions.values()
    ]
    assert ({"digit-state": "DONE"}, True) == (definition.steps["done"].codes, definition.steps["done"].closes)


@pytest.mark.parametrize(
    "wrap", ["{}", "[{}]", '{{"BusinessService": {}}}', '{{"BusinessServices": [{}], "RequestInfo": {{}}}}']
)
def test_a_service_is_found_where_files_have_it(wrap: str) -> None:
    """Bare, in a list, under its name, beside what a request carries."""
    assert ["small-service"] == [found.process.name for found in digit.loads(wrap.format(json.dumps(service())))]


def test_the_next_state_is_named_or_numbered() -> None:
    """By name in one dialect, by uuid in the other; a name before a uuid."""
    states = [
        state(None, action("APPLY", "u-1"), uuid="u-0"),
        state("WAITING", action("DO", "DONE", currentState="u-1"), uuid="u-1"),
        state("DONE", uuid="u-2"),
    ]
    assert one().process.net == one(*states).process.net


def test_one_name_with_several_targets_is_several_actions() -> None:
    """They share the name, and each stands where it is possible; from several states to one it is one action."""
    found = one(
        state(None, action("APPLY", "A")),
        state("A", action("GO", "B"), action("STOP", "C")),
        state("B", action("GO", "C"), action("STOP", "C")),
        state("C"),
    )
    actions = found.process.definition.actions
    assert ["apply", "go-to-b", "stop", "go-to-c"] == list(actions)
    assert (("a", "b"), "GO", "GO") == (actions["stop"].from_any, actions["go-to-b"].name, actions["go-to-c"].name)
    assert ["several-targets"] == [f.code for f in found.check().findings if f.code == "several-targets"]


def test_an_action_that_stays_moves_nothing() -> None:
    """The time of the state runs on; the roles of two entries for one way are joined."""
    stays = (action("COMMENT", "WAITING"), action("COMMENT", "WAITING", "CITIZEN"))
    found = one(state(None, action("APPLY", "WAITING")), state("WAITING", *stays, action("DO", "DONE"), sla=DAY), state("DONE"))
    comment = found.process.definition.actions["comment"]
    assert (None, {}, ("clerk", "citizen")) == (comment.to, comment.clocks, comment.roles)


PGR = (
    state(None, action("APPLY", "OPEN")),
    state("OPEN", action("RESOLVE", "RESOLVED")),
    state("RESOLVED", action("REOPEN", "OPEN"), action("RATE", "CLOSED"), isTerminateState=True),
    state("CLOSED"),
)


def test_terminal_is_not_final() -> None:
    """A terminal state with actions ends the time and stays open; leaving it for the work reopens and starts the time anew."""
    found = one(*PGR)
    definition = found.process.definition
    actions = definition.actions
    assert (False, True) == (definition.steps["resolved"].closes, definition.steps["closed"].closes)
    assert ["stop", "start"] == [actions[key].clocks["service"].effects[""] for key in ("resolve", "reopen")]
    assert (True, False, {}) == (actions["reopen"].reopens, actions["rate"].reopens, actions["rate"].clocks)
    assert "terminal-with-actions" in {finding.code for finding in found.findings}


def test_a_terminal_state_that_leads_to_no_end_closes() -> None:
    """Where all that can be done is to reopen, the case is closed meanwhile."""
    found = one(*PGR[:2], state("RESOLVED", action("REOPEN", "OPEN"), isTerminateState=True))
    assert (True, True) == (found.process.definition.steps["resolved"].closes, found.check().sound)


def test_milliseconds_are_elapsed_time_and_ask_for_a_calendar() -> None:
    """Hours and minutes that nothing rolls; with days of a kind, whole days are such days and the calendar counts them."""
    states = (state(None, action("APPLY", "A")), state("A", action("DO", "B"), sla=DAY // 2), state("B", sla=DAY))
    plain, office = one(*states), one(*states, days="working days")
    assert [("120 hours", "calendar-plain"), ("12 hours", "calendar-plain")] == limits(plain)
    assert [("5 working days", None), ("12 hours", "calendar-plain")] == limits(office)
    asks = [[f.where for f in found.findings if f.code == "elapsed-limit"] for found in (plain, office)]
    assert [["businessServiceSla", "states[1].sla"], ["states[1].sla"]] == asks
    assert "1 minute" == str(one(sla=60_000).process.definition.limits["service"].period)


def limits(found: Imported) -> list[tuple[str, str | None]]:
    """The limits of a process and their rules, in words."""
    return [(str(limit.period), limit.rule) for limit in found.process.definition.limits.values()]


def test_a_calendar_can_be_named() -> None:
    """The process then says on which calendar it is counted."""
    (found,) = digit.loads(json.dumps(service()), days="days", calendar="VN")
    assert ("VN", "5 days") == (found.process.definition.calendar, str(found.process.definition.limits["service"].period))


def test_a_limit_of_a_state_runs_while_a_case_is_there() -> None:
    """It starts when the state is entered and stops when it is left; over that of the service, it is told."""
    found = one(state(None, action("APPLY", "A")), state("A", action("DO", "B"), sla=9 * DAY), state("B"))
    effects = [{c: e.effects[""] for c, e in a.clocks.items()} for a in found.process.definition.actions.values()]
    assert [{"at-a": "start", "service": "start"}, {"at-a": "stop", "service": "stop"}] == effects
    assert ["limit-over-limit"] == [f.code for f in found.findings if f.code == "limit-over-limit"]


def test_what_is_missing_or_left_out_is_told() -> None:
    """No limit at all, states without, papers to be uploaded, a limit where nothing waits."""
    found = one(
        state(None, action("APPLY", "A")), state("A", action("DO", "B"), docUploadRequired=True), state("B", sla=DAY), sla=None
    )
    assert [
        ("left-out", "states[2].sla"),
        ("missing-limit", "businessServiceSla"),
        ("missing-limit", "states"),
        ("left-out", "states"),
    ] == sorted(((f.code, f.where) for f in found.findings), key=lambda told: told != ("left-out", "states[2].sla"))


def test_named_starts_open_where_none_is_unnamed() -> None:
    """An action is added for each, and told."""
    states = (state("A", action("GO", "B"), isStartState=True), state("B", action("END", "C"), isStartState=True), state("C"))
    found = one(*states)
    opens = [(a.name, a.to) for a in found.process.definition.actions.values() if a.from_ == "new"]
    assert ([("open", ("a",)), ("open", ("b",))], True) == (opens, "no-unnamed-state" in {f.code for f in found.findings})


def test_roles_are_never_the_system() -> None:
    """SYSTEM is a role that somebody holds; a star is anyone."""
    found = one(state(None, action("APPLY", "A", "SYSTEM", "*")), state("A", action("DO", "B")), state("B"))
    assert ["system-2", "anyone", "clerk"] == list(found.process.definition.roles)


def test_all_faults_of_all_services_come_at_once() -> None:
    """Each with its place in the file."""
    bad = service(
        state(None, action("APPLY", "NOWHERE"), action("", "A")),
        state("A", {"action": "DO", "nextState": 3, "roles": []}, sla=1.5),
        state("A", action("DO", "A", currentState="B"), isStartState="yes"),
        state("B", sla=-1),
        name=None,
        sla=90_500,
    )
    assert [
        "[1].businessService: missing",
        "[1].businessServiceSla: 90500 ms are no whole minutes, or too many; limits are counted in minutes, hours or days",
        "[1].states[1].sla: a limit is a whole number of milliseconds of at least 1, or null, not a fraction",
        "[1].states[2].isStartState: true or false is expected, not 'yes'",
        "[1].states[3].sla: a limit is a whole number of milliseconds of at least 1, or null, not -1",
        "[1].states[2].state: A stands twice; first at [1].states[1]",
        "[1].states[0].actions[0].nextState: 'NOWHERE' is neither the name nor the uuid of a state",
        "[1].states[0].actions[1].action: missing",
        "[1].states[1].actions[0].nextState: text is expected, not 3",
        "[1].states[1].actions[0].roles: nobody may do this; name the roles",
        "[1].states[2].actions[0].currentState: 'B' is not the state it stands in, A",
        "[2]: a table is expected, not 7",
    ] == refused([service(), bad, 7])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": ' * 100 + "1" + "}" * 100, "nested deeper"),
        ("[]", "an empty list"),
        ("3", "a table is expected"),
        ('{"businessService": "PGR"}', "neither a BusinessService"),
        ('{"states": []}', "there is no state"),
        (json.dumps(service(state(None, action("A", "B")), state("B", action("C", "B")))), "isTerminateState"),
        (json.dumps(service(state("B"))), "no case can begin"),
        (json.dumps(service(state(None, action("A", "B")), state("B", action("C", "")))), "missing"),
        (json.dumps(service(name="\ud800")), "surrogate"),
        ('{"states": 1, "businessServiceSla": ' + "9" * 5_000 + "}", "not valid JSON"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, said: str) -> None:
    """The message says what it is not."""
    assert any(said in line for line in refused(text)), refused(text)


def test_a_file_is_named_in_its_faults(tmp_path: Path) -> None:
    """Path and place; a file that is not there, that is no text, that is too large."""
    (tmp_path / "bad.json").write_text(json.dumps(service(sla="x")), encoding="utf-8")
    (tmp_path / "bytes.json").write_bytes(b"\xff")
    (tmp_path / "large.json").write_bytes(b" " * ((1 << 24) + 1))
    for name in ("bad.json", "bytes.json", "large.json", "none.json"):
        with pytest.raises(InvalidInput) as caught:
            digit.load(tmp_path / name)
        assert caught.value.problems[0].where.startswith(str(tmp_path / name))


def test_services_of_one_name_are_told_apart_by_their_tenant() -> None:
    """A list may hold one service for several towns."""
    both = digit.loads(json.dumps([service(), service() | {"tenantId": "od"}]))
    assert ["small-service-pb", "small-service-od"] == [found.process.name for found in both]


def test_an_unknown_kind_of_day_is_refused() -> None:
    """Two are known."""
    with pytest.raises(InvalidInput, match="days, working days"):
        digit.loads(json.dumps(service()), days="moons")
