"""Write the shares that come out now into the prose of a page: `python -m tests.docs.refresh docs/cookbook.md`."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import CLAIM, ROOT, Desk, blocks, read


def refreshed(page: str, desk: Desk) -> str:
    """Return a page's text with every stated share as it is now."""
    text = read(page)
    parts = [text[: text.index("\n```") + 1]]

    def restated(claim: re.Match[str]) -> str:
        return f"`{claim[1]}` " + " → ".join(f"{share:.0f} %" for share in desk.found(claim))

    for block in blocks(page):
        desk.play(block)
        parts += [block.whole, CLAIM.sub(restated, block.after)]
    return "".join(parts)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in sys.argv[1:]:
            (ROOT / name).write_text(refreshed(name, Desk(Path(folder))), encoding="utf-8")
