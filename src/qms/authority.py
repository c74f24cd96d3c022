"""Who may act: identities, grants, and the duties that one person must not hold together.

Rule 1: deny by default. Nothing is allowed that no grant allows; nobody is exempt, administrators included.
Rule 2: authority is judged here and nowhere else, at the instant of the act.
Rule 3: an `Actor` is only an identity. What lets them act is a `Grant`: a role, a unit, dates and a basis.
Rule 4: the system acts in its own name, does only what a definition lets a clock or a rule do, and can be granted nothing.

ISO 9001:2015, 5.3: responsibilities and authorities are assigned, communicated and understood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from .errors import InvalidInput, Problem, Reason

__all__ = ["SYSTEM", "Actor", "Grant", "Roster", "held", "judge_duties", "judge_role"]

SYSTEM = "system"


@frozen
class Actor:
    """An identity, and nothing else: an opaque id of the embedding system, never a name or a number of a person."""

    id: str


@frozen
class Grant:
    """A role that somebody holds: where (`unit`, everywhere if None), when (µs UTC, half-open) and on what `basis`."""

    role: str
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    basis: str | None = None

    def holds(self, unit: str | None, at: int) -> bool:
        """Whether the grant lets its holder act in *unit* at the instant *at*."""
        return (
            (self.unit is None or self.unit == unit)
            and (self.since is None or self.since <= at)
            and (self.until is None or at < self.until)
        )


class Roster:
    """The `People` that ships: a table of who holds which roles.

    >>> Roster({"lan": ["intake-officer"], "hoa": [Grant("head", unit="justice")]}).holders("head", "justice", 0)
    ('hoa',)
    """

    def __init__(self, table: Mapping[str, Iterable[str | Grant]]) -> None:
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
        self._grants = {
            actor: tuple(Grant(grant) if isinstance(grant, str) else grant for grant in grants)
            for actor, grants in table.items()
        }

    def grants(self, actor: str, at: int) -> Sequence[Grant]:
        """The grants of *actor*; those that do not hold at *at* are left for the judge to say so."""
        return self._grants.get(actor, ())

    def holders(self, role: str, unit: str | None, at: int) -> Sequence[str]:
        """Who holds *role* in *unit* at *at*, sorted."""
        found = (
            actor
            for actor, grants in self._grants.items()
            if any(grant.role == role and grant.holds(unit, at) for grant in grants)
        )
        return tuple(sorted(found))


def held(grants: Iterable[Grant], unit: str | None, at: int) -> frozenset[str]:
    """The roles that *grants* give in *unit* at *at*."""
    return frozenset(grant.role for grant in grants if grant.holds(unit, at))


def judge_role(
    action: str,
    actor: str,
    roles: Collection[str],
    grants: Iterable[Grant],
    unit: str | None,
    at: int,
    parts: Iterable[str] = (),
) -> Reason | None:
    """None where a grant of *actor* covers one of *roles*, else the reason why they may not.

    *parts* of the case would do as well; they are held by being named, never by a grant.
    """
    for grant in grants:
        if grant.role in roles and grant.holds(unit, at):
            return None
    return Reason(
        "no-authority", action=action, actor=actor, roles=tuple(sorted({*roles, *parts})) or ("nobody",), clause="5.3"
    )


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
) -> Iterator[Reason]:
    """The duties that bar *actor* from *action*.

    *done* says who did each action since the case was last opened anew; *named* who holds each part. Anyone who did an
    action counts, not only the last: two drafters are both barred from signing. *separate_from* and *same_as* are actions,
    *parts* and *same_parts* the same for parts.
    """
    for other in separate_from:
        if actor in done.get(other, ()):
            yield Reason("separation-of-duties", action=action, actor=actor, with_action=other, clause="5.3")
    for part in parts:
        if named.get(part) == actor:
            yield Reason("own-case", action=action, actor=actor, part=part, clause="5.3")
    for other in same_as:
        doers = done.get(other, ())
        if doers and actor not in doers:
            yield Reason("same-person", action=action, actor=actor, with_action=other, clause="5.3")
    for part in same_parts:
        if named.get(part, actor) != actor:
            yield Reason("same-person", action=action, actor=actor, with_action=part, clause="5.3")
