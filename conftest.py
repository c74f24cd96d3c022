"""Every example in README.md, docs/ and the docstrings runs: Sybil collects them beside the tests.

The examples of one document share a namespace and an empty folder to work in, so a suite that is spread over processes
must keep each file whole: ``--dist loadfile``. A source file whose optional extra is not
installed is left out, so that the suite also runs with the core alone.
"""

from __future__ import annotations

import os
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any

from sybil import Sybil
from sybil.parsers import markdown, myst, rest
from sybil.sybil import SybilCollection

FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE
EXTRAS = {"src/qms/cli/*.py": "typer", "src/qms/demo/*.py": "rich", "src/qms/exchange/calendars.py": "holidays", "docs/calendars.md": "icalendar", "docs/evidence.md": "cryptography", "docs/formats.md": "cryptography", "docs/erasure.md": "cryptography",
          "docs/pitfalls.md": "holidays", "docs/performance.md": "numpy", "docs/postgresql.md": "psycopg", "src/qms/report/*.py": "jinja2", "src/qms/testing/*.py": "hypothesis",
          "src/qms/stores/postgres*.py": "psycopg", "src/qms/stores/sequencer.py": "psycopg", "src/qms/checkpoint.py": "cryptography"}  # fmt: skip


def _enter(namespace: dict[str, Any]) -> None:
    """Examples write their files into a folder of their own."""
    folder = TemporaryDirectory(prefix="qms-docs-", ignore_cleanup_errors=True)
    namespace["_here"] = os.getcwd()  # noqa: PTH109  (put back by chdir)
    namespace["_folder"] = folder
    os.chdir(folder.name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_here"])
    namespace["_folder"].cleanup()


_missing = [pattern for pattern, module in EXTRAS.items() if find_spec(module) is None]

_sybils = SybilCollection(
    [
        Sybil(
            [myst.DocTestDirectiveParser(FLAGS), myst.PythonCodeBlockParser(doctest_optionflags=FLAGS), myst.SkipParser()],
            patterns=["docs/*.md", "docs/**/*.md", "examples/**/*.md"],
            excludes=["docs/_build/**", "docs/reference/**", *_missing],
            setup=_enter,
            teardown=_leave,
        ),
        Sybil(
            [markdown.PythonCodeBlockParser(doctest_optionflags=FLAGS), markdown.SkipParser()],
            patterns=["README.md"],
            setup=_enter,
            teardown=_leave,
        ),
        Sybil(
            [rest.DocTestParser(FLAGS), rest.SkipParser()],
            patterns=["src/qms/*.py", "src/qms/**/*.py"],
            excludes=_missing,
            setup=_enter,
            teardown=_leave,
        ),
    ]
)

pytest_collect_file = _sybils.pytest()
