"""`parley trace` tells one draw as a dated story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.cli.trace import Story, why

EVENT = {"step", "date", "kind", "actor", "offer", "worth", "answer", "reason", "change"}


def test_json_has_its_keys(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`trace --json` prints exactly the documented keys."""
    assert main(["trace", str(example), "--draw", "2", "--seed", "3", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert set(story) == {"draw", "seed", "outcome", "events", "cause"}
    assert (story["draw"], story["seed"]) == (2, 3)
    assert story["events"]
    assert all(set(event) == EVENT for event in story["events"])


def test_the_story_can_be_drawn(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--chart` writes an offline page with the draw's offers beside the story; a folder that is not there is named."""
    file = tmp_path / "story.html"
    assert main(["trace", str(example), "--draw", "2", "--chart", str(file)]) == 0
    said = capsys.readouterr()
    assert str(file) in said.err
    assert "Outcome:" in said.out
    assert 'id="chart-story"' in file.read_text(encoding="utf-8")
    assert main(["trace", str(example), "--chart", str(tmp_path / "nowhere" / "story.html")]) == 4
    assert "nowhere" in capsys.readouterr().err


def test_the_story_ends_with_the_outcome(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The story names draw and seed first and the outcome's label last, and shows no bare data structure."""
    import sim

    assert main(["trace", str(example)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("draw 0, seed 0")
    labels = [outcome.label for outcome in sim.load(example).outcomes]
    assert lines[-1] in [f"Outcome: {label}" for label in labels]
    assert not any(mark in line for line in lines for mark in "{}")


def test_the_traced_draw_is_the_stored_draw(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draw k told by agents ends as draw k in the table, for the first eight."""
    import sim

    outcomes = [outcome.id for outcome in sim.load(example).outcomes]
    column = sim.run(example, draws=8, seed=4, workers=1).draws["outcome"].to_pylist()
    told = []
    for draw in range(8):
        assert main(["trace", str(example), "--seed", "4", "--draw", str(draw), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["outcome"])
    assert told == [outcomes[place] for place in column]


def stubborn(example: Path, *more: str) -> list[str]:
    """The command for a draw in which the guest takes nothing that is on offer."""
    never = "parties.guest.accepts={strategy: constant, least: 5}"
    return ["trace", str(example), "--set", never, "--set", "time.window=3", *more]


def test_a_draw_without_a_deal_has_a_cause_put_to_the_test(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a deal JSON names the cause, what was removed and how the draw then ends; with a deal it is null."""
    assert main(stubborn(example, "--json")) == 0
    cause = json.loads(capsys.readouterr().out)["cause"]
    assert list(cause) == ["name", "confirmed", "removed", "without"]
    assert list(cause["without"]) == ["outcome", "agreed", "step"]
    assert cause["confirmed"] is cause["without"]["agreed"] is False
    assert main(["trace", str(example), "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert (story["outcome"], story["cause"]) == ("signed", None)


def test_the_story_says_why_there_is_no_deal(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line but one names the cause in words and says whether removing it gives a deal."""
    assert main(stubborn(example)) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Why no deal: " in text
    assert "Not confirmed: " in text
    assert text.endswith("Outcome: Anything else")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (None, "there is nothing to gain for both"),
        ({"outcome": "signed", "agreed": True, "step": 4}, "has a deal in step 5 and ends in “An agreement”"),
        (
            {"outcome": "other", "agreed": False, "step": None},
            "Not confirmed: without it, the same draw still has no deal",
        ),
    ],
)
def test_why_reads_as_a_sentence(example: Path, without: dict[str, Any] | None, said: str) -> None:
    """No zone, a confirmed and an unconfirmed cause each have their words."""
    import sim

    found = {"name": "mistrust", "confirmed": bool(without), "removed": "without it", "without": without}
    assert said in why(found, sim.load(example))


def test_a_path_of_a_run_can_be_traced(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--paths` the traced draw is that of a run with as many."""
    import sim

    outcomes = [outcome.id for outcome in sim.load(example).outcomes]
    column = sim.run(example, draws=12, seed=4, workers=1, paths=3).draws["outcome"].to_pylist()
    for draw in (4, 11):
        assert main(["trace", str(example), "--seed", "4", "--draw", str(draw), "--paths", "3", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["outcome"] == outcomes[column[draw]]


def event(kind: str, actor: str | None = None, **more: Any) -> dict[str, Any]:
    """One event as `sim.agents.trace` gives it."""
    blank = {"offer": None, "worth": None, "answer": None, "reason": None, "change": None}
    return {"step": 0, "date": "2030-02-01", "kind": kind, "actor": actor, **blank, **more}


def offer(actor: str, berth: str, rent: float, answer: str = "reject") -> dict[str, Any]:
    """An offer that the other side answers."""
    other = "guest" if actor == "host" else "host"
    return event(
        "offer",
        actor,
        offer={"berth": berth, "rent": rent},
        worth={"host": 0.25, "guest": 0.5},
        answer=answer,
        reason=f"{other} {answer}s: the offer is worth 0.250, less than the 0.300 of its alternative",
    )


def told(example: Path, *events: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """What the story says of the events: heads and the lines below."""
    import sim

    return [(head, below) for _, head, below in Story(sim.load(example)).paragraphs(list(events))]


def test_a_later_offer_tells_what_changed(example: Path) -> None:
    """A side's first offer is told in full, later ones by the terms that changed since its own last, in labels."""
    first, answer, again, same = told(
        example,
        offer("host", "some", 5.0),
        offer("guest", "all", 2.0),
        offer("host", "some", 4.0),
        offer("host", "some", 4.0),
    )
    worth = "Worth 0.250 to The host, 0.500 to The guest"
    refused = "The guest rejects: the offer is worth 0.250, less than the 0.300 of its alternative"
    assert first == ("The host offers:", ["Berths: some; Rent: 5 money per month", worth, refused])
    assert answer[1][0] == "Berths: all; Rent: 2 money per month"
    assert again == ("The host offers again, now with:", ["Rent: 4 money per month", worth, refused])
    assert same == ("The host makes the same offer again", [worth, refused])


def test_an_interim_deal_is_told_with_its_maker_and_its_terms(tmp_path: Path) -> None:
    """An interim deal names who proposed it, what would hold ahead of a whole deal, and whether it was agreed."""
    from sim import load
    from tests.scenario.examples import FULL, written

    scenario = load(written(tmp_path, FULL, "harbour-full"))
    assert scenario.interim is not None
    offer = {issue.id: "all" if issue.id == "berth" else 0.0 for issue in scenario.issues}
    event = {"kind": "interim", "step": 0, "date": "2030-02-28", "actor": "host", "worth": None, "change": None}
    event |= {"offer": offer, "answer": "accept", "reason": "both would rather talk under these terms"}
    head, below = Story(scenario).paragraph(event)
    assert head == "The host proposes an interim deal, and it is agreed:"
    named = [issue.label for issue in scenario.issues if f"{issue.label}:" in below[0]]
    assert named == [issue.label for issue in scenario.issues if issue.id in scenario.interim.terms]
    assert below[1] == "Both would rather talk under these terms"
    head, _ = Story(scenario).paragraph(event | {"answer": "reject"})
    assert head.endswith("in vain:")


def test_terms_in_force_are_told_when_they_change(example: Path) -> None:
    """A ratified deal is not repeated; what holds after a breach or a collapse is told as far as it is new."""
    story = told(
        example,
        offer("host", "some", 5.0, "accept"),
        event("ratified", change={"berth": "some", "rent": 5.0}),
        event("breach", "guest", reason="it paid", change={"berth": "none", "rent": 5.0}),
        event("collapse", reason="talks collapsed", change={"berth": "none", "rent": 0.0}),
        event("end", change={"status": "collapse", "outcome": "x"}),
    )
    assert story[1:] == [
        ("The deal is ratified and in force", []),
        ("The guest breaks the deal: it paid", ["What now holds: Berths: none"]),
        ("The talks collapse", ["What now holds: Rent: 0 money per month"]),
    ]


def test_moves_of_a_step_share_their_changes(example: Path) -> None:
    """What moved in a step is told once, after its last move, whose actor is named where its label does not."""
    story = told(
        example,
        event("move", "host", reason="The host builds", change={"calm": 0.1}),
        event("move", "guest", reason="Ships come", change={"calm": 0.1, "fuel": -0.2, "still": 0.0}),
        event("no_offer", "guest", reason="waiting is better"),
    )
    assert story == [
        ("The host builds", []),
        ("The guest: Ships come", ["It moves calm +0.100; fuel -0.200"]),
        ("The guest makes no offer: waiting is better", []),
    ]


def test_no_line_is_wider_than_the_page(
    example: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The story is wrapped to the page's width, indented, without blanks at the ends of lines."""
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["trace", str(example), "--draw", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert all(line == line.rstrip() for line in lines)
