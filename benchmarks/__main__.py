"""``python -m benchmarks [NAME]... [--write FILE]``: print the table, and put it into a page if asked."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from .harness import HEAD, circumstances, measure, told

ALL = ("days", "hours", "bulk", "due", "decide", "soundness", "append", "trail", "postgres", "logs")
START, END = "<!-- figures: python -m benchmarks --write docs/performance.md -->", "<!-- /figures -->"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="which rows; all without a name")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", type=Path, help="a page whose figures are replaced")
    asked = parser.parse_args()
    lines = list(HEAD)
    print(*lines, sep="\n")
    for name in asked.names or ALL:
        for row in import_module(f"benchmarks.{name}").rows():
            rows = told(measure(row, rounds=asked.rounds))
            print(*rows, sep="\n", flush=True)
            lines += rows
    print(f"\n{circumstances()}")
    if asked.write:
        put(asked.write, [circumstances(), "", *lines])
    return 0


def put(page: Path, lines: list[str]) -> None:
    """Replace what stands between the marks of *page*."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    page.write_text("\n".join([before + START, *lines, END + after]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
