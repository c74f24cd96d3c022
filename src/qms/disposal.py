"""Destruction by a list that two approve: the values of the listed cases erased, and a certificate that stays.

    list --> approved --> approved by another: closed --> erased (the fact first) --> certificate

Rule 1: a destruction is a case of the shipped process ``destruction``: who listed what, who approved, on what basis.
Rule 2: nothing is approved while a listed case is open, within its time of retention, or on hold; every reason is told.
Rule 3: the certificate is a record of the log. Asked for again, it is the same; what a crash left undone is done then.
Rule 4: records, hashes and proofs stay. What is destroyed is what could name a person.
"""

from __future__ import annotations

from collections.abc import Iterable

import pendulum
from attrs import frozen

from . import erasure
from .codec import decode
from .errors import Denied, InvalidInput, Reason
from .event import Acted, Event
from .ports import Store
from .reading import remember
from .state import Case

__all__ = ["OUTCOME", "PROCESS", "STREAM", "Certificate", "against", "carry_out", "certificates", "is_destruction", "listed_in"]

PROCESS = "destruction"
ACTION = "destroy"
OUTCOME = "destroyed"
STREAM = "trail/certificates"


@frozen
class Certificate:
    """What was destroyed: by which *list* (a case), which cases, how many values, when (µs UTC), approved by whom, why."""

    list: str
    cases: tuple[str, ...]
    values: int
    at: int
    by: tuple[str, ...]
    basis: str
    zone: str

    def text(self, language: str = "en") -> str:
        """The certificate in ``en`` or ``vi``."""
        day = pendulum.from_timestamp(self.at / 1_000_000, tz=self.zone).format("DD/MM/YYYY HH:mm")
        facts = {"list": self.list, "n": len(self.cases), "values": self.values, "day": day, "basis": self.basis}
        return _WORDS[language].format(**facts, by=", ".join(self.by), cases="\n".join(f"- {case}" for case in self.cases))


def is_destruction(case: Case) -> bool:
    """Whether *case* is a list for destruction."""
    return case.kind == PROCESS


def listed_in(events: Iterable[Event]) -> tuple[tuple[str, ...], str]:
    """The cases and the basis of the list, as last written."""
    forms = [e.form for e in events if isinstance(e, Acted) and e.form and "cases" in e.form]
    if not forms:
        raise InvalidInput("no list of cases was written; list them first", "cases")
    return tuple(forms[-1]["cases"]), str(forms[-1]["basis"])


def against(store: Store, cases: Iterable[str], kept: erasure.Kept | None) -> tuple[Reason, ...]:
    """Every reason against destroying *cases*: unknown, open, within retention, on hold."""
    names = tuple(cases)
    unknown = tuple(Reason("no-such-case", case=name) for name in names if not store.length(name))
    return unknown + erasure.reasons(store, [name for name in names if store.length(name)], kept)


def carry_out(store: Store, case: Case, events: Iterable[Event], at: int, kept: erasure.Kept | None) -> Certificate:
    """Erase what the closed list *case* names, and leave its certificate; the one there is, where there is one.

    Raises:
        Denied: it was not approved, or something keeps a case of it since; nothing was erased.
        InvalidInput: it is no list for destruction.
        StoreError: recorded, and not removed from everywhere yet; do it again.
    """
    history = tuple(events)
    for done in certificates(store):
        if done.list == case.id:
            erasure.finish(store)
            return done
    if not is_destruction(case):
        raise InvalidInput(f"{case.id} is a case of {case.kind}, not a list for destruction", "case")
    if not case.closed or case.outcome != OUTCOME:
        raise Denied([Reason("not-approved", case=case.id)])
    cases, basis = listed_in(history)
    by = tuple(dict.fromkeys(e.by for e in _approvals(history)))
    erasure.erase(store, cases, at=at, by=", ".join(by), basis=f"{case.id}: {basis}", kept=kept)
    gone = set(cases)
    values = sum(
        value[0] in gone for one in erasure.erasures(store) if one.basis == f"{case.id}: {basis}" for value in one.values
    )
    made = Certificate(case.id, cases, values, at, by, basis, case.origin.zone)
    record = {"type": "destroyed", "at": at, "by": list(by), "list": case.id, "cases": list(cases), "values": values}
    remember(store, STREAM, record | {"basis": basis, "zone": made.zone})
    return made


def _approvals(history: tuple[Event, ...]) -> list[Acted]:
    """The acts that approved the list as it was written last."""
    acts = [e for e in history if isinstance(e, Acted)]
    last = max(i for i, e in enumerate(acts) if e.form and "cases" in e.form)
    return [e for e in acts[last + 1 :] if e.action == ACTION]


def certificates(store: Store) -> tuple[Certificate, ...]:
    """Every certificate that the log holds."""
    found = (decode(entry.data) for entry in store.read(STREAM))
    return tuple(
        Certificate(r["list"], tuple(r["cases"]), r["values"], r["at"], tuple(r["by"]), r["basis"], r["zone"]) for r in found
    )


_WORDS = {
    "en": (
        "CERTIFICATE OF DESTRUCTION\nList {list}: {n} cases, {values} personal values. Destroyed {day}.\nBasis: {basis}\n"
        "Approved by: {by}\n{cases}\nThe records of these cases, their hashes and every proof stay as they were.\n"
    ),
    "vi": (
        "BIÊN BẢN HỦY TÀI LIỆU HẾT GIÁ TRỊ\nDanh mục {list}: {n} hồ sơ, {values} dữ liệu cá nhân. Đã hủy lúc {day}.\n"
        "Căn cứ: {basis}\nNgười phê duyệt: {by}\n{cases}\nBản ghi của các hồ sơ này, mã băm và mọi bằng chứng giữ nguyên.\n"
    ),
}
