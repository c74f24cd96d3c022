"""The ``qms`` command: the library's answers on a terminal, or as JSON.

Rule 1: a command turns arguments into an `Answer`; one place prints it, one place turns errors into words.
Rule 2: exit 0 is good, 1 a finding or a denial, 2 bad input; with 2 nothing was written.
Rule 3: answers go to standard output, errors and progress to standard error; ``--json`` changes the words, never the facts.
Rule 4: an instant without an offset is in the zone of the calendar; nothing is guessed: a date without a time is refused.
"""

from __future__ import annotations

import errno
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import pendulum
import typer
from attrs import field, frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text
from typer.core import TyperGroup

from . import deadline, demo
from .calendar import WorkCalendar
from .case import row
from .codec import read_tree, shipped
from .deadline import CountingRule, TimeLimit
from .errors import Denied, InvalidInput, NotFound, Problem, QMSError
from .event import read
from .exchange.discover import discover, judge_targets
from .exchange.eventlog import EventLog
from .exchange.export import export, format_of
from .exchange.logs import figures, open_log
from .exchange.mapping import LogMap
from .exchange.replay import replay
from .organization import names_a_case
from .ports import Entry, Fold, Row, Store
from .process import Procedure, Process
from .publication import Definitions
from .records import FORMS, GUARDS
from .report import day, draft_page, instant, log_page, replay_page, year_facts, year_page
from .soundness import Report
from .state import fold
from .stores import MemoryStore, SQLiteStore

__all__ = ["app", "open_store", "parse_instant", "parse_pause", "rows_of", "store_path"]

P = ParamSpec("P")
T = TypeVar("T")


class _Commands(TyperGroup):
    """The commands; with ``--json``, what is wrong with the line itself is told as JSON too."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        """Run the line *args*.

        Raises:
            SystemExit: with 0 good, 1 a finding or a denial, 2 bad input.
        """
        words = sys.argv[1:] if args is None else args
        if "--json" not in words or not named.get("standalone_mode", True):
            return super().main(args, *more, **named)
        try:
            sys.exit(super().main(args, *more, **named | {"standalone_mode": False}) or 0)
        except _UsageError as error:
            _tell(True, "invalid-input", [Problem("", error.format_message())])
            sys.exit(2)


_UsageError: Any = typer.BadParameter.__bases__[0]
"""Of click, which newer versions of typer hold inside and older ones import."""

app = typer.Typer(
    name="qms",
    cls=_Commands,
    help="Deadlines, processes and records of an office under ISO 9001:2015.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


class Language(StrEnum):
    """The languages of the pages."""

    vi = "vi"
    en = "en"


Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the pages.")]
LogFile = Annotated[str, typer.Argument(help="An event log: XES or CSV, or either in gzip.", metavar="LOG")]
Map = Annotated[str, typer.Option("--map", help="How the log is read (.toml or .json); XES can do without.")]
Classifier = Annotated[str, typer.Option("--classifier", help="A classifier of the XES file whose values are the activity.")]
CalendarName = Annotated[str, typer.Option("--calendar", help="A shipped calendar, or a .toml or .json file.")]


@frozen
class Answer:
    """What a command found: *facts* for ``--json``, a *page* for people, and whether all was *good* (exit 0 or 1)."""

    facts: Mapping[str, Any]
    page: str
    good: bool = True
    bad_input: Sequence[Problem] = field(factory=tuple)


def _command(work: Callable[P, Answer]) -> Callable[P, None]:
    """*work* as a command: prints its answer, and tells errors with their place and the mend."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json", False))
        try:
            answer = work(*args, **kwargs)
        except Denied as denied:
            language = kwargs.get("language", Language.en)
            _tell(as_json, "denied", [Problem("", reason.text(getattr(language, "value", "en"))) for reason in denied.reasons])
            raise typer.Exit(1) from denied
        except InvalidInput as error:
            _tell(as_json, "invalid-input", error.problems)
            raise typer.Exit(2) from error
        except (QMSError, OSError) as error:
            _tell(as_json, "not-found" if isinstance(error, NotFound) else "failed", [Problem("", _plain(error))])
            raise typer.Exit(2) from error
        _print(json.dumps(answer.facts, ensure_ascii=False, indent=2) if as_json else answer.page)
        if answer.bad_input:
            _errors(answer.bad_input)
            raise typer.Exit(2)
        if not answer.good:
            raise typer.Exit(1)

    run.__annotations__["return"] = None
    return run


def _plain(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _tell(as_json: bool, kind: str, problems: Sequence[Problem]) -> None:
    if as_json:
        told = [{"where": problem.where, "message": problem.message} for problem in problems]
        _print(json.dumps({"error": kind, "problems": told}, ensure_ascii=False, indent=2))
    _errors(problems)


def _print(text: str) -> None:
    """*text* on standard output; a place that takes no more of it is bad input like any other.

    Raises:
        typer.Exit: with 2, where it could not be written.
    """
    try:
        typer.echo(_encodable(text))
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read has read enough
            raise
        _errors([Problem("standard output", _plain(error))])
        raise typer.Exit(2) from error


def _encodable(text: str) -> str:
    """*text* with bytes of file names and logs that are no text as escapes, which JSON reads too."""
    return text.encode("utf-8", "backslashreplace").decode()


def _errors(problems: Sequence[Problem]) -> None:
    console = Console(stderr=True, soft_wrap=True)
    for problem in problems:
        console.print(Text("error: ", style="bold red").append(_encodable(str(problem)), style="default"))


# ── reading what people write ────────────────────────────────────────────────────────────────────────────────────────

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?"
_SHAPES = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})[T ]{_TIME}(?P<offset>Z|[+-]\d{{2}}:?\d{{2}})?",
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}) {_TIME}",
        rf"{_TIME} (?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})",
    )
)
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}", re.ASCII)
_SHOWN = "2021-02-09T09:00, 2021-02-09T09:00+07:00 or 09/02/2021 09:00"


def parse_instant(text: str, calendar: WorkCalendar, *, where: str = "") -> datetime:
    """The instant that *text* names; without an offset it is wall time in the calendar's zone.

    Written as ``2021-02-09T09:00`` (or a blank for the T; seconds, a fraction, ``Z`` or ``+07:00`` may follow), as
    ``09/02/2021 09:00`` (day first, as in Vietnam), or as ``09:00 09/02/2021``.

    Raises:
        InvalidInput: another shape, a date without a time, no such day or time, a wall time that the zone skips or has twice.
    """
    text = text.strip()
    match = next((found for shape in _SHAPES if (found := shape.fullmatch(text))), None)
    if match is None:
        lack = "a date without a time; add it" if _DATE_ONLY.fullmatch(text) else "no instant; write it"
        raise InvalidInput(f"{text!r} is {lack} like {_SHOWN}", where)
    part = {name: value or "0" for name, value in match.groupdict().items() if name != "offset"}
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
        clock = time(int(part["hour"]), int(part["minute"]), int(part["second"]), int(part["fraction"].ljust(6, "0")))
        offset = _offset(match["offset"]) if match.groupdict().get("offset") else None
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no instant: {error}", where) from error
    if offset is not None:
        return datetime.combine(day, clock, offset)
    return _in_zone(datetime.combine(day, clock, calendar.tz), calendar, text, where)


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"no place on earth has the offset {text}")
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _in_zone(first: datetime, calendar: WorkCalendar, text: str, where: str) -> datetime:
    again = first.replace(fold=1)
    if first.utcoffset() == again.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(calendar.tz).replace(tzinfo=None) == first.replace(tzinfo=None)
    what = "happens twice" if exists else "is skipped"
    raise InvalidInput(f"{text!r} {what} in {calendar.zone}, where the clock changes; add the offset", where)


def parse_pause(text: str, calendar: WorkCalendar, *, where: str = "") -> tuple[datetime, datetime]:
    """The pause ``A/B`` from instant A up to, not including, instant B; both as in `parse_instant`.

    Raises:
        InvalidInput: not two instants with a slash between, or B not after A.
    """
    for place in (match.start() for match in re.finditer("/", text)):
        start, end = text[:place].strip(), text[place + 1 :].strip()
        if all(any(shape.fullmatch(side) for shape in _SHAPES) for side in (start, end)):
            a, b = parse_instant(start, calendar, where=where), parse_instant(end, calendar, where=where)
            if b <= a:
                raise InvalidInput(f"the pause {text!r} ends before it starts; the end comes second", where)
            return a, b
    raise InvalidInput(f"{text!r} is no pause; write start/end, each like {_SHOWN}", where)


def open_store(url: str, *, existing: bool = False) -> Store:
    """The store at *url*: ``sqlite:///path``, a bare path, or ``memory:``; with *existing* it must be there already.

    Raises:
        InvalidInput: another kind of address, or no file there though one is asked for.
        StoreError: the file is no store, is damaged, is newer than this version, or cannot be opened.
    """
    if url in MEMORY:
        return MemoryStore()
    path = store_path(url)
    if existing and not path.is_file():
        raise InvalidInput(f"no store is at {path}; name the file that holds it", "store")
    return SQLiteStore(path, read_only=existing)


MEMORY = ("memory:", ":memory:")
DEMO_FILE = "qms-demo-2021.db"


def rows_of(store: Store) -> Fold:
    """How the rows of *store* are rebuilt from its own records: cases by what they began under, as published in the log."""
    published: list[Definitions] = []

    def made(stream: str, entries: Iterable[Entry]) -> Row | None:
        if not names_a_case(stream):
            return None
        case = fold(read(entry.data) for entry in entries)
        if case is None:
            return None
        if not published:
            published.append(Definitions(store))
        return row(case, published[0].bound(case.process, case.origin.definition))

    return made


def store_path(url: str) -> Path:
    """The file that *url* names.

    Raises:
        InvalidInput: an address of another kind, or none.
    """
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+]+):", url)
    path = url.removeprefix("sqlite:///")
    if not path or (path == url and scheme):
        raise InvalidInput(f"{url!r} names no store this version opens; write sqlite:///path, a path, or memory:", "store")
    return Path(path)


def _calendar(name: str) -> WorkCalendar:
    return _placed("--calendar", WorkCalendar.load, name)


# ── due ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("due", context_settings={"ignore_unknown_options": True})
@_command
def due_command(
    start: Annotated[str, typer.Argument(help=f"When the period starts: {_SHOWN}.", metavar="START")],
    limit: Annotated[str, typer.Argument(help='"15 working days", "8 working hours", "1 month", "same day".', metavar="LIMIT")],
    calendar: CalendarName = "VN",
    rule: Annotated[str, typer.Option("--rule", help="How days are counted; else the calendar's customary rule.")] = "",
    pause: Annotated[list[str] | None, typer.Option("--pause", help="A/B: from A up to B does not count.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell what counted, day by day, and why.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """When a time limit ends, and on which rule and calendar."""
    cal = _calendar(calendar)
    began = parse_instant(start, cal, where="START")
    pauses = [parse_pause(text, cal, where=f"--pause[{i}]") for i, text in enumerate(pause or ())]
    period = _placed("LIMIT", TimeLimit.parse, limit)
    counting = _placed("--rule", _rule, rule) if rule else None
    found = deadline.reckon(began, period, calendar=cal, rule=counting, pauses=pauses)
    facts = {
        "due": found.at.isoformat(),
        "last_day": found.last_day.isoformat(),
        "limit": str(period),
        "rule": found.rule.name,
        "calendar": cal.name,
        "calendar_version": cal.version,
        "consumed": str(deadline.elapsed(began, found.at, period.unit, calendar=cal, rule=counting, pauses=pauses)),
        "ledger": found.ledger.to_tree(),
    }
    lang = language.value
    if explain:
        return Answer(facts, found.ledger.text(lang))
    lines = [f"{_WORDS['due'][lang]} {instant(found.at, lang)} ({cal.zone})"]
    if found.last_day != found.at.date():
        lines.append(f"{_WORDS['last day'][lang]} {day(found.last_day, lang)}")
    lines.append(f"{period.text(lang)} · {found.rule.name} · {cal.name} {cal.version[:12]}")
    lines += [f"{_WORDS['rests'][lang]} {e.text(lang)} [{e.id}: {e.standing(lang)}]" for e in found.ledger.provisional]
    return Answer(facts, "\n".join(lines))


def _rule(name: str) -> CountingRule:
    return CountingRule.from_tree(read_tree(name)) if name.endswith((".toml", ".json")) else CountingRule.named(name)


def _placed(where: str, read: Callable[[str], T], text: str) -> T:
    """What *read* makes of *text*; its faults say *where* they stand on the command line."""
    try:
        return read(text)
    except InvalidInput as error:
        raise InvalidInput(_within(where, error.problems)) from error
    except NotFound as error:
        raise InvalidInput(str(error), where) from error


def _process(file: str) -> Process:
    """The process of a file or a name; its faults say which file."""
    try:
        return Process.load(file)
    except InvalidInput as error:
        raise InvalidInput(_within(file, error.problems)) from error


def _within(where: str, problems: Iterable[Problem]) -> list[Problem]:
    """*problems* with the place in front, where they do not name it themselves."""
    return [
        p if p.where.startswith(where) else Problem(f"{where}: {p.where}" if p.where else where, p.message) for p in problems
    ]


# ── calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("calendar")
@_command
def calendar_command(
    calendar: Annotated[str, typer.Argument(help="A shipped calendar, or a .toml or .json file.", metavar="C")],
    year: Annotated[int, typer.Argument(help="Which year.", metavar="YEAR", min=1, max=9999)],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """A year of a calendar: which days are off, worked or provisional, and why."""
    cal = _placed("C", WorkCalendar.load, calendar)
    return Answer(year_facts(cal, year), year_page(cal, year, language.value))


# ── check, diagram ───────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("check")
@_command
def check_command(
    files: Annotated[list[str], typer.Argument(help="Definition files, or names of shipped processes.", metavar="FILE...")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Whether every case of each process can always finish, with a shortest witness where it cannot."""
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
        told = [{"code": "invalid-input", "message": p.message, "where": p.where, "witness": []} for p in problems]
        return {"file": file, "sound": None, "findings": told}, _within(file, problems)
    found = [{"code": f.code, "message": f.message, "where": f.where, "witness": list(f.witness)} for f in report.findings]
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
        lines.append(f"  {finding['code']}{where}: {finding['message']}")
        if finding["witness"]:
            lines.append("    " + " → ".join(finding["witness"]))
    return "\n".join(lines)


_VERDICTS = {True: "sound", False: "unsound", None: "undecided"}


@app.command("diagram")
@_command
def diagram_command(
    file: Annotated[str, typer.Argument(help="A definition file, or the name of a shipped process.", metavar="FILE")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The process as a Mermaid diagram."""
    process = _process(file)
    text = process.mermaid(language.value)
    return Answer({"file": file, "process": process.name, "content_hash": process.content_hash, "mermaid": text}, text)


# ── verify ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("verify")
@_command
def verify_command(
    url: Annotated[str, typer.Argument(help="sqlite:///path, or a path.", metavar="URL")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Whether the trail of a store is whole in itself; names the first bad record."""
    store = open_store(url, existing=True)
    try:
        with _progress(_WORDS["verifying"][language.value]) as told:
            found = store.verify(rows_of(store), progress=told)
    finally:
        store.close()
    size = f"{found.size:,} · {found.root.hex()}"
    return Answer(found.to_tree(), f"{found}\n{size}", found.consistent)


# ── replay ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("replay")
@_command
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
    definition = _process(process)
    opened: list[Store] = []

    def store() -> Store:
        opened.append(open_store(url))
        return opened[0]

    try:
        with _progress(_WORDS["replaying"][language.value]) as told:
            read = _log(log, mapping, classifier, told)
            counted = _calendar(calendar) if calendar else None
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


# ── log-stats, discover, export ──────────────────────────────────────────────────────────────────────────────────────


@app.command("log-stats")
@_command
def log_stats_command(
    log: LogFile, mapping: Map = "", classifier: Classifier = "", as_json: Json = False, language: Lang = Language.en
) -> Answer:
    """What a log holds: cases, events, variants, what follows what, times, and what is missing or out of order."""
    with _progress(_WORDS["reading"][language.value]) as told:
        found = figures(_log(log, mapping, classifier, told, timeless=True))
    facts = found.to_tree()
    return Answer(facts, log_page(facts, language.value), found.good)


@app.command("discover")
@_command
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
    judge_targets(log, [target for target in (out, diagram) if target], fresh=fresh)
    with _progress(_WORDS["reading"][language.value]) as told:
        found = figures(_log(log, mapping, classifier, told, timeless=True))
    named = name or Path(log).name.removesuffix(".gz").rsplit(".", 1)[0]
    draft = discover(found, name=named, min_share=min_share, source=f"drawn from the event log {Path(log).name}")
    for target, text in ((out, draft.text), (diagram, draft.mermaid)):
        if target:
            Path(target).write_text(text, encoding="utf-8")
    facts = draft.to_tree()
    page = f"{draft_page(facts, language.value)}\n{_WORDS['kept'][language.value]} {out}" if out else draft.text.rstrip()
    if found.faults:
        print(_WORDS["faulty"][language.value], file=sys.stderr)
    return Answer(facts, page, not found.faults)


@app.command("export")
@_command
def export_command(
    url: Annotated[str, typer.Argument(help="sqlite:///path, or a path.", metavar="URL")],
    out: Annotated[str, typer.Option("-o", "--out", help="A file that ends in .xes, .csv, .xes.gz or .csv.gz.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace what is there.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """The trail of a store as an event log, XES or CSV."""
    format_of(out)
    if Path(out).exists() and not fresh:
        raise InvalidInput(f"{out} exists; name another file, or add --fresh to replace it", "--out")
    store = open_store(url, existing=True)
    try:
        with _progress(_WORDS["writing"][language.value]) as told:
            made = export(store, out, lambda done: told(done, done))
    finally:
        store.close()
    facts = {"file": out, "format": made.format, "cases": made.cases, "replaced_characters": made.replaced}
    return Answer(facts, f"{made.cases:,} · {_WORDS['kept'][language.value]} {out}")


# ── demo ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command("demo")
@_command
def demo_command(
    dossiers: Annotated[int, typer.Option("--dossiers", min=1, help="How many are received in the year.")] = demo.DOSSIERS,
    url: Annotated[str, typer.Option("--store", help=f"Where to keep it; else {DEMO_FILE}, made anew each time.")] = "",
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another year.")] = demo.SEED,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace the store named, if it is there.")] = False,
    ack: Annotated[bool, typer.Option("--ack", help="Print the size of the trail after each commit.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """A district's year 2021, simulated: every step decided, kept in one file, and told."""
    store = _new_store(url or DEMO_FILE, fresh=fresh or not url)
    log: Any = store
    try:
        with _days(_WORDS["simulating"][language.value]) as shown, _progress(_WORDS["verifying"][language.value]) as checking:

            def told(day: demo.Day) -> None:
                if ack:
                    print(log.size, file=sys.stderr if as_json else sys.stdout, flush=True)
                shown(day)

            outcome = demo.run(store, dossiers=dossiers, seed=seed, told=told, checking=checking)
    finally:
        store.close()
    facts = demo.facts(outcome) | {"store": url or DEMO_FILE}
    where = f"{_WORDS['kept'][language.value]} {url or DEMO_FILE}"
    return Answer(facts, f"{demo.pages(outcome, language.value)}\n{where}", outcome.good)


def _new_store(url: str, *, fresh: bool) -> Store:
    """The store at *url*, empty.

    Raises:
        InvalidInput: something is there already, and it is no store of ours or is not to be replaced.
    """
    if url in MEMORY:
        return MemoryStore()
    path = store_path(url)
    if path.exists():
        if not fresh:
            raise InvalidInput(f"{path} exists; name another file, or add --fresh to replace it", "--store")
        with suppress(IsADirectoryError):
            if path.read_bytes()[:16] != b"SQLite format 3\0":
                raise InvalidInput(f"{path} is no store and is not replaced; name another file", "--store")
        SQLiteStore(path, read_only=True).close()
        for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            part.unlink(missing_ok=True)
    return SQLiteStore(path)


@contextmanager
def _days(words: str) -> Iterator[Callable[[demo.Day], None]]:
    """How far the year is: a bar where standard error is a terminal, else a line a month."""
    console = Console(stderr=True)
    look = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"), TimeElapsedColumn())
    months: set[str] = set()
    with Progress(*look, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(words, total=None, text="")

        def told(day: demo.Day) -> None:
            month, text = f"{day.at:%m/%Y}", f"{day.at:%d/%m/%Y} · {day.received:,} · {day.events:,}"
            shown.update(task, completed=day.share, total=1.0, text=text)
            if not console.is_terminal and month not in months:
                months.add(month)
                console.print(f"{words} {text}", highlight=False)

        yield told


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, told how far of how much; nothing where standard error is no terminal."""
    console = Console(stderr=True)
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(words, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


_WORDS = {
    "due": {"en": "due", "vi": "hạn"},
    "last day": {"en": "last day", "vi": "ngày cuối cùng"},
    "rests": {"en": "rests on what is provisional:", "vi": "dựa vào ngày tạm tính:"},
    "sound": {"en": "sound", "vi": "đúng đắn: hồ sơ nào cũng kết thúc được"},
    "unsound": {"en": "unsound", "vi": "không đúng đắn"},
    "undecided": {"en": "undecided", "vi": "chưa kết luận được"},
    "verifying": {"en": "verifying", "vi": "đang kiểm tra"},
    "reading": {"en": "reading", "vi": "đang đọc"},
    "writing": {"en": "writing", "vi": "đang ghi"},
    "replaying": {"en": "replaying", "vi": "đang phát lại"},
    "simulating": {"en": "simulating", "vi": "đang mô phỏng"},
    "faulty": {
        "en": "the log has faults (qms log-stats tells them): a replay will lack what cannot be read",
        "vi": "nhật ký có lỗi (xem qms log-stats): khi phát lại sẽ thiếu những gì không đọc được",
    },
    "kept": {"en": "kept in", "vi": "lưu tại"},
}
