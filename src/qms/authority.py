"""Who may act: identities, grants, delegations, and the duties that one person must not hold together.

Rule 1: deny by default. Nothing is allowed that no grant allows; nobody is exempt, administrators included.
Rule 2: authority is judged here and nowhere else, at the instant of the act.
Rule 3: an `Actor` is only an identity. What lets them act is a `Grant`: a role, a unit, dates, a capacity and a basis.
Rule 4: who acts for another holds no more than the other does, while the other does, and passes nothing on.
Rule 5: acting for another makes nobody two people: what either of the two has done bars both.
Rule 6: the system acts in its own name, does only what a definition lets a clock or a rule do, and can be granted nothing.

ISO 9001:2015, 5.3: responsibilities and authorities are assigned, communicated and understood; 7.2: competence.
Capacities of signing: Decree 30/2020/ND-CP, art. 13.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, field, frozen

from .errors import InvalidInput, Problem, Reason

__all__ = [
    "CAPACITIES",
    "OWN",
    "SYSTEM",
    "Actor",
    "Competence",
    "Delegation",
    "Grant",
    "Roster",
    "exercised",
    "held",
    "judge_duties",
    "judge_role",
    "signing_lines",
]

SYSTEM = "system"
OWN: Final = "own"
CAPACITIES: Final = (OWN, "TM.", "KT.", "TUQ.", "TL.", "Q.")
"""How one signs: in one's own right; on behalf of a collective body (thay mặt); for the head as deputy in a field (ký thay);
under a written authority, limited in time and content, never passed on (thừa ủy quyền); by order, for listed kinds of
document (thừa lệnh); as acting head (quyền)."""
_LISTED: Final = ("KT.", "TL.", "TUQ.")
"""The capacities that are nothing without a field, a list or a content."""


@frozen
class Actor:
    """An identity, and nothing else: an opaque id of the embedding system, never a name or a number of a person."""

    id: str


@frozen
class Competence:
    """What a person must be able to do to hold a role (ISO 9001:2015, 7.2): shown by `evidence`, until an instant (µs UTC)."""

    name: str
    until: int | None = None
    evidence: str | None = None


@frozen
class Grant:
    """A role that somebody holds: where (`unit`, everywhere if None), when (µs UTC, half-open) and on what `basis`.

    *capacity* is how they sign (`CAPACITIES`), *on_behalf* for whom. *scope* names what it is limited to: codes of
    procedures, fields, processes or actions; empty: everything. Authority ends with the *competence* it rests on.
    *barred* is the code of a reason why it gives nothing.
    """

    role: str
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    basis: str | None = None
    capacity: str = OWN
    on_behalf: str | None = None
    scope: tuple[str, ...] = ()
    competence: Competence | None = None
    barred: str | None = None
    plain: bool = field(init=False, repr=False, eq=False)
    """Whether role, unit and dates are all there is to judge."""

    def __attrs_post_init__(self) -> None:
        limited = self.capacity != OWN or self.on_behalf or self.scope or self.competence or self.barred
        object.__setattr__(self, "plain", not limited)
        if self.capacity not in CAPACITIES:
            raise InvalidInput(f"{self.capacity!r} is no capacity; known: {', '.join(CAPACITIES)}", "capacity")
        if self.capacity == "TUQ." and (self.until is None or not self.basis):
            raise InvalidInput("a TUQ. authority is written and limited in time: give basis and until", "capacity")

    def holds(self, unit: str | None, at: int) -> bool:
        """Whether the grant lets its holder act in *unit* at the instant *at*, as far as place and time go."""
        return (
            (self.unit is None or self.unit == unit)
            and (self.since is None or self.since <= at)
            and (self.until is None or at < self.until)
        )

    def covers(self, subjects: Collection[str]) -> bool:
        """Whether one of *subjects* is within the scope. A deputy, an order or an authority without one covers nothing."""
        if not self.scope:
            return self.capacity not in _LISTED
        return not set(self.scope).isdisjoint(subjects)


@frozen
class Delegation:
    """`by` lets `to` act for them in a role, from `since` until `until` (µs UTC, half-open), on the written `basis`.

    *capacity* ``own`` is stand-in duty (trực thay); ``TUQ.`` a written authority, which needs a *scope*; ``KT.`` and ``TL.``
    likewise. It gives no more than `by` holds, and ends when theirs ends.
    """

    by: str
    to: str
    role: str
    since: int
    until: int
    basis: str
    unit: str | None = None
    capacity: str = OWN
    scope: tuple[str, ...] = ()


class Roster:
    """The `People` that ships: a table of who holds which roles, who stands in for whom, and who has an interest in whom.

    *conflicts* names, for an actor, the people (as the parts of cases call them) in whose cases they take no part.

    >>> Roster({"lan": ["intake-officer"], "hoa": [Grant("head", unit="justice")]}).holders("head", "justice", 0)
    ('hoa',)

    Raises:
        InvalidInput: what is no role, a grant to the system, a delegation of what its giver does not hold or that ends
            before it begins; all at once.
    """

    def __init__(
        self,
        table: Mapping[str, Iterable[str | Grant]],
        delegations: Iterable[Delegation] = (),
        conflicts: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        problems = [
            Problem(actor, f"{grant!r} is no role and no Grant")
            for actor, grants in table.items()
            for grant in ([grants] if isinstance(grants, str) else grants)
            if isinstance(grants, str) or not isinstance(grant, (str, Grant))
        ]
        if SYSTEM in table:
            problems.append(Problem(SYSTEM, "the system acts by its definitions and can be granted no role"))
        if problems:
            raise InvalidInput(problems)
        own = {
            actor: tuple(Grant(grant) if isinstance(grant, str) else grant for grant in grants)
            for actor, grants in table.items()
        }
        passed = list(delegations)
        problems = [problem for i, one in enumerate(passed) for problem in _faults(f"delegations[{i}]", one, own, passed)]
        if problems:
            raise InvalidInput(problems)
        self._grants = own
        for one in passed:
            self._grants = {**self._grants, one.to: (*self._grants.get(one.to, ()), *_passed_on(one, own))}
        self._conflicts = {actor: frozenset(people) for actor, people in (conflicts or {}).items()}

    def grants(self, actor: str, at: int) -> Sequence[Grant]:
        """The grants of *actor*; those that do not hold at *at* are left for the judge to say so."""
        return self._grants.get(actor, ())

    def holders(self, role: str, unit: str | None, at: int) -> Sequence[str]:
        """Who holds *role* in *unit* at *at*, sorted; those whose grant is limited are judged by the case."""
        found = (
            actor
            for actor, grants in self._grants.items()
            if any(grant.role == role and grant.holds(unit, at) and grant.barred is None for grant in grants)
        )
        return tuple(sorted(found))

    def conflicts(self, actor: str, at: int) -> Collection[str]:
        """The people in whose cases *actor* has declared an interest."""
        return self._conflicts.get(actor, frozenset())


def _faults(where: str, one: Delegation, own: Mapping[str, Sequence[Grant]], passed: Sequence[Delegation]) -> Iterator[Problem]:
    if SYSTEM in (one.by, one.to):
        yield Problem(where, "the system acts by its definitions; it takes and gives no delegation")
    if one.until <= one.since:
        yield Problem(f"{where}.until", "a delegation ends after it begins")
    if not one.basis.strip():
        yield Problem(f"{where}.basis", "a delegation is written: name the decision")
    if one.by == one.to:
        yield Problem(f"{where}.to", f"{one.by} cannot delegate to themselves")
    if one.capacity not in CAPACITIES:
        yield Problem(f"{where}.capacity", f"{one.capacity!r} is no capacity; known: {', '.join(CAPACITIES)}")
    elif one.capacity in _LISTED and not one.scope:
        yield Problem(f"{where}.scope", f"a {one.capacity} authority is limited in content: name procedures, fields or actions")
    if not any(grant.role == one.role for grant in own.get(one.by, ())) and not any(
        other.to == one.by and other.role == one.role for other in passed
    ):
        yield Problem(f"{where}.by", f"{one.by} does not hold {one.role}, and cannot delegate it")


def _passed_on(one: Delegation, own: Mapping[str, Sequence[Grant]]) -> Iterator[Grant]:
    """What a delegation gives: each grant of its giver within its dates; nothing where the giver was only lent it."""
    for grant in own.get(one.by, ()):
        if grant.role != one.role:
            continue
        lent = grant.capacity == "TUQ." or grant.on_behalf is not None
        yield evolve(
            grant,
            unit=grant.unit if one.unit is None else one.unit,
            since=max(one.since, grant.since if grant.since is not None else one.since),
            until=min(one.until, grant.until if grant.until is not None else one.until),
            basis=one.basis,
            capacity=one.capacity if one.capacity != OWN else grant.capacity,
            on_behalf=one.by,
            scope=_narrowed(grant.scope, one.scope),
            barred="sub-delegation" if lent else _elsewhere(grant, one),
        )
    if not any(grant.role == one.role for grant in own.get(one.by, ())):
        capacity = one.capacity
        yield Grant(one.role, one.unit, one.since, one.until, one.basis, capacity, one.by, one.scope, None, "sub-delegation")


def _narrowed(held_scope: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    if not held_scope or not given:
        return held_scope or given
    return tuple(name for name in given if name in held_scope) or ("nothing",)


def _elsewhere(grant: Grant, one: Delegation) -> str | None:
    return "no-authority" if grant.unit is not None and one.unit not in (None, grant.unit) else grant.barred


def held(grants: Iterable[Grant], unit: str | None, at: int) -> frozenset[str]:
    """The roles that *grants* give in *unit* at *at*, in whatever capacity and scope."""
    return frozenset(grant.role for grant in grants if grant.barred is None and grant.holds(unit, at))


def exercised(
    roles: Collection[str],
    grants: Iterable[Grant],
    unit: str | None,
    at: int,
    subjects: Collection[str] = (),
    capacities: Collection[str] = (),
) -> Grant | None:
    """The grant by which one of *roles* is exercised; the holder's own goes before one on behalf of another."""
    found = None
    for grant in grants:
        if grant.role in roles and grant.holds(unit, at):
            if (not grant.plain or capacities) and _fault(grant, unit, at, subjects, capacities):
                continue
            if grant.on_behalf is None:
                return grant
            found = found or grant
    return found


def _fault(grant: Grant, unit: str | None, at: int, subjects: Collection[str], capacities: Collection[str]) -> str | None:
    """Why a grant of the right role gives nothing here and now; None where it does, or where it is of another place."""
    if grant.barred is not None:
        return grant.barred
    if grant.unit is not None and grant.unit != unit:
        return "no-authority"
    if not grant.holds(unit, at):
        lent = grant.on_behalf is not None or grant.capacity == "TUQ."
        return "expired-delegation" if lent and grant.until is not None and at >= grant.until else "no-authority"
    if grant.competence is not None and grant.competence.until is not None and at >= grant.competence.until:
        return "expired-competence"
    if not grant.covers(subjects):
        return "outside-scope"
    return "wrong-capacity" if capacities and grant.capacity not in capacities else None


def judge_role(
    action: str,
    actor: str,
    roles: Collection[str],
    grants: Sequence[Grant],
    unit: str | None,
    at: int,
    parts: Iterable[str] = (),
    subjects: Collection[str] = (),
    capacities: Collection[str] = (),
) -> Reason | None:
    """None where a grant of *actor* covers one of *roles*, else the reason why they may not.

    *parts* of the case would do as well; they are held by being named, never by a grant. *subjects* are the names by which
    a scope may speak of the act: the process, the procedure, its field, the action. *capacities*: those it may be signed in.
    """
    if exercised(roles, grants, unit, at, subjects, capacities) is not None:
        return None
    for grant in grants:
        code = _fault(grant, unit, at, subjects, capacities) if grant.role in roles else None
        if code is not None and code != "no-authority":
            told = {"capacity": grant.capacity, "basis": grant.basis, "on_behalf": grant.on_behalf, "scope": grant.scope}
            told |= {"competence": grant.competence.name if grant.competence else None, "capacities": tuple(capacities)}
            kept = {key: value for key, value in told.items() if key in _TOLD[code] and value}
            return Reason(code, action=action, actor=actor, role=grant.role, clause=_CLAUSES.get(code, "5.3"), **kept)
    return Reason(
        "no-authority", action=action, actor=actor, roles=tuple(sorted({*roles, *parts})) or ("nobody",), clause="5.3"
    )


_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "sub-delegation": ("on_behalf",),
    "expired-delegation": ("capacity", "basis", "on_behalf"),
    "expired-competence": ("competence",),
    "outside-scope": ("capacity", "scope"),
    "wrong-capacity": ("capacity", "capacities"),
}
_CLAUSES: Final = {"expired-competence": "7.2"}


def judge_duties(
    action: str,
    actor: str,
    *,
    separate_from: Iterable[str],
    same_as: Iterable[str],
    parts: Iterable[str],
    same_parts: Iterable[str] = (),
    done: Mapping[str, Collection[str]],
    named: Mapping[str, str],
    on_behalf: str | None = None,
) -> Iterator[Reason]:
    """The duties that bar *actor* from *action*, also for what the one they act for (*on_behalf*) has done or is.

    *done* says who did each action since the case was last opened anew; *named* who holds each part. Anyone who did an
    action counts, not only the last: two drafters are both barred from signing. *separate_from* and *same_as* are actions,
    *parts* and *same_parts* the same for parts.
    """
    people = (actor,) if on_behalf is None else (actor, on_behalf)
    for other in separate_from:
        if any(person in done.get(other, ()) for person in people):
            yield Reason("separation-of-duties", action=action, actor=actor, with_action=other, clause="5.3")
    for part in parts:
        if named.get(part) in people:
            yield Reason("own-case", action=action, actor=actor, part=part, clause="5.3")
    for other in same_as:
        doers = done.get(other, ())
        if doers and not any(person in doers for person in people):
            yield Reason("same-person", action=action, actor=actor, with_action=other, clause="5.3")
    for part in same_parts:
        if named.get(part, actor) not in people:
            yield Reason("same-person", action=action, actor=actor, with_action=part, clause="5.3")


def signing_lines(capacity: str, head: str, own: str = "", body: str = "") -> tuple[str, ...]:
    """The lines above a signature, as Decree 30/2020/ND-CP, annex I, prints them: capacity and titles, in capitals.

    *head* is the title of the head, *own* that of who signs, *body* the collective body of ``TM.``.

    >>> print(*signing_lines("KT.", "Chủ tịch", "Phó Chủ tịch"), sep="\\n")
    KT. CHỦ TỊCH
    PHÓ CHỦ TỊCH

    Raises:
        InvalidInput: no such capacity, or one without the title or the body it prints.
    """
    if capacity not in CAPACITIES:
        raise InvalidInput(f"{capacity!r} is no capacity; known: {', '.join(CAPACITIES)}", "capacity")
    if capacity == OWN:
        return ((own or head).upper(),)
    if capacity == "Q.":
        return (f"Q. {head.upper()}",)
    if capacity == "TM.":
        if not body:
            raise InvalidInput("TM. is signed on behalf of a collective body: name it", "body")
        return (f"TM. {body.upper()}", (own or head).upper())
    if not own:
        raise InvalidInput(f"{capacity} is signed by somebody other than the head: name their title", "own")
    return (f"{capacity} {head.upper()}", own.upper())
