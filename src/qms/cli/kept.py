"""Stores on the command line: `open_store` by address, and ``qms verify``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..case import row
from ..checkpoint import Keyring
from ..custody import trusted_head
from ..errors import InvalidInput
from ..event import read
from ..organization import names_a_case
from ..ports import Checkpoint, Entry, Fold, Row, Store
from ..publication import Definitions
from ..state import fold
from ..stores import MemoryStore, SQLiteStore
from ..stores.verification import LEVELS
from .shell import Answer, Json, Lang, Language, app, command, progress

if TYPE_CHECKING:
    from ..stores import PostgresStore

__all__ = [
    "MEMORY",
    "STORES",
    "KeysOption",
    "files_of",
    "keys_of",
    "on_server",
    "open_store",
    "rows_of",
    "server_store",
    "store_path",
    "verify_command",
]

MEMORY = ("memory:", ":memory:")
STORES = "sqlite:///path, a path, or postgresql://host/database#schema."
_SERVERS = ("postgresql://", "postgres://")


def open_store(url: str, *, existing: bool = False) -> Store:
    """The store at *url*: ``sqlite:///path``, a bare path, ``postgresql://...`` (``#name`` names the schema), or ``memory:``.

    With *existing* it must be there already, and is opened to be read only.

    Raises:
        InvalidInput: another kind of address, or no file there though one is asked for.
        StoreError: the file or schema is no store, is damaged, is newer than this version, or cannot be opened.
    """
    if url in MEMORY:
        return MemoryStore()
    if on_server(url):
        return server_store(url, read_only=existing)
    path = store_path(url)
    if existing and not path.is_file():
        raise InvalidInput(f"no store is at {path}; name the file that holds it", "store")
    return SQLiteStore(path, read_only=existing)


def on_server(url: str) -> bool:
    """Whether *url* names a log in PostgreSQL."""
    return url.startswith(_SERVERS)


def server_store(url: str, *, read_only: bool = False) -> PostgresStore:
    """The log in PostgreSQL at *url*.

    Raises:
        InvalidInput: the extra for PostgreSQL is not installed, or the address is none.
        StoreError: it cannot be opened.
    """
    try:
        from ..stores import PostgresStore
    except ImportError as error:
        raise InvalidInput(str(error), "store") from error
    return PostgresStore(url, read_only=read_only)


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
        raise InvalidInput(
            f"{url!r} names no store this version opens; write sqlite:///path, a path, postgresql://host/database, or memory:",
            "store",
        )
    return Path(path)


def files_of(url: str) -> list[Path]:
    """The files that the store at *url* is, with those that SQLite and we keep beside it; none for another kind of store.

    Raises:
        InvalidInput: an address of another kind, or none.
    """
    if url in MEMORY or on_server(url):
        return []
    path = store_path(url)
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal", "-turn"))]


KeysOption = Annotated[
    list[str] | None, typer.Option("--key", help="The vkey of the log, or of a witness, or a file of them; may be repeated.")
]


def keys_of(given: list[str] | None) -> Keyring:
    """The keys that ``--key`` names: vkeys, or files of them.

    Raises:
        InvalidInput: none, something else, or a file that cannot be read.
    """
    texts = []
    for one in given or []:
        try:
            is_file = "+" not in one or Path(one).is_file()
            texts.append(Path(one).read_text(encoding="utf-8") if is_file else one)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", f"--key {one}") from error
    if not texts:
        raise InvalidInput("name the key that the checkpoint must be signed by", "--key")
    return Keyring.of(texts)


@app.command("verify")
@command
def verify_command(
    url: Annotated[str, typer.Argument(help=STORES, metavar="URL")],
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", help="A signed checkpoint: then it says whether all is there.")
    ] = None,
    key: KeysOption = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="What was verified before, and is not read again: a signed checkpoint, or SIZE:ROOT as printed then.",
        ),
    ] = None,
    level: Annotated[
        str, typer.Option("--level", help=f"The last level to look at: {', '.join(LEVELS)}.", metavar="LEVEL")
    ] = LEVELS[-1],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Whether the trail of a store is whole in itself, and with a checkpoint whether it is complete; names the first bad record."""
    if checkpoint == "":
        raise InvalidInput("names no file; name the signed checkpoint, or leave it out", "--checkpoint")
    if key and checkpoint is None and since is None:
        raise InvalidInput("a key judges a checkpoint; name that too (--checkpoint, --since), or leave the key out", "--key")
    store = open_store(url, existing=True)
    try:
        with progress(_WORDS["verifying"][language.value]) as told:
            head = trusted_head(store, Path(checkpoint), keys_of(key)) if checkpoint is not None else None
            begun = None if since is None else _verified(store, since, key)
            found = store.verify(rows_of(store), head, progress=told, since=begun, level=level)
    finally:
        store.close()
    size = f"{found.size:,} · {found.root.hex()}"
    return Answer(found.to_tree(), f"{found}\n{size}", found.consistent and found.complete is not False)


def _verified(store: Store, given: str, key: list[str] | None) -> Checkpoint:
    """The size and root that ``--since`` names: as text, trusted as it is, or in the file of a checkpoint that was signed.

    Raises:
        InvalidInput: it is neither, or no key is named for the checkpoint.
        Untrusted: no trusted key signed it.
    """
    size, colon, root = given.partition(":")
    if not (colon and size.isdecimal()):
        return trusted_head(store, Path(given), keys_of(key))
    if not _ROOT.fullmatch(root):
        raise InvalidInput(f"{given!r} is no SIZE:ROOT; the root is 64 hexadecimal digits, as verify prints it", "--since")
    return int(size), bytes.fromhex(root)


_ROOT = re.compile("[0-9a-f]{64}")
_WORDS = {
    "verifying": {"en": "verifying", "vi": "đang kiểm tra"},
}
