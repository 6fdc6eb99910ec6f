"""The front page: two commands, and a tour that shows enough."""

from __future__ import annotations

import re

from tests.docs.pages import PAGES, ROOT, blocks, read, shown


def test_the_two_commands_open_the_page() -> None:
    """The README's first block is `make run` and `make test`, and both are targets of the Makefile."""
    first = blocks("README.md")[0].text.splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make run", "make test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"run", "test"} <= set(targets)


def test_the_tour_shows_commands_and_a_program() -> None:
    """At least six commands with their output and one Python program stand on the page."""
    found = blocks("README.md")
    assert sum(len(shown(block)) for block in found if block.kind == "console") >= 6
    assert any(block.kind == "python" for block in found)


def test_the_index_is_whole() -> None:
    """Every page of docs/ is linked from the index of docs/, and that from the README."""
    assert "](docs/README.md)" in read("README.md")
    names = [page.removeprefix("docs/") for page in PAGES if page not in ("README.md", "docs/README.md")]
    assert [name for name in names if f"]({name})" not in read("docs/README.md")] == []
