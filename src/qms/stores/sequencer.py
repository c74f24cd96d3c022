"""The sequencer of a log in PostgreSQL, as a process of its own: ``qms sequence URL``.

Rule 1: it gives positions to all that waits, in one transaction at a time, under the log's advisory lock. Several may run, and
writers may do the same meanwhile: one at a time is at work, and who is killed anywhere leaves all as before, or all done.
Rule 2: it may run where writers have no right to sequence, and as the only one; readers lack what waits until it comes.
Rule 3: a connection that breaks is made anew, a little later each time.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import psycopg
from attrs import frozen

from ..errors import StoreError
from .postgres_link import Link, Told, connect
from .postgres_schema import address_of, check, prepare, roles_sql, version_of

__all__ = ["Pass", "Sequencer", "prepare_at", "schema_of"]

_BATCHES = 5000
_SLOWEST = 10.0


@frozen
class Pass:
    """What one look at the queue did: how many records got a position, whether more wait, or what was wrong."""

    done: int
    more: bool = False
    trouble: str | None = None


class Sequencer:
    """Sequences the log at *url* (``#name`` names its schema) until it is told to stop.

    Raises:
        InvalidInput: no address of a PostgreSQL database.
        StoreError: there is no log, or it cannot be reached.
    """

    def __init__(self, url: str, *, schema: str | None = None) -> None:
        self._url, self._schema, self._place = address_of(url, schema)
        self._link: Link | None = None
        self._told = Told(self._place)
        self._open()

    def once(self, wait: int = 1000) -> Pass:
        """Give positions to what waits, *wait* milliseconds for another sequencer at most.

        Raises:
            StoreError: the log cannot be reached or written.
        """
        with self._told:
            link = self._link or self._open()
            sql = f"SELECT o_done, o_more FROM {self._schema}.sequence({_BATCHES}, {int(wait)})"
            try:
                ((done, more),) = link.all(sql)
            except psycopg.Error:
                if link.connection.closed:
                    self._link = None
                raise
            return Pass(done, more)

    def run(self, stop: Event, *, every: float = 0.02, told: Callable[[Pass], None] | None = None) -> int:
        """Look at the queue each *every* seconds until *stop* is set; how many records got a position.

        Each look is *told*. Trouble (the server restarts, a lock is held) is outlived.
        """
        total, pause = 0, every
        while not stop.is_set():
            try:
                now = self.once()
            except StoreError as error:
                now, pause = Pass(0, trouble=str(error)), min(max(pause * 2, 0.1), _SLOWEST)
            else:
                pause = every
            total += now.done
            if told is not None:
                told(now)
            if now.trouble or not (now.more and now.done):
                stop.wait(pause)
        return total

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.connection.close()
            self._link = None

    def _open(self) -> Link:
        with self._told:
            link = connect(self._url, read_only=False, timeout=30)
            try:
                _must_be_there(link, self._schema, self._place)
            except BaseException:
                link.connection.close()
                raise
        self._link = link
        return link


def schema_of(url: str) -> str:
    """The schema that *url* names with ``#name``, or ``qms``.

    Raises:
        InvalidInput: no address, or it is no name of a schema.
    """
    return address_of(url)[1]


def prepare_at(url: str, *, roles: bool = False) -> tuple[int | None, int]:
    """Make the log at *url*, or bring it to this version, and its *roles* if asked: the versions before and after.

    Raises:
        InvalidInput: no address of a PostgreSQL database.
        StoreError: the rights are missing, or what is there cannot be brought to this version; nothing was changed.
    """
    address, schema, place = address_of(url)
    with Told(place):
        link = connect(address, read_only=False, timeout=30)
        try:
            link.do("BEGIN")
            made = prepare(link, schema, place)
            if roles:
                link.do(roles_sql(schema))
            link.do("COMMIT")
        except psycopg.errors.InsufficientPrivilege as error:
            rights = "be its owner, or have CREATE on the database" + (", and CREATEROLE for the roles" if roles else "")
            raise StoreError(f"{place}: who prepares a log must {rights}; nothing was changed ({error})") from error
        finally:
            link.connection.close()
    return made


def _must_be_there(link: Link, schema: str, place: str) -> None:
    if version_of(link, schema, place) is None:
        raise StoreError(f"{place}: there is no log; run qms prepare first")
    check(link, schema, place)
