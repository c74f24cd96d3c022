"""Keys, checkpoints and evidence on the command line: ``qms key``, ``rotate-key``, ``checkpoint``, ``evidence``, ``verify-evidence``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pendulum
import typer

from ..calendar import to_us
from ..checkpoint import COSIGNATURE, ED25519, Signer
from ..custody import Trail
from ..errors import InvalidInput
from ..evidence import Evidence, ProvedRecord, Verified
from ..ports import Anchor, Store
from ..stores import FileAnchor
from .kept import STORES, KeysOption, keys_of, open_store
from .shell import Answer, Json, Lang, Language, app, command

__all__ = [
    "checkpoint_command",
    "evidence_command",
    "key_command",
    "rotate_key_command",
    "signer_of",
    "verify_evidence_command",
]

Url = Annotated[str, typer.Argument(help=STORES, metavar="URL")]
Out = Annotated[str, typer.Option("--out", "-o", help="The file to write.")]


def signer_of(file: str) -> Signer:
    """The secret key in *file*.

    Raises:
        InvalidInput: it cannot be read, or holds none.
    """
    try:
        return Signer.parse(Path(file).read_text(encoding="utf-8"))
    except InvalidInput as error:
        raise InvalidInput(str(error), file) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"the key cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}", file) from error


def _write(file: str, text: str, *, secret: bool = False) -> None:
    """Write *text* to a new *file*; a secret one is for its owner alone."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise InvalidInput("there is a file of that name; it is not written over", file) from error
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", file) from error


def _trail(store: Store, anchor: Anchor | None = None) -> Trail:
    return Trail(store, recorded=lambda: to_us(pendulum.now("UTC")), anchor=anchor)


@app.command("key")
@command
def key_command(
    name: Annotated[str, typer.Argument(help="The log whose key it is, such as example.gov/office; with --of none.")] = "",
    out: Annotated[str, typer.Option("--out", "-o", help="The file for the secret key; it must not be there yet.")] = "",
    of: Annotated[str, typer.Option("--of", help="A file with a secret key: show what others verify by.")] = "",
    witness: Annotated[bool, typer.Option("--witness", help="A key for a witness, which signs with the time.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Make a key for signing checkpoints, and show what others verify by."""
    if bool(name) == bool(of) or bool(name) != bool(out):
        raise InvalidInput("write qms key NAME --out FILE to make a key, or qms key --of FILE to show one")
    signer = signer_of(of) if of else Signer.generate(name, COSIGNATURE if witness else ED25519)
    if out:
        _write(out, f"{signer.secret}\n", secret=True)
    return Answer({"vkey": signer.vkey}, signer.vkey)


@app.command("rotate-key")
@command
def rotate_key_command(
    url: Url,
    old: Annotated[str, typer.Option("--old", help="The file of the secret key that is replaced.")],
    new: Annotated[str, typer.Option("--new", help="The file of the secret key that replaces it.")],
    by: Annotated[str, typer.Option("--by", help="Who replaces it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Replace the key of a log, by a record in the log that both keys sign."""
    first, second = signer_of(old), signer_of(new)
    open_store(url, existing=True).close()
    store = open_store(url)
    try:
        done = _trail(store).rotate(first, second, by=by, reason=reason)
    finally:
        store.close()
    facts = {"origin": done.origin, "size": done.size, "old": str(done.old), "new": str(done.new)}
    return Answer(facts, f"{done.old} until={done.size}\n{done.new} since={done.size}")


@app.command("checkpoint")
@command
def checkpoint_command(
    url: Url,
    signer: Annotated[list[str], typer.Option("--signer", help="A file with a secret key of the log; may be repeated.")],
    anchor: Annotated[str, typer.Option("--anchor", help="The file that holds the checkpoint signed last, and then this one.")],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Sign the log as it is now, unless it does not continue the checkpoint signed last."""
    signers = [signer_of(one) for one in signer]
    store = open_store(url, existing=True)
    try:
        note = _trail(store, FileAnchor(anchor)).checkpoint(signers)
    finally:
        store.close()
    facts = {"origin": note.origin, "size": note.size, "root": note.root.hex(), "note": str(note)}
    return Answer(facts, str(note).removesuffix("\n"))


@app.command("evidence")
@command
def evidence_command(
    url: Url,
    case: Annotated[str, typer.Argument(help="The id of the case.", metavar="CASE")],
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="The signed checkpoint that the evidence stands under.")],
    out: Out,
    seq: Annotated[int | None, typer.Option("--seq", help="One record of the case alone.")] = None,
    disclose: Annotated[bool, typer.Option("--disclose", help="Show the personal values of this case too.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Write the file that proves the records of a case to anybody who has the key of the log."""
    store = open_store(url, existing=True)
    try:
        found = _trail(store).evidence(case, seq, checkpoint=Path(checkpoint), disclose=disclose)
    finally:
        store.close()
    _write(out, str(found))
    records = _WORDS["records"][language.value].format(n=len(found.proofs))
    return Answer({"file": out, "records": len(found.proofs)}, f"{out}: {records}")


@app.command("verify-evidence")
@command
def verify_evidence_command(
    file: Annotated[str, typer.Argument(help="The evidence.", metavar="FILE")],
    key: KeysOption = None,
    origin: Annotated[
        str | None, typer.Option("--origin", help="The log it must be of, where its key has another name.")
    ] = None,
    quorum: Annotated[
        int, typer.Option("--witnesses", min=0, help="How many of the witnesses whose keys are named must have signed.")
    ] = 0,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """Whether evidence holds: offline, with the key of the log and nothing else."""
    if origin == "":
        raise InvalidInput("names no log; name the one that it must be of, or leave it out", "--origin")
    keys = keys_of(key)
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", file) from error
    found = Evidence.parse(data).verify(keys, origin=origin, quorum=quorum)
    return Answer(_facts(found), _page(found, language.value))


def _facts(found: Verified) -> dict[str, Any]:
    records = [
        {"position": one.position, "seq": one.seq, "record": one.content} | ({"values": one.values} if one.values else {})
        for one in found.records
    ]
    witnesses = [{"name": key.name, "at": _moment(at * 1_000_000)} for key, at in found.witnesses.items()]
    note = found.checkpoint
    return {
        "origin": note.origin,
        "size": note.size,
        "case": found.stream,
        "from_the_start": found.from_the_start,
        "records": records,
        "witnesses": witnesses,
    }


def _page(found: Verified, language: str) -> str:
    words = {key: said[language] for key, said in _WORDS.items()}
    note = found.checkpoint
    lines = [words["holds"].format(origin=note.origin, size=note.size), words["case"].format(case=found.stream)]
    lines += [line for one in found.records for line in _record(one, words)]
    lines += [words["witness"].format(name=key.name, at=_moment(at * 1_000_000)) for key, at in found.witnesses.items()]
    lines.append(words["start" if found.from_the_start else "part"].format(n=found.records[-1].seq))
    return "\n".join("".join(char if char.isprintable() else "\ufffd" for char in line) for line in lines)


def _record(one: ProvedRecord, words: Mapping[str, str]) -> list[str]:
    content = one.content
    what = content.get("action") or content.get("type") or ""
    at = content.get("occurred", content.get("at"))
    when = _moment(at) if type(at) is int else ""
    form = content.get("form")
    values = form.items() if isinstance(form, dict) else ()
    sealed = [f"form.{name}" for name, value in values if isinstance(value, dict) and "sealed" in value]
    lines = [f"  {one.seq:>3}  {when}  {what}  {content.get('by', '')}".rstrip()]
    lines += [f"       {path} = {value}" for path, value in one.values.items()]
    return lines + [f"       {path}: {words['sealed']}" for path in sealed if path not in one.values]


def _moment(at: int) -> str:
    return pendulum.from_timestamp(at // 1_000_000, "UTC").format("YYYY-MM-DD HH:mm:ss[Z]")


_WORDS = {
    "records": {"en": "{n} records proved", "vi": "chứng minh {n} bản ghi"},
    "holds": {"en": "the evidence holds: signed by {origin} over {size:,} records", "vi": "bằng chứng đúng: {origin} đã ký trên {size:,} bản ghi"},
    "case": {"en": "case {case}", "vi": "hồ sơ {case}"},
    "sealed": {"en": "sealed", "vi": "đã niêm phong"},
    "witness": {"en": "witnessed by {name} at {at}", "vi": "{name} chứng kiến lúc {at}"},
    "start": {"en": "all records 1 to {n} of the case; whether it went on, this cannot say", "vi": "đủ các bản ghi từ 1 đến {n} của hồ sơ; không cho biết hồ sơ có tiếp diễn hay không"},
    "part": {"en": "a part of the case; the rest was not given", "vi": "một phần của hồ sơ; phần còn lại không được cung cấp"},
}  # fmt: skip
