"""Files that are written for others: judged before anything is done, and whole or not there.

Rule 1: nothing is written over what the same command reads, under whatever name, nor, unless told, over anything that is there.
Rule 2: a file is written beside its place and put there at last: what stood there stays until then.
"""

from __future__ import annotations

import gzip
import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import InvalidInput, Problem

__all__ = ["judge_targets", "written"]


def judge_targets(sources: Sequence[str | Path], targets: Sequence[str], *, fresh: bool) -> None:
    """Whether files can be kept at *targets*: each elsewhere than the *sources* and the others, in a folder that is there.

    Raises:
        InvalidInput: what stands there would be lost; a file that exists, without *fresh*; no such folder.
    """
    faults = []
    for i, target in enumerate(targets):
        place = Path(target)
        if any(_is_same(place, Path(other)) for other in (*sources, *targets[:i])):
            faults.append(Problem(target, "stands for another file of this command; name another"))
        elif place.exists() and not fresh:
            faults.append(Problem(target, f"{target} exists; name another file, or add --fresh to replace it"))
        elif place.is_dir() or not place.absolute().parent.is_dir():
            faults.append(Problem(target, "is a folder, or lies in one that does not exist"))
    if faults:
        raise InvalidInput(faults)


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


@contextmanager
def written(path: Path, newline: str = "\n") -> Iterator[IO[str]]:
    """A text file to write, packed where its name ends in ``.gz``; it takes its place when all went well."""
    if path.exists() and not path.is_file():  # a pipe or a device: nothing can take its place
        with path.open("wb") as raw, _text(raw, path, newline) as text:
            yield text
        return
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("wb") as raw, _text(raw, path, newline) as text:
            yield text
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _text(raw: IO[bytes], path: Path, newline: str) -> io.TextIOWrapper:
    packed = gzip.GzipFile(path.name.removesuffix(".gz"), "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw
    return io.TextIOWrapper(packed, encoding="utf-8", newline=newline)
