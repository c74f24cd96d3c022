"""``python -m benchmarks.million [FILE]``: a log of a million events in one SQLite file, looked at on the way, as four plots in one SVG.

At each size: what an event costs to append in batches of a thousand, to verify and to hold on the disk, and what a proof costs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from qms.codec import encode
from qms.ports import Write
from qms.stores import SQLiteStore
from qms.trail import leaf_hash, verify_consistency, verify_inclusion

from .append import _event
from .growth import Curves, draw

PAGE = Path(__file__).resolve().parents[1] / "docs" / "images" / "trail.svg"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.million", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=PAGE)
    asked = parser.parse_args()
    curves: dict[str, Curves] = {"append": {}, "verify": {}, "proofs": {}, "bytes": {}}
    with TemporaryDirectory(prefix="qms-bench-", dir=os.environ.get("QMS_BENCH_DIR")) as folder:
        place = Path(folder, "log.db")
        store, size = SQLiteStore(place), 0
        for upto in SIZES:
            start = perf_counter()
            _fill(store, size, upto)
            took = (perf_counter() - start) / (upto - size)
            size = upto
            told = {
                "append": {"a thousand in a commit": took},
                "verify": {
                    level: _once(lambda level=level: store.verify(level=level)) / size for level in ("tree", "semantics")
                },
                "proofs": _proofs(store),
                "bytes": {
                    "in the file": sum(each.stat().st_size for each in place.parent.iterdir()) / size / 1e6
                },  # drawn and told in millionths
            }
            for what, figures in told.items():
                for name, figure in figures.items():
                    curves[what].setdefault(name, []).append((size, figure))
                    print(f"{size:>9,} {what}, {name}: {figure * 1e6:,.3g}", flush=True)
        store.close()
    titles = {
        "append": "append, an event",
        "verify": "verify to a level, an event",
        "proofs": "one proof",
        "bytes": "bytes, an event",
    }
    plots = [(title, "events in the log", curves[what]) for what, title in titles.items()]
    draw(plots, asked.file)
    return 0


def _fill(store: SQLiteStore, size: int, upto: int) -> None:
    for first in range(size, upto, BATCH):
        events = [_event(n) for n in range(first, first + BATCH)]
        store.append([Write(str(e["stream"]), int(str(e["seq"])) - 1, (encode(e),)) for e in events])


def _proofs(store: SQLiteStore) -> dict[str, float]:
    size, root, numbers = store.size, store.root(), count()
    old, index = size // 3, size // 2
    old_root, leaf = store.root(old), leaf_hash(next(store.scan(index)).data)
    inclusion, consistency = store.inclusion(index), store.consistency(old)
    assert verify_inclusion(leaf, index, size, inclusion, root)
    assert verify_consistency(old, size, consistency, old_root, root)
    works: dict[str, Callable[[], object]] = {
        "make inclusion": lambda: store.inclusion(next(numbers) * 7919 % size),
        "make consistency": lambda: store.consistency(next(numbers) * 7919 % size + 1),
        "check inclusion": lambda: verify_inclusion(leaf, index, size, inclusion, root),
        "check consistency": lambda: verify_consistency(old, size, consistency, old_root, root),
    }
    return {name: _once(lambda work=work: [work() for _ in range(300)]) / 300 for name, work in works.items()}


def _once(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


if __name__ == "__main__":
    sys.exit(main())
