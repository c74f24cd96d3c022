"""BPMN 2.0 XML as a small tree: the elements of the standard's model, with their lines; drawings and extensions left aside.

Rule 1: a document type definition is refused, so there are no entities to expand and nothing is fetched. A file is at most
        16 MB, nested at most 100 deep, with at most 100,000 elements.
Rule 2: what is of another namespace (the drawing, what tools keep for themselves) is skipped, and so is ``extensionElements``.
        Attributes of ours (``qms:key``, ``qms:name``) are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from attrs import define, field

from ..errors import InvalidInput

__all__ = ["MODEL", "OURS", "Element", "parse", "read_bytes"]

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:qms:bpmn"
"""The namespace of the attributes that keep our keys in a file of BPMN."""
LARGEST = 1 << 24
DEEPEST = 100
MOST_ELEMENTS = 100_000
LONGEST_TEXT = 10_000
"""How much of a text is kept: conditions and timers are short."""


@define(eq=False)
class Element:
    """An element of the model: its name without namespace, its attributes without namespaces, its line, what stands in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(factory=list, repr=False)
    text: str = ""

    def get(self, key: str) -> str:
        """The attribute *key*, '' where there is none."""
        return self.attributes.get(key, "")

    def all(self, name: str) -> Iterator[Element]:
        """The children called *name*."""
        return (child for child in self.children if child.name == name)

    @property
    def where(self) -> str:
        """Its place: line, name, id."""
        return f"line {self.line}, <{self.name}>" + (f" {self.get('id')!r}" if self.get("id") else "")


def read_bytes(path: str | Path) -> bytes:
    """The bytes of the file at *path*.

    Raises:
        InvalidInput: it cannot be read, or is larger than 16 MB.
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST:
            raise InvalidInput(f"more than {LARGEST >> 20} MB; this is no process", str(path))
        return place.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error


def parse(data: bytes | str, source: str = "") -> Element:
    """The root of *data*; *source* stands before each place.

    Raises:
        InvalidInput: no XML, larger or deeper than is read, a document type definition, another root than ``definitions``.
    """
    return _Parser(source).parse(data)


class _Parser:
    def __init__(self, source: str) -> None:
        self.before = f"{source}: " if source else ""
        self.root: Element | None = None
        self.open: list[Element] = []
        self.depth = self.skipping = self.count = 0
        self.expat = expat.ParserCreate(namespace_separator=" ")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self.start
        self.expat.EndElementHandler = self.end
        self.expat.CharacterDataHandler = self.characters
        self.expat.StartDoctypeDeclHandler = self.expat.EntityDeclHandler = self.refuse
        self.expat.ExternalEntityRefHandler = self.refuse

    def parse(self, data: bytes | str) -> Element:
        if len(data) > LARGEST:
            raise InvalidInput(f"more than {LARGEST >> 20} MB; this is no process", self.before.removesuffix(": "))
        try:
            self.expat.Parse(data, True)
        except expat.ExpatError as error:
            why = expat.errors.messages.get(error.code, str(error.code))
            raise InvalidInput(f"no XML: {why}", f"{self.before}line {error.lineno}, column {error.offset}") from error
        except (ValueError, LookupError) as error:  # an encoding that Python does not know, or bytes it cannot read
            if isinstance(error, InvalidInput):
                raise
            raise self.error(f"cannot be read: {error}") from error
        if self.root is None:
            raise self.error("no element of BPMN 2.0 in it; the root is <definitions>")
        return self.root

    def error(self, message: str) -> InvalidInput:
        return InvalidInput(message, f"{self.before}line {self.expat.CurrentLineNumber}")

    def refuse(self, *_: object) -> int:
        raise self.error("a document type definition; a process has none, and entities are not expanded: remove it")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise self.error(f"nested deeper than {DEEPEST}")
        if self.count > MOST_ELEMENTS:
            raise self.error(f"more than {MOST_ELEMENTS:,} elements; this is no process")
        namespace, _, local = name.rpartition(" ")
        if self.root is None and (namespace, local) != (MODEL, "definitions"):
            raise self.error(f"the root is <{local}> of {namespace or 'no namespace'}; BPMN 2.0 has <definitions> of {MODEL}")
        if self.skipping or namespace != MODEL or local == "extensionElements":
            self.skipping += 1
            return
        plain = {
            key.replace(f"{OURS} ", "qms:"): value
            for key, value in attributes.items()
            if " " not in key.replace(f"{OURS} ", "")
        }
        element = Element(local, plain, self.expat.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _: str) -> None:
        self.depth -= 1
        if self.skipping:
            self.skipping -= 1
        else:
            self.open.pop()

    def characters(self, text: str) -> None:
        if not self.skipping and self.open and len(self.open[-1].text) < LONGEST_TEXT:
            self.open[-1].text += text
