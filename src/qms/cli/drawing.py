"""What the commands draw with `rich`: a ledger as a table, a year with its days off in colour.

Rule 1: a drawing says what the plain text says, word for word; colour only points.
Rule 2: where colours are off (``NO_COLOR``, a pipe, a file) every mark is still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ..ledger_text import Sheet

__all__ = ["ledger_table", "plain_table", "year_text"]

_STYLES = {"counted": "green", "not counted": "dim", "paused": "yellow", "void": "dim", "extended": "cyan"}
_FEET = {"provisional": "yellow", "since": "yellow", "unverified": "yellow", "advice": "italic"}
_MARKS = {r"\*": "red", r"\+": "green", "½": "cyan", r"\?": "yellow", "!": "yellow", r"\.": "dim"}


def ledger_table(sheet: Sheet) -> RenderableType:
    """A ledger as a table under its title, with the sum, the end and what it rests on below.

    Where a terminal is too narrow for four columns there are two: the days, and all that is said of them.
    """
    below = [Text(sheet.sum), Text(sheet.end, style="bold")]
    if sheet.roll:
        below.append(Text(sheet.roll, style="yellow"))
    feet = (Text(text, style=_FEET.get(key, "")) for key, text in sheet.foot)
    return Group(
        Text(sheet.title, style="bold"),
        Text(""),
        _Fitting(_wide(sheet), _narrow(sheet), _least(sheet)),
        Text(""),
        *below,
        *feet,
    )


def _wide(sheet: Sheet) -> Table:
    table = _empty()
    for number, name in enumerate(sheet.columns):
        table.add_column(name, overflow="fold", no_wrap=number < 3)
    for line in sheet.lines:
        table.add_row(*map(Text, (line.days, line.counted, line.amount, line.why)), style=_STYLES.get(line.kind, ""))
    return table


def _narrow(sheet: Sheet) -> Table:
    table = _empty()
    table.add_column(sheet.columns[0], overflow="fold", max_width=_SPAN)
    table.add_column(sheet.columns[1], overflow="fold")
    for line in sheet.lines:
        said = " ".join(filter(None, (line.counted, line.amount)))
        cells = (line.days, ": ".join(filter(None, (said, line.why))))
        table.add_row(*map(Text, cells), style=_STYLES.get(line.kind, ""))
    return table


def _empty() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), header_style="bold")


def _least(sheet: Sheet) -> int:
    """The columns of a terminal below which four columns would be too many."""
    cells = [sheet.columns, *((line.days, line.counted, line.amount, line.why) for line in sheet.lines)]
    *exact, why = (max(map(cell_len, column)) for column in zip(*cells, strict=True))
    return sum(exact) + min(why, _REASON) + 2 * len(exact)


class _Fitting:
    """The *wide* table in *least* columns or more, else the *narrow* one."""

    def __init__(self, wide: Table, narrow: Table, least: int) -> None:
        self.wide, self.narrow, self.least = wide, narrow, least

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = options.max_width if console.is_terminal else min(options.max_width, _FILE)
        table = self.wide if self.least <= columns else self.narrow
        yield from console.render(table, options.update(max_width=columns))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        columns = options.max_width if console.is_terminal else min(options.max_width, _FILE)
        return Measurement.get(console, options.update(max_width=columns), self.wide)


_REASON = 40
"""The least columns in which reasons are told in a column of their own."""
_FILE = 120
"""The columns that a table has in a pipe or a file."""
_SPAN = 28
"""The columns of a first and a last day with their year."""


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """*rows* under *head*."""
    table = _empty()
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def year_text(page: str) -> Text:
    """The page of a year with its marks in colour; the reasons under it are left as they are."""
    parts = page.split("\n\n")
    return Text("\n\n").join(_marked(parts))


def _marked(parts: Sequence[str]) -> Iterator[Text]:
    for number, part in enumerate(parts):
        text = Text(part, style="bold" if number == 0 else "", overflow="ignore", no_wrap=False)
        if number and part.lstrip()[:1].isalpha():  # the months, which begin with a name
            for mark, style in _MARKS.items():
                text.highlight_regex(rf"\d+{mark}", style)
        yield text
