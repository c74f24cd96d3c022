"""``python -m qms`` and the ``qms`` command; says what to install where the extra ``cli`` is missing."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: with 0 good, 1 a finding or a denial, 2 bad input (or the extra ``cli`` is not installed).
    """
    try:
        from .cli import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("typer", "rich", "click"):
            raise
        print(f"the command line needs {error.name}: pip install 'qms[cli]'", file=sys.stderr)
        raise SystemExit(2) from error
    app()


if __name__ == "__main__":  # pragma: no cover
    main()
