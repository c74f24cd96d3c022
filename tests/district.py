"""A small office for scenarios: people with one role each, a clock that is set by hand, wall times of Vietnam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

import pendulum
import pytest

from qms.authority import Delegation, Roster
from qms.calendar import WorkCalendar
from qms.case import Case
from qms.errors import Denied, Reason
from qms.organization import Organization
from qms.process import Procedure, Process
from qms.stores.memory import MemoryStore

ZONE = "Asia/Ho_Chi_Minh"

PEOPLE = {
    "lan": ["intake-officer"],
    "sang": ["settling-officer"],
    "kiosk-1": ["kiosk"],
    "kim": ["division-clerk"],
    "dung": ["division-head"],
    "minh": ["case-officer"],
    "mai": ["case-officer"],
    "hoa": ["head"],
    "vinh": ["deputy-head"],
    "thao": ["clerk"],
    "nga": ["cashier"],
    "son": ["archivist"],
    "quyen": ["quality-officer"],
    "hai": ["head-of-quality"],
    "duc": ["disposition-authority"],
    "vy": ["verifier"],
    "phuc": ["superior"],
    "tam": ["staff"],
}


def at(text: str) -> pendulum.DateTime:
    """The wall time *text* (``01/03/2021 10:00``) in Vietnam."""
    return pendulum.from_format(text, "DD/MM/YYYY HH:mm" + (":ss" if text.count(":") == 2 else ""), tz=ZONE)


def procedure(
    code: str = "test",
    limit: str = "10 working days",
    mode: str = "restart",
    limits: Mapping[str, str] | None = None,
    field: Mapping[str, str] | None = None,
    **blanks: str,
) -> Procedure:
    """A procedure of the one-stop process with the blanks a scenario needs."""
    return Procedure.from_tree(
        {
            "code": code,
            "process": "one-stop",
            "title": {"en": code},
            "field": dict(field or {}),
            "papers": ["Application", "Drawing"],
            "blanks": {"supplement-mode": mode} | {name.replace("_", "-"): value for name, value in blanks.items()},
            "limits": {"legal": {"period": limit}} | {name: {"period": period} for name, period in (limits or {}).items()},
        }
    )


class Office:
    """An organization whose clock a test sets; `at` is the instant of the next act."""

    def __init__(
        self,
        procedures: Iterable[Procedure] = (),
        people: Mapping[str, Any] | None = None,
        processes: Iterable[str] = (),
        delegations: Iterable[Delegation] = (),
    ) -> None:
        self.now = at("01/01/2021 08:00")
        self._ids = count(1)
        self.org = Organization(
            store=MemoryStore(),
            processes=[Process.load(name) for name in ("one-stop", "nonconformity", *processes)],
            calendars=[WorkCalendar.load("VN")],
            people=Roster({**PEOPLE, **(people or {})}, delegations),
            now=lambda: self.now,
            procedures=list(procedures) or None,
            identify=lambda: f"H-{next(self._ids)}",
        )

    def submit(self, when: str, procedure: str = "test", by: str = "lan", **form: Any) -> str:
        """A dossier is handed in; its id."""
        self.now = at(when)
        application = {"applicant": "Nguyễn Văn An", "applicant_id": "an"} | form
        return self.org.open(procedure=procedure, by=by, form=application).id

    def do(self, case: str, action: str, by: str, when: str | None = None, form: Any = None, **fields: Any) -> Case:
        """*by* does *action* at *when*, with the *fields* of its form."""
        if when is not None:
            self.now = at(when)
        return self.org.act(case, action, by=by, form=fields or form)

    def refused(self, case: str, action: str, by: str, when: str | None = None, **fields: Any) -> dict[str, Reason]:
        """The reasons for which *action* is denied, by code; the case must be as before."""
        self.now = self.now if when is None else at(when)
        before = self.org.case(case)
        with pytest.raises(Denied) as denied:
            self.do(case, action, by, **fields)
        assert self.org.case(case).seq == before.seq
        return {reason.code: reason for reason in denied.value.reasons}

    def accept(self, when: str, procedure: str = "test", **receipt: Any) -> str:
        """A dossier is handed in complete and accepted at once; its id."""
        case = self.submit(when, procedure)
        self.do(case, "accept", "lan", **receipt)
        return case

    def examine(self, when: str, procedure: str = "test", accepted: str | None = None) -> str:
        """A dossier is accepted (at *accepted*, else at *when*), handed over, and with minh at *when*; its id."""
        case = self.accept(accepted or when, procedure)
        self.do(case, "transfer", "lan", when)
        self.do(case, "receive-transfer", "kim")
        self.do(case, "assign", "dung", officer="minh")
        return case

    def finish(self, case: str, drafted: str, signed: str, issued: str | None = None, **result: Any) -> Case:
        """From examination to the seal."""
        self.do(case, "draft-result", "minh", drafted, **(result or {"proposal": "granted"}))
        self.do(case, "approve", "dung")
        self.do(case, "sign", "hoa", signed)
        return self.do(case, "issue", "thao", issued or signed, number="12/GP")

    def supplement(self, case: str, asked: str, supplied: str) -> Case:
        """A supplement is asked for and comes in complete."""
        self.do(case, "request-supplement", "dung", asked, **SUPPLEMENT)
        return self.do(case, "supplement", "lan", supplied, papers=["Drawing"])


SUPPLEMENT = {"items": ["Drawing: no signature"], "reason": "the drawing is not signed", "basis": "ND 61 art. 19(4)"}
