"""What is shipped as definitions: it loads, it is sound, and the invariants of the reference page hold on the net itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from qms.codec import shipped, shipped_names
from qms.limits import UNITS
from qms.net import Net, explore
from qms.process import Procedure, Process
from qms.records import FORMS, GUARDS

PROCESSES = shipped_names("processes")
PROCEDURES = shipped_names("procedures")
ONE_STOP = Process.load("one-stop")
ACTIONS = ONE_STOP.definition.actions
APPLICANTS = {"applicant", "representative"}


def without(net: Net, *actions: str) -> set[str]:
    """The steps that a case can come to when *actions* are never done."""
    moves = tuple(move for move in net.moves if move.action not in actions)
    graph = explore(Net(net.steps, net.closing, moves), 100_000)
    return {step for marking in graph.markings for step in net.names(marking)}


def effects_on(clock: str) -> dict[str, set[str]]:
    """For each action, what it can do to *clock* under any procedure."""
    return {
        key: set(action.clocks[clock].effects.values()) - {"none"} for key, action in ACTIONS.items() if clock in action.clocks
    }


def doing(effects: dict[str, set[str]], effect: str) -> set[str]:
    """The actions with *effect*."""
    return {action for action, found in effects.items() if effect in found}


def sets(name: str) -> set[str]:
    """The actions that write the date or axis *name*."""
    return {key for key, action in ACTIONS.items() if name in action.sets}


def after(steps: Iterable[str]) -> set[str]:
    """The actions possible wherever one of *steps* is marked."""
    return {move.action for move in ONE_STOP.net.moves if set(move.take) & set(steps)}


@pytest.mark.parametrize("name", PROCESSES)
def test_every_shipped_process_is_sound_for_every_procedure(name: str) -> None:
    """Shipped definitions can always finish, and every form, field and guard they name exists."""
    report = Process.load(name).check(Procedure.shipped(name), forms=FORMS, guards=GUARDS)
    assert (True, ()) == (report.sound, report.findings)


@pytest.mark.parametrize("name", PROCESSES)
def test_every_title_is_in_two_languages(name: str) -> None:
    """Steps, actions, roles and limits speak Vietnamese and English."""
    definition = Process.load(name).definition
    named: dict[str, Any] = {**definition.steps, **definition.actions, **definition.roles, **definition.limits}
    assert [] == [key for key, item in named.items() if set(item.title) != {"vi", "en"}]


def test_every_shipped_form_and_guard_is_used() -> None:
    """Nothing is shipped that no definition names."""
    used_forms, used_guards = set(), set()
    for name in PROCESSES:
        for action in Process.load(name).definition.actions.values():
            used_forms |= {action.form} - {None}
            used_guards |= {use.name for use in (*action.guards, *action.marks)} | {rule.when for rule in action.raises} - {
                None
            }
    assert (set(FORMS), set(GUARDS)) == (used_forms, used_guards)


# Procedures


@pytest.mark.parametrize("code", PROCEDURES)
def test_every_procedure_binds_and_says_its_sources(code: str) -> None:
    """A procedure fills its blanks, and each of its limits says on what it rests."""
    procedure = Procedure.load(code)
    ONE_STOP.bind(procedure)
    levels = {"law", "practice", "analogy", "unverified"}
    assert [] == [
        name for name, limit in procedure.definition.limits.items() if limit.source.level not in levels or not limit.source.text
    ]
    assert {"vi", "en"} == set(procedure.definition.title) == set(procedure.definition.field)
    assert code == procedure.code
    assert procedure.definition.code_source


@pytest.mark.parametrize("code", PROCEDURES)
def test_what_was_written_from_memory_is_unverified(code: str) -> None:
    """A source that says it is from memory has the level unverified, wherever it stands."""

    def tables(value: object) -> Iterable[dict[str, object]]:
        if isinstance(value, dict):
            yield value
            for item in value.values():
                yield from tables(item)

    sources = [table for table in tables(shipped("procedures", code)) if "level" in table and "text" in table]
    assert [] == [source for source in sources if "memory" in str(source["text"]) and source["level"] != "unverified"]


def test_the_procedures_between_them_use_what_there_is() -> None:
    """Ten of them: both levels, all supplement modes, same day, working days, calendar days, hours as shares, an obligation."""
    every = [procedure.definition for procedure in Procedure.shipped("one-stop")]
    assert len(every) == 10
    assert {"district", "commune"} == {p.level for p in every}
    assert {"restart", "resume", "run"} == {p.blanks["supplement-mode"] for p in every}
    assert {"same day", "working days", "days"} == {
        p.limits["legal"].period.unit for p in every if p.limits["legal"].period
    } & set(UNITS)
    assert {"none", "pauses"} == {p.blanks.get("obligation", "none") for p in every}
    shares = next(p.shares for p in every if p.code == "2.000908")
    assert ["2 working hours", "3 working hours", "2 working hours", "1 working hour"] == [str(s.period) for s in shares]


def test_the_supplement_mode_has_no_silent_default() -> None:
    """A procedure that does not say what a supplement does to its limit is refused (reference, 1.4)."""
    tree = shipped("procedures", "local-alcohol-retail")
    del tree["blanks"]["supplement-mode"]
    findings = ONE_STOP.check([Procedure.from_tree(tree)]).findings
    assert ["blanks.supplement-mode"] == [finding.where for finding in findings]


# Invariants of the one-stop process (reference/definitions 9)


def test_1_the_legal_clock_starts_once() -> None:
    """It starts when a dossier is accepted, a way that is taken once; only named actions change its budget."""
    effects = effects_on("legal")
    assert {"accept", "accept-now", "accept-part"} == doing(effects, "start")
    assert {"supplement", "supplement-insufficient"} == doing(effects, "restart")
    assert {"extend-by-law"} == doing(effects, "extend")
    graph = explore(ONE_STOP.net, 100_000)
    names = ONE_STOP.net.names
    seen, todo = set(), [i for i, m in enumerate(graph.markings) if names(m) & {"accepted", "awaiting-signature"}]
    while todo:
        index = todo.pop()
        if index not in seen:
            seen.add(index)
            todo += [target for _, target in graph.edges[index]]
    assert not {"submitted", "awaiting-completion", "draft"} & {step for index in seen for step in names(graph.markings[index])}


def test_2_nothing_after_finishing_changes_timeliness() -> None:
    """No action from a finished step touches the legal clock or a date that figures are made of."""
    late = after(["finished", "returned", "archived"])
    figures = {"accepted_at", "finished_at", "statutory_due", "first_promise", "current_promise", "complete_at"}
    assert set() == {key for key in late if "legal" in ACTIONS[key].clocks or figures & set(ACTIONS[key].sets)}


def test_3_the_first_promise_is_written_once() -> None:
    """Written at acceptance, in a way that keeps the first."""
    assert ({"accept", "accept-now", "accept-part"}, "once") == (
        sets("first_promise"),
        ONE_STOP.definition.dates["first_promise"],
    )


def test_4_every_pause_has_a_basis() -> None:
    """An action that pauses the legal clock takes the basis from a form that must give it."""
    for key in doing(effects_on("legal"), "pause"):
        form = FORMS[ACTIONS[key].form or ""]
        assert ("form.basis", attrs.NOTHING) == (ACTIONS[key].basis, attrs.fields_dict(form)["basis"].default)


def test_5_no_result_without_signature_and_seal_by_two_people() -> None:
    """Take away the signature or the seal, and no case is ever finished; who signs does not seal."""
    assert "finished" in without(ONE_STOP.net)
    assert "finished" not in without(ONE_STOP.net, "sign")
    assert "finished" not in without(ONE_STOP.net, "issue")
    assert "sign" in ACTIONS["issue"].separate_from
    assert {"draft-result", "draft-refusal", "supplement-insufficient", "accept-now"} <= set(ACTIONS["sign"].separate_from)


def test_6_every_dossier_can_end_without_the_applicant() -> None:
    """From every marking an end can be reached though the applicant never acts."""
    applicants = {key for key, action in ACTIONS.items() if action.roles and set(action.roles) <= APPLICANTS}
    graph = explore(ONE_STOP.net, 100_000)
    ends = {i for i, marking in enumerate(graph.markings) if ONE_STOP.net.is_final(marking)}
    while True:
        more = {
            i for i, edges in enumerate(graph.edges) if any(t in ends and m.action not in applicants for m, t in edges)
        } - ends
        if not more:
            break
        ends |= more
    assert set(range(len(graph.markings))) == ends


def test_7_and_8_once_means_once() -> None:
    """One request to complete at intake, one to supplement in processing, one apology."""
    assert {1} == {
        ACTIONS[key].at_most.n for key in ("request-completion", "request-supplement", "apologise") if ACTIONS[key].at_most
    }


def test_9_every_way_to_close_says_an_outcome() -> None:
    """An action that closes a case says its outcome, or comes after the seal, which said it."""
    closing = {move.action for move in ONE_STOP.net.moves if set(move.to) & ONE_STOP.net.closing}
    assert {"hand-over", "deposit", "archive"} == {key for key in closing if ACTIONS[key].outcome is None}
    assert "case.proposal" == ACTIONS["issue"].outcome


def test_9_every_way_from_acceptance_to_an_end_takes_pending_requests_along() -> None:
    """A pending request to withdraw never outlives its dossier."""
    net = ONE_STOP.net
    ends = set(net.closing) | {"finished"}
    graph = explore(net, 100_000)
    assert [] == [
        marking for marking in graph.markings if "withdrawal-requested" in net.names(marking) and ends & net.names(marking)
    ]


def test_12_routing_never_touches_the_legal_clock() -> None:
    """Transfers, assignments and stand-ins move the file, not the limit."""
    routing = {"transfer", "receive-transfer", "return-transfer", "assign", "reassign", "replace-officer"}
    assert set() == {key for key in routing if "legal" in ACTIONS[key].clocks}


def test_nobody_handles_their_own_dossier() -> None:
    """Whatever is for officials alone is separate from the applicant; recording an applicant's own act is not."""
    official = {key for key, a in ACTIONS.items() if a.roles and not set(a.roles) & APPLICANTS and a.from_ != "new"}
    exempt = {key for key in official if not set(ACTIONS[key].separate_from) >= APPLICANTS}
    assert set() == exempt


def test_no_service_fee_is_a_ground_of_a_pause() -> None:
    """The notice of an obligation is judged by the guard that knows fees."""
    assert "fee-never-pauses" in {use.name for use in ACTIONS["notify-obligation"].guards}


# The nonconformity


def test_a_nonconformity_closes_only_with_its_record() -> None:
    """Every way to close on a cause goes through correction, its verification, cause, plan, action, judgment and update."""
    net = Process.load("nonconformity").net
    for action in ("correct", "re-verify", "dispose"):
        assert "closed" not in without(net, action)
    for action in ("record-cause", "approve-plan", "actions-done", "judge-effective", "update-risks-qms", "close"):
        assert "closed" not in without(net, action, "no-action-needed")


def test_the_errand_is_the_smallest_process() -> None:
    """Two steps, two actions, one limit."""
    errand = Process.load("errand").definition
    assert (2, 2, ["2 working days"]) == (
        len(errand.steps),
        len(errand.actions),
        [str(item.period) for item in errand.limits.values()],
    )
