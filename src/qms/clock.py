"""Clocks: a running count as facts; when it ends, how much of it has run, and why.

Rule 1: a `Clock` holds facts (started, pauses, extensions, restarts, stopped, and what each rests on) and one statement: the
due instant as last stated, with the version of the calendar that stated it. How much has run is never stored; it is asked.
Rule 2: an extension counts from the end of what it extends. A restart counts again from zero: it voids the run before it,
with its pauses and extensions; what was void is kept, and never counts.
Rule 3: a pause may have a latest end (the longest that the law lets it last). What comes after that end counts, whoever forgot
to resume.
Rule 4: what is asked about an instant is answered from the facts of that instant; what came later does not colour it.

Instants are microseconds since 1970-01-01 UTC; a moment with a zone is taken wherever an instant is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import Parameter, signature
from typing import Any, Final, ParamSpec, TypeVar

from attrs import evolve, frozen

from .calendar import WorkCalendar, to_us
from .counting import Consumption, consumption_us, due_us
from .errors import InvalidInput, Problem
from .ledger import Ledger, Row, ledger_of, void_row
from .limits import CALENDAR, CountingRule, TimeLimit

__all__ = [
    "Clock",
    "Ground",
    "clock_consumption",
    "clock_ledger",
    "reckon_clock",
]

Span = tuple[int, int]


def flat_pairs(flat: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """The pairs of a table kept as name, value, name, value..."""
    return zip(flat[::2], flat[1::2], strict=True)


@frozen(weakref_slot=False)
class Ground:
    """What the pause or extension (*effect*) that began at an instant rests on.

    *reason* is a word of a closed list (``supplement``), *basis* the clause or document, *authority* who decided. A pause
    ends at *until* at the latest, where the law lets it last no longer.
    """

    at: int
    effect: str
    reason: str | None = None
    basis: str | None = None
    authority: str | None = None
    until: int | None = None


@frozen(weakref_slot=False)
class Clock:
    """A running count as facts: instants in microseconds UTC, the limit, and the name of its counting rule.

    *voided* are earlier runs that a restart made void: when each began and when it last ran; *spent* are the pauses they had.
    *due* is a statement, not a fact: the end as last stated, with the version of the *calendar* that stated it. *fired*: its
    end has been acted on. *grounds* say what pauses and extensions rest on, those of void runs too.
    """

    limit: TimeLimit
    rule: str
    started: int
    pauses: tuple[tuple[int, int | None], ...] = ()
    voided: tuple[Span, ...] = ()
    extensions: tuple[TimeLimit, ...] = ()
    stopped: int | None = None
    due: int | None = None
    calendar: str = ""
    fired: bool = False
    spent: tuple[Span, ...] = ()
    grounds: tuple[Ground, ...] = ()
    alarms: tuple[Any, ...] = ()
    """Actions by turns with the instant at which they ring, before or after the end; None where they have rung in this run."""

    @property
    def state(self) -> str:
        """``running``, ``paused`` or ``stopped``, by what has been told; `as_of` knows a pause that ended by itself."""
        if self.stopped is not None:
            return "stopped"
        return "paused" if self.pauses and self.pauses[-1][1] is None else "running"

    @property
    def until(self) -> int | None:
        """When the pause that is open ends at the latest; None where it has no latest end, or none is open."""
        if self.stopped is not None or not self.pauses or self.pauses[-1][1] is not None:
            return None
        ground = self.ground_of_pause(self.pauses[-1][0])
        return ground.until if ground is not None else None

    @property
    def goes_on(self) -> bool:
        """Whether its end will come if nobody does anything: it runs, or its pause ends by itself."""
        return self.stopped is None and (not self.pauses or self.pauses[-1][1] is not None or self.until is not None)

    def pause(self, at: int, *, reason: str | None = None, basis: str | None = None, until: int | None = None) -> Clock:
        """The clock with a pause that begins at *at*, for a *reason*, on a *basis*; it ends at *until* at the latest.

        Raises:
            InvalidInput: it does not run, *at* is before its last change, or *until* is before *at*.
        """
        if self.pauses:
            ended = self.until
            if ended is not None and ended <= at:  # the pause before has ended by itself
                return self.resume(ended).pause(at, reason=reason, basis=basis, until=until)
        self._must("running", "pause", at)
        if until is not None and until < at:
            raise InvalidInput("a pause ends before it begins; give its beginning first", "pauses")
        grounds = self.grounds
        if reason is not None or basis is not None or until is not None:
            grounds = (*grounds, Ground(at, "pause", reason, basis, None, until))
        return self._held((*self.pauses, (at, None)), None, grounds)

    def resume(self, at: int) -> Clock:
        """The clock with its pause ended at *at*, or at the latest end of the pause, where that is earlier.

        Raises:
            InvalidInput: it is not paused, or *at* is before the pause.
        """
        self._must("paused", "resume", at)
        return self._held((*self.pauses[:-1], (self.pauses[-1][0], self._at_latest(at))), None, self.grounds)

    def restart(self, at: int) -> Clock:
        """The clock counting again from zero at *at*; the run before is void, with its pauses and extensions.

        Raises:
            InvalidInput: *at* is before its last change.
        """
        self._not_before(at, "restart")
        ran = self.stopped if self.stopped is not None else self.pauses[-1][0] if self.state == "paused" else at
        return Clock(
            self.limit,
            self.rule,
            at,
            (),
            (*self.voided, (self.started, ran)),
            spent=self.spent + self.closed_pauses() if self.pauses else self.spent,
            grounds=self.grounds,
        )

    def extend(
        self, limit: TimeLimit, at: int, *, authority: str | None = None, reason: str | None = None, basis: str | None = None
    ) -> Clock:
        """The clock with *limit* more, counted from the end of what it had, as *authority* decided at *at* on a *basis*.

        Raises:
            InvalidInput: it is stopped, or *at* is before its start.
        """
        given: object = limit
        if not isinstance(given, TimeLimit):
            sure(limit=given)
        if self.stopped is not None:
            raise InvalidInput("a stopped clock cannot extend; start or restart it first", "clock")
        self._not_before(at, "extend", self.started, "start")
        grounds = (*self.grounds, Ground(at, "extend", reason, basis, authority))
        longer = (*self.extensions, limit)
        return self._with(self.pauses, grounds, longer, None, self.due, self.calendar, False)

    def stop(self, at: int) -> Clock:
        """The clock stopped at *at*; a pause that is open ends with it, or before, at its latest end.

        Raises:
            InvalidInput: it is stopped, or *at* is before its last change.
        """
        if self.stopped is not None:
            raise InvalidInput("a stopped clock cannot stop; start or restart it first", "clock")
        self._not_before(at, "stop")
        pauses = self.closed_pauses(self._at_latest(at)) if self.pauses else ()
        return self._held(pauses, at, self.grounds)

    def start(self, at: int) -> Clock:
        """A fresh run of a stopped clock.

        Raises:
            InvalidInput: it is not stopped, or *at* is before it stopped.
        """
        self._must("stopped", "start", at)
        return Clock(self.limit, self.rule, at)

    def fire(self) -> Clock:
        """The clock whose end has been acted on."""
        return self._with(self.pauses, self.grounds, self.extensions, self.stopped, self.due, self.calendar, True)

    def ring(self, action: str) -> Clock:
        """The clock on whose alarm *action* was done: it does not ring again in this run, whatever becomes of the end."""
        rung = (item for name, at in flat_pairs(self.alarms) for item in (name, None if name == action else at))
        return evolve(self, alarms=tuple(rung))

    def with_alarms(self, alarms: tuple[Any, ...]) -> Clock:
        """The clock with these alarms: actions by turns with when they ring, None where they have."""
        return evolve(self, alarms=alarms)

    def with_due(self, due: int, calendar_version: str, alarms: tuple[Any, ...] | None = None) -> Clock:
        """The clock with its end as stated by the calendar of a version, and the alarms that go with it.

        What has rung stays rung; where no *alarms* are told those there are stay as they are.
        """
        if alarms is None:
            alarms = self.alarms
        else:
            rung = [name for name, at in flat_pairs(self.alarms) if at is None]
            left = (item for name, at in flat_pairs(alarms) if name not in rung for item in (name, at))
            alarms = (*left, *(item for name in rung for item in (name, None)))
        return Clock(
            self.limit,
            self.rule,
            self.started,
            self.pauses,
            self.voided,
            self.extensions,
            self.stopped,
            due,
            calendar_version,
            self.fired,
            self.spent,
            self.grounds,
            alarms,
        )

    def closed_pauses(self, upto: int | None = None) -> tuple[Span, ...]:
        """The pauses of this run; one that is still open ends at *upto*, or is left out where none is given."""
        spans = ((low, upto if high is None else high) for low, high in self.pauses)
        return tuple((low, high) for low, high in spans if high is not None)

    def as_of(self, at: int) -> Clock:
        """The clock as it stood at *at*: what was done later is not done, and a pause past its latest end has ended.

        Raises:
            InvalidInput: *at* is before the run that goes on began.
        """
        if at < self.started:
            raise InvalidInput(f"the clock had not started; ask about a later instant: {_apart(at, self.started)}", "at")
        done = self.stopped is not None and self.stopped <= at
        latest = self.until
        later = any(ground.at > at for ground in self.grounds)
        if (done or self.stopped is None) and not later and (latest is None or at < latest) and self._last_change() <= at:
            return self
        until = {ground.at: ground.until for ground in self.grounds if ground.effect == "pause" and ground.until is not None}
        pauses = [(low, _ended(high, until.get(low), at)) for low, high in self.pauses if low <= at]
        extensions = tuple(limit for limit, granted in self.granted() if granted is None or granted <= at)
        return Clock(
            self.limit,
            self.rule,
            self.started,
            tuple(pauses),
            self.voided,
            extensions,
            self.stopped if done else None,
            spent=self.spent,
            grounds=tuple(ground for ground in self.grounds if ground.at <= at),
        )

    def times(self, effect: str, reason: str | None = None) -> int:
        """How often it was paused (``pause``) or extended (``extend``), for one *reason* or any, void runs included."""
        told = sum(ground.effect == effect and reason in (None, ground.reason) for ground in self.grounds)
        if reason is not None:
            return told
        return max(told, len(self.spent) + len(self.pauses) if effect == "pause" else len(self.extensions))

    def granted(self) -> tuple[tuple[TimeLimit, int | None], ...]:
        """The extensions of this run, each with the instant it was granted; None where that was not kept."""
        told = [ground.at for ground in self.grounds if ground.effect == "extend"]
        instants = [None] * (len(self.extensions) - len(told)) + told[max(0, len(told) - len(self.extensions)) :]
        return tuple(zip(self.extensions, instants, strict=True))

    def ground_of_pause(self, at: int) -> Ground | None:
        """What the pause that began at *at* rests on; None where nobody said."""
        return next((ground for ground in reversed(self.grounds) if ground.at == at and ground.effect == "pause"), None)

    def to_tree(self) -> dict[str, Any]:
        """The clock as canonical data; facts that are empty are left out."""
        tree: dict[str, Any] = {"limit": str(self.limit), "rule": self.rule, "started": self.started}
        tree["pauses"] = [list(span) for span in self.pauses]
        tree["voided"] = [list(span) for span in self.voided]
        tree["extensions"] = [str(limit) for limit in self.extensions]
        tree |= {"stopped": self.stopped, "due": self.due, "calendar": self.calendar, "fired": self.fired}
        tree["spent"] = [list(span) for span in self.spent]
        tree["alarms"] = list(self.alarms)
        tree["grounds"] = [
            {name: value for name in _GROUND if (value := getattr(ground, name)) is not None} for ground in self.grounds
        ]
        return {key: value for key, value in tree.items() if value not in ([], None, "", False) or type(value) is int}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Clock:
        """The clock that `to_tree` described.

        Raises:
            InvalidInput: a fact is missing, or is none; with its place.
        """
        try:
            if type(tree["started"]) is int:
                return cls._of_facts(tree)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        raise InvalidInput(_faults(tree) or "no clock; give what to_tree described")

    @classmethod
    def _of_facts(cls, tree: Mapping[str, Any]) -> Clock:
        return cls(
            TimeLimit.parse(tree["limit"]),
            tree["rule"],
            tree["started"],
            tuple((low, high) for low, high in tree.get("pauses", ())),
            tuple((low, high) for low, high in tree.get("voided", ())),
            tuple(TimeLimit.parse(text) for text in tree.get("extensions", ())),
            tree.get("stopped"),
            tree.get("due"),
            tree.get("calendar", ""),
            tree.get("fired", False),
            tuple((low, high) for low, high in tree.get("spent", ())),
            tuple(Ground(**ground) for ground in tree.get("grounds", ())),
            tuple(tree.get("alarms", ())),
        )

    def _at_latest(self, at: int) -> int:
        until = self.until
        return at if until is None or at < until else until

    def _with(
        self,
        pauses: tuple[tuple[int, int | None], ...],
        grounds: tuple[Ground, ...],
        extensions: tuple[TimeLimit, ...],
        stopped: int | None,
        due: int | None,
        calendar: str,
        fired: bool,
    ) -> Clock:
        """The same run with these facts; no defaults, since live cases do this with every act."""
        return Clock(
            self.limit,
            self.rule,
            self.started,
            pauses,
            self.voided,
            extensions,
            stopped,
            due,
            calendar,
            fired,
            self.spent,
            grounds,
            self.alarms,
        )

    def _held(self, pauses: tuple[tuple[int, int | None], ...], stopped: int | None, grounds: tuple[Ground, ...]) -> Clock:
        return self._with(pauses, grounds, self.extensions, stopped, self.due, self.calendar, self.fired)

    def _must(self, state: str, verb: str, at: int) -> None:
        if self.state != state:
            raise InvalidInput(f"a {self.state} clock cannot {verb}; it takes a {state} one", "clock")
        self._not_before(at, verb)

    def _not_before(self, at: int, verb: str, since: int | None = None, what: str = "last change") -> None:
        since = self._last_change() if since is None else since
        try:
            early = at < since
        except TypeError:
            raise InvalidInput(f"{at!r} is no instant to {verb} at; give microseconds, as to_us(moment)", "at") from None
        if early:
            raise InvalidInput(f"{verb} lies before the {what} of the clock: {_apart(at, since)}", "clock")

    def _last_change(self) -> int:
        if self.stopped is not None:
            return self.stopped
        if not self.pauses:
            return self.started
        low, high = self.pauses[-1]
        return low if high is None else high


_GROUND = ("at", "effect", "reason", "basis", "authority", "until")


def _faults(tree: object) -> list[Problem]:
    """What is wrong with the tree of a clock."""
    if not isinstance(tree, Mapping):
        return [Problem("", f"{tree!r} is no clock; give what to_tree described")]
    faults = [Problem(name, "is missing") for name in ("limit", "rule", "started") if name not in tree]
    if type(tree.get("started", 0)) is not int:
        faults.append(Problem("started", f"{tree['started']!r} is no instant; give microseconds"))
    texts: list[tuple[str, Any]] = [("limit", tree["limit"])] if "limit" in tree else []
    extensions = tree.get("extensions", ())
    texts += [(f"extensions[{n}]", text) for n, text in enumerate(extensions if isinstance(extensions, Sequence) else ())]
    for where, text in texts:
        try:
            TimeLimit.parse(text)
        except InvalidInput as error:
            faults.append(Problem(where, str(error)))
    for name in ("pauses", "voided", "spent"):
        spans = tree.get(name, ())
        if not isinstance(spans, Sequence) or any(not isinstance(span, Sequence) or len(span) != 2 for span in spans):
            faults.append(Problem(name, f"{spans!r} are no pairs of instants"))
    grounds = tree.get("grounds", ())
    if not isinstance(grounds, Sequence) or any(
        not isinstance(ground, Mapping) or not {"at", "effect"} <= set(ground) <= set(_GROUND) for ground in grounds
    ):
        faults.append(Problem("grounds", f"{grounds!r} are no grounds; each has at and effect, and may have {_GROUND[2:]}"))
    return faults


def _apart(at: int, since: int) -> str:
    """Two instants in words: the one asked for is the earlier."""
    return f"{_told(at)} is before {_told(since)}"


def _told(us: int) -> str:
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return f"{us} microseconds"


def _ended(high: int | None, until: int | None, at: int) -> int | None:
    """When a pause had ended, as was known at *at*."""
    end = until if high is None else high
    return end if end is not None and end <= at else None


# -- what is given -----------------------------------------------------------------------------------------------------

P = ParamSpec("P")
R = TypeVar("R")

_MENDS: Final[tuple[tuple[tuple[str, ...], Any, str], ...]] = (
    (("clock",), Clock, "no clock; give a Clock"),
    (("limit", "soon", "lead", "extend"), TimeLimit, 'no limit; write TimeLimit.parse("15 working days")'),
    (("calendar", "other_calendar"), WorkCalendar, 'no calendar; write WorkCalendar.load("VN")'),
    (("rule", "other_rule"), CountingRule, 'no rule; write CountingRule.named("vn-one-stop")'),
    (("at", "due"), datetime | int, "no instant; give a moment with its zone, or microseconds, as to_us(moment)"),
)


def sure(**given: object) -> None:
    """Refuse what is not of the kind that its name asks for; asked only once a question has failed.

    Raises:
        InvalidInput: a limit, a calendar or a rule is given by its name, an instant as text...; all faults at once.
    """
    faults = [
        Problem(name, f"{given[name]!r} is {mend}")
        for names, kind, mend in _MENDS
        for name in names
        if name in given and not isinstance(given[name], kind)
    ]
    if faults:
        raise InvalidInput(faults)


def surely(ask: Callable[P, R]) -> Callable[P, R]:
    """*ask*, which says what was given wrong where it fails; a right question pays nothing for it."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        except (AttributeError, TypeError, ValueError):
            signed = signature(ask)
            given = signed.bind(*args, **kwargs).arguments
            kinds = signed.parameters
            sure(**{n: value for n, value in given.items() if value is not None or kinds[n].default is Parameter.empty})
            raise

    return asked


# -- the end -----------------------------------------------------------------------------------------------------------


@surely
def reckon_clock(clock: Clock, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The due instant by the facts of *clock*.

    While it is paused: what it would be if it went on at the latest end of the pause, or at once, where that has none.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    return _spans(clock, calendar, rule)[-1][2]


def _spans(clock: Clock, calendar: WorkCalendar, rule: CountingRule) -> list[tuple[int, TimeLimit, int]]:
    """Start, limit and end of the run and of each extension."""
    pauses = clock.closed_pauses(clock.until) if clock.pauses else ()
    end = due_us(clock.started, clock.limit, calendar=calendar, rule=rule, pauses=pauses)
    spans = [(clock.started, clock.limit, end)]
    for limit in clock.extensions:
        start = _anchor(end, limit, calendar, rule)
        end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
        spans.append((start, limit, end))
    return spans


def _anchor(end: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """Where an extension begins: an end at midnight belongs to the day before it, so that the next day is its first.

    So does the close of a shift that began the day before.
    """
    if rule.end_of_day == "wall" or not (limit.unit in CALENDAR or limit.unit in ("working days", "same day")):
        return end
    day, time = calendar.local(end)
    first = calendar.first.toordinal()
    night = rule.end_of_day == "close" and day > first and calendar.closing(day - 1) == end
    return calendar.instant(day, 0) - 1 if night else end - 1 if time == 0 else end


# -- how much has run --------------------------------------------------------------------------------------------------


@surely
def clock_consumption(clock: Clock, at: datetime | int, calendar: WorkCalendar, rule: CountingRule) -> Consumption:
    """How much of the limit of *clock* and of its extensions has run at *at*, and how much remains.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
        InvalidInput: limit and extension run on different kinds of time; *at* is before the run began.
    """
    instant = instant_of(at)
    return whole_of(parts_of(clock.as_of(instant), instant, calendar, rule))


def instant_of(at: datetime | int) -> int:
    """An instant in microseconds UTC, or a moment with its zone, as the former."""
    return to_us(at) if isinstance(at, datetime) else at


def parts_of(clock: Clock, at: int, calendar: WorkCalendar, rule: CountingRule) -> tuple[Consumption, ...]:
    """What has run of the limit and of each extension; what runs on the same axis as the part before is one with it."""
    spans = _spans(clock, calendar, rule)
    at = at if clock.stopped is None else clock.stopped
    pauses = clock.closed_pauses(at + 1)  # still paused at that instant
    if pauses and pauses[-1][1] == clock.stopped:
        pauses = (*pauses[:-1], (pauses[-1][0], at + 1))
    parts: list[Consumption] = []
    for i, (start, limit, end) in enumerate(spans):
        asked = at if i == len(spans) - 1 else min(at, end)
        run = consumption_us(start, limit, asked, calendar=calendar, rule=rule, pauses=pauses)
        if asked < at:  # it is over: a roll may have moved its end, and adds nothing to what it took
            run = Consumption(run.axis, run.budget, run.budget)
        if parts and parts[-1].axis == run.axis:
            before = parts.pop()
            run = Consumption(run.axis, before.consumed + run.consumed, before.budget + run.budget)
        parts.append(run)
    return tuple(parts)


def whole_of(parts: Sequence[Consumption]) -> Consumption:
    """*parts* as one.

    Raises:
        InvalidInput: they run on different kinds of time.
    """
    if len(parts) > 1:
        axes = " and ".join(dict.fromkeys(part.axis for part in parts))
        raise InvalidInput(f"limit and extension run on {axes}, which never convert; ask for the parts", "clock")
    return parts[0]


# -- why ---------------------------------------------------------------------------------------------------------------


@surely
def clock_ledger(
    clock: Clock,
    calendar: WorkCalendar,
    rule: CountingRule,
    until: int | None = None,
    bases: Mapping[int, str] | None = None,
) -> Ledger:
    """The ledger of a clock: the runs a restart made void, then the current one with its extensions.

    It tells up to *until*, the pause that is open, or the due instant, whichever is first. What a pause rests on is told from
    its ground, or from *bases* (by the instant it began); a run that a restart made void after a pause rests on the same.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    if until is not None and clock.until is not None and until >= clock.until:
        clock = clock.resume(clock.until)
    spans, pauses = _spans(clock, calendar, rule), clock.closed_pauses()
    stop = min(at for at in (until, clock.stopped, spans[-1][2]) if at is not None)
    if clock.state == "paused":
        stop = min(stop, clock.pauses[-1][0])
    rows: list[Row] = [void_row(low, high, clock.limit, calendar, rule) for low, high in clock.voided]
    since = clock.pauses[-1][0] if clock.state == "paused" else None
    told = ledger_of(spans, rows, stop, clock.state, calendar=calendar, rule=rule, pauses=pauses, paused_since=since)
    known = {ground.at: ground.basis for ground in clock.grounds if ground.effect == "pause" and ground.basis}
    known |= bases or {}
    if known:
        told = evolve(told, rows=tuple(_based(row, known, calendar) for row in told.rows))
    granted = [ground for ground in clock.grounds if ground.effect == "extend"][-len(clock.extensions) :]
    if clock.extensions and len(granted) == len(clock.extensions):
        told = evolve(told, rows=tuple(_granted(told.rows, granted)))
    return told


def _granted(rows: Iterable[Row], grounds: Iterable[Ground]) -> Iterator[Row]:
    """*rows*, those of extensions with what each rests on and who decided it."""
    each = iter(grounds)
    for row in rows:
        ground = next(each) if row.kind == "extended" else None
        yield evolve(row, basis=", ".join(filter(None, (ground.basis, ground.authority))) or None) if ground else row


def _based(row: Row, bases: Mapping[int, str], calendar: WorkCalendar) -> Row:
    """*row* with the basis of its pause: the last that had begun by then."""
    if row.kind == "void" and row.end is not None:
        return evolve(row, basis=bases.get(to_us(row.end)))
    if row.kind != "paused":
        return row
    day, start = row.day.toordinal(), None if row.start is None else to_us(row.start)
    begun = [at for at in bases if calendar.local(at)[0] <= day and (start is None or at <= start)]
    return evolve(row, basis=bases[max(begun)]) if begun else row
