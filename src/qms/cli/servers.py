"""Logs in PostgreSQL on the command line: ``qms prepare`` makes their tables, ``qms sequence`` gives positions and signs."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import pendulum
import typer

from ..calendar import to_us
from ..custody import Trail
from ..errors import InvalidInput, QMSError
from ..stores import FileAnchor
from .kept import on_server, server_store
from .shell import Answer, Json, Lang, Language, app, command
from .signed import signer_of

if TYPE_CHECKING:
    from ..stores.sequencer import Pass

__all__ = ["prepare_command", "sequence_command"]

Server = Annotated[str, typer.Argument(help="postgresql://host/database#schema.", metavar="URL")]


def _server(url: str) -> None:
    if not on_server(url):
        raise InvalidInput(f"{url!r} is no address of PostgreSQL; write postgresql://host/database#schema", "URL")


@app.command("prepare")
@command
def prepare_command(
    url: Server,
    roles: Annotated[bool, typer.Option("--roles", help="Make the roles too, and give them their rights.")] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Change nothing: print the SQL that makes a new log, and its roles.")
    ] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Make the tables of a log in PostgreSQL, or bring them to this version."""
    _server(url)
    from ..stores.postgres_schema import roles_sql, schema_sql
    from ..stores.sequencer import prepare_at, schema_of

    schema = schema_of(url)
    if sql:
        text = schema_sql(schema) + (roles_sql(schema) if roles else "")
        return Answer({"sql": text}, text.rstrip())
    before, after = prepare_at(url, roles=roles)
    facts = {"schema": schema, "before": before, "after": after, "roles": roles}
    was = _WORDS["made"][language.value] if before is None else f"{before} → {after}"
    return Answer(facts, f"{schema}: {was}" + (f" · {_WORDS['roles'][language.value]}" if roles else ""))


@app.command("sequence")
@command
def sequence_command(
    url: Server,
    once: Annotated[bool, typer.Option("--once", help="Give positions to what waits now, and end.")] = False,
    every: Annotated[float, typer.Option("--every", min=0.001, help="Seconds between two looks at the queue.")] = 0.02,
    signer: Annotated[
        list[str] | None, typer.Option("--signer", help="A file with a secret key: sign checkpoints too.")
    ] = None,
    anchor: Annotated[str, typer.Option("--anchor", help="The file that holds the checkpoint signed last.")] = "",
    sign_every: Annotated[float, typer.Option("--sign-every", min=0.1, help="Seconds between two checkpoints.")] = 60.0,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Give positions to what waits in a log in PostgreSQL, until it is stopped (SIGTERM, Ctrl-C); sign it now and then."""
    _server(url)
    from ..stores.sequencer import Sequencer

    if bool(signer) != bool(anchor):
        raise InvalidInput("a checkpoint takes a key and a place for what was signed: write --signer FILE --anchor FILE")
    sign = _signing(url, signer, anchor) if signer else None
    sequencer = Sequencer(url)
    try:
        if once:
            total, more = 0, True
            while more:
                done = sequencer.once()
                total, more = total + done.done, done.more and done.done > 0
        else:
            with _until_stopped() as stop:
                total = sequencer.run(stop, every=every, told=_now_and_then(sign, sign_every))
    finally:
        sequencer.close()
    if sign is not None:
        sign()
    return Answer({"sequenced": total}, f"{total:,}")


def _signing(url: str, signers: list[str], anchor: str) -> Callable[[], Any]:
    keys = [signer_of(one) for one in signers]

    def sign() -> None:
        with server_store(url, read_only=True) as store:
            Trail(store, recorded=lambda: to_us(pendulum.now("UTC")), anchor=FileAnchor(anchor)).checkpoint(keys)

    return sign


def _now_and_then(sign: Callable[[], Any] | None, seconds: float) -> Callable[[Pass], None]:
    """Signs by the clock, whoever gave the positions: writers do too."""
    last = time.monotonic()

    def told(now: Pass) -> None:
        nonlocal last
        if now.trouble:
            print(now.trouble, file=sys.stderr, flush=True)
        elif sign is not None and time.monotonic() - last >= seconds:
            last = time.monotonic()
            try:
                sign()
            except QMSError as error:  # positions go on; that nothing is signed is told each time
                print(error, file=sys.stderr, flush=True)

    return told


@contextmanager
def _until_stopped() -> Iterator[Event]:
    """Set by SIGTERM or Ctrl-C: what is under way is finished first."""
    stop = Event()
    before = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(ValueError):  # only the main thread may
            before[number] = signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_WORDS = {
    "made": {"en": "made", "vi": "đã tạo"},
    "roles": {"en": "roles", "vi": "vai trò"},
}
