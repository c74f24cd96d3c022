"""The reference pages: one for each public module, one for the command line, written from the code itself."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import qms

MODULE = """# `{name}`

```{{eval-rst}}
.. automodule:: {name}
{members}
```
"""

INDEX = """# Reference

Written from the code. A module's first lines are its rules.

```{{toctree}}
:maxdepth: 1

{pages}
```
"""


def write(folder: Path) -> None:
    """Write all pages anew into *folder*."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pages = ["command-line"]
    (folder / "command-line.md").write_text(command_line(), encoding="utf-8")
    for name in modules():
        pages.append(name)
        (folder / f"{name}.md").write_text(module(name), encoding="utf-8")
    (folder / "receipt.md").write_text(receipt(), encoding="utf-8")
    (folder / "index.md").write_text(INDEX.format(pages="\n".join(pages)), encoding="utf-8")


def modules() -> list[str]:
    """The names of the public modules, in the order of the alphabet; a package stands for what it exports."""
    found = [module.name for module in walk_packages(qms.__path__, "qms.")]
    public = [
        name for name in found if not any(part.startswith("_") for part in name.split(".")) and not name.startswith("qms.cli")
    ]
    return ["qms", *sorted(name for name in public if getattr(import_module(name), "__all__", None))]


def module(name: str) -> str:
    """The page of one module: what is defined in it in full, what it passes on by name."""
    loaded = import_module(name)
    own = [each for each in loaded.__all__ if getattr(getattr(loaded, each), "__module__", name) == name]
    passed_on = [each for each in loaded.__all__ if each not in own]
    page = MODULE.format(
        name=name, members=f"   :members: {', '.join(own)}\n   :show-inheritance:" if own else "   :no-members:"
    )
    if passed_on:
        page += "\nPasses on: " + ", ".join(f"`{each}` (`{_home(loaded, each)}`)" for each in passed_on) + ".\n"
    return page


def _home(loaded: object, name: str) -> str:
    value = getattr(loaded, name)
    return getattr(value, "__module__", None) or value.__name__


def receipt() -> str:
    """The page of the example, with its files to take along."""
    source = Path(__file__).parents[1] / "examples" / "receipt"
    text = (source / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\[`([a-z]+\.toml)`\]\(\1\)", r"{download}`\1 <../../examples/receipt/\1>`", text)


def command_line() -> str:
    """Each command with its help, as the program itself prints it."""
    import click
    from typer.main import get_command

    from qms.cli import app

    group = get_command(app)
    context = click.Context(group, info_name="qms", terminal_width=100, max_content_width=100)
    parts = ["# The `qms` command", _told(group, context)]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inside = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        parts += [f"## `qms {name}`", _told(command, inside)]
    return "\n\n".join(parts) + "\n"


def _told(command, context) -> str:
    return f"```text\n{command.get_help(context).rstrip()}\n```"


def rules(app, what, name, obj, options, lines: list[str]) -> None:  # noqa: ARG001  (Sphinx gives them all)
    """The rules at the head of a module as a list: their lines are indented for Sphinx, in place."""
    if what != "module":
        return
    told: list[str] = []
    inside = False
    for line in lines:
        if re.match(r"Rule \d+:", line):
            if not inside and told and told[-1]:
                told.append("")
            head, _, rest = line.partition(":")
            told.append(f"* **{head}:**{rest}")
            inside = True
        else:
            inside = inside and bool(line.strip())
            if line.startswith("    ") and told and not told[-1] and not _quoted(told):
                told += ["::", ""]
            told.append(f"  {line.strip()}" if inside else line)
    lines[:] = told


def _quoted(told: list[str]) -> bool:
    """Whether the last line with words already opens, or stands in, a block of code."""
    last = next((line for line in reversed(told) if line.strip()), "")
    return last.endswith("::") or last.startswith("    ")
