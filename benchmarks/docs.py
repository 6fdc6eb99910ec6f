"""Puts the tables of a report between the marks in the documents: no figure there is ever typed by hand."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.paths import ROOT

PAGES = (ROOT / "docs" / "performance.md", ROOT / "benchmarks" / "README.md")
BEGIN, END = "<!-- measured: {} -->", "<!-- end -->"


def write(report: dict[str, Any], pages: tuple[Path, ...] = PAGES) -> None:
    """Put each part's table, and the machine's facts, into the pages that have a mark for it."""
    tables = {name: import_module(f"benchmarks.{name}").told(found) for name, found in report["parts"].items()}
    tables["machine"] = facts(report)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for name, table in tables.items():
            text = placed(text, name, table)
        page.write_text(text, encoding="utf-8")


def facts(report: dict[str, Any]) -> str:
    """Return what the figures cannot be read without."""
    machine = report["machine"]
    efforts = ", ".join(f"{name} {found['effort']}" for name, found in report["parts"].items())
    rows = [*machine.items(), ("parley", report["version"]), ("effort", efforts)]
    return "\n".join(f"  {key:<12} {value}" for key, value in rows)


def placed(text: str, name: str, table: str) -> str:
    r"""Return a page with a table in the place that its marks keep; a page without these marks stays as it is.

    >>> print(placed("a\n<!-- measured: x -->\nold\n<!-- end -->\nb", "x", "new"))
    a
    <!-- measured: x -->
    <BLANKLINE>
    ```text
    new
    ```
    <BLANKLINE>
    <!-- end -->
    b
    """
    begin = BEGIN.format(name)
    before, mark, rest = text.partition(begin)
    if not mark:
        return text
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n\n```text\n{table}\n```\n\n{END}{after}"
