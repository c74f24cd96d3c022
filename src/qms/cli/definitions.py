"""Definitions on the command line: ``qms check``, ``qms diagram``, ``qms sheet``, ``qms diff`` and ``qms schema``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from ..difference import diff
from ..errors import InvalidInput, NotFound, Problem
from ..event import Event, read
from ..exchange.imported import Imported
from ..process import Procedure, Process
from ..publication import Definitions
from ..records import FORMS, GUARDS
from ..schema import procedure_schema, process_schema, text_of
from ..soundness import Report
from ..state import Case, fold
from .kept import open_store
from .reading import definitions_of, process_of, within
from .shell import Answer, Json, Lang, Language, app, command

__all__ = ["check_command", "diagram_command", "diff_command", "schema_command", "sheet_command"]


@app.command("check")
@command
def check_command(
    files: Annotated[list[str], typer.Argument(help="Definition files, or names of shipped processes.", metavar="FILE...")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Whether every case of each process can always finish and keeps what the process states; errors, and warnings to argue.

    Each with a shortest way to it. Warnings leave the exit status 0.
    """
    checked = [one for file in files for one in _checked(file)]
    bad = [problem for _, problems in checked for problem in problems]
    page = "\n".join(_check_page(facts, language.value) for facts, problems in checked if not problems)
    good = all(facts["sound"] is True for facts, _ in checked)
    return Answer({"files": [facts for facts, _ in checked]}, page, good, bad)


def _checked(file: str) -> list[tuple[dict[str, Any], list[Problem]]]:
    """What is found about each definition of a file, and what is no definition."""
    try:
        found = definitions_of(file)
        reports = [_report(one) for one in found]
    except (InvalidInput, NotFound) as error:
        problems = list(error.problems) if isinstance(error, InvalidInput) else [Problem("", str(error))]
        told = [
            {"severity": "error", "code": "invalid-input", "message": p.message, "where": p.where, "witness": []}
            for p in problems
        ]
        return [({"file": file, "sound": None, "findings": told}, within(file, problems))]
    names = [file] if len(found) == 1 else [f"{file}: {_named(one)}" for one in found]
    return [(_facts(name, report), []) for name, report in zip(names, reports, strict=True)]


def _named(one: Process | Procedure | Imported) -> str:
    return one.code if isinstance(one, Procedure) else one.name if isinstance(one, Process) else one.process.name


def _facts(name: str, report: Report) -> dict[str, Any]:
    found = [
        {"severity": f.severity, "code": f.code, "message": f.message, "where": f.where, "witness": list(f.witness)}
        for f in report.findings
    ]
    return {"file": name, "sound": report.sound, "findings": found}


def _report(one: Process | Procedure | Imported) -> Report:
    if isinstance(one, Procedure):
        return Process.load(one.process).check([one], forms=FORMS, guards=GUARDS)
    if isinstance(one, Imported):
        return one.check(forms=FORMS, guards=GUARDS)
    return one.check(Procedure.shipped(one.name), forms=FORMS, guards=GUARDS)


def _check_page(facts: Mapping[str, Any], language: str) -> str:
    lines = [f"{facts['file']}: {_WORDS[_VERDICTS[facts['sound']]][language]}"]
    for finding in facts["findings"]:
        where = f" ({finding['where']})" if finding["where"] else ""
        severity = _WORDS[finding["severity"]][language]
        lines.append(f"  {severity}: {finding['code']}{where}: {finding['message']}")
        if finding["witness"]:
            lines.append("    " + " → ".join(finding["witness"]))
    return "\n".join(lines)


_VERDICTS = {True: "sound", False: "unsound", None: "undecided"}


@app.command("diagram")
@command
def diagram_command(
    file: Annotated[str, typer.Argument(help="A definition file, or the name of a shipped process.", metavar="FILE")],
    lanes: Annotated[bool, typer.Option("--lanes", help="A lane for each role, with limits and clocks.")] = False,
    case: Annotated[str, typer.Option("--case", help="Mark where this case stands, and how it came there.")] = "",
    url: Annotated[str, typer.Option("--store", help="Where the case is kept: sqlite:///path, or a path.")] = "",
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The process as a Mermaid diagram; with --case by the version that the case runs under."""
    process = process_of(file)
    if bool(case) != bool(url):
        raise InvalidInput("a case is kept in a store; name both", "--store" if case else "--case")
    found: Case | None = None
    history: list[Event] = []
    if case:
        process, found, history = _kept(process, case, url)
    text = process.mermaid(language.value, lanes=lanes, case=found, history=history)
    facts = {"file": file, "process": process.name, "content_hash": process.content_hash, "mermaid": text}
    return Answer(facts | ({"case": case, "steps": sorted(found.steps)} if found is not None else {}), text)


def _kept(process: Process, id: str, url: str) -> tuple[Process, Case, list[Event]]:  # noqa: A002
    """The definition that the case runs by, the case, and its history."""
    store = open_store(url, existing=True)
    try:
        history = [read(entry.data) for entry in store.read(id)]
        case = fold(history)
        if case is None:
            raise NotFound(f"no case {id!r} is kept in {url}")
        if case.kind != process.name:
            raise InvalidInput(f"{id} is a case of {case.kind}, not of {process.name}", "--case")
        return Definitions(store).bound(case.process, case.origin.definition).process, case, history
    finally:
        store.close()


@app.command("sheet")
@command
def sheet_command(
    file: Annotated[str, typer.Argument(help="A definition file, or the name of a shipped process.", metavar="FILE")],
    procedure: Annotated[str, typer.Option("--procedure", help="Its limits and shares: a code, or a file.")] = "",
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The process sheet: what the process is for, and its steps as a table (ISO 9001:2015, 4.4)."""
    process = process_of(file)
    filled = Procedure.load(procedure) if procedure else None
    if filled is not None:
        process.bind(filled)
    text = process.sheet(language.value, filled)
    return Answer({"file": file, "process": process.name, "content_hash": process.content_hash, "sheet": text}, text.rstrip())


@app.command("diff")
@command
def diff_command(
    old: Annotated[str, typer.Argument(help="A definition file, or the name of a shipped process.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The other one.", metavar="NEW")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """What is different in NEW: each change at its place, from what to what. The exit status is 1 where anything is."""
    before, after = _defined(old), _defined(new)
    if isinstance(before, Process) != isinstance(after, Process):
        raise InvalidInput("a process and a procedure are not compared; name two of one kind", new)
    changes = diff(before, after)
    told = [
        {"path": one.path, "kind": one.kind, "before": one.before, "after": one.after, "text": one.text(language.value)}
        for one in changes
    ]
    facts = {
        "old": {"file": old, "content_hash": before.content_hash},
        "new": {"file": new, "content_hash": after.content_hash},
        "changes": told,
    }
    page = "\n".join(one.text(language.value) for one in changes) or _WORDS["same"][language.value]
    return Answer(facts, page, not changes)


def _defined(file: str) -> Process | Procedure:
    """The one process or procedure of a file."""
    try:
        found = definitions_of(file)
    except InvalidInput as error:
        raise InvalidInput(within(file, error.problems)) from error
    return found[0] if len(found) == 1 and isinstance(found[0], Procedure) else process_of(file)


class Kind(StrEnum):
    """The kinds of file that have a schema."""

    process = "process"
    procedure = "procedure"


@app.command("schema")
@command
def schema_command(
    kind: Annotated[Kind, typer.Argument(help="Of which files.", metavar="process|procedure")],
    as_json: Json = False,
) -> Answer:
    """The JSON Schema of definition files, for editors and other systems."""
    schema = process_schema() if kind is Kind.process else procedure_schema()
    return Answer(schema, text_of(schema).rstrip("\n"))


_WORDS = {
    "error": {"en": "error", "vi": "lỗi"},
    "warning": {"en": "warning", "vi": "lưu ý"},
    "same": {"en": "no difference", "vi": "không có khác biệt"},
    "sound": {"en": "sound", "vi": "đúng đắn: hồ sơ nào cũng kết thúc được"},
    "unsound": {"en": "unsound", "vi": "không đúng đắn"},
    "undecided": {"en": "undecided", "vi": "chưa kết luận được"},
}
