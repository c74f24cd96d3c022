"""The terminal: one place prints an answer, one place turns errors into words.

Rule 1: a command is a function from arguments to an `Answer`; `command` makes it one that prints and exits.
Rule 2: exit 0 is good, 1 a finding or a denial, 2 bad input.
Rule 3: answers go to standard output, errors and progress to standard error; ``--json`` changes the words, never the facts.
"""

from __future__ import annotations

import errno
import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, ParamSpec

import typer
from attrs import field, frozen
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text
from typer.core import TyperGroup

from ..errors import Denied, Inconsistent, InvalidInput, NotFound, Problem, QMSError, Untrusted

__all__ = [
    "Answer",
    "CalendarName",
    "Json",
    "Lang",
    "Language",
    "app",
    "command",
    "drawn",
    "progress",
    "show",
    "tell_errors",
    "width",
]

P = ParamSpec("P")


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
            tell(True, "invalid-input", [Problem("", error.format_message())])
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
CalendarName = Annotated[str, typer.Option("--calendar", help="A shipped calendar, or a .toml or .json file.")]


@frozen
class Answer:
    """What a command found: *facts* for ``--json``, a *page* for people, and whether all was *good* (exit 0 or 1).

    A page is text, or what `rich` draws: in the width and the colours of a terminal, else plain and as wide as it needs.
    """

    facts: Mapping[str, Any]
    page: RenderableType
    good: bool = True
    bad_input: Sequence[Problem] = field(factory=tuple)


def command(work: Callable[P, Answer]) -> Callable[P, None]:
    """*work* as a command: prints its answer, and tells errors with their place and the mend."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json", False))
        try:
            answer = work(*args, **kwargs)
        except Denied as denied:
            language = kwargs.get("language", Language.en)
            tell(as_json, "denied", [Problem("", reason.text(getattr(language, "value", "en"))) for reason in denied.reasons])
            raise typer.Exit(1) from denied
        except InvalidInput as error:
            tell(as_json, "invalid-input", error.problems)
            raise typer.Exit(2) from error
        except (Untrusted, Inconsistent) as error:
            tell(as_json, "untrusted" if isinstance(error, Untrusted) else "inconsistent", [Problem("", str(error))])
            raise typer.Exit(1) from error
        except (QMSError, OSError) as error:
            tell(as_json, "not-found" if isinstance(error, NotFound) else "failed", [Problem("", _plain(error))])
            raise typer.Exit(2) from error
        show(json.dumps(answer.facts, ensure_ascii=False, indent=2) if as_json else drawn(answer.page))
        if answer.bad_input:
            tell_errors(answer.bad_input)
            raise typer.Exit(2)
        if not answer.good:
            raise typer.Exit(1)

    run.__annotations__["return"] = None
    return run


def _plain(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def tell(as_json: bool, kind: str, problems: Sequence[Problem]) -> None:
    if as_json:
        told = [{"where": problem.where, "message": problem.message} for problem in problems]
        show(json.dumps({"error": kind, "problems": told}, ensure_ascii=False, indent=2))
    tell_errors(problems)


def show(text: str) -> None:
    """*text* on standard output; a place that takes no more of it is bad input like any other.

    Raises:
        typer.Exit: with 2, where it could not be written.
    """
    try:
        typer.echo(_encodable(text))
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read has read enough
            raise
        tell_errors([Problem("standard output", _plain(error))])
        raise typer.Exit(2) from error


def drawn(page: RenderableType) -> str:
    """*page* as text; only a terminal bounds its width, and elsewhere no line ends in blanks."""
    if isinstance(page, str):
        return page
    console = Console()
    if not console.is_terminal:
        console.width = Measurement.get(console, console.options.update(max_width=_WIDEST), page).maximum
    with console.capture() as taken:
        console.print(page)
    return "\n".join(line.rstrip() for line in taken.get().rstrip("\n").split("\n"))


def width() -> int:
    """The columns of the terminal; 80 where there is none."""
    console = Console()
    return console.width if console.is_terminal else 80


_WIDEST = 10_000


def _encodable(text: str) -> str:
    """*text* with bytes of file names and logs that are no text as escapes, which JSON reads too."""
    return text.encode("utf-8", "backslashreplace").decode()


def tell_errors(problems: Sequence[Problem]) -> None:
    """*problems* on standard error, one a line."""
    console = Console(stderr=True, soft_wrap=True)
    for problem in problems:
        console.print(Text("error: ", style="bold red").append(_encodable(str(problem)), style="default"))


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, told how far of how much; nothing where standard error is no terminal."""
    console = Console(stderr=True)
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(words, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
