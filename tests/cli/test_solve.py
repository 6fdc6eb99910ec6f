"""`parley solve` says what theory says of a scenario, and says plainly where there is nothing to agree on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from tests.strategies import pie, random_domain, written


def asked(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Return what `solve --json` prints."""
    assert main(["solve", str(path), "--json", "-n", "20", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_text_names_points_deals_and_protocol(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pie of ten slices: count, zone, each point with its deal, what is played; labels, and no bare braces."""
    assert main(["solve", str(written(pie((0.9, 0.9), points=11), tmp_path))]) == 0
    text = capsys.readouterr().out
    for words in (
        "11 deals; 11 efficient",
        "Without a deal (talks without end): 0.000 to a, 0.000 to b",
        "There is a zone of agreement: 11 deals.",
        "Nash: 0.500 to a, 0.500 to b",
        "Kalai-Smorodinsky: 0.500 to a, 0.500 to b",
        "Played by its own protocol (alternating): a deal in step 1",
    ):
        assert words in text
    assert not any(mark in text for mark in "{}[]")


def test_no_zone_of_agreement_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no deal serves both the text says so and names no point."""
    assert main(["solve", str(written(pie(points=3), tmp_path)), "--disagreement", "0.7,0.6"]) == 0
    text = capsys.readouterr().out
    assert "No zone of agreement" in text
    assert "Nash" not in text


def test_a_stated_disagreement_point_replaces_the_scenarios_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two numbers are d and the least that each takes; `breakdown` and `talks` name the scenario's values."""
    tree = pie()
    tree["breakdown"] = {"absolute": True, "flows": {"a": 0.2, "b": 0.2}}
    path = written(tree, tmp_path)
    stated = asked(path, capsys, "--disagreement", "0.1,0.3")
    assert stated["nash"] == pytest.approx([0.4, 0.6])
    assert (stated["disagreement"], stated["disagreement_from"]) == ([0.1, 0.3], "stated")
    left = asked(path, capsys, "--disagreement", "breakdown")
    assert (left["disagreement"], left["disagreement_from"]) == ([0.2, 0.2], "breakdown")
    assert asked(path, capsys)["disagreement"] == [0, 0]


@pytest.mark.parametrize("text", ["nothing", "1", "1,2,3", "nan,1", "1,inf", "a,b", ""])
def test_a_disagreement_that_is_none_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is neither a name nor two numbers is answered with what may be written."""
    assert main(["solve", str(written(pie(), tmp_path)), "--disagreement", text]) == 2
    assert "two numbers such as 0.2,0.1" in capsys.readouterr().err


def test_too_many_deals_are_refused_with_a_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve million deals are not listed; the sentence says what would help."""
    tree = random_domain(1)
    levels = [f"l{at}" for at in range(15)]
    one = tree["issues"][0] | {
        "levels": [{"id": level} for level in levels],
        "values": {side: dict.fromkeys(levels, 0.5) for side in "ab"},
    }
    tree["issues"] = [one | {"id": f"i{k}"} for k in range(6)]
    tree["status_quo"]["terms"] = {f"i{k}": "l0" for k in range(6)}
    assert main(["solve", str(written(tree, tmp_path)), "-n", "1"]) == 2
    said = capsys.readouterr().err
    assert "11,390,625 deals" in said
    assert "fewer levels" in said


def test_uncertain_numbers_give_quantiles(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With uncertain numbers the points have quantiles in order, and the share of draws with a zone an interval."""
    over = asked(example, capsys)["uncertain"]
    assert over["draws"] == 20
    assert 0 <= over["zone_of_agreement"]["low"] <= over["zone_of_agreement"]["probability"] <= 1
    for row in over["nash"]:
        assert row["p05"] <= row["p25"] <= row["p50"] <= row["p75"] <= row["p95"]
    assert main(["solve", str(example), "-n", "20"]) == 0
    assert "Over 20 draws of what is uncertain" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_answer(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command prints the same bytes twice, and another seed other quantiles."""
    first, again = asked(example, capsys), asked(example, capsys)
    other = asked(example, capsys, "--seed", "1")
    assert first == again
    assert first["nash"] == other["nash"]
    assert first["uncertain"]["nash"] != other["uncertain"]["nash"]


def test_the_bargain_can_be_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str], example: Path) -> None:
    """`--chart` writes an offline page; labels that look like markup are text in it; a missing folder is named."""
    for tree in (pie(), pie(points=5)):
        tree["title"] = "A <b>pie</b> & more"
        file = tmp_path / "bargain.html"
        assert main(["solve", str(written(tree, tmp_path)), "--chart", str(file), "-q"]) == 0
        page = file.read_text(encoding="utf-8")
        assert 'id="chart-bargain"' in page
        assert "A &lt;b&gt;pie&lt;/b&gt; &amp; more" in page
        assert "<b>pie</b>" not in page.split("<script>")[0]
    assert main(["solve", str(example), "-n", "1", "--chart", str(tmp_path / "no" / "x.html")]) == 4
    assert "no" in capsys.readouterr().err
