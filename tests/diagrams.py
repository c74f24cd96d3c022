"""Diagrams of BPMN for tests: a few words make a file, and the token game on it is played by the book, silent moves and all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define, field

from qms.exchange.bpmnxml import MODEL

KINDS = {"s": "startEvent", "e": "endEvent", "x": "exclusiveGateway", "p": "parallelGateway", "t": "task", "u": "userTask"}
"""The kind of a node by the first letter of its name."""


def diagram(
    flows: str | Iterable[tuple[str, str]], *, inside: str = "", beside: str = "", kinds: dict[str, str] | None = None
) -> str:
    """The file of *flows* (``"s>t1 t1>e"``): nodes are named by kind and number; *inside* the process, *beside* it, more XML."""
    pairs = [tuple(flow.split(">")) for flow in flows.split()] if isinstance(flows, str) else list(flows)
    nodes = dict.fromkeys(node for pair in pairs for node in pair)
    known = {node: (kinds or {}).get(node) or KINDS[node[0]] for node in nodes}
    lines = [f'<{known[node]} id="{node}" name="{node}"/>' for node in nodes]
    lines += [f'<sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(pairs)]
    body = "\n".join([*lines, inside])
    return f'<definitions xmlns="{MODEL}">{beside}\n<process id="p" name="Drawn">\n{body}\n</process></definitions>'


@define(eq=False)
class Played:
    """The game on a diagram, one place a flow, as the standard tells it (13.2-13.4): markings are tuples of counts."""

    flows: list[tuple[str, str]]
    into: dict[str, list[int]] = field(factory=dict)
    out: dict[str, list[int]] = field(factory=dict)
    ends: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for n, (source, target) in enumerate(self.flows):
            self.out.setdefault(source, []).append(n)
            self.into.setdefault(target, []).append(n)
        self.ends = sorted(node for node in self.into if node not in self.out)

    def begin(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The cases that can begin: by which start, and where they then stand."""
        for node in sorted(self.out):
            if node[0] == "s":
                yield node, self._moved((0,) * (len(self.flows) + len(self.ends)), (), self.out[node])

    def moves(self, marking: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
        """What can happen at *marking*: the task, or '' for what nobody sees, and the marking after it."""
        for node, into in self.into.items():
            out = self.out.get(node, [len(self.flows) + self.ends.index(node)] if node in self.ends else [])
            held = [n for n in into if marking[n]]
            if node[0] == "p":
                ways: Iterable[tuple[Any, Any]] = [(into, out)] if len(held) == len(into) else []
            elif node[0] == "x":
                ways = [([n], [way]) for n in held for way in out]
            else:
                ways = [([n], out) for n in held]
            for taken, put in ways:
                yield node if node[0] in "tu" else "", self._moved(marking, taken, put)

    @staticmethod
    def _moved(marking: tuple[int, ...], taken: Iterable[int], put: Iterable[int]) -> tuple[int, ...]:
        after = list(marking)
        for n in taken:
            after[n] -= 1
        for n in put:
            after[n] += 1
        return tuple(after)

    def is_final(self, marking: tuple[int, ...]) -> bool:
        """Whether one token is left, at an end."""
        return sum(marking) == 1 and any(marking[len(self.flows) :])
