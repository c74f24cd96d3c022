"""A process as a Mermaid flowchart with a lane for each role: who does what, which clocks it turns, where a case has gone.

Rule 1: a box is an action and stands in the lane of the first role that may do it; further roles stand in it, after ``+``.
What the system does has a lane of its own. A rounded box is a step, in the lane of who first takes a case on from there.
Rule 2: the game is that of the net. Arrows into an action are its alternatives, unless it says ``2/3``: so many of them must
hold. Several arrows out are a fork where they say the same, else a choice by the value they say.
Rule 3: marks need no language: ``▶`` starts a limit, ``⏸`` pauses, ``⏯`` resumes, ``↻`` counts again from zero, ``⏩`` extends,
``⏹`` stops it; ``⏱`` done by that clock; ``✕`` cancels; ``+`` put beside; ``⇒`` opens a case of that process; ``✓`` done.

See `qms.machine.mermaid` for the same net as a state diagram.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

from .definition import NEW, Action, ClockEffect, ProcessDefinition, Trigger
from .event import Acted, Event, Restated
from .limits import TimeLimit
from .machine import LOOKS, quoted
from .net import Move, Net
from .sheet import called, titled

__all__ = ["Passage", "lanes"]

ACTION: Final = "action:"
SYSTEM_LANE: Final = "system"


@frozen
class Passage:
    """Where a case stands, what was done on it, and along which arrows it went.

    An arrow is from a node to a node: a step, an action (``action:sign``), or ``new``.
    """

    steps: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    arrows: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, steps: Iterable[str], events: Iterable[Event]) -> Passage:
        """The path of a case that stands at *steps*, by what has happened; what was undone is no part of it."""
        told = list(events)
        undone = {event.details.get("seq") for event in told if isinstance(event, Restated) and event.cause == "undone"}
        acts = [event for event in told if isinstance(event, Acted) and event.seq not in undone and not event.effects.approved]
        arrows: set[tuple[str, str]] = set()
        for n, act in enumerate(acts):
            box = f"{ACTION}{act.action}"
            arrows |= {(step, box) for step in act.left or ((NEW,) if n == 0 else ())} | {(box, step) for step in act.put}
        return cls(frozenset(steps), frozenset(act.action for act in acts), frozenset(arrows))

    @classmethod
    def known(cls, steps: Iterable[str], actions: Iterable[str], net: Net) -> Passage:
        """What can be told of the path without the history: the arrows of actions that have only one way to be done."""
        done = frozenset(actions)
        sole = [moves[0] for key in done if len(moves := net.moves_of(key)) == 1]
        arrows = {(step, f"{ACTION}{move.action}") for move in sole for step in ((NEW,) if move.opens else move.leaves)}
        arrows |= {(f"{ACTION}{move.action}", step) for move in sole for step in (*move.to, *move.adds)}
        return cls(frozenset(steps), done, frozenset(arrows))

    @property
    def passed(self) -> frozenset[str]:
        """The steps it went through and has left."""
        nodes = {node for arrow in self.arrows for node in arrow if not node.startswith(ACTION)}
        return frozenset(nodes) - self.steps - {NEW}


def lanes(
    definition: ProcessDefinition,
    net: Net,
    language: str = "en",
    *,
    limits: Mapping[str, TimeLimit] | None = None,
    path: Passage | None = None,
) -> str:
    """The process as a Mermaid flowchart with lanes, titles in *language*; *path* marks a case in it.

    *limits* are periods that a procedure fills in; those that the definition says stand there anyway.
    """
    return "\n".join(_Lanes(definition, net, language, dict(limits or {}), path).lines()) + "\n"


class _Lanes:
    """One drawing in the making."""

    def __init__(
        self, definition: ProcessDefinition, net: Net, language: str, limits: dict[str, TimeLimit], path: Passage | None
    ) -> None:
        self.definition, self.net, self.language, self.path = definition, net, language, path
        said = {name: limit.period or limit.default for name, limit in definition.limits.items()}
        self.limits = {name: limits.get(name) or period for name, period in said.items()}
        self.ids = {
            **_ids("s", net.steps),
            **{f"{ACTION}{key}": name for key, name in _ids("a", net.actions).items()},
        }
        self.arrows: dict[tuple[str, str, str], None] = {}
        """From, to and the label; nodes are named ``step`` or ``action:key``, or `NEW`."""

    def lines(self) -> list[str]:
        """The whole text, line by line."""
        for action in self.net.actions:
            for move in self.net.moves_of(action):
                self.connect(move)
        lines = ["flowchart TB", "    start(( ))"]
        lines += self.boxes()
        lines += [self.arrow(*arrow) for arrow in self.arrows]
        return lines + list(self.marks())

    def arrow(self, source: str, target: str, label: str) -> str:
        """A line of the text."""
        told = f'|"{quoted(label)}"|' if label else ""
        return f"    {self.id(source)} -->{told} {self.id(target)}"

    def id(self, node: str) -> str:
        """What *node* is called in the text."""
        return "start" if node == NEW else self.ids[node]

    def boxes(self) -> Iterator[str]:
        """The lanes, each with its actions and steps."""
        inside: dict[str, list[str]] = {}
        for key in self.net.actions:
            inside.setdefault(self.lane(key), []).append(f'{self.ids[ACTION + key]}["{self.label(key)}"]')
        for step in self.net.steps:
            title = quoted(titled(self.definition.steps[step].title, self.language, step))
            shape = f'((("{title}")))' if step in self.net.closing else f'(["{title}"])'
            inside.setdefault(self.lane_of_step(step), []).append(self.ids[step] + shape)
        for number, (lane, nodes) in enumerate(inside.items(), 1):
            yield f'    subgraph lane_{number}["{quoted(self.person(lane))}"]'
            yield from (f"        {node}" for node in nodes)
            yield "    end"

    def lane(self, key: str) -> str:
        """The role in whose lane the action stands."""
        return next(iter(self.definition.actions[key].roles), SYSTEM_LANE)

    def lane_of_step(self, step: str) -> str:
        """That of who first takes a case on from there, people before the system; of who brings it there where nobody does."""
        takers = [move.action for move in self.net.moves if step in move.leaves]
        takers += [move.action for move in self.net.moves if step in (*move.to, *move.adds)]
        found = [self.lane(key) for key in takers] or [SYSTEM_LANE]
        return next((lane for lane in found if lane != SYSTEM_LANE), found[0])

    def person(self, key: str) -> str:
        """The title of a role, a part or the system."""
        return called(self.definition, key, self.language)

    def connect(self, move: Move) -> None:
        """The arrows of one move."""
        box = f"{ACTION}{move.action}"
        for source in (NEW,) if move.opens else move.take:
            self.arrows[source, box, ""] = None
        value = move.choice[1] if move.choice is not None else ""
        for step in move.to:
            self.arrows[box, step, value] = None
        for step in move.adds:
            self.arrows[box, step, f"{value} +".strip()] = None

    def label(self, key: str) -> str:
        """What stands in the box of an action: its title, its marks, its clocks; each on a line."""
        action = self.definition.actions[key]
        first = titled(action.title, self.language, key)
        if self.path is not None and key in self.path.actions:
            first = f"✓ {first}"
        moves = self.net.moves_of(key)
        joined = next((move for move in moves if move.leaves and len(move.take) > 1), None)
        if joined is not None:
            first += f" {joined.need}/{len(joined.take)}"
        told = [first, *(f"+ {self.person(role)}" for role in action.roles[1:])]
        if action.fired_by is not None:
            told.append(f"⏱ {self.trigger(action.fired_by)}")
        told += (f"{self.effect(effect)} {self.limit(name, effect)}" for name, effect in action.clocks.items())
        if gone := self.cancelled(action, moves):
            told.append(f"✕ {gone}")
        told += (f"⇒ {rule.child or rule.process}" for rule in action.raises)
        return "<br/>".join(quoted(line) for line in dict.fromkeys(told))

    def trigger(self, trigger: Trigger) -> str:
        """When the system acts: at, before or after the end of a limit; or what has become of children."""
        if trigger.limit is None:
            return str(trigger)
        apart = f" − {trigger.before.text(self.language)}" if trigger.before else ""
        apart = f" + {trigger.after.text(self.language)}" if trigger.after else apart
        return self.name(trigger.limit) + apart

    def effect(self, effect: ClockEffect) -> str:
        """The marks of what is done to a clock; several where a form or a procedure decides."""
        return "/".join(dict.fromkeys(_EFFECTS[one] for one in effect.effects.values() if one != "none")) or "–"

    def limit(self, name: str, effect: ClockEffect) -> str:
        """The title of a limit; with its period where it starts and the form does not say it."""
        period = self.limits.get(name)
        starts = "start" in effect.effects.values() and effect.period is None
        return self.name(name) + (f" ({period.text(self.language)})" if starts and period is not None else "")

    def name(self, limit: str) -> str:
        """The title of a limit."""
        return titled(self.definition.limits[limit].title, self.language, limit)

    def cancelled(self, action: Action, moves: tuple[Move, ...]) -> str:
        """The steps whose tokens go; a star for all others."""
        if "*" in action.cancels:
            return "*"
        steps = dict.fromkeys(step for move in moves for step in move.cancels)
        return ", ".join(titled(self.definition.steps[step].title, self.language, step) for step in steps)

    def marks(self) -> Iterator[str]:
        """The classes, and what of the drawing has them: what a case has passed, and where it stands."""
        path = self.path
        if path is None:
            return
        yield from (f"    classDef {name} {look}" for name, look in LOOKS.items())
        passed = [self.ids[f"{ACTION}{key}"] for key in self.net.actions if key in path.actions]
        passed += [self.ids[step] for step in self.net.steps if step in path.passed]
        current = [self.ids[step] for step in self.net.steps if step in path.steps]
        yield from (f"    class {','.join(ids)} {name}" for ids, name in ((passed, "passed"), (current, "current")) if ids)
        if numbers := [n for n, (a, b, _) in enumerate(self.arrows) if (a, b) in path.arrows]:
            yield f"    linkStyle {','.join(map(str, numbers))} stroke:#2e7d32,stroke-width:3px"


def _ids(kind: str, names: tuple[str, ...]) -> dict[str, str]:
    """A name for each that Mermaid can read, no two the same."""
    ids: dict[str, str] = {}
    for name in names:
        plain = f"{kind}_" + re.sub(r"[^0-9A-Za-z]", "_", name)
        ids[name] = plain if plain not in ids.values() else f"{plain}_{len(ids)}"
    return ids


_EFFECTS: Final = {
    "start": "▶",
    "pause": "⏸",
    "resume": "⏯",
    "restart": "↻",
    "extend": "⏩",
    "stop": "⏹",
}
