"""No link inside the documents is dead."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import BLOCK, ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
TEXTS = sorted(
    str(path.relative_to(ROOT))
    for folder in (".", "docs", "results", "benchmarks")
    for path in (ROOT / folder).glob("*.md")
)


def anchors(path: Path) -> set[str]:
    """Return the anchors that a page's headings make: lower case, no punctuation, hyphens for spaces."""
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in HEADING.findall(text)}


@pytest.mark.parametrize("page", TEXTS)
def test_relative_links_lead_somewhere(page: str) -> None:
    """Every relative link names a file that is there and, where it names one, a heading in it."""
    text = BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors(target), f"{page}: {link}"


def test_a_dead_anchor_would_be_found() -> None:
    """Anchors are those of the headings, and no others."""
    found = anchors(ROOT / "docs" / "reference.md")
    assert "number-or-distribution" in found
    assert "no-such-heading" not in found
