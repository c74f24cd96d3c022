"""Reading a real event log, the receipt log of 8,577 events, beside pm4py's importers.

Both ask for the same answer: how often each activity directly follows which. Ours gives every other figure with it; pm4py's
XES importer is measured as it comes (`pm4py.read_xes`) and as its fastest pure variant without a data frame where it has one.
The log may not be redistributed, so it is read from QMS_SHARED_DATA, else ../shared/data; without it there are no rows.
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from qms.exchange.logs import figures, open_log
from qms.exchange.mapping import LogMap

from .harness import Row

EVENTS = 8_577
MAP = {"case": "case:concept:name", "activity": "concept:name", "time": "time:timestamp", "order": "event_index_in_file"}


def rows() -> Iterator[Row]:
    """XES and CSV, from files that are not packed, so that gzip is not what is measured."""
    import pandas as pd
    import pm4py

    warnings.filterwarnings("ignore")
    named = os.environ.get("QMS_SHARED_DATA")
    folder = (Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data") / "logs"
    if not folder.is_dir():
        print(f"no logs at {folder}; name the folder of the data in QMS_SHARED_DATA", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="qms-bench-") as place:
        xes, table = Path(place, "receipt.xes"), Path(place, "receipt.csv")
        xes.write_bytes(gzip.decompress((folder / "receipt.xes.gz").read_bytes()))
        table.write_bytes(gzip.decompress((folder / "receipt.csv.gz").read_bytes()))

        def ours(path: Path, mapping: LogMap | None) -> dict[tuple[str, str], int]:
            return {(a, b): n for a, b, n in figures(open_log(path, mapping)).stats.directly_follows}

        def theirs() -> dict[tuple[str, str], int]:
            return dict(pm4py.discover_dfg(pm4py.read_xes(str(xes), show_progress_bar=False))[0])

        def frame() -> dict[tuple[str, str], int]:
            read = pd.read_csv(table)
            read["time:timestamp"] = pd.to_datetime(read["time:timestamp"], format="ISO8601")
            return dict(pm4py.discover_dfg(read)[0])

        mapping = LogMap.from_tree(MAP)
        assert ours(xes, None) == ours(table, mapping) == theirs() == frame()
        note = "what follows what, an event"
        yield Row(
            "log-stats of XES",
            lambda: ours(xes, None),
            {"pm4py.read_xes": theirs},
            {},
            operations=EVENTS,
            seconds=0.5,
            note=note,
        )
        yield Row(
            "log-stats of CSV",
            lambda: ours(table, mapping),
            {"pandas.read_csv and pm4py": frame},
            {},
            operations=EVENTS,
            seconds=0.5,
            note=note,
        )
