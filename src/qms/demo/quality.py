"""The simulated quality unit: each dossier that ended late is put right, and where it pays, its cause is removed.

Rule 1: nobody here raises anything: nonconformities are raised by rule, and found on the organization's own list.
Rule 2: a minor one may end when it is corrected; the others go on to a cause, an action, and a judgment of its effect.
Rule 3: whether an action had effect is counted from what happened, before and after, and can come out either way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field

from ..ports import Query
from ..records.dossier import Reasoned
from ..records.nonconformity import (
    ActionDone,
    ActionPlan,
    CauseAnalysis,
    Closing,
    Confirmation,
    Containment,
    Correction,
    Disposition,
    Effectiveness,
    NeedEvaluation,
    NoActionNeeded,
    Rejection,
    Reverification,
    SystemUpdate,
)
from .office import CALENDAR_DAY, HOUR, Office

__all__ = ["PEOPLE", "Quality"]

OFFICERS = ("quality-officer-1", "quality-officer-2")
HEAD = "quality-head"
CHAIR = "district-chair"
VERIFIER = "quality-verifier"
PEOPLE: Mapping[str, Sequence[str]] = {
    "quality-officer": OFFICERS,
    "head-of-quality": (HEAD,),
    "disposition-authority": (CHAIR,),
    "superior": (CHAIR,),
    "verifier": (VERIFIER,),
}
"""Who holds which role of the nonconformity process."""

WORDS: Mapping[str, tuple[str, str]] = {
    "no-stand-in": ("không có người trực thay khi công chức vắng", "lập lịch trực thay, phân lại hồ sơ khi vắng quá nửa ngày"),
    "work-piled-up": ("hồ sơ dồn về một người, không cân đối", "phân hồ sơ theo số đang xử lý của từng người"),
    "site-visit-late": ("lịch đi thực địa xếp theo tuần, không theo hạn", "xếp lịch thực địa theo hạn của hồ sơ"),
    "data-from-another-agency": (
        "dữ liệu của cơ quan phối hợp đến chậm",
        "hẹn ngày trả lời với cơ quan phối hợp, nhắc trước hạn",
    ),
    "unclear-form": ("mẫu dự thảo khó hiểu nên phải làm lại", "sửa mẫu, kèm ví dụ điền sẵn"),
    "system-outage": ("phần mềm gián đoạn, không có cách làm thay", "viết cách làm thay trên giấy khi gián đoạn"),
}
"""Cause and action in the words of the people who write them down."""


@define
class Quality:
    """The quality unit and what it has seen."""

    office: Office
    seen: set[str] = field(factory=set)
    late: list[tuple[int, str]] = field(factory=list)

    def morning(self) -> None:
        """Each working day the list of what was reported since the day before is taken up."""
        office = self.office
        reported = office.org.store.select(Query(process="nonconformity", step="reported", open=True))
        for identity in [stream for stream, _ in reported if stream not in self.seen]:
            self.seen.add(identity)
            source = office.dossiers[identity.partition("/")[0]]
            cause = source.trouble or "work-piled-up"
            self.late.append((office.now, cause))
            self._next(0.5, 6, self.confirm, identity, cause, source.unit.key)
        ordinal, _ = office.calendar.local(office.now)
        office.at(office.axis.opening(office.calendar.instant(ordinal + 1, 0)) + HOUR, self.morning)

    def _next(self, least: float, most: float, work: object, *args: object) -> None:
        self.office.after(self.office.random.uniform(least, most) * HOUR, work, *args)  # type: ignore[arg-type]

    def _act(self, identity: str, action: str, by: str, form: object) -> None:
        self.office.org.act(identity, action, by=by, form=form)
        self.office.events += 1

    def confirm(self, identity: str, cause: str, unit: str) -> None:
        """Is it one, how severe, whose is it? A few are not: the dossier had waited for somebody else's mistake."""
        chances = self.office.chances
        if self.office.chance(chances.no_nonconformity):
            self._act(identity, "reject", OFFICERS[0], Rejection(reason="hạn đã được tính sai trên phiếu, không phải trễ hạn"))
            return
        owner = self.office.staff.desk("division-head", unit).people[0]
        severity = "major" if self.office.chance(chances.major) else "minor"
        self._act(identity, "confirm", OFFICERS[0], Confirmation(severity=severity, owner=owner, extent="một hồ sơ"))
        self._next(0.5, 7, self.contain, identity, cause, owner, severity)

    def contain(self, identity: str, cause: str, owner: str, severity: str) -> None:
        """The owner sees that it does no further harm, and the authority decides what to do with it."""
        self._act(
            identity,
            "contain",
            owner,
            Containment(what="rà các hồ sơ cùng người xử lý", affected=(identity.partition("/")[0],)),
        )
        self._next(1, 14, self.dispose, identity, cause, owner, severity)

    def dispose(self, identity: str, cause: str, owner: str, severity: str) -> None:
        """A late result cannot be made early; it can be given, with an apology."""
        form = Disposition(decision="correct", actions="trả kết quả ngay, xin lỗi người nộp", authority="Chủ tịch UBND huyện")
        self._act(identity, "dispose", CHAIR, form)
        self._next(0.5, 6, self.correct, identity, cause, owner, severity)

    def correct(self, identity: str, cause: str, owner: str, severity: str) -> None:
        """It is done."""
        self._act(identity, "correct", owner, Correction(what="đã trả kết quả và xin lỗi", evidence="phiếu kiểm soát"))
        self._next(0.5, 12, self.verify, identity, cause, owner, severity)

    def verify(self, identity: str, cause: str, owner: str, severity: str) -> None:
        """Somebody else sees that it is done; then: does it pay to look for the cause?"""
        self._act(identity, "re-verify", VERIFIER, Reverification(result="conforming", evidence="sổ theo dõi hồ sơ"))
        self._next(2, 30, self.evaluate, identity, cause, owner, severity)

    def evaluate(self, identity: str, cause: str, owner: str, severity: str) -> None:
        """A minor one that stands alone may end here."""
        if severity == "minor" and self.office.chance(self.office.chances.single):
            form = NoActionNeeded(reason="trường hợp đơn lẻ, đã khắc phục", similar="đã rà 30 ngày, không có mẫu chung")
            self._act(identity, "no-action-needed", OFFICERS[1], form)
            return
        need = NeedEvaluation(reason="có thể tái diễn", similar="có trường hợp tương tự trong tháng")
        self._act(identity, "evaluate-need", OFFICERS[1], need)
        self._next(8, 60, self.analyse, identity, cause, owner)

    def analyse(self, identity: str, cause: str, owner: str) -> None:
        """The owner says what let it happen."""
        words, _ = WORDS[cause]
        form = CauseAnalysis(method="5-why", root_causes=(words,), similar="đã rà các hồ sơ cùng thủ tục", category=cause)
        self._act(identity, "record-cause", owner, form)
        self._next(4, 30, self.plan, identity, cause, owner)

    def plan(self, identity: str, cause: str, owner: str) -> None:
        """An action, its measure, and a reviewer who is not its doer."""
        office = self.office
        _, what = WORDS[cause]
        start = office.now + 10 * CALENDAR_DAY
        end = start + office.random.randint(30, 60) * CALENDAR_DAY
        form = ActionPlan(
            what=what,
            doer=owner,
            criterion="số hồ sơ quá hạn cùng nguyên nhân không tăng",
            measure_from=office.moment(start),
            measure_to=office.moment(end),
            reviewer=OFFICERS[1],
        )
        self._act(identity, "approve-plan", CHAIR, form)
        self._next(8, 60, self.done, identity, cause, owner, start, end)

    def done(self, identity: str, cause: str, owner: str, start: int, end: int) -> None:
        """The action is done; now it must show."""
        _, what = WORDS[cause]
        self._act(identity, "actions-done", owner, ActionDone(what=what, evidence="biên bản triển khai"))
        office = self.office
        office.at(office.axis.opening(max(end, office.now)) + HOUR, self.judge, identity, cause, owner, start, end)

    def judge(self, identity: str, cause: str, owner: str, start: int, end: int) -> None:
        """Fewer of its kind than before, or not: counted, not wished."""
        before = sum(start - (end - start) <= at < start and why == cause for at, why in self.late)
        after = sum(start <= at < end and why == cause for at, why in self.late)
        days = (end - start) // CALENDAR_DAY
        if after > before:
            again = Reasoned(reason=f"{after} trường hợp trong {days} ngày, trước đó {before}")
            self._act(identity, "judge-ineffective", OFFICERS[1], again)
            self._next(8, 60, self.analyse, identity, cause, owner)
            return
        form = Effectiveness(
            indicator=f"hồ sơ quá hạn vì {cause} trong {days} ngày",
            before=str(before),
            after=str(after),
            n=max(before + after, 1),
        )
        self._act(identity, "judge-effective", OFFICERS[1], form)
        self._next(2, 20, self.update, identity)

    def update(self, identity: str) -> None:
        """What changes in the risks and in the system."""
        form = SystemUpdate(risks="cập nhật khả năng xảy ra trong sổ rủi ro", qms="sửa quy trình nội bộ, bước phân công")
        self._act(identity, "update-risks-qms", OFFICERS[0], form)
        self._next(2, 12, self.close, identity)

    def close(self, identity: str) -> None:
        """The head of quality closes what is complete."""
        self._act(identity, "close", HEAD, Closing())
