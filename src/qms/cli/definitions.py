"""Definitions on the command line: ``qms check`` and ``qms diagram``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ..codec import read_tree, shipped
from ..errors import InvalidInput, NotFound, Problem
from ..process import Procedure, Process
from ..records import FORMS, GUARDS
from ..soundness import Report
from .reading import process_of, within
from .shell import Answer, Json, Lang, Language, app, command

__all__ = ["check_command", "diagram_command"]


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
    checked = [_checked(file) for file in files]
    bad = [problem for _, problems in checked for problem in problems]
    page = "\n".join(_check_page(facts, language.value) for facts, problems in checked if not problems)
    good = all(facts["sound"] is True for facts, _ in checked)
    return Answer({"files": [facts for facts, _ in checked]}, page, good, bad)


def _checked(file: str) -> tuple[dict[str, Any], list[Problem]]:
    try:
        report = _report(file)
    except (InvalidInput, NotFound) as error:
        problems = list(error.problems) if isinstance(error, InvalidInput) else [Problem("", str(error))]
        told = [
            {"severity": "error", "code": "invalid-input", "message": p.message, "where": p.where, "witness": []}
            for p in problems
        ]
        return {"file": file, "sound": None, "findings": told}, within(file, problems)
    found = [
        {"severity": f.severity, "code": f.code, "message": f.message, "where": f.where, "witness": list(f.witness)}
        for f in report.findings
    ]
    return {"file": file, "sound": report.sound, "findings": found}, []


def _report(file: str) -> Report:
    path = Path(file)
    tree = read_tree(path) if path.suffix.lower() in (".toml", ".json") or "/" in file else shipped("processes", file)
    if "code" in tree and "process" in tree:
        procedure = Procedure.from_tree(tree)
        return Process.load(procedure.process).check([procedure], forms=FORMS, guards=GUARDS)
    process = Process.from_tree(tree)
    return process.check(Procedure.shipped(process.name), forms=FORMS, guards=GUARDS)


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
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The process as a Mermaid diagram."""
    process = process_of(file)
    text = process.mermaid(language.value)
    return Answer({"file": file, "process": process.name, "content_hash": process.content_hash, "mermaid": text}, text)


_WORDS = {
    "error": {"en": "error", "vi": "lỗi"},
    "warning": {"en": "warning", "vi": "lưu ý"},
    "sound": {"en": "sound", "vi": "đúng đắn: hồ sơ nào cũng kết thúc được"},
    "unsound": {"en": "unsound", "vi": "không đúng đắn"},
    "undecided": {"en": "undecided", "vi": "chưa kết luận được"},
}
