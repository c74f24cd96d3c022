"""Hand-over to an archive: which ended cases are due when, and the lists that go with them.

    ended --- within a year ---> list of records (2) + minutes of delivery (2) --> handed over, in the log

Rule 1: what is handed over has ended, and is handed over once.
Rule 2: it goes with two copies of the list and two of the minutes, one for each side; their digests stand in the log.
Rule 3: a line of the list says how many records a case has and their RFC 6962 root, so that the archive can check what it got.
Rule 4: being late is no reason to refuse; it shows.

Decree 30/2020/ND-CP, art. 30: within one year from the day the work ended; two lists, two minutes. Days are those of the office.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any

import pendulum
from attrs import frozen

from .codec import decode
from .errors import Denied, InvalidInput, Reason, said
from .ports import Query, Store
from .reading import decided
from .state import Case
from .trail import leaf_hash, root

__all__ = ["STREAM", "ArchiveList", "Due", "HandOver", "Listed", "due_for_archive", "hand_over", "hand_overs", "listed"]

STREAM = "trail/archive"
COPIES = 2
_MOST = 200
SOURCE = "30/2020/NĐ-CP, art. 30"

Ended = Callable[[Case], int]
"""When the work of a closed case ended (µs UTC)."""

Told = Callable[[str], Case]
"""A case by its id."""


@frozen
class Due:
    """An ended case that was not handed over: the days it ended and is due, and ``waiting``, ``soon`` or ``overdue``."""

    case: str
    ended: pendulum.Date
    due: pendulum.Date
    state: str

    def text(self, language: str = "en") -> str:
        """One line, in ``en`` or ``vi``."""
        return _DUE[language].format(case=self.case, ended=self.ended, due=self.due, state=_STATES[language][self.state])

    def to_tree(self) -> dict[str, str]:
        """As plain values for JSON."""
        return {"case": self.case, "ended": str(self.ended), "due": str(self.due), "state": self.state}


@frozen
class Listed:
    """A line of the list: the case, what it was about, its days, how many records it has and their root."""

    case: str
    kind: str
    opened: pendulum.Date
    ended: pendulum.Date
    records: int
    root: bytes
    retention: str | None = None


@frozen
class ArchiveList:
    """The list of what is handed over, and the minutes of it, to be printed and signed, two copies of each."""

    office: str
    lines: tuple[Listed, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids."""
        return tuple(line.case for line in self.lines)

    def text(self, language: str = "en") -> str:
        """The list in ``en`` or ``vi``."""
        words = _LIST[language]
        lines = [words["title"], words["office"].format(office=self.office), ""]
        for number, line in enumerate(self.lines, 1):
            kept = line.retention or words["unsaid"]
            lines.append(words["line"].format(n=number, line=line, kept=kept, root=line.root.hex()))
        return "\n".join([*lines, "", words["total"].format(n=len(self.lines), records=sum(x.records for x in self.lines)), ""])

    def minutes(self, giver: str, receiver: str, day: object, language: str = "en") -> str:
        """The minutes of delivery and receipt in ``en`` or ``vi``."""
        words = _LIST[language]
        digest = sha256(self.text(language).encode()).hexdigest()
        facts = {
            "giver": giver,
            "receiver": receiver,
            "day": day,
            "n": len(self.lines),
            "digest": digest,
            "office": self.office,
        }
        return words["minutes"].format(**facts)

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON; roots in hexadecimal."""
        lines = [
            {
                "case": x.case,
                "kind": x.kind,
                "opened": str(x.opened),
                "ended": str(x.ended),
                "records": x.records,
                "root": x.root.hex(),
                "retention": x.retention,
            }
            for x in self.lines
        ]
        return {"office": self.office, "cases": lines}


@frozen
class HandOver:
    """Cases handed over: when (µs UTC), by whom, to whom, and the digests of the copies of list and minutes."""

    cases: tuple[str, ...]
    at: int
    by: str
    to: str
    lists: tuple[str, ...]
    minutes: tuple[str, ...]


def due_for_archive(
    store: Store,
    case: Told,
    ended: Ended,
    at: int,
    *,
    within: pendulum.Duration | None = None,
    years: int = 1,
    soon: int = 30,
) -> tuple[Due, ...]:
    """The ended cases that were not handed over and are due *within* a time (default: all), the earliest due first.

    A case is due *years* after its end, ``soon`` that many days before, and ``overdue`` from the day after.
    """
    gone = {name for one in hand_overs(store) for name in one.cases}
    found = []
    for name, _ in store.select(Query(open=False)):
        if name in gone:
            continue
        one = case(name)
        day, today = _day(ended(one), one), _day(at, one)
        due = day.add(years=years)
        if within is None or due <= today + within:
            state = "overdue" if today > due else "soon" if today >= due.subtract(days=soon) else "waiting"
            found.append(Due(name, day, due, state))
    return tuple(sorted(found, key=lambda each: (each.due, each.case)))


def listed(store: Store, office: str, cases: Sequence[Case], ended: Ended, retention: Callable[[Case], object]) -> ArchiveList:
    """The list of *cases*, in the order given.

    Raises:
        Denied: a case is open, or was handed over; every reason.
    """
    refuse(store, cases)
    lines = []
    for case in cases:
        leaves = [leaf_hash(entry.data) for entry in store.read(case.id)]
        kept, what = retention(case), case.origin.procedure or case.kind
        days = _day(case.origin.opened, case), _day(ended(case), case)
        lines.append(Listed(case.id, what, *days, len(leaves), root(leaves), None if kept is None else str(kept)))
    return ArchiveList(office, tuple(lines))


def refuse(store: Store, cases: Iterable[Case], more: Iterable[Reason] = ()) -> None:
    """Refuse to hand over what is open or was handed over; *more* reasons are told with these.

    Raises:
        Denied: with every reason.
    """
    gone = {name: one for one in hand_overs(store) for name in one.cases}
    reasons = list(more)
    for case in cases:
        if case.open:
            reasons.append(Reason("still-open", case=case.id))
        if case.id in gone:
            reasons.append(Reason("handed-over", case=case.id, to=gone[case.id].to))
    if reasons:
        raise Denied(reasons)


def hand_over(
    store: Store,
    cases: Sequence[Case],
    *,
    at: int,
    by: str,
    to: str,
    lists: Collection[bytes],
    minutes: Collection[bytes],
) -> HandOver:
    """Record that *cases* went to the archive *to*; *lists* and *minutes* are the signed copies, as files.

    Raises:
        Denied: a case is open or was handed over, or there are not two lists and two minutes; every reason.
        InvalidInput: no case, nobody who gives or receives, or copies that are no bytes.
    """
    if not cases:
        raise InvalidInput("a hand-over names its cases", "cases")
    said(by, "by")
    said(to, "to")
    copied: list[Any] = [*lists, *minutes]
    if not all(type(copy) is bytes and copy for copy in copied):
        raise InvalidInput("copies of the list and of the minutes are the bytes of their files, none empty", "lists")
    few = [
        Reason("no-lists", what=what, copies=len(copies), needed=COPIES, clause=SOURCE)
        for what, copies in (("list", lists), ("minutes", minutes))
        if len(copies) != COPIES
    ]
    digests = {key: [sha256(copy).hexdigest() for copy in copies] for key, copies in (("lists", lists), ("minutes", minutes))}
    names = list(dict.fromkeys(case.id for case in cases))

    def decide() -> tuple[list[dict[str, Any]], tuple[()]]:
        refuse(store, cases, few)
        parts = [names[start : start + _MOST] for start in range(0, len(names), _MOST)]
        return [{"type": "handed-over", "at": at, "by": by, "to": to, "cases": part, **digests} for part in parts], ()

    decided(store, STREAM, decide)
    return HandOver(tuple(names), at, by, to, tuple(digests["lists"]), tuple(digests["minutes"]))


def hand_overs(store: Store) -> tuple[HandOver, ...]:
    """Every hand-over that the log records."""
    found = (decode(entry.data) for entry in store.read(STREAM))
    return tuple(
        HandOver(tuple(r["cases"]), r["at"], r["by"], r["to"], tuple(r["lists"]), tuple(r["minutes"]))
        for r in found
        if r.get("type") == "handed-over"
    )


def _day(at: int, case: Case) -> pendulum.Date:
    """The day of an instant (µs UTC) where the office is."""
    return pendulum.from_timestamp(at / 1_000_000, tz=case.origin.zone).date()


_STATES = {
    "en": {"waiting": "not due yet", "soon": "due soon", "overdue": "overdue"},
    "vi": {"waiting": "chưa đến hạn", "soon": "sắp đến hạn", "overdue": "quá hạn"},
}
_DUE = {
    "en": "{case}: ended {ended}, to be handed over by {due}: {state}",
    "vi": "{case}: kết thúc {ended}, hạn nộp lưu {due}: {state}",
}
_LIST = {
    "en": {
        "title": "LIST OF RECORDS HANDED OVER TO THE ARCHIVE",
        "office": "Office: {office}",
        "line": "{n}. {line.case} · {line.kind} · {line.opened} to {line.ended} · {line.records} records · kept {kept}\n   {root}",
        "unsaid": "as its schedule says",
        "total": "In all: {n} files, {records} records. Two copies.",
        "minutes": (
            "MINUTES OF DELIVERY AND RECEIPT\n{day}. {giver} ({office}) delivers and {receiver} receives {n} files, by the list"
            " whose SHA-256 is\n{digest}.\nTwo copies, one for each side.\n"
        ),
    },
    "vi": {
        "title": "MỤC LỤC HỒ SƠ, TÀI LIỆU NỘP LƯU",
        "office": "Đơn vị: {office}",
        "line": (
            "{n}. {line.case} · {line.kind} · từ {line.opened} đến {line.ended} · {line.records} bản ghi"
            " · thời hạn bảo quản {kept}\n   {root}"
        ),
        "unsaid": "theo bảng thời hạn bảo quản",
        "total": "Tổng cộng: {n} hồ sơ, {records} bản ghi. Lập thành hai bản.",
        "minutes": (
            "BIÊN BẢN GIAO NHẬN HỒ SƠ, TÀI LIỆU\n{day}. {giver} ({office}) giao và {receiver} nhận {n} hồ sơ theo mục lục có mã"
            " băm SHA-256 là\n{digest}.\nLập thành hai bản, mỗi bên giữ một bản.\n"
        ),
    },
}
