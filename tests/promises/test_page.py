"""The page of the promises keeps what was counted."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import ROOT
from tests.promises.page import ROW, note


def test_figures_go_into_the_rows_of_their_promises(tmp_path: Path) -> None:
    """A promise that was counted gets its figures, many of them shortened; the others keep theirs."""
    page = tmp_path / "promises.md"
    page.write_text("| # | promise |\n| 1 | One game | a | old |\n| 2 | Order | b | old |\n", encoding="utf-8")
    note(page, {1: [f"case {k}" for k in range(9)], 7: ["of another page"]})
    rows = page.read_text(encoding="utf-8").splitlines()
    assert rows[1] == "| 1 | One game | a | case 0; case 1; case 2; case 3; and 5 more |"
    assert rows[2] == "| 2 | Order | b | old |"


def test_every_promise_names_tests_that_are_there() -> None:
    """The files and folders in the page exist, and its promises are numbered in order."""
    rows = ROW.findall((ROOT / "docs" / "promises.md").read_text(encoding="utf-8"))
    numbers = [int(number) for number, *_ in rows]
    assert len(numbers) > 15
    assert numbers == sorted(set(numbers))
    for _, _, places in rows:
        for place in places.replace("`", "").split(", "):
            assert (ROOT / "tests" / place.strip()).exists(), place
