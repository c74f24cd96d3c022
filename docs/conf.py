"""How the documentation is built; the pages under reference/ are written from the code each time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pages

import qms

project = "qms"
author = "The qms authors"
project_copyright = "2026, the qms authors"
release = version = qms.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.intersphinx"]
intersphinx_mapping: dict[str, tuple[str, str | None]] = {}  # the build needs no network
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "qms"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
default_role = "code"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
add_module_names = False
toc_object_entries_show_parents = "hide"
suppress_warnings = ["myst.header", "ref.python"]


def setup(app):
    """Module heads are written for readers of the source; `pages.rules` lays them out."""
    app.connect("autodoc-process-docstring", pages.rules)


pages.write(Path(__file__).parent / "reference")
