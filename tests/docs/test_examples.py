"""What the documents show is what happens: every block that can run is run, in the order of its page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import CLAIM, PAGES, ROOT, Desk, blocks, laid_over

RUN = {"yaml", "sh", "console", "python"}


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.kind in RUN for block in blocks(page))])
def test_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios load and play, commands end with the code and the lines shown, programs run, stated shares come out."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    desk = Desk(tmp_path)
    for block in blocks(page):
        try:
            desk.play(block)
            for claim in CLAIM.finditer(block.after):
                stated = [int(percent) for percent in claim.groups()[1:] if percent]
                found = desk.found(claim)
                assert all(abs(a - b) <= 1 for a, b in zip(stated, found, strict=True)), f"{claim[0]}, found {found}"
        except BaseException as error:
            error.add_note(f"{page}, line {block.line}")
            raise
    desk.settle()


def test_a_fragment_is_laid_over_its_base_by_ids() -> None:
    """Mappings and lists with ids join, so that a fragment names only what it changes."""
    base = {"id": "a", "time": {"window": 3, "step": "month"}, "exits": [{"id": "x", "by": "b"}], "bounds": [0, 1]}
    over = {"id": "c", "time": {"window": 4}, "exits": [{"id": "x", "from": 2}, {"id": "y"}], "bounds": [1, 2]}
    assert laid_over(base, over) == {
        "id": "c",
        "time": {"window": 4, "step": "month"},
        "exits": [{"id": "x", "by": "b", "from": 2}, {"id": "y"}],
        "bounds": [1, 2],
    }
