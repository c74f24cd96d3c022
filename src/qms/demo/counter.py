"""The simulated life of a dossier: from the counter or the portal, through the division, to the result in hand.

Rule 1: each method is one piece of work by one person; it acts, and says what comes next and when.
Rule 2: people know what the organization told them (the due date of the case), and plan by it.
Rule 3: what is drawn is how long things take, what is missing and what goes wrong; what is allowed is not ours to say.
"""

from __future__ import annotations

from attrs import frozen

from ..errors import Denied
from . import forms
from .office import CALENDAR_DAY, DAY, HOUR, TROUBLES, Dossier, Office
from .world import MINUTE

__all__ = ["OneStop"]

_STANDING = {"awaiting-supplement", "awaiting-obligation", "suspended", "withdrawal-requested"}
"""Where the law's limit stands still, or an answer is owed first: no apology is due there."""
_SORRY = "khối lượng hồ sơ lớn, cần thêm thời gian thẩm tra"


@frozen
class OneStop:
    """How the people of the district work on dossiers."""

    office: Office

    # Intake

    def arrive(self, dossier: Dossier) -> None:
        """Somebody comes to the counter, or sends their papers through the portal."""
        office = self.office
        if dossier.online:
            self._submit(dossier, dossier.applicant)
            office.desk(office.desk_of("intake-officer", dossier), 8, self.decide, dossier)
        else:
            office.desk(office.desk_of("intake-officer", dossier), 4, self.receive, dossier)

    def receive(self, officer: str, dossier: Dossier) -> None:
        """The counter takes the papers and looks at them at once."""
        self._submit(dossier, officer)
        self.office.after(self.office.random.uniform(2, 10) * MINUTE, self.decide, officer, dossier)

    def _submit(self, dossier: Dossier, by: str) -> None:
        office = self.office
        name = forms.name(office.random)
        office.open(dossier, by, forms.application(name, dossier.applicant, online=dossier.online))

    def decide(self, officer: str, dossier: Dossier) -> None:
        """Complete or not, ours or not: the four answers of intake."""
        office, service, chances = self.office, dossier.service, self.office.chances
        if not dossier.guided and office.chance(chances.not_ours):
            office.act(dossier, "refuse-intake", officer, forms.refusal("không thuộc thủ tục này"))
            dossier.gone = True
        elif not dossier.guided and office.chance(chances.incomplete_online if dossier.online else chances.incomplete):
            office.act(dossier, "request-completion", officer, forms.completion(service.paper))
            dossier.guided = True
            self._complete_later(dossier)
        elif service.at_once:
            refused = office.chance(chances.refused_at_counter)
            office.act(dossier, "accept-now", officer, forms.settled(fee=service.fee > 0, refused=refused))
            dossier.accepted_by = dossier.drafted_by = officer
            self._trouble(dossier, chances.trouble_at_counter, chances.trouble_days_at_counter)
            self._to_signer(dossier)
        else:
            dossier.held = office.chance(chances.originals)
            office.act(dossier, "accept", officer, forms.receipt(fee=service.fee > 0, held=dossier.held))
            dossier.accepted_by = officer
            self._hand_over_run(dossier)
            self._watch(dossier)

    def _complete_later(self, dossier: Dossier) -> None:
        office = self.office
        comes = self._comes(office.chances.days_to_supplement)
        if comes < office.ends(dossier, "completion"):
            office.at(comes, self.complete, dossier)
        else:
            dossier.gone = True

    def _comes(self, days: float) -> int:
        """When somebody who was asked to come back does: after so many days on average, while the office is open."""
        office = self.office
        return office.axis.opening(office.now + round(office.random.expovariate(1 / days) * CALENDAR_DAY))

    def complete(self, dossier: Dossier) -> None:
        """The applicant brings what was missing; the counter looks again."""
        office = self.office
        office.act(dossier, "complete", dossier.applicant, forms.papers_added(dossier.service.paper))
        office.desk(office.desk_of("intake-officer", dossier), 6, self.decide, dossier)

    # From the counter to the officer

    def _hand_over_run(self, dossier: Dossier) -> None:
        """Papers go to the divisions at 10:30 and 15:30; what came after 15:00 goes first thing next morning."""
        office = self.office
        ordinal, time = office.calendar.local(office.now)
        runs = (10 * HOUR + HOUR // 2, 15 * HOUR + HOUR // 2) if time <= 15 * HOUR else ()
        left = [office.calendar.instant(ordinal, run) for run in runs if run > time]
        morning = office.axis.opening(office.calendar.instant(ordinal + 1, 0))
        office.at(left[0] if left else morning, self._ready, dossier)

    def _ready(self, dossier: Dossier) -> None:
        office = self.office
        office.desk(office.desk_of("intake-officer", dossier), 2, self.transfer, dossier)

    def transfer(self, officer: str, dossier: Dossier) -> None:
        """The counter hands over; the division signs for it."""
        office = self.office
        office.act(dossier, "transfer", officer, forms.SLIP)
        office.desk(office.desk_of("division-head", dossier), 3, self.take, dossier)

    def take(self, head: str, dossier: Dossier) -> None:
        """The division takes it, and names the officer within half a day."""
        office = self.office
        office.act(dossier, "receive-transfer", head, forms.SLIP)
        office.after(office.random.uniform(5, 120) * MINUTE, self.assign, head, dossier)

    def assign(self, head: str, dossier: Dossier) -> None:
        """The head of division names the officer; from here on the applicant may withdraw, and the agency stop it."""
        office = self.office
        desk = office.desk_of("case-officer", dossier)
        dossier.officer, _ = desk.take(office.axis.position(office.now), 0, (dossier.accepted_by,))
        office.act(dossier, "assign", head, forms.assignment(dossier.officer))
        self._trouble(dossier, office.chances.trouble, office.chances.trouble_days)
        self._may_withdraw(dossier)
        office.after(office.random.uniform(10, 180) * MINUTE, self.first_reading, dossier)

    def _trouble(self, dossier: Dossier, chance: float, days: float) -> None:
        """Now and then something goes wrong that costs days; what, and how many, is drawn."""
        office = self.office
        if office.chance(chance):
            dossier.trouble = office.random.choices(list(TROUBLES), list(TROUBLES.values()))[0]
            dossier.lost = round(office.random.expovariate(1 / days) * DAY)

    # Examination

    def first_reading(self, dossier: Dossier) -> None:
        """The officer reads the papers: is something missing, is a charge due, must somebody go and look?"""
        office, service = self.office, dossier.service
        if not dossier.busy:
            return
        if office.chance(office.chances.missing_papers):
            office.act(dossier, "draft-supplement", dossier.officer, forms.draft_supplement(service.paper))
            office.after(office.random.expovariate(1 / office.chances.hours_to_ask) * HOUR, self.ask, dossier)
        elif service.site and office.chance(office.chances.visited):
            office.act(dossier, "verify", dossier.officer, forms.plan(office.moment(), self._pair(dossier)))
            office.after(office.left(dossier) * office.random.betavariate(2, 5), self.verified, dossier)
        else:
            self._examine(dossier)

    def ask(self, dossier: Dossier) -> None:
        """The head of division asks for what is missing, through the counter, if the notice window still allows it."""
        office = self.office
        if not dossier.busy:
            return
        heads = office.desk_of("division-head", dossier)
        try:
            office.act(dossier, "request-supplement", heads.people[0], forms.supplement_request(dossier.service.paper))
        except Denied as denied:
            office.refused(denied)
            self._examine(dossier)
            return
        comes, end = self._comes(office.chances.days_to_supplement), office.ends(dossier, "window", "refusal-window")
        if comes < end and not office.chance(office.chances.never_brought):
            office.at(comes, self._brought, dossier)
        else:
            office.at(office.axis.opening(end) + HOUR, self.lapsed, dossier)

    def lapsed(self, dossier: Dossier) -> None:
        """Nothing came: by the procedure the dossier is stopped, or a refusal goes up for approval."""
        office = self.office
        if dossier.busy and office.stands(dossier, "awaiting-approval"):
            office.desk(office.desk_of("division-head", dossier), 5, self.approve, dossier)

    def _brought(self, dossier: Dossier) -> None:
        office = self.office
        office.desk(office.desk_of("intake-officer", dossier), 6, self.supplement, dossier)

    def supplement(self, officer: str, dossier: Dossier) -> None:
        """What was missing has come, complete; the law of 2021 counts the limit again from the beginning."""
        office = self.office
        if dossier.busy and not office.stands(dossier, "awaiting-supplement"):
            self.lapsed(dossier)
        elif dossier.busy:
            office.act(dossier, "supplement", officer, forms.papers_added(dossier.service.paper))
            self._watch(dossier)
            self._examine(dossier)

    def _pair(self, dossier: Dossier) -> tuple[str, str]:
        colleagues = self.office.desk_of("case-officer", dossier).people
        return dossier.officer, next(person for person in colleagues if person != dossier.officer)

    def verified(self, dossier: Dossier) -> None:
        """Back from the site, with minutes."""
        office = self.office
        if dossier.busy:
            office.act(dossier, "record-verification", dossier.officer, forms.minutes(self._pair(dossier)))
            self._examine(dossier)

    def _examine(self, dossier: Dossier) -> None:
        """The officer plans for a part of what is left; what went wrong comes on top."""
        office = self.office
        planned = office.left(dossier) * office.random.betavariate(3, 4) * 0.85
        delay, dossier.lost = dossier.lost, 0
        dossier.ready = office.axis.later(office.now, round(planned) + delay)
        office.at(dossier.ready, self.draft, dossier)

    def draft(self, dossier: Dossier) -> None:
        """A draft result, or a draft refusal; or first the tax, where the law lets the limit wait for it."""
        office = self.office
        if not dossier.busy:
            return
        if dossier.service.obligation and not dossier.charged:
            dossier.charged = True
            office.act(
                dossier,
                "notify-obligation",
                dossier.officer,
                forms.obligation(1_000 * office.random.randint(200, 9_000), "NĐ 01/2017/NĐ-CP điều 2(40)"),
            )
            paid = self._comes(office.chances.days_to_pay)
            if paid < office.ends(dossier, "obligation"):
                office.at(paid, self.pay, dossier, paid)
            else:
                dossier.gone = True
            return
        if office.chance(office.chances.refused):
            office.act(dossier, "draft-refusal", dossier.officer, forms.refusal("không đủ điều kiện"))
        else:
            office.act(dossier, "draft-result", dossier.officer, forms.draft_result())
        dossier.drafted_by = dossier.officer
        heads = office.desk_of("division-head", dossier)
        office.after(office.left(dossier) * office.random.uniform(0.02, 0.3), office.desk, heads, 5, self.approve, dossier)

    def pay(self, dossier: Dossier, paid: int) -> None:
        """The applicant pays; the cashier sees the receipt within a day, and the limit resumes at the payment."""
        office = self.office
        office.after(
            office.random.uniform(0.2, 8) * HOUR, office.desk, office.desk_of("cashier", dossier), 4, self.paid, dossier, paid
        )

    def paid(self, cashier: str, dossier: Dossier, paid: int) -> None:
        """The payment is confirmed."""
        office = self.office
        if dossier.busy and office.stands(dossier, "awaiting-obligation"):
            office.act(dossier, "confirm-obligation", cashier, forms.paid(office.number(), office.moment(paid)))
            self._watch(dossier)
            office.after(office.random.uniform(0.2, 4) * HOUR, self.draft, dossier)

    # Approval, signature, seal

    def approve(self, head: str, dossier: Dossier) -> None:
        """The head of division approves the draft, or sends it back."""
        office = self.office
        if not dossier.busy:
            return
        if office.chance(office.chances.sent_back):
            office.act(dossier, "send-back", head, forms.SENT_BACK)
            office.after(office.random.uniform(1, 10) * HOUR, self.draft, dossier)
            return
        office.act(dossier, "approve", head)
        self._to_signer(dossier)

    def _to_signer(self, dossier: Dossier) -> None:
        office = self.office
        delay, dossier.lost = dossier.lost, 0
        wait = (
            office.left(dossier) * office.random.uniform(0.02, 0.3)
            if not dossier.service.at_once
            else office.random.uniform(2, 25) * MINUTE
        )
        office.after(wait + delay, self._at_signer, dossier)

    def _at_signer(self, dossier: Dossier) -> None:
        office = self.office
        office.desk(office.desk_of("signer", dossier), 2, self.sign, dossier, barred=(dossier.drafted_by,))

    def sign(self, head: str, dossier: Dossier) -> None:
        """The head of the agency, or a deputy, signs."""
        office = self.office
        if dossier.busy:
            office.act(dossier, "sign", head, forms.signature("head" if head.endswith("-1") else "KT."))
            office.desk(office.desk_of("clerk", dossier), 4, self.issue, dossier, barred=(head,))

    def issue(self, clerk: str, dossier: Dossier) -> None:
        """The clerk numbers and seals: processing ends here, and so does the legal clock."""
        office = self.office
        if not dossier.busy:
            return
        office.act(dossier, "issue", clerk, forms.register_entry(office.number(), office.moment().year))
        dossier.finished = True
        office.after(office.random.uniform(1, 30) * MINUTE, self.notify, dossier)

    # Giving it back

    def notify(self, dossier: Dossier) -> None:
        """The applicant is told, and comes when they can."""
        office = self.office
        officer = office.random.choice(office.desk_of("intake-officer", dossier).people)
        if not dossier.service.at_once:
            office.act(dossier, "notify", officer)
        away = 0.1 if dossier.service.at_once else office.random.expovariate(1 / 2.5)
        office.at(office.axis.opening(office.now + round(away * CALENDAR_DAY)), self.come, dossier)

    def come(self, dossier: Dossier) -> None:
        """The applicant is here: first the fee, then the result."""
        office = self.office
        if dossier.service.fee:
            office.desk(office.desk_of("cashier", dossier), 2, self.collect, dossier)
        else:
            office.desk(office.desk_of("intake-officer", dossier), 3, self.give, dossier)

    def collect(self, cashier: str, dossier: Dossier) -> None:
        """The fee is paid at the counter."""
        office = self.office
        office.act(dossier, "collect-fee", cashier, forms.fee_receipt(office.number(), dossier.service.fee))
        office.desk(office.desk_of("intake-officer", dossier), 3, self.give, dossier)

    def give(self, officer: str, dossier: Dossier) -> None:
        """The result is handed over, with the originals; some say how it was."""
        office = self.office
        office.act(dossier, "hand-over", officer, forms.hand_over(held=dossier.held))
        if office.chance(office.chances.rated):
            office.act(dossier, "rate", dossier.applicant, forms.survey(office.random, late=bool(dossier.trouble)))
        dossier.gone = True

    # What does not go as planned

    def _watch(self, dossier: Dossier) -> None:
        """Two working days before the due date somebody looks whether it will be kept; else it is a day after."""
        office = self.office
        due = office.due(dossier)
        if due - office.now > 2 * CALENDAR_DAY:
            early = office.chance(office.chances.looked_in_time)
            position = office.axis.position(due) + (-2 * DAY + HOUR if early else HOUR)
            office.at(office.axis.instant(position), self.look, dossier, due)

    def look(self, dossier: Dossier, due: int) -> None:
        """If the draft will not be ready by the due date, an apology is drafted."""
        office = self.office
        late = dossier.ready > due - HOUR or office.now > due
        if not (late and dossier.busy and not dossier.apologised and dossier.officer and due == office.due(dossier)):
            return
        if self._stands_still(dossier):
            return
        dossier.apologised = True
        office.act(dossier, "draft-apology", dossier.officer, forms.draft_apology(_SORRY))
        office.desk(office.desk_of("signer", dossier), 10, self.apologise, dossier)

    def _stands_still(self, dossier: Dossier) -> bool:
        return dossier.case is None or not _STANDING.isdisjoint(dossier.case.steps)

    def apologise(self, head: str, dossier: Dossier) -> None:
        """The head says sorry and names a new date, once."""
        office = self.office
        if dossier.busy and not self._stands_still(dossier):
            late = max(dossier.ready, office.due(dossier), office.now)
            new = office.axis.instant((office.axis.position(late) // DAY + 3) * DAY)
            office.act(dossier, "apologise", head, forms.apology(_SORRY, office.moment(new)))

    def _may_withdraw(self, dossier: Dossier) -> None:
        office = self.office
        if office.chance(office.chances.withdrawn):
            office.after(office.left(dossier) * office.random.uniform(0.05, 0.6), self.withdraw, dossier)
        elif office.chance(office.chances.stopped):
            office.after(office.left(dossier) * office.random.uniform(0.2, 0.5), self.stop, dossier)

    def withdraw(self, dossier: Dossier) -> None:
        """The applicant asks for the papers back; the counter answers within a working day."""
        office = self.office
        if dossier.busy and not office.ended(dossier):
            office.act(dossier, "request-withdrawal", dossier.applicant, forms.WITHDRAWAL)
            dossier.asked_back = True
            office.after(office.random.uniform(0.5, 6) * HOUR, self._answer, dossier)

    def _answer(self, dossier: Dossier) -> None:
        office = self.office
        office.desk(office.desk_of("intake-officer", dossier), 5, self.let_go, dossier)

    def let_go(self, officer: str, dossier: Dossier) -> None:
        """The papers go back; the dossier ended when it was asked for. A signed decision is not unmade."""
        office = self.office
        if office.stands(dossier, "withdrawal-requested"):
            office.act(dossier, "confirm-withdrawal", officer, forms.withdrawal_receipt(held=dossier.held))
        dossier.gone = True

    def stop(self, dossier: Dossier) -> None:
        """The head of the agency stops it, on a ground the law lists."""
        office = self.office
        if dossier.busy and not office.ended(dossier):
            office.act(dossier, "stop", office.desk_of("signer", dossier).people[0], forms.STOP)
            dossier.gone = True
