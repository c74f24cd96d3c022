"""Workflow configurations of eGov DIGIT (BusinessService JSON), read as processes.

Rule 1: a state is a step and an action is an action; the unnamed state is the case that is not opened yet. One name may lead
        from several states, and to several: each target is an action of its own, and all share the name.
Rule 2: cases begin where DIGIT begins them, at the unnamed state. Other states marked as starts are steps like any other, and
        are told; where no state is unnamed, a case opens at each of them.
Rule 3: "terminal" does not mean final. A terminal state ends the time of the case; it closes the case where nothing can be
        done after it, or where nothing that can be done leads to such an end. An action out of it into the work reopens.
Rule 4: limits are milliseconds that run day and night. They are kept so, as elapsed hours or minutes, and each is told: what
        an office promised is a matter of its calendar. With *days* a whole day of them is read as a day of that kind.
Rule 5: an action that comes back to its own state moves nothing, and the time of the state runs on.

Both dialects are read: the next state by name (a configuration as written) and by uuid (one that a server answered).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ..authority import SYSTEM
from ..codec import refuse_deep
from ..errors import InvalidInput, Problem
from ..process import Process
from ..soundness import Finding
from .imported import Imported, Keys, titled

__all__ = ["CODES", "load", "loads"]

CODES = (
    "several-starts",
    "no-unnamed-state",
    "terminal-with-actions",
    "missing-limit",
    "elapsed-limit",
    "limit-over-limit",
    "several-targets",
    "left-out",
)
"""Every code that a finding about a file can have."""

LARGEST = 1 << 24
"""The largest file, in bytes, that is read."""
MOST_STATES = 1_000
DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000
LONGEST = 999_999
"""The largest amount of a limit."""
CLOCK = "service"
ANYONE = "*"


def load(path: str | Path, *, days: str | None = None, calendar: str | None = None) -> tuple[Imported, ...]:
    """The processes in the file at *path*, in its order; see `loads`.

    Raises:
        InvalidInput: the file cannot be read, is larger than 16 MB, or its faults, all at once, each with its place.
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST:
            raise InvalidInput(f"more than {LARGEST >> 20} MB; this is no configuration", str(path))
        text = place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the file is not UTF-8 text: {error}", str(path)) from error
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error
    return loads(text, days=days, calendar=calendar, source=str(path))


def loads(text: str, *, days: str | None = None, calendar: str | None = None, source: str = "") -> tuple[Imported, ...]:
    """The processes that *text* describes: a BusinessService, a list of them, or either under its usual name.

    *days* says what 86,400,000 ms were meant to be: ``"working days"``, ``"days"``, or elapsed time (the default, and
    DIGIT's own count). *calendar* is the calendar that the processes then name. *source* stands before each place.

    Raises:
        InvalidInput: every fault of every service, with its place (``BusinessServices[0].states[2].actions[1].nextState``).
    """
    if days not in (None, "days", "working days"):
        raise InvalidInput(f"{days!r} is no kind of day; known: days, working days", "days")
    before = f"{source}: " if source else ""
    services = [_Service(place, table, Way(days, calendar)) for place, table in _services(_parsed(text, before), before)]
    faults = [fault for service in services for fault in service.faults]
    if faults:
        raise InvalidInput([Problem(before + fault.where, fault.message) for fault in faults])
    names = Keys()
    made = []
    for service in services:
        twice = sum(other.name == service.name for other in services) > 1
        made.append(
            service.imported(names.give(f"{service.name} {service.tenant}" if twice else service.name, "service"), source)
        )
    return tuple(made)


@frozen
class Way:
    """How limits are read: what a day was meant to be, and on which calendar."""

    days: str | None
    calendar: str | None


def _parsed(text: str, before: str) -> Any:
    try:
        tree = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{before}not valid JSON: {error}") from error
    refuse_deep(tree, before.removesuffix(": "))
    return tree


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} stands twice in one table")
    return table


def _services(tree: Any, before: str) -> Iterator[tuple[str, Any]]:
    """The tables that describe a service, with their places."""
    if isinstance(tree, dict) and "states" not in tree:
        held = [key for key in ("BusinessServices", "businessServices", "BusinessService", "businessService") if key in tree]
        if len(held) != 1 or isinstance(tree[held[0]], str):
            message = "neither a BusinessService, nor a table with BusinessService or a list BusinessServices"
            raise InvalidInput(message, before.removesuffix(": "))
        place, tree = held[0], tree[held[0]]
    else:
        place = ""
    if not isinstance(tree, list):
        yield place, tree
        return
    if not tree:
        raise InvalidInput("an empty list; there is no service in it", before + place)
    for n, item in enumerate(tree):
        yield f"{place}[{n}]", item


# Reading


@define
class _Action:
    """An action of a state, as the file has it."""

    name: str
    target: str
    roles: tuple[str, ...]
    place: str


@define
class _State:
    """A state of a service; the name of the unnamed one is ''."""

    name: str
    place: str
    uuid: str = ""
    status: str = ""
    starts: bool = False
    ends: bool = False
    editable: bool = False
    upload: bool = False
    sla: int | None = None
    actions: list[_Action] = field(factory=list)

    @property
    def shown(self) -> str:
        """Its name for people."""
        return self.name or "(unnamed)"

    @property
    def is_timed(self) -> bool:
        """Whether its limit means anything: a case waits here, and its time has not ended (Rule 3)."""
        return self.sla is not None and bool(self.name) and not self.ends


class _Service:
    """One BusinessService: its states, its faults, and the process it makes."""

    def __init__(self, place: str, table: Any, way: Way) -> None:
        self.place = place
        self.way = way
        self.faults: list[Problem] = []
        self.states: dict[str, _State] = {}
        self.name = self.tenant = self.business = ""
        self.sla: int | None = None
        if self._table(table, place):
            self.name = self._text(table, "businessService", place, needed=True)
            self.tenant = self._text(table, "tenantId", place)
            self.business = self._text(table, "business", place)
            self.sla = self._sla(table, "businessServiceSla", place)
            self._read_states(table.get("states"), f"{place}.states".lstrip("."))

    # Values

    def _fault(self, where: str, message: str) -> None:
        self.faults.append(Problem(where, message))

    def _table(self, value: Any, where: str) -> bool:
        if not isinstance(value, dict):
            self._fault(where, f"a table is expected, not {_kind(value)}")
        return isinstance(value, dict)

    def _list(self, value: Any, where: str) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._fault(where, f"a list is expected, not {_kind(value)}")
            return []
        return value

    def _text(self, table: Mapping[str, Any], key: str, where: str, *, needed: bool = False) -> str:
        value = table.get(key)
        place = f"{where}.{key}".lstrip(".")
        if value is not None and not isinstance(value, str):
            self._fault(place, f"text is expected, not {_kind(value)}")
        elif needed and not (value or "").strip():
            self._fault(place, "missing")
        elif value is not None and any("\ud800" <= char <= "\udfff" for char in value):
            self._fault(place, "a lone surrogate, which cannot be encoded as UTF-8")
        else:
            return value or ""
        return ""

    def _flag(self, table: Mapping[str, Any], key: str, where: str) -> bool:
        value = table.get(key)
        if value is not None and not isinstance(value, bool):
            self._fault(f"{where}.{key}", f"true or false is expected, not {_kind(value)}")
        return value is True

    def _sla(self, table: Mapping[str, Any], key: str, where: str) -> int | None:
        value = table.get(key)
        place = f"{where}.{key}".lstrip(".")
        if value is None:
            return None
        if type(value) is not int or value <= 0:
            self._fault(place, f"a limit is a whole number of milliseconds of at least 1, or null, not {_kind(value)}")
        elif value % MINUTE or value > LONGEST * HOUR or (value % HOUR and value > LONGEST * MINUTE):
            self._fault(place, f"{value} ms are no whole minutes, or too many; limits are counted in minutes, hours or days")
        else:
            return value
        return None

    # States and actions

    def _read_states(self, value: Any, where: str) -> None:
        tables = self._list(value, where)
        if not tables:
            self._fault(where, "there is no state")
        if len(tables) > MOST_STATES:
            self._fault(where, f"{len(tables)} states are more than {MOST_STATES}; this is no process of people")
            return
        raw: list[tuple[_State, Any]] = []
        for n, table in enumerate(tables):
            place = f"{where}[{n}]"
            if self._table(table, place):
                raw.append((self._state(table, place), table))
        uuids = {state.uuid: state.name for state, _ in raw if state.uuid}
        for state, _ in raw:
            if state.name in self.states:
                self._fault(f"{state.place}.state", f"{state.shown} stands twice; first at {self.states[state.name].place}")
            self.states.setdefault(state.name, state)
        for state, table in raw:
            for n, action in enumerate(self._list(table.get("actions"), f"{state.place}.actions")):
                self._read_action(state, action, f"{state.place}.actions[{n}]", uuids)
        if not self.faults:
            self._judge_ends(where)

    def _state(self, table: Mapping[str, Any], place: str) -> _State:
        return _State(
            name=self._text(table, "state", place),
            place=place,
            uuid=self._text(table, "uuid", place),
            status=self._text(table, "applicationStatus", place),
            starts=self._flag(table, "isStartState", place),
            ends=self._flag(table, "isTerminateState", place),
            editable=self._flag(table, "isStateUpdatable", place),
            upload=self._flag(table, "docUploadRequired", place),
            sla=self._sla(table, "sla", place),
        )

    def _read_action(self, state: _State, table: Any, place: str, uuids: Mapping[str, str]) -> None:
        if not self._table(table, place):
            return
        name = self._text(table, "action", place, needed=True)
        said = self._text(table, "nextState", place, needed=True)
        roles = self._list(table.get("roles"), f"{place}.roles")
        for n, role in enumerate(roles):
            self._text({"role": role}, "role", f"{place}.roles[{n}]", needed=True)
        if not roles:
            self._fault(f"{place}.roles", "nobody may do this; name the roles")
        target = None if not said else said if said in self.states else uuids.get(said)
        if said and target is None:
            self._fault(f"{place}.nextState", f"{said!r} is neither the name nor the uuid of a state")
        elif target == "":
            self._fault(f"{place}.nextState", "leads back to the unnamed state, before the case was opened")
        here = self._text(table, "currentState", place)
        if here and here not in (state.name, state.uuid):
            self._fault(f"{place}.currentState", f"{here!r} is not the state it stands in, {state.shown}")
        if name and target:
            state.actions.append(_Action(name, target, tuple(str(role) for role in roles), place))

    def _judge_ends(self, where: str) -> None:
        if not any(state.ends and state.name for state in self.states.values()):
            self._fault(where, "no state is marked isTerminateState; a case could never end")
        if not any(state.actions for state in self._beginnings()):
            self._fault(where, "no case can begin: no unnamed state with actions, and none marked isStartState")

    # What it means

    def _beginnings(self) -> list[_State]:
        """The unnamed state; where there is none, those marked as starts."""
        unnamed = self.states.get("")
        return [unnamed] if unnamed else [state for state in self.states.values() if state.starts and not state.ends]

    def closing(self) -> set[str]:
        """The terminal states that close a case (Rule 3)."""
        before: dict[str, set[str]] = {name: set() for name in self.states}
        for state in self.states.values():
            for action in state.actions:
                before[action.target].add(state.name)
        ends = [state for state in self.states.values() if state.ends and state.name]
        final = {state.name for state in ends if all(action.target == state.name for action in state.actions)}
        can_end = set(final)
        todo = list(final)
        while todo:
            for name in before[todo.pop()] - can_end:
                can_end.add(name)
                todo.append(name)
        return final | {state.name for state in ends if state.name not in can_end}

    def imported(self, name: str, source: str) -> Imported:
        """The process, called *name*, and what is odd about it."""
        tree = _Tree(self, name).tree()
        try:
            process = Process.from_tree(tree)
        except InvalidInput as error:  # pragma: no cover - would be a fault of ours
            raise AssertionError(f"{source}: what was read is no definition: {error}") from error
        where = f"{source}: {self.place}" if source and self.place else source or self.place
        return Imported(process, tuple(self.findings()), where)

    def findings(self) -> Iterator[Finding]:
        """What is odd about the file, each with its place."""
        states = self.states.values()
        at = f"{self.place}.states".lstrip(".")
        starts = [state for state in states if state.starts or not state.name]
        if len(starts) > 1:
            names = ", ".join(state.shown for state in starts)
            where = "the unnamed one" if "" in self.states else "any of them"
            yield Finding("several-starts", f"{len(starts)} states are marked as starts ({names}); cases begin at {where}", at)
        if "" not in self.states:
            message = "no state is unnamed, so that no action opens a case; the action 'open' was added for each start"
            yield Finding("no-unnamed-state", message, at)
        closing = self.closing()
        for state in states:
            if state.ends and state.actions:
                names = ", ".join(dict.fromkeys(action.name for action in state.actions))
                does = "closes the case, and can be left" if state.name in closing else "ends its time, and the case stays open"
                message = f"{state.shown} is terminal, and yet has actions ({names}); it {does}"
                yield Finding("terminal-with-actions", message, state.place)
        yield from self._limit_findings(at)
        yield from self._target_findings()
        uploads = [state.shown for state in states if state.upload]
        if uploads:
            message = f"docUploadRequired at {', '.join(uploads)} is not read; give the actions a form that asks for the papers"
            yield Finding("left-out", message, at)

    def _limit_findings(self, at: str) -> Iterator[Finding]:
        key = f"{self.place}.businessServiceSla".lstrip(".")
        if self.sla is None:
            yield Finding("missing-limit", "the service has no limit; nothing is ever late", key)
        open_states = [state for state in self.states.values() if state.name and not state.ends]
        without = [state.shown for state in open_states if state.sla is None]
        if without:
            message = f"{len(without)} of {len(open_states)} states have no limit of their own: {', '.join(without)}"
            yield Finding("missing-limit", message, at)
        for state in self.states.values():
            if state.sla is not None and not state.is_timed:
                message = f"the limit of {state.shown} is not read; no case waits there with its time running"
                yield Finding("left-out", message, f"{state.place}.sla")
        timed = [state for state in self.states.values() if state.is_timed]
        for where, sla in ((key, self.sla), *((f"{state.place}.sla", state.sla) for state in timed)):
            if sla is not None and (told := _elapsed(sla, self.way)):
                yield Finding("elapsed-limit", told, where)
            if sla is not None and self.sla is not None and sla > self.sla:
                yield Finding("limit-over-limit", f"{sla} ms are more than the {self.sla} of the whole service", where)

    def _target_findings(self) -> Iterator[Finding]:
        targets: dict[str, dict[str, str]] = {}
        for state in self.states.values():
            for action in state.actions:
                targets.setdefault(action.name, {}).setdefault(action.target, action.place)
        for name, found in targets.items():
            if len(found) > 1:
                message = f"{name} leads to {len(found)} states: {', '.join(found)}; each is an action of its own here"
                yield Finding("several-targets", message, next(iter(found.values())))


_KINDS = {dict: "a table", list: "a list", bool: "true or false", float: "a fraction", type(None): "null"}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value)) or repr(value if len(str(value)) < 60 else str(value)[:60] + "…")


def _period(sla: int, way: Way) -> str:
    """The limit of *sla* milliseconds in words that definitions know."""
    if way.days is not None and sla % DAY == 0:
        return f"{sla // DAY} {way.days}"
    return f"{sla // HOUR} hours" if sla % HOUR == 0 else f"{sla // MINUTE} minutes"


def _elapsed(sla: int, way: Way) -> str | None:
    """Why this limit asks for a calendar; None where it has one."""
    if way.days is not None and sla % DAY == 0:
        return None
    mend = "no whole day, so it stays so" if way.days else 'where days of a calendar are meant, say days = "working days"'
    return f"{sla} ms are {_period(sla, way)} of elapsed time, nights and days off included; {mend}"


# Writing


@define
class _Group:
    """Actions of one name, target and roles, from the states of one sort: they are one action of ours."""

    name: str
    sources: list[_State]
    target: _State
    roles: tuple[str, ...]
    stays: bool


class _Tree:
    """The definition of a service."""

    def __init__(self, service: _Service, name: str) -> None:
        self.service = service
        self.name = name
        self.closing = service.closing()
        steps, roles = Keys("new"), Keys(SYSTEM)
        named = [state for state in service.states.values() if state.name]
        self.step = {state.name: steps.give(state.name, "state") for state in named}
        self.role = {role: roles.give("anyone" if role == ANYONE else role, "role") for role in self._roles()}
        self.limits = {state.name: f"at-{self.step[state.name]}" for state in named if state.is_timed}

    def _roles(self) -> Iterable[str]:
        states = self.service.states.values()
        return dict.fromkeys(role for state in states for action in state.actions for role in action.roles)

    def tree(self) -> dict[str, Any]:
        """The table of the definition file."""
        service = self.service
        actions, opens = self._actions()
        tree: dict[str, Any] = {
            "name": self.name,
            "version": "1",
            "title": titled(service.name),
            "source": f"DIGIT BusinessService {service.name}" + (f" of {service.tenant}" if service.tenant else ""),
            "opens": opens,
            "roles": {key: {"title": titled(role)} for role, key in self.role.items()},
            "steps": {self.step[state.name]: self._step(state) for state in service.states.values() if state.name},
            "limits": self._limits(),
            "actions": actions,
        }
        if service.sla is not None:
            tree["due"] = CLOCK
        if self.service.way.calendar is not None:
            tree["calendar"] = self.service.way.calendar
        return tree

    def _step(self, state: _State) -> dict[str, Any]:
        step: dict[str, Any] = {"title": titled(state.name), "codes": {"digit-state": state.name}}
        if state.status:
            step["codes"]["digit-status"] = state.status
        if state.editable:
            step["note"] = "isStateUpdatable: the application itself may be changed here"
        if state.name in self.closing:
            step["closes"] = True
        return step

    def _limits(self) -> dict[str, Any]:
        service = self.service
        limits = {}
        if service.sla is not None:
            limits[CLOCK] = self._limit(service.sla, service.name)
        for name, key in self.limits.items():
            limits[key] = self._limit(service.states[name].sla or 0, name)
        return limits

    def _limit(self, sla: int, title: str) -> dict[str, Any]:
        limit: dict[str, Any] = {"period": _period(sla, self.service.way), "title": titled(title)}
        if _elapsed(sla, self.service.way):
            limit["rule"] = "calendar-plain"  # what elapses rolls over no day off
        return limit

    def _actions(self) -> tuple[dict[str, Any], str]:
        groups = list(self._groups())
        keys = Keys()
        actions: dict[str, Any] = {}
        opens = ""
        for group in groups:
            same = [other for other in groups if other.name == group.name]
            wanted = group.name if len(same) == 1 else f"{group.name} {'at' if group.stays else 'to'} {group.target.name}"
            key = keys.give(wanted, "action")
            actions[key] = self._action(group)
            if not opens and actions[key].get("from") == "new":
                opens = key
        return actions, opens

    def _groups(self) -> Iterator[_Group]:
        service = self.service
        found: dict[tuple[Any, ...], _Group] = {}
        if "" not in service.states:
            for state in service._beginnings():  # noqa: SLF001 - the tree of this very service
                roles = tuple(dict.fromkeys(role for action in state.actions for role in action.roles))
                yield _Group("open", [_State("", state.place)], state, roles, stays=False)
        for state in service.states.values():
            merged: dict[tuple[str, str], tuple[str, ...]] = {}
            for action in state.actions:
                known = merged.get((action.name, action.target), ())
                merged[action.name, action.target] = tuple(dict.fromkeys((*known, *action.roles)))
            for (name, target), roles in merged.items():
                stays = target == state.name
                key = (name, "" if stays else target, frozenset(roles), stays, not state.name, state.ends)
                group = found.setdefault(key, _Group(name, [], service.states[target], roles, stays))
                group.sources.append(state)
        yield from found.values()

    def _action(self, group: _Group) -> dict[str, Any]:
        first, target = group.sources[0], group.target
        action: dict[str, Any] = {"title": titled(group.name), "name": group.name, "codes": {"digit-action": group.name}}
        steps = [self.step[state.name] for state in group.sources if state.name]
        if not first.name:
            action["from"] = "new"
        elif len(steps) == 1:
            action["from"] = steps[0]
        else:
            action["from_any"] = steps
        action["roles"] = [self.role[role] for role in group.roles]
        if group.stays:
            return action
        action["to"] = self.step[target.name]
        if first.ends and not target.ends:
            action["reopens"] = True
        if target.ends:
            action["outcome"] = self.step[target.name]
        clocks = self._clocks(group)
        if clocks:
            action["clocks"] = clocks
        return action

    def _clocks(self, group: _Group) -> dict[str, str]:
        first, target = group.sources[0], group.target
        clocks = {self.limits[state.name]: "stop" for state in group.sources if state.name in self.limits}
        if target.name in self.limits:
            clocks[self.limits[target.name]] = "start"
        if self.service.sla is not None and target.ends and first.name and not first.ends:
            clocks[CLOCK] = "stop"
        elif self.service.sla is not None and not target.ends and (first.ends or not first.name):
            clocks[CLOCK] = "start"
        return clocks
