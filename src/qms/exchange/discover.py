"""A process drawn from a log: its directly-follows automaton, as a definition that a person can edit.

Rule 1: one step after each activity and one closing step. An activity leads from the step after what it directly followed to its
        own; where it also begins cases it is two actions of one name. So at share 0 every case of the log conforms.
Rule 2: a path is kept where its share of the ways out of its step (of all cases, for a beginning) is at least the least share.
        The most frequent beginning is always kept, and so are as many rarer paths as it takes for every case to be able to end:
        the draft is sound at any share. What cannot be come to any more is left out.
Rule 3: a log does not say that a case is over. The end is an action of its own, from every step that cases were last seen at.
Rule 4: who acts is a role for each group that the log shows at the activity; anyone, where the log knows no group.
Rule 5: every count stands in a comment beside what it counts; comments are no part of the definition.

The automaton knows only the step before: a log in which work goes on side by side reads as many detours. It is a draft to begin
with, not a model of the work (van der Aalst, *Process Mining*, 2016, 6.1).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import Factory, define, field, frozen

from ..errors import InvalidInput
from ..machine import quoted
from ..process import Process
from .logs import LogFigures

__all__ = ["Draft", "Path", "discover", "role_key", "slug"]

MOST_ACTIVITIES = 1_000
"""With more, the column is hardly one of activities, and the draft nothing to edit."""
PARTICIPANT = "participant"
ENDED = "ended"
END_NAME = "End of the case"


@frozen(order=True)
class Path:
    """*n* times *then* came directly after *first*; None is the beginning, or the end, of a case."""

    first: str | None = field(order=lambda name: name or "")
    then: str | None = field(order=lambda name: name or "")
    n: int


@frozen
class Draft:
    """A process drawn from a log: its file text, the process that the text says, and the paths that are in it and are not."""

    text: str = field(repr=False)
    process: Process
    mermaid: str = field(repr=False)
    kept: tuple[Path, ...] = field(repr=False)
    dropped: tuple[Path, ...] = field(repr=False)
    rescued: tuple[Path, ...]
    """Paths that are rarer than the least share, kept so that every case can end."""

    def to_tree(self) -> dict[str, Any]:
        """The draft as JSON values."""

        def table(paths: Iterable[Path]) -> list[list[Any]]:
            return [[path.first, path.then, path.n] for path in paths]

        return {
            "process": self.process.name,
            "content_hash": self.process.content_hash,
            "steps": len(self.process.definition.steps),
            "actions": len(self.process.definition.actions),
            "paths": table(self.kept),
            "dropped": table(self.dropped),
            "rescued": table(self.rescued),
            "mermaid": self.mermaid,
            "definition": self.text,
        }


def discover(figures: LogFigures, *, name: str, min_share: Fraction | float | str = 0, source: str = "") -> Draft:
    """The process that a log of these *figures* shows, called *name*; *source* says in it where it is from.

    Raises:
        InvalidInput: a share that is none, a log without events, more than 1,000 activities.
    """
    share = _share(min_share)
    stats = figures.stats
    if not stats.activities:
        raise InvalidInput("the log has no events; there is nothing to draw a process from", "LOG")
    if len(stats.activities) > MOST_ACTIVITIES:
        raise InvalidInput(
            f"{len(stats.activities):,} different activities are more than {MOST_ACTIVITIES:,}; "
            "does the map name the right column, or a classifier one attribute too many?",
            "activity",
        )
    every = [Path(a, b, n) for a, b, n in stats.directly_follows]
    every += [Path(None, a, n) for a, n in stats.starts.items()] + [Path(a, None, n) for a, n in stats.ends.items()]
    chosen = _Choice(every, stats.activities, stats.cases, share)
    kept = sorted(chosen.reachable(), key=lambda path: (path.first or "", -path.n, path.then or ""))
    dropped = sorted(set(every) - set(kept), key=lambda path: (-path.n, path))
    rescued = tuple(path for path in kept if path in chosen.rescued)
    text = _Writer(figures, kept, rescued, name, share, source).text(len(dropped))
    try:
        process = Process.from_tree(tomllib.loads(text))
    except (InvalidInput, tomllib.TOMLDecodeError) as error:  # pragma: no cover - would be a fault of ours
        raise AssertionError(f"the draft cannot be read: {error}") from error
    return Draft(text, process, _mermaid(kept, stats.activities), tuple(kept), tuple(dropped), rescued)


_SHARE = re.compile(r"[0-9]{1,40}([./][0-9]{1,40})?")


def _share(value: Fraction | float | str) -> Fraction:
    # Of a text, an exponent could ask for a number of a thousand million digits.
    plain = not isinstance(value, str) or _SHARE.fullmatch(value)
    try:
        share = Fraction(str(value)) if plain else Fraction(-1)
    except ZeroDivisionError:
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise InvalidInput(f"{value!r} is no share; it lies between 0 (every path) and 1", "--min-share")
    return share


# Which paths


class _Choice:
    """The paths that are frequent enough, and those without which a case could not end."""

    def __init__(self, every: list[Path], activities: Mapping[str, int], cases: int, share: Fraction) -> None:
        self.every = every
        first = max((path for path in every if path.first is None), key=lambda path: (path.n, path.then or ""))

        def is_frequent(path: Path) -> bool:
            return path.n >= share * (cases if path.first is None else activities[path.first])

        self.kept = {path for path in every if path == first or is_frequent(path)}
        self.rescued: set[Path] = set() if is_frequent(first) else {first}
        while stuck := self._come_to() - self._can_end():
            path = self._way_out(stuck)
            self.kept.add(path)
            self.rescued.add(path)

    def reachable(self) -> set[Path]:
        """The paths of the draft."""
        seen = self._come_to()
        return {path for path in self.kept if path.first is None or path.first in seen}

    def _come_to(self) -> set[str]:
        follow: dict[str | None, list[str]] = {}
        for path in self.kept:
            if path.then is not None:
                follow.setdefault(path.first, []).append(path.then)
        return _closure(follow.get(None, []), follow)

    def _can_end(self) -> set[str]:
        before: dict[str | None, list[str]] = {}
        for path in self.kept:
            if path.first is not None:
                before.setdefault(path.then, []).append(path.first)
        return _closure(before.get(None, []), before)

    def _way_out(self, stuck: set[str]) -> Path:
        """The most frequent path from where cases are *stuck* to where they can end; else to where they have not been."""
        ends = self._can_end()
        out = [path for path in self.every if path.first in stuck and path.then not in stuck]
        safe = [path for path in out if path.then is None or path.then in ends]
        return max(safe or out, key=lambda path: (path.n, path))


def _closure(start: Iterable[str], edges: Mapping[str | None, list[str]]) -> set[str]:
    seen = set(start)
    todo = list(seen)
    while todo:
        for name in edges.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return seen


# Names


def slug(text: str, otherwise: str = "x") -> str:
    """*text* as a name of a definition: lower-case ASCII letters, digits and hyphens; *otherwise* where nothing is left.

    >>> slug("Tiếp nhận hồ sơ: Đợt 2"), slug("???", "activity")
    ('tiep-nhan-ho-so-dot-2', 'activity')
    """
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or otherwise


def role_key(group: str, roles: Mapping[str, Any]) -> str | None:
    """The role of *roles* (a definition's) that is meant by the *group* of a log: the one of that title, else of that name."""
    for key, role in roles.items():
        if group in role.title.values():
            return key
    key = slug(group)
    return key if key in roles else None


@define
class _Names:
    """Keys that are given once, and are never what the log calls another activity."""

    taken: set[str] = Factory(set)

    def give(self, wanted: str, avoid: Iterable[str] = ()) -> str:
        barred = self.taken.union(avoid)
        key, n = wanted, 1
        while key in barred:
            n += 1
            key = f"{wanted}-{n}"
        self.taken.add(key)
        return key


# Writing


class _Writer:
    """The text of the definition file."""

    def __init__(
        self, figures: LogFigures, kept: list[Path], rescued: tuple[Path, ...], name: str, share: Fraction, source: str
    ) -> None:
        self.figures = figures
        self.stats = figures.stats
        self.kept = kept
        self.rescued = set(rescued)
        self.share = share
        self.source = source
        self.name = slug(name, "discovered")
        self.title = name
        self.drawn = [activity for activity in self.stats.activities if any(path.then == activity for path in kept)]
        self.into: dict[str, list[Path]] = {activity: [] for activity in self.drawn}
        self.openings: dict[str, Path] = {}
        self.lasts = [path for path in kept if path.then is None]
        for path in kept:
            if path.then is not None and path.first is None:
                self.openings[path.then] = path
            elif path.then is not None:
                self.into[path.then].append(path)
        self.steps = _Names({ENDED, "new"})
        self.step = {activity: self.steps.give(f"after-{slug(activity, 'activity')}") for activity in self.drawn}
        self.roles = self._roles()
        self.keys = _Names()

    def _roles(self) -> dict[str, str]:
        names = _Names({PARTICIPANT})
        return {group: names.give(slug(group, "group")) for group in self.figures.by_group()}

    def text(self, dropped: int) -> str:
        actions = [line for activity in self._in_order() for line in self._activity(activity)]
        return "\n".join([*self._head(dropped), *self._role_tables(), *self._step_tables(), *actions, *self._end()]) + "\n"

    def _in_order(self) -> list[str]:
        """Those that begin cases first, the others by how often they are done."""
        counts = self.stats.activities
        return sorted(
            self.drawn, key=lambda name: (-self.openings[name].n if name in self.openings else 0, -counts[name], name)
        )

    def _head(self, dropped: int) -> Iterator[str]:
        stats = self.stats
        n = f"{stats.cases:,} cases, {stats.events:,} events, {len(stats.variants):,} variants"
        yield f"# Drawn from a log ({n}): what directly followed what. A draft to edit, not a model of the work."
        if self.share:
            yield f"# Paths with less than {float(self.share):g} of the ways out of their step are left out ({dropped:,}), but for those"
            yield "# marked 'kept', without which a case could not end."
        else:
            yield "# Every path of the log is in it, so every case of the log conforms."
        yield '# The number beside a path says how often the log has it. cancels = ["*"]: a case stands at one step, whatever happened.'
        yield f"name = {_quote(self.name)}"
        yield 'version = "1"'
        yield f"title = {{ en = {_quote(self.title)} }}"
        yield f"source = {_quote(self.source or 'drawn from an event log')}"
        self.opens = max(self.openings.values(), key=lambda path: (path.n, path.then or "")).then or ""
        yield f"opens = {_quote(self._key(self.opens, opening=True))}"
        yield ""

    def _role_tables(self) -> Iterator[str]:
        yield f"[roles.{PARTICIPANT}]"
        yield 'title = { en = "Anyone in the log" }'
        counts = self.figures.by_group()
        for group, key in self.roles.items():
            yield f"[roles.{key}]"
            yield f"title = {{ en = {_quote(group)} }}" + f"  # {counts[group]:,} events"
        yield ""

    def _step_tables(self) -> Iterator[str]:
        for activity in self._in_order():
            yield f"[steps.{self.step[activity]}]"
            yield f"title = {{ en = {_quote('After: ' + activity)} }}"
        yield f"[steps.{ENDED}]"
        yield 'title = { en = "Ended" }'
        yield "closes = true"

    def _key(self, activity: str, *, opening: bool) -> str:
        """The key of an action. Where two actions share the activity's name, neither key may be that name; nor any other's."""
        memo = self.__dict__.setdefault("_given", {})
        if (activity, opening) not in memo:
            shared = activity in self.openings and bool(self.into[activity])
            others = (name for name in self.stats.activities if shared or name != activity)
            wanted = slug(activity, "activity") + ("-first" if shared and opening else "")
            memo[activity, opening] = self.keys.give(wanted, others)
        key: str = memo[activity, opening]
        return key

    def _activity(self, activity: str) -> Iterator[str]:
        total = f"# {self.stats.activities[activity]:,} times in the log"
        if (opening := self.openings.get(activity)) is not None:
            yield f"\n[actions.{self._key(activity, opening=True)}]"
            yield f"name = {_quote(activity)}" + ("" if self.into[activity] else f"  {total}")
            yield f'from = "new"  {self._count(opening)}'
            yield from self._rest(activity)
        if self.into[activity]:
            yield f"\n[actions.{self._key(activity, opening=False)}]"
            yield f"name = {_quote(activity)}  {total}"
            yield from self._sources(self.into[activity])
            yield 'cancels = ["*"]'
            yield from self._rest(activity)

    def _rest(self, activity: str) -> Iterator[str]:
        yield f"to = {_quote(self.step[activity])}"
        groups = self.figures.groups.get(activity, {"": 0})
        names = [PARTICIPANT] if "" in groups else []
        yield f"roles = [{', '.join(_quote(name) for name in [*names, *(self.roles[group] for group in groups if group)])}]"

    def _end(self) -> Iterator[str]:
        name = _Names().give(END_NAME, self.stats.activities)
        yield "\n# The log does not say when a case is over: these are the steps at which cases were last seen."
        yield f"[actions.{self.keys.give('end-of-case', self.stats.activities)}]"
        yield f"name = {_quote(name)}"
        yield from self._sources(self.lasts)
        yield f"to = {_quote(ENDED)}"
        yield 'cancels = ["*"]'
        yield f"roles = [{_quote(PARTICIPANT)}]"

    def _sources(self, paths: Iterable[Path]) -> Iterator[str]:
        lines = [
            (f"  {_quote(self.step[path.first or ''])},", path) for path in sorted(paths, key=lambda path: (-path.n, path))
        ]
        width = max(len(line) for line, _ in lines)
        yield "from_any = ["
        yield from (f"{line:<{width}}  {self._count(path)}" for line, path in lines)
        yield "]"

    def _count(self, path: Path) -> str:
        return f"# {path.n:,}" + (", kept" if path in self.rescued else "")


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quote(text: str) -> str:
    """*text* as a TOML string."""
    shown = "".join(
        _ESCAPES.get(char) or (f"\\u{ord(char):04X}" if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 else char) for char in text
    )
    return f'"{shown}"'


def _mermaid(kept: Iterable[Path], activities: Mapping[str, int]) -> str:
    """The paths as Mermaid text (``stateDiagram-v2``), with the count of each on its arrow."""
    paths = list(kept)
    shown = {name for path in paths for name in (path.first, path.then) if name is not None}
    ids = {name: f"a{i}" for i, name in enumerate((name for name in activities if name in shown), 1)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{quoted(f"{name} ({activities[name]:,})")}" as {key}' for name, key in ids.items()]
    for path in paths:
        first = "[*]" if path.first is None else ids[path.first]
        then = "[*]" if path.then is None else ids[path.then]
        lines.append(f"    {first} --> {then} : {path.n:,}")
    return "\n".join(lines) + "\n"
