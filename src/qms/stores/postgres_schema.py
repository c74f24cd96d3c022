"""The schema of a log in PostgreSQL: made, brought forward version by version, and checked against what is expected.

Rule 1: a schema is made or brought forward in one transaction, under a lock: whole or not at all, once for all who try.
Rule 2: it only goes forward. One that a newer library made is refused, and nothing of it is changed.
Rule 3: opening a store changes no schema that is there; `qms prepare` does. So old workers are not cut off by a new one.
Rule 4: what writes to the log are its functions, so a store is written only while they and its guards are what this version
ships: a changed function, a trigger switched off or made hollow is refused by name. One that is read says so in `verify`.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from ..errors import InvalidInput, StoreError
from .postgres_link import Link, place_of

__all__ = [
    "SCHEMA_VERSION",
    "address_of",
    "check",
    "check_name",
    "faults",
    "prepare",
    "roles_sql",
    "schema_sql",
    "version_of",
]

SCHEMA_VERSION = 1
_STEPS: dict[int, str] = {}
"""What brings a schema from the version before to this one; the functions are replaced after each."""
_SHAPE = "53a5a378"
"""The first digits of the digest over all columns of our tables in a schema of this version, with their types."""

_FOLDER = Path(__file__).with_name("sql")
_NAMES = "small letters, digits and _, 40 at most"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION \w+\.(\w+)(\(.*?)AS \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) [^;]+")
_AS_OWNER = (True, ["search_path=pg_catalog, pg_temp"])
_TABLE = re.compile(r"CREATE TABLE \{schema\}\.(\w+)")


def check_name(schema: str) -> str:
    """*schema* as the name of a schema.

    Raises:
        InvalidInput: it is not made of small letters, digits and underscores, or is longer than 40.
    """
    if not _is_name(schema):
        raise InvalidInput(f"{schema!r} is no name for a schema: {_NAMES}", "schema")
    return schema


def _is_name(schema: object) -> bool:
    return type(schema) is str and _NAME.fullmatch(schema) is not None and not schema.startswith("pg_")


def address_of(url: str, schema: str | None = None) -> tuple[str, str, str]:
    """The address of the database that *url* names, the schema of the log in it, and its place without a password.

    Raises:
        InvalidInput: no address of a PostgreSQL database, or no name of a schema. What stands in *url* is not repeated.
    """
    if type(url) is not str:
        raise InvalidInput(f"{url!r} is no address; write postgresql://host/database#schema", "url")
    address, _, named = url.partition("#")
    if named and not _is_name(named):
        raise InvalidInput(f"what follows # is no name for a schema: {_NAMES}; a # in a password is written %23", "url")
    name = check_name(named or "qms") if schema is None else check_name(schema)
    return address, name, f"{place_of(address)}#{name}"


def _sql(name: str, schema: str) -> str:
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("{schema}", schema).replace("{{}}", "{}")


def schema_sql(schema: str) -> str:
    """All that makes a new log, for reading or for a tool of one's own.

    >>> schema_sql("hue").splitlines()[0]
    'CREATE SCHEMA hue;'
    """
    check_name(schema)
    revoked = f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;\n"
    meta = (
        f"INSERT INTO {schema}.meta VALUES ('schema', '{SCHEMA_VERSION}'),"
        " ('created', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text);\n"
    )
    return f"CREATE SCHEMA {schema};\n{_sql('tables', schema)}{_sql('functions', schema)}{revoked}{meta}"


def roles_sql(schema: str) -> str:
    """Who may do what, as SQL that the owner of the schema runs; may be run again."""
    return _sql("roles", check_name(schema))


def version_of(link: Link, schema: str, place: str) -> int | None:
    """The version of the log in *schema*; None when there is none.

    Raises:
        StoreError: it is newer than this library, or cannot be told.
    """
    there = link.all(
        "SELECT c.oid IS NOT NULL FROM pg_namespace AS n LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'meta'"
        " WHERE n.nspname = %s",
        (schema,),
    )
    if not there:
        return None
    if not there[0][0]:
        raise StoreError(f"{place}: the schema {schema} is there and holds no log; name another")
    found = link.all(f"SELECT value FROM {schema}.meta WHERE name = 'schema'")
    if not found or not str(found[0][0]).isdecimal() or int(found[0][0]) < 1:
        raise StoreError(f"{place}: the store does not say its schema; put back a copy")
    version = int(found[0][0])
    if version > SCHEMA_VERSION:
        raise StoreError(f"{place}: written by a newer qms (schema {version}, this one knows {SCHEMA_VERSION}); upgrade qms")
    return version


def prepare(link: Link, schema: str, place: str) -> tuple[int | None, int]:
    """Make the log, or bring it to this version, inside the transaction that is open: the versions before and after.

    Raises:
        InvalidInput: the name is a word of SQL.
        StoreError: PostgreSQL is older than 15, the database is not UTF-8, the schema is newer than this library, or
            what came out is not what this version expects.
    """
    check_name(schema)
    ((server, encoding),) = link.all("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
    if server < 150000:
        raise StoreError(f"{place}: PostgreSQL {server // 10000} is too old; 15 or later is needed")
    if encoding != "UTF8":
        raise StoreError(f"{place}: the encoding of the database is {encoding}; a log needs one in UTF8")
    link.all("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"qms schema of {schema}",))
    before = version_of(link, schema, place)
    if before is None:
        if link.all("SELECT 1 FROM pg_get_keywords() WHERE word = %s AND catcode IN ('R', 'T')", (schema,)):
            raise InvalidInput(f"{schema!r} is a word of SQL, and no name for a schema; take another", "schema")
        link.do(schema_sql(schema))
    else:
        for version in range(before + 1, SCHEMA_VERSION + 1):
            link.do(_STEPS[version].replace("{schema}", schema))
        link.do(_sql("functions", schema))
        link.do(f"UPDATE {schema}.meta SET value = '{SCHEMA_VERSION}' WHERE name = 'schema'")
    check(link, schema, place)
    return before, SCHEMA_VERSION


def check(link: Link, schema: str, place: str) -> None:
    """Refuse to write where the log could be changed unnoticed.

    Raises:
        StoreError: a function, a guard or a column is not as this version ships it.
    """
    if problems := faults(link, schema):
        raise StoreError(f"{place}: {'; '.join(problems)}; verify the log, and run qms prepare")


def faults(link: Link, schema: str) -> list[str]:
    """What of the functions, guards and columns is not as this version ships it, in words."""
    tables, functions = (_sql(name, schema) for name in ("tables", "functions"))
    sql = "SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc JOIN pg_namespace AS n ON n.oid = pronamespace WHERE nspname = %s"
    there = [tuple(line) for line in link.all(sql, (schema,))]
    problems = [
        f"the function {name} is not the one of this version"
        for name, head, body in _FUNCTION.findall(tables + functions)
        if (name, body, *(_AS_OWNER if "SECURITY DEFINER" in head else (False, None))) not in there
    ]
    sql = (
        "SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = n.oid"
        " WHERE n.nspname = %s AND tgenabled IN ('O', 'A')"
    )
    guards = {name: _plain(made, schema) for name, made in link.all(sql, (schema,))}
    for found in _TRIGGER.finditer(tables):
        if found[1] not in guards:
            problems.append(f"the guard {found[1]} is missing or switched off")
        elif guards[found[1]] != _plain(found[0], schema):
            problems.append(f"the guard {found[1]} is not the one of this version")
    if (shape := shape_of(link, schema)) != _SHAPE:
        problems.append(f"the columns are not those of schema {SCHEMA_VERSION} ({shape}, not {_SHAPE})")
    return problems


def _plain(trigger: str, schema: str) -> str:
    """*trigger* on one line, without the schema, which PostgreSQL leaves out where the search path has it."""
    return " ".join(trigger.split()).replace(f"{schema}.", "")


def shape_of(link: Link, schema: str) -> str:
    """The first digits of a digest over the columns of our tables, with their types."""
    tables = _TABLE.findall((_FOLDER / "tables.sql").read_text("utf-8"))
    sql = (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull"
        " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = ANY (%s) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    )
    lines = sorted(" ".join(map(str, line)) for line in link.all(sql, (schema, tables)))
    return sha256("\n".join(lines).encode()).hexdigest()[:8]
