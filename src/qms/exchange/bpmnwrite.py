"""Processes written as BPMN 2.0, for other tools to show and for ours to read again.

Rule 1: a step is an exclusive gateway (the case waits there, and whoever acts chooses the way), a closing step an end event;
        an action is a user task with its roles as potential owners, one that opens a case a start event. A fork and a join are
        parallel gateways. Lanes are roles; a task lies in the lane of the first of its roles.
Rule 2: what BPMN cannot say is told, action by action. `Written.exact` says whether the net is the same when read again: it is
        not where tokens are cancelled or put beside, a join waits for fewer than all, a joined step has another way out, a
        form chooses the way, or a closed case can be left.
Rule 3: forms, guards, duties, clocks and limits are never written; keep the definition, and give this to who draws.

Keys of ours stand in attributes of a namespace of ours (``qms:key``), which other tools keep or ignore. There is no drawing in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from attrs import Factory, define, fields_dict, frozen

from ..definition import Action
from ..errors import Problem
from ..net import Move
from ..process import Process
from .bpmnxml import MODEL, OURS

__all__ = ["Written", "dump"]

_SAID = frozenset(
    ("title", "name", "note", "source", "from_", "from_any", "join", "need", "to", "adds", "cancels", "roles", "codes")
)


@frozen
class Written:
    """A process as BPMN `text`; whether its net is the same when read again; and what of it the text does not say."""

    text: str
    exact: bool
    lost: tuple[Problem, ...]


def dump(process: Process, language: str = "en") -> Written:
    """*process* as BPMN 2.0, titles in *language*."""
    writer = _Writer(process, language)
    text = writer.text()
    return Written(text, not writer.inexact, (*writer.inexact, *_unsaid(process)))


def _unsaid(process: Process) -> Iterator[Problem]:
    """What BPMN has no place for, and the net does not need."""
    for key, action in process.definition.actions.items():
        attributes = fields_dict(Action)
        kept = [name for name in attributes if name not in _SAID and getattr(action, name) != _default(name)]
        if kept:
            yield Problem(f"actions.{key}", f"not written: {', '.join(kept)}")
    for name in ("limits", "phases", "parts", "axes", "dates", "blanks"):
        if table := getattr(process.definition, name):
            yield Problem(name, f"not written: {', '.join(table)}")


def _default(name: str) -> object:
    default: Any = fields_dict(Action)[name].default
    return default.factory() if hasattr(default, "factory") else default


@define
class _Part:
    """A node to be written: its element, attributes, role and roles, and the flows that touch it."""

    element: str
    attributes: dict[str, str]
    lane: str = ""
    owners: tuple[str, ...] = ()
    into: list[str] = Factory(list)
    out: list[str] = Factory(list)


class _Writer:
    """The elements of one process."""

    def __init__(self, process: Process, language: str) -> None:
        self.process = process
        self.language = language
        self.net = process.net
        self.inexact: list[Problem] = []
        self.parts: dict[str, _Part] = {}
        self.flows: list[tuple[str, str, str]] = []
        self.roles = tuple(dict.fromkeys(role for action in process.definition.actions.values() for role in action.roles))
        self.left: dict[str, set[tuple[str, ...]]] = {}
        for move in self.net.moves:
            for step in move.take:
                self.left.setdefault(step, set()).add(
                    (move.action, *move.take) if move.need == len(move.take) > 1 else (move.action,)
                )
        for step in self.net.steps:
            self._step(step)
        for action in self.net.actions:
            self._action(action, self.net.moves_of(action))

    def _tell(self, where: str, message: str) -> None:
        self.inexact.append(Problem(where, message))

    # Nodes and flows

    def _step(self, step: str) -> None:
        leaving = next((move.action for move in self.net.moves if step in move.take), None)
        entering = next((move.action for move in self.net.moves if step in (*move.to, *move.adds)), None)
        owner = self.process.definition.actions.get(leaving or entering or "")
        closes = step in self.net.closing
        if closes and leaving is not None:
            self._tell(f"steps.{step}", f"the case is closed there, and {leaving} leaves it; an end has no way out")
        kind = "endEvent" if closes and leaving is None else "exclusiveGateway"
        attributes = {"id": f"step-{step}", "name": self._title(step), "qms:key": step}
        self.parts[f"step-{step}"] = _Part(kind, attributes, owner.roles[0] if owner and owner.roles else "")
        if closes and leaving is not None:
            self._part(f"end-{step}", "endEvent", self._title(step))
            self._flow(f"step-{step}", f"end-{step}")

    def _part(self, name: str, element: str, title: str = "", lane: str = "") -> str:
        self.parts[name] = _Part(element, {"id": name, **({"name": title} if title else {})}, lane)
        return name

    def _flow(self, source: str, target: str, condition: str = "") -> None:
        name = f"flow-{len(self.flows) + 1}"
        self.flows.append((source, target, condition))
        self.parts[source].out.append(name)
        self.parts[target].into.append(name)

    def _title(self, key: str) -> str:
        return self.process.title(key, self.language)

    # Actions

    def _action(self, key: str, moves: tuple[Move, ...]) -> None:
        self._judge(key, moves)
        action = self.process.definition.actions[key]
        branches: dict[tuple[str, ...], list[Move]] = {}
        for move in moves:
            stays = not (move.opens or move.leaves or move.need > 1)
            for source in move.take if stays else (None,):
                where = ("stays", source) if stays else ("goes", *(move.take if move.need > 1 else ()))
                branches.setdefault(tuple(str(part) for part in where), []).append(move)
        for n, (where, same) in enumerate(branches.items(), 1):
            name = f"action-{key}" + (f"__{n}" if n > 1 else "")
            self._task(name, key, action)
            if where[0] == "stays":
                self._flow(f"step-{where[1]}", name)
                self._leads(name, ((None, (where[1], *same[0].adds)),), lane=action.roles)
                continue
            if len(same[0].take) > 1 and same[0].need > 1:
                join = self._part(f"join-{name}", "parallelGateway", lane=self.parts[name].lane)
                for step in same[0].take:
                    self._flow(f"step-{step}", join)
                self._flow(join, name)
            else:
                for step in dict.fromkeys(step for move in same for step in move.take):
                    self._flow(f"step-{step}", name)
            ways = {
                move.choice: (move.choice, (*(move.to if move.leaves or move.opens else move.take), *move.adds))
                for move in same
            }
            self._leads(name, tuple(ways.values()), lane=action.roles)

    def _task(self, name: str, key: str, action: Action) -> None:
        opens = action.from_ == "new"
        attributes = {"id": name, "name": self._title(key), "qms:key": key}
        if action.name is not None:
            attributes["qms:name"] = action.name
        if opens and action.roles:
            attributes["qms:roles"] = " ".join(f"role-{role}" for role in action.roles)  # a start has no owners
        owners = () if opens else action.roles
        self.parts[name] = _Part(
            "startEvent" if opens else "userTask", attributes, action.roles[0] if action.roles else "", owners
        )

    def _leads(
        self, name: str, ways: tuple[tuple[tuple[str, str] | None, tuple[str, ...]], ...], lane: tuple[str, ...]
    ) -> None:
        """Flows from the task *name* to where it leads: to one step, to several at once, or by a choice to either."""
        role = lane[0] if lane else ""
        source = name
        if len(ways) > 1:
            source = self._part(f"choice-{name}", "exclusiveGateway", lane=role)
            self._flow(name, source)
        for n, (choice, steps) in enumerate(ways):
            condition = f'{choice[0]} = "{choice[1]}"' if choice else ""
            if len(steps) > 1:
                fork = self._part(f"fork-{name}" + (f"__{n}" if n else ""), "parallelGateway", lane=role)
                self._flow(source, fork, condition)
                for step in steps:
                    self._flow(fork, f"step-{step}")
            elif steps:
                self._flow(source, f"step-{steps[0]}", condition)
            else:
                self._flow(source, self._part(f"gone-{name}__{n}", "endEvent", lane=role), condition)

    def _judge(self, key: str, moves: tuple[Move, ...]) -> None:
        """Tell what of the moves of an action BPMN cannot say."""
        where = f"actions.{key}"
        first = moves[0]
        if any(move.cancels for move in moves):
            self._tell(where, "cancels tokens elsewhere; an activity cannot")
        if any(move.adds and not move.opens for move in moves):
            self._tell(where, "puts a token beside, and only where none stands; a gateway cannot ask that")
        if any(move.leaves and not (move.to or move.adds) for move in moves):
            self._tell(where, "takes its token away, and the case goes on elsewhere; an end is a step of its own")
        if any(move.choice for move in moves):
            self._tell(where, "a value chooses the way; it is written as a condition, and read as a decision of its own")
        if first.leaves and first.need < len(first.take):
            self._tell(where, f"waits for {first.need} of {len(first.take)}; it is written as a join of all")
        for step in first.take if first.need > 1 else ():
            if len(self.left[step]) > 1:
                self._tell(where, f"joins {step}, which has another way out; a gateway decides before the join")
        if first.need > 1 and not first.leaves:
            self._tell(where, "asks for several steps and moves none; it is written as a join that goes back to them")
        if any(move.leaves and set(move.to) == set(move.take) for move in moves):
            self._tell(where, "goes back to its own step; it is read as one that moves nothing")

    # Text

    def text(self) -> str:
        """The file."""
        definition = self.process.definition
        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        lines.append(
            f'<definitions xmlns="{MODEL}" xmlns:qms="{OURS}" targetNamespace="{OURS}" id="definitions" exporter="qms">'
        )
        for role in self.roles:
            lines += [_tag("resource", {"id": f"role-{role}", "name": self._title(role), "qms:key": role}, 1, closed=True)]
        name = {"id": f"process-{self.process.name}", "name": definition.title.get(self.language) or self.process.title()}
        lines.append(_tag("process", {**name, "qms:key": self.process.name, "isExecutable": "false"}, 1))
        lines += self._lanes()
        for part in self.parts.values():
            lines += _node(part)
        for n, (source, target, condition) in enumerate(self.flows, 1):
            lines += _flow({"id": f"flow-{n}", "sourceRef": source, "targetRef": target}, condition)
        return "\n".join([*lines, "  </process>", "</definitions>"]) + "\n"

    def _lanes(self) -> Iterator[str]:
        lanes: dict[str, list[str]] = {}
        for name, part in self.parts.items():
            if part.lane:
                lanes.setdefault(part.lane, []).append(name)
        if lanes:
            yield _tag("laneSet", {"id": "lanes"}, 2)
            for role, names in lanes.items():
                yield _tag("lane", {"id": f"lane-{role}", "name": self._title(role), "qms:key": role}, 3)
                yield from (f"        <flowNodeRef>{name}</flowNodeRef>" for name in names)
                yield "      </lane>"
            yield "    </laneSet>"


def _tag(element: str, attributes: dict[str, str], depth: int, *, closed: bool = False) -> str:
    said = "".join(f" {key}={quoteattr(_sayable(value))}" for key, value in attributes.items())
    return f"{'  ' * depth}<{element}{said}{'/' if closed else ''}>"


def _node(part: _Part) -> Iterable[str]:
    yield _tag(part.element, part.attributes, 2)
    yield from (f"      <incoming>{name}</incoming>" for name in part.into)
    yield from (f"      <outgoing>{name}</outgoing>" for name in part.out)
    for role in part.owners:
        yield f"      <potentialOwner><resourceRef>role-{role}</resourceRef></potentialOwner>"
    yield f"    </{part.element}>"


def _flow(attributes: dict[str, str], condition: str) -> Iterable[str]:
    if not condition:
        yield _tag("sequenceFlow", attributes, 2, closed=True)
        return
    escaped = _sayable(condition).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield _tag("sequenceFlow", attributes, 2)
    yield f"      <conditionExpression>{escaped}</conditionExpression>"
    yield "    </sequenceFlow>"


def _sayable(text: str) -> str:
    """*text* without the characters that no XML can hold."""
    return "".join(char for char in text if char in "\t\n\r" or (char >= "\x20" and char not in "\ufffe\uffff"))
