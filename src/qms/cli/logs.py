"""Event logs on the command line: ``qms replay``, ``qms log-stats``, ``qms discover`` and ``qms export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pendulum
import typer

from ..codec import is_text
from ..errors import InvalidInput
from ..exchange.discover import discover
from ..exchange.eventlog import EventLog
from ..exchange.export import export, format_of
from ..exchange.logs import figures, open_log
from ..exchange.mapping import LogMap
from ..exchange.replay import replay
from ..exchange.targets import judge_targets, written
from ..feed import cloudevents
from ..ports import Store
from ..report import draft_page, log_page, replay_page
from .kept import STORES, files_of, open_store
from .reading import calendar_of, process_of
from .shell import Answer, Json, Lang, Language, app, command, progress

__all__ = ["discover_command", "export_command", "log_stats_command", "replay_command"]

LogFile = Annotated[str, typer.Argument(help="An event log: XES or CSV, or either in gzip.", metavar="LOG")]
Map = Annotated[str, typer.Option("--map", help="How the log is read (.toml or .json); XES can do without.")]
Classifier = Annotated[str, typer.Option("--classifier", help="A classifier of the XES file whose values are the activity.")]


@app.command("replay")
@command
def replay_command(
    log: LogFile,
    process: Annotated[str, typer.Option("--process", help="A definition file, or the name of a shipped process.")],
    url: Annotated[str, typer.Option("--store", help="Where the replayed history is kept.")],
    mapping: Map = "",
    classifier: Classifier = "",
    calendar: Annotated[str, typer.Option("--calendar", help="Counts the limits; without it every hour counts.")] = "",
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Replay a log by a process: what it shows, where it deviates and why, how timely it was."""
    definition = process_of(process)
    opened: list[Store] = []

    def store() -> Store:
        opened.append(open_store(url))
        return opened[0]

    try:
        with progress(_WORDS["replaying"][language.value]) as told:
            read = _log(log, mapping, classifier, told)
            counted = calendar_of(calendar) if calendar else None
            found = replay(read, definition, store=store, now=pendulum.now, calendar=counted, progress=told)
    finally:
        for each in opened:
            each.close()
    facts = found.to_tree()
    return Answer(facts, replay_page(facts, language.value), found.good)


def _log(path: str, mapping: str, classifier: str, told: Callable[[int, int], None], *, timeless: bool = False) -> EventLog:
    """The log at *path*; *told* hears how many bytes of it are read."""
    size = Path(path).stat().st_size if Path(path).is_file() else 0
    read = LogMap.load(mapping) if mapping else None
    return open_log(path, read, lambda done: told(done, size), classifier=classifier or None, timeless=timeless)


@app.command("log-stats")
@command
def log_stats_command(
    log: LogFile, mapping: Map = "", classifier: Classifier = "", as_json: Json = False, language: Lang = Language.en
) -> Answer:
    """What a log holds: cases, events, variants, what follows what, times, and what is missing or out of order."""
    with progress(_WORDS["reading"][language.value]) as told:
        found = figures(_log(log, mapping, classifier, told, timeless=True))
    facts = found.to_tree()
    return Answer(facts, log_page(facts, language.value), found.good)


@app.command("discover")
@command
def discover_command(
    log: LogFile,
    out: Annotated[str, typer.Option("-o", "--out", help="Where the draft is written; else it is printed.")] = "",
    min_share: Annotated[
        str, typer.Option("--min-share", help="Paths rarer than this share of their step are left out.")
    ] = "0",
    mapping: Map = "",
    classifier: Classifier = "",
    diagram: Annotated[str, typer.Option("--diagram", help="Where a Mermaid picture with the counts is written.")] = "",
    name: Annotated[str, typer.Option("--name", help="The name of the process; else that of the file.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace what is there; it may have been edited.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Draw a process from a log: its paths as a definition to edit, with their counts."""
    judge_targets([log, mapping] if mapping else [log], [target for target in (out, diagram) if target], fresh=fresh)
    with progress(_WORDS["reading"][language.value]) as told:
        found = figures(_log(log, mapping, classifier, told, timeless=True))
    named = name or Path(log).name.removesuffix(".gz").rsplit(".", 1)[0]
    draft = discover(found, name=named, min_share=min_share, source=f"drawn from the event log {Path(log).name}")
    for target, text in ((out, draft.text), (diagram, draft.mermaid)):
        if target:
            with written(Path(target)) as file:
                file.write(text)
    facts = draft.to_tree()
    page = f"{draft_page(facts, language.value)}\n{_WORDS['kept'][language.value]} {out}" if out else draft.text.rstrip()
    if found.faults:
        print(_WORDS["faulty"][language.value], file=sys.stderr)
    return Answer(facts, page, not found.faults)


@app.command("export")
@command
def export_command(
    url: Annotated[str, typer.Argument(help=STORES, metavar="URL")],
    out: Annotated[str, typer.Option("-o", "--out", help="A file that ends in .xes, .csv, .xes.gz, .csv.gz or .jsonl.")],
    form: Annotated[str, typer.Option("--form", help="xes, csv or cloudevents; else as the name of the file ends.")] = "",
    after: Annotated[int, typer.Option("--after", help="CloudEvents: the position after which to begin.")] = 0,
    source: Annotated[str, typer.Option("--source", help="CloudEvents: the organization that the log is of.")] = "office",
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace what is there.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The trail of a store as an event log, XES or CSV, or from a position on as CloudEvents, one a line."""
    kind = _kind_of(out, form)
    if not is_text(source):
        raise InvalidInput(f"{source!r} is no text that can be encoded as UTF-8", "--source")
    judge_targets(files_of(url), [out], fresh=fresh)
    store = open_store(url, existing=True)
    try:
        with progress(_WORDS["writing"][language.value]) as told:
            if kind == "cloudevents":
                facts = _write_events(store, out, source, after, told)
                return Answer(facts, f"{facts['events']:,} · {_WORDS['kept'][language.value]} {out}")
            made = export(store, out, lambda done: told(done, done))
    finally:
        store.close()
    facts = {"file": out, "format": made.format, "cases": made.cases, "replaced_characters": made.replaced}
    return Answer(facts, f"{made.cases:,} · {_WORDS['kept'][language.value]} {out}")


def _kind_of(out: str, form: str) -> str:
    """What is written: as *form* says, else as the name ends.

    Raises:
        InvalidInput: no such form, or one that the name contradicts.
    """
    if form not in ("", "xes", "csv", "cloudevents"):
        raise InvalidInput(f"{form!r} is no form; write xes, csv or cloudevents", "--form")
    if form == "cloudevents" or (not form and out.endswith(".jsonl")):
        return "cloudevents"
    kind = format_of(out)
    if form and kind != form:
        raise InvalidInput(f"{out!r} ends as {kind}, and {form} is asked for", "--form")
    return kind


def _write_events(store: Store, out: str, source: str, after: int, told: Callable[[int, int], None]) -> dict[str, object]:
    count, position = 0, after
    with written(Path(out)) as file:
        for event in cloudevents(store, source, after):
            file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
            count, position = count + 1, int(event["sequence"])
            told(count, count)
    return {"file": out, "format": "cloudevents", "events": count, "position": position}


_WORDS = {
    "reading": {"en": "reading", "vi": "đang đọc"},
    "writing": {"en": "writing", "vi": "đang ghi"},
    "replaying": {"en": "replaying", "vi": "đang phát lại"},
    "faulty": {
        "en": "the log has faults (qms log-stats tells them): a replay will lack what cannot be read",
        "vi": "nhật ký có lỗi (xem qms log-stats): khi phát lại sẽ thiếu những gì không đọc được",
    },
    "kept": {"en": "kept in", "vi": "lưu tại"},
}
