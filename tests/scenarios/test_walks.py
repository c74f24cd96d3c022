"""Dossiers that wander at random through the whole one-stop process: what must hold of each, wherever it went.

The walks are drawn from a seed, so that a walk that fails can be walked again.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from district import SUPPLEMENT, Office, at, procedure
from qms.case import Case, fold
from qms.errors import Denied
from qms.event import Acted
from qms.process import Process

REASON = {"reason": "a reason", "basis": "a basis"}
PROCESS = Process.load("one-stop")
ACTIONS = PROCESS.definition.actions
LEAVING = {key: {step for move in PROCESS.net.moves_of(key) for step in move.take} for key in ACTIONS}
ENDING = {move.action for move in PROCESS.net.moves if set(move.to) & PROCESS.net.closing}
SELDOM = ENDING - {"hand-over", "deposit", "archive"} | {"record-loss", "return-originals", "refund", "transfer-by-competence"}
ELSEWHERE = {"accept-part", "submit-transferred", "acknowledge-late-reply"}  # these take another case
MODES = ("restart", "resume", "run")
LAPSES = ("stopped", "refused")


def forms(office: Office) -> dict[str, dict[str, Any]]:
    """A form for each action that needs one, as it could be filled at this instant."""
    records = {"lists": ["a", "b"], "minutes": ["a", "b"]}
    return {
        "submit-draft": {"applicant": "An"},
        "request-completion": SUPPLEMENT,
        "complete": {"papers": ["Drawing"]},
        "accept": {"originals": "none", "fee": "due"},
        "accept-now": {"originals": "held", "fee": "due"},
        "refuse-intake": REASON,
        "redirect": {"receiver": "the province", "reason": "not ours"},
        "return-transfer": {"reason": "another division"},
        "assign": {"officer": "minh"},
        "reassign": {"officer": "minh", "reason": "leave"},
        "replace-officer": {"officer": "minh", "reason": "leave"},
        "verify": {"place": "the house", "people": ["minh", "mai"]},
        "record-verification": {"findings": "as drawn", "signed_by": ["minh", "mai"]},
        "route": {"receiver": "justice"},
        "agree-consultation": {"question": "is it ours"},
        "consult": {"question": "is it ours", "agencies": ["tax"], "period": "2 working hours"},
        "transfer-by-competence": {"receiver": "the province", "by_letter": True} | REASON,
        "take-back": {"reason": "refused"},
        "succeed": {"receiver": "justice"} | REASON,
        "route-result": {"receiver": "justice"},
        "report-error": {"what": "a wrong name"},
        "draft-supplement": {"items": ["Drawing"], "reason": "unsigned"},
        "draft-apology": {"reason": "illness"},
        "request-supplement": SUPPLEMENT,
        "supplement": {"papers": ["Drawing"]},
        "supplement-insufficient": REASON,
        "notify-obligation": {"kind": "land-use-levy", "amount": 1, "basis": "a basis"},
        "confirm-obligation": {"number": "1", "paid_at": office.now},
        "suspend": {"ground": "public-posting", "period": "15 days"} | REASON,
        "extend-by-law": {"period": "3 working days"} | REASON,
        "draft-refusal": REASON,
        "send-back": {"reason": "figures"},
        "return-to-signer": {"reason": "number"},
        "issue": {"number": "1"},
        "apologise": {"reason": "illness", "new_date": office.now.add(days=40)},
        "stop": {"ground": "object-gone"} | REASON,
        "digitise": {"level": "scanned"},
        "record-loss": {"reason": "flood"},
        "deny-withdrawal": {"ground": "third-party-rights"} | REASON,
        "collect-fee": {"number": "1", "amount": 1},
        "refund": {"number": "1", "amount": 1},
        "dispatch": {"carrier": "post"},
        "return-to-sender": {"reason": "moved"},
        "deposit": records,
        "archive": records,
    }


ACTORS = {
    "applicant": "an",
    "intake-officer": "lan",
    "settling-officer": "sang",
    "post": "buu",
    "kiosk": "kiosk-1",
    "division-clerk": "kim",
    "division-head": "dung",
    "case-officer": "minh",
    "head": "hoa",
    "deputy-head": "vinh",
    "clerk": "thao",
    "cashier": "nga",
    "treasury": "kho",
    "archivist": "son",
}


def walk(office: Office, draw: Random) -> tuple[str, set[str]]:
    """One dossier, up to sixty tries; the actions that were done."""
    first = {"applicant": "An", "applicant_id": "an"}
    code = f"{draw.choice(MODES)}-{draw.choice(LAPSES)}"
    case = office.org.open(procedure=code, by="an", action=draw.choice(("submit", "save-draft")), form=first).id
    for _ in range(60):
        office.now = office.now.add(hours=draw.choice((0, 1, 2, 3, 20, 30))).add(days=draw.choice((0,) * 40 + (40, 200)))
        standing = office.org.case(case)
        ready = [key for key in LEAVING if standing.steps & LEAVING[key]]
        if not ready or (standing.closed and draw.random() < 0.2):
            break
        action = draw.choice(ready)
        if action in SELDOM and draw.random() < 0.85:
            continue
        trigger = ACTIONS[action].fired_by
        if trigger is not None:
            office.now = office.now.add(days=draw.choice((8, 31, 100) if trigger.ends else (1, 2)))
            office.org.sweep()
            continue
        actor = ACTORS.get(draw.choice(ACTIONS[action].roles or ("applicant",)), "an")
        try:
            office.do(case, action, actor, form=forms(office).get(action))
        except Denied:
            assert standing == office.org.case(case)
    return case, {event.action for event in office.org.history(case) if isinstance(event, Acted)}


def wide() -> Office:
    """An office with a procedure for each mode, where everything is allowed that a procedure can allow."""
    allowed = {"obligation": "pauses", "extension": "once", "settle": "at-once"}
    given = [procedure(f"{mode}-{lapse}", mode=mode, supplement_lapse=lapse, **allowed) for mode in MODES for lapse in LAPSES]
    return Office(given, people={"buu": ["post"], "kho": ["treasury"]})


def what_must_hold(office: Office, id_: str) -> Case:
    """The invariants of one history."""
    events = office.org.history(id_)
    case = fold(events)
    assert case is not None
    done = [event for event in events if isinstance(event, Acted)]
    keys = [event.action for event in done]
    assert all(keys.count(key) <= 1 for key in ("accept", "accept-now", "apologise", "request-completion", "issue", "rate"))
    assert keys.count("accept") + keys.count("accept-now") <= 1
    assert {"sign", "issue"} <= set(keys) if "finished_at" in case.dates and case.outcome in ("granted", "refused") else True
    signers = {event.by for event in done if event.action == "sign"}
    assert signers.isdisjoint(event.by for event in done if event.action in ("issue", "draft-result", "draft-refusal"))
    promises = [event.effects.dates["first_promise"] for event in done if "first_promise" in event.effects.dates]
    assert len(promises) <= 1
    assert all(change.basis for event in done for change in event.clocks if change.effect == "pause")
    finished = next((i for i, key in enumerate(keys) if key == "issue"), len(keys))
    assert not any(change.clock == "legal" for event in done[finished + 1 :] for change in event.clocks)
    if case.closed:
        assert case.outcome
        assert {"stopped"} >= {clock.state for clock in case.clocks.values()}
        assert 1 == len(case.steps)
    return case


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_dossier_does_the_invariants_hold(seed: int) -> None:
    """Denials change nothing, the fold is the state, and the rules of the process hold of every history."""
    office, draw = wide(), Random(seed)
    for _ in range(8):
        office.now = at("04/01/2021 08:00")
        case, _ = walk(office, draw)
        office.org.sweep()
        assert what_must_hold(office, case) == office.org.case(case)
    assert office.org.trail.verify().consistent


def test_every_action_can_be_done() -> None:
    """No action is a word on paper: each of them happens in some walk."""
    office, draw = wide(), Random(61)
    done: set[str] = set()
    for _ in range(400):
        office.now = at("04/01/2021 08:00")
        done |= walk(office, draw)[1]
        if done >= set(ACTIONS) - ELSEWHERE:
            break
    assert ELSEWHERE == set(ACTIONS) - done
