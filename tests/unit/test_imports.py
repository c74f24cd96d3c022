"""What importing the library does, and what its modules promise to export."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages

import pytest

import qms

EXTRAS = ["cryptography", "holidays", "hypothesis", "icalendar", "jinja2", "matplotlib", "narwhals", "numpy", "orjson", "polars", "psycopg",
          "pyspark", "pytest", "rich", "typer"]  # fmt: skip
OPTIONAL = {
    "qms.cli": "typer",
    "qms.demo": "rich",
    "qms.report": "jinja2",
    "qms.testing": "hypothesis",
    "qms.stores.postgres": "psycopg",
}


def _modules() -> list[str]:
    found = [module.name for module in walk_packages(qms.__path__, "qms.", onerror=lambda _: None)]
    missing = tuple(name for name, extra in OPTIONAL.items() if find_spec(extra) is None)
    public = [name for name in found if not any(part.startswith("_") for part in name.split("."))]
    return ["qms", *(name for name in public if not name.startswith(missing or ("-",)))]


def test_importing_qms_loads_none_of_the_extras():
    """`import qms` loads the core dependencies alone."""
    code = "import sys, qms; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [] == [extra for extra in EXTRAS if extra in loaded]


@pytest.mark.parametrize("name", _modules())
def test_a_public_module_names_what_it_exports(name):
    """Each public module has `__all__`, without doubles, and everything in it exists."""
    module = import_module(name)
    names = list(module.__all__)
    assert names == list(dict.fromkeys(names))
    assert [] == [each for each in names if not hasattr(module, each)]
