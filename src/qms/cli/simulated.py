"""The simulated year on the command line: ``qms demo``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from .. import demo
from ..errors import InvalidInput
from ..ports import Store
from ..stores import MemoryStore, SQLiteStore
from .kept import MEMORY, on_server, server_store, store_path
from .shell import Answer, Json, Lang, Language, app, command, progress

if TYPE_CHECKING:
    from ..stores import PostgresStore

__all__ = ["DEMO_FILE", "demo_command"]

DEMO_FILE = "qms-demo-2021.db"


@app.command("demo")
@command
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
        with _days(_WORDS["simulating"][language.value]) as shown, progress(_WORDS["verifying"][language.value]) as checking:

            def told(day: demo.Day) -> None:
                if ack:
                    print(log.size, file=sys.stderr if as_json else sys.stdout, flush=True)
                shown(day)

            outcome = demo.run(store, dossiers=dossiers, seed=seed, told=told, checking=checking)
    finally:
        store.close()
    place = getattr(store, "place", url or DEMO_FILE)  # an address may hold a password
    facts = demo.facts(outcome) | {"store": place}
    where = f"{_WORDS['kept'][language.value]} {place}"
    return Answer(facts, f"{demo.pages(outcome, language.value)}\n{where}", outcome.good)


def _new_store(url: str, *, fresh: bool) -> Store:
    """The store at *url*, empty.

    Raises:
        InvalidInput: something is there already, and it is no store of ours or is not to be replaced.
    """
    if url in MEMORY:
        return MemoryStore()
    if on_server(url):
        return _empty(server_store(url), url, fresh=fresh)
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


def _empty(store: PostgresStore, url: str, *, fresh: bool) -> PostgresStore:
    """*store*, if nothing is in it; what a server keeps is not replaced from here."""
    if store.size:
        store.close()
        more = "; --fresh replaces files only" if fresh else ""
        raise InvalidInput(
            f"{url.partition('#')[2] or 'qms'} holds a log; name another schema (URL#name), or drop that one{more}", "--store"
        )
    return store


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


_WORDS = {
    "verifying": {"en": "verifying", "vi": "đang kiểm tra"},
    "simulating": {"en": "simulating", "vi": "đang mô phỏng"},
    "kept": {"en": "kept in", "vi": "lưu tại"},
}
