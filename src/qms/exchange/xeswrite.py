"""Traces written as XES (IEEE 1849-2016), such that reading them gives the same traces.

Rule 1: the element order is the schema's: extensions, globals, classifiers, attributes, traces. No namespace, as in the schema.
Rule 2: what XML cannot hold (control characters) is replaced by U+FFFD, and counted; everything else comes back as it was.
Rule 3: a file is whole or not there (`targets`).

The schema wants names as keys (``concept:name``); a key with a blank is written as it is and read back, but is not valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

from .targets import written
from .xes import Container, Id, Nested, Value, XesHeader, XesTrace

__all__ = ["STANDARD", "replacing", "write_xes"]

STANDARD = XesHeader(
    version="1849.2016",
    extensions={
        "concept": "http://www.xes-standard.org/concept.xesext",
        "lifecycle": "http://www.xes-standard.org/lifecycle.xesext",
        "org": "http://www.xes-standard.org/org.xesext",
        "time": "http://www.xes-standard.org/time.xesext",
    },
    classifiers={"Activity": ("concept:name",)},
)
"""The head of what we write: the standard extensions, and the activity as the classifier that needs none."""
_NAMES = {"concept": "Concept", "lifecycle": "Lifecycle", "org": "Organizational", "time": "Time"}
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def replacing(text: str, replaced: list[int]) -> str:
    """*text* with what XML cannot hold replaced; how much that was is added to ``replaced[0]``."""
    told, n = _UNWRITABLE.subn("\ufffd", text)
    replaced[0] += n
    return told


def write_xes(traces: Iterable[XesTrace], path: str | Path, header: XesHeader = STANDARD) -> int:
    """Write *traces* after *header* to *path*, gzip where it ends in ``.gz``; how many characters XML could not hold."""
    replaced = [0]
    with written(Path(path)) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write(f'<log xes.version="{header.version or "1849.2016"}" xes.features="nested-attributes">\n')
        out.writelines(_head(header, replaced))
        for trace in traces:
            if trace.number:
                out.write("\t<trace>\n")
                out.writelines(_attributes(trace.attributes.items(), "\t\t", replaced))
            for event in trace.events:
                out.write("\t\t<event>\n")
                out.writelines(_attributes(event.attributes.items(), "\t\t\t", replaced))
                out.write("\t\t</event>\n")
            if trace.number:
                out.write("\t</trace>\n")
        out.write("</log>\n")
    return replaced[0]


def _head(header: XesHeader, replaced: list[int]) -> Iterator[str]:
    for prefix, uri in header.extensions.items():
        name = _NAMES.get(prefix, prefix)
        yield f"\t<extension name={_quoted(name, replaced)} prefix={_quoted(prefix, replaced)} uri={_quoted(uri, replaced)}/>\n"
    for scope, values in header.globals.items():
        yield f"\t<global scope={_quoted(scope, replaced)}>\n"
        yield from _attributes(values.items(), "\t\t", replaced)
        yield "\t</global>\n"
    for name, keys in header.classifiers.items():
        told = " ".join(f"'{key}'" if " " in key else key for key in keys)
        yield f'\t<classifier name={_quoted(name, replaced)} scope="event" keys={_quoted(told, replaced)}/>\n'
    yield from _attributes(header.attributes.items(), "\t", replaced)


def _attributes(items: Iterable[tuple[str, Value]], indent: str, replaced: list[int]) -> Iterator[str]:
    for key, given in items:
        value = given.value if isinstance(given, Nested) else given
        inner: Mapping[str, Value] = given.attributes if isinstance(given, Nested) else {}
        if isinstance(value, Container):
            yield f"{indent}<list key={_quoted(key, replaced)}>\n"
            yield from _attributes(inner.items(), indent + "\t", replaced)
            yield f'{indent}\t<values key="values">\n'
            yield from _attributes(value.items, indent + "\t\t", replaced)
            yield f"{indent}\t</values>\n{indent}</list>\n"
            continue
        kind, text = _scalar(value)
        start = f"{indent}<{kind} key={_quoted(key, replaced)} value={_quoted(text, replaced)}"
        if not inner:
            yield start + "/>\n"
            continue
        yield start + ">\n"
        yield from _attributes(inner.items(), indent + "\t", replaced)
        yield f"{indent}</{kind}>\n"


def _scalar(value: str | float | datetime) -> tuple[str, str]:
    """The type and the text of a plain value."""
    match value:
        case Id():
            return "id", value
        case str():
            return "string", value
        case bool():
            return "boolean", "true" if value else "false"
        case datetime():
            return "date", value.isoformat()
        case int():
            return "int", str(value)
        case _:
            return "float", {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(value), repr(value))


_BREAKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def _quoted(text: str, replaced: list[int]) -> str:
    if _UNWRITABLE.search(text):
        text = replacing(text, replaced)
    return quoteattr(text, _BREAKS)
