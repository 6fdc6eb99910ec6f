"""`parley trace`: one draw as a dated story, every move visible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    clean,
    console,
    ending_in,
    examples,
    find_scenario,
    json_option,
    put_json,
    say,
    seed_option,
    sets_option,
    verbosity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.scenario import Scenario

_SENTENCES = {
    "no_offer": "{actor} makes no offer",
    "no_meeting": "The parties do not meet",
    "accepted": "{actor} accepts the offer that stands",
    "breach": "{actor} breaks the deal",
    "reopening": "{actor} reopens the talks",
    "exit": "{actor} leaves the talks",
    "ratified": "The deal is ratified and in force",
    "failed_ratification": "The deal fails at home and is not ratified",
    "expiry": "The deal has run out; talks resume",
    "unforeseen": "{actor} did not think that possible",
    "collapse": "The talks collapse",
    "deadline": "The deadline passes without a deal",
    "revoked": "{actor} falls back from the interim deal",
}
_SAYS_WHY = ("no_offer", "breach", "reopening", "exit", "unforeseen", "revoked")
_ANSWERS = {"accept": "accepts", "reject": "rejects", "exit": "leaves"}


@click.command(
    "trace",
    epilog=examples(
        "parley trace scenarios/NAME.yaml",
        "parley trace NAME --draw 17 --seed 3 --json",
        "parley trace NAME --chart story.html",
        "parley trace NAME --draw 17 --paths 4",
    ),
)
@click.argument("scenario")
@click.option("--draw", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Which draw to play.")
@click.option(
    "--chart",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=ending_in(".html"),
    metavar="FILE.html",
    help="Draw the offers over time into a page that opens offline.",
)
@seed_option
@click.option(
    "--paths",
    type=click.IntRange(1, 10**6),
    default=1,
    show_default=True,
    help="Paths of chance for each draw of the parameters, as in the `parley run` the draw comes from.",
)
@sets_option
@json_option
@verbosity
def command(
    scenario: str, draw: int, chart: Path | None, seed: int, paths: int, sets: tuple[str, ...], *, as_json: bool
) -> None:
    """Play one draw of SCENARIO with agents: the same history as that draw has in `parley run`.

    A side's first offer is told in full, a later one by the terms that changed since its last. Worth is in each side's
    own measure, as that side sees it on the day. For a draw without a deal the binding cause is named last, and put to
    the test: the draw is played again, with the same chance, without that one friction. `--json` has it under `cause`:
    `name`, `confirmed`, what was `removed`, and `without` it the `outcome`, whether `agreed`, and in which `step`; null
    where a deal was signed.
    """
    from sim import load
    from sim.agents import Bargain, told
    from sim.causes import cause
    from sim.scenario.compile import compile_scenario

    loaded = load(find_scenario(scenario), sets)
    model = Bargain(compile_scenario(loaded), seed, draw, paths)
    story = told(model, seed, draw)
    story["cause"] = cause(model.compiled, model.state, seed, draw, paths)
    if chart is not None:
        _draw(story, loaded, chart)
    if as_json:
        put_json({key: value for key, value in story.items() if key != "reservations"})
    else:
        _print(story, loaded)


def _draw(story: dict[str, Any], scenario: Scenario, file: Path) -> None:
    from sim.charts.story import html

    named = (scenario.parties, scenario.third_parties, scenario.outcomes)
    names = {item.id: item.label for group in named for item in group}
    said = "" if story["cause"] is None else why(story["cause"], scenario)
    file.write_text(html(story, names, scenario.title, said), encoding="utf-8")
    say(f"chart: {file}")


def _print(story: dict[str, Any], scenario: Scenario) -> None:
    from rich.text import Text

    page = console()

    def put(text: str, indent: int, style: str = "") -> None:
        for line in Text(clean(text)).wrap(page, page.width - indent):
            line.rstrip()
            page.print(Text(" " * indent) + Text(line.plain, style=style))

    put(f"{scenario.title}: draw {story['draw']}, seed {story['seed']}", 0, "bold")
    last = None
    for date, head, below in Story(scenario).paragraphs(story["events"]):
        if date != last:
            last = date
            put(date, 0, "cyan")
        put(head, 2)
        for line in below:
            put(line, 6, "dim")
    ending = next((row.label for row in scenario.outcomes if row.id == story["outcome"]), story["outcome"])
    if story["cause"] is not None:
        put(why(story["cause"], scenario), 0)
    put(f"Outcome: {ending}", 0, "bold")


def why(cause: Mapping[str, Any], scenario: Scenario) -> str:
    """Return why there was no deal, and how the same draw ends without that friction, as one line."""
    from sim.charts.shares import cause_words
    from sim.scenario.dates import calendar_of

    head = f"Why no deal: {cause_words(cause['name'])}."
    found = cause["without"]
    if found is None:
        return f"{head} No single friction can be removed here: there is nothing to gain for both."
    ending = next(row.label for row in scenario.outcomes if row.id == found["outcome"])
    if not found["agreed"]:
        return f"{head} Not confirmed: {cause['removed']}, the same draw still has no deal and ends in “{ending}”."
    dates, step = calendar_of(scenario.time), found["step"]
    when = (
        f" on {dates[step + 1]}"
        if scenario.time.start is not None and step + 1 < len(dates)
        else f" in step {step + 1}"
    )
    return f"{head} Confirmed: {cause['removed']}, the same draw has a deal{when} and ends in “{ending}”."


class Story:
    """Tells a draw's events in words and labels, and of terms only what is new to the reader."""

    def __init__(self, scenario: Scenario) -> None:
        named = (scenario.parties, scenario.third_parties)
        self.actors = {item.id: item.label for group in named for item in group}
        self.parties = {party.id: party.label for party in scenario.parties}
        self.variables = {item.id: item.label for group in (scenario.variables, scenario.communities) for item in group}
        self.issues = {issue.id: issue.label for issue in scenario.issues}
        self.units = {issue.id: f" {issue.unit}" if issue.unit else "" for issue in scenario.issues}
        self.levels = {(issue.id, level.id): level.label for issue in scenario.issues for level in issue.levels or ()}
        self.ahead = tuple(scenario.interim.terms) if scenario.interim else ()
        self.offered: dict[str | None, dict[str, Any]] = {}  # each side's last offer
        self.in_force: dict[str, Any] = {}  # the terms last told as standing

    def paragraphs(self, events: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[str]]]:
        """Yield each event as (date, what happened, more lines); the end is the outcome and is left out.

        A move's changes are those of the whole step, other moves and drift included, so they are told once, after the
        step's last move.
        """
        moved: dict[str, float] = {}
        for event, after in zip(events, [*events[1:], None], strict=True):
            if event["kind"] == "end":
                continue
            head, below = self.paragraph(event)
            if event["kind"] == "move":
                moved |= event["change"] or {}
                if after is None or (after["kind"], after["step"]) != ("move", event["step"]):
                    below, moved = self._changes(moved), {}
            date = str(event["date"])
            yield f"step {date}" if date.isdigit() else date, head, below

    def paragraph(self, event: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Return one event as a sentence and the lines below it."""
        if event["kind"] == "offer":
            return self._offer(event)
        if event["kind"] == "interim":
            return self._ahead(event)
        if event["kind"] == "succession":
            return str(event["reason"]), []
        if event["kind"] == "move":
            actor, label = self._actor(event["actor"]), str(event["reason"])
            return label if actor in label else f"{actor}: {label}", []
        return self._turn(event)

    def _offer(self, event: Mapping[str, Any]) -> tuple[str, list[str]]:
        by, terms = event["actor"], event["offer"]
        before = self.offered.get(by)
        new = _news(terms, before or {})
        self.offered[by] = dict(terms)
        if before is None:
            head = f"{self._actor(by)} offers:"
        else:
            head = f"{self._actor(by)} " + ("offers again, now with:" if new else "makes the same offer again")
        worth = ", ".join(f"{value:.3f} to {self._actor(side)}" for side, value in event["worth"].items())
        return head, [*self._list(new), f"Worth {worth}", self._answer(event)]

    def _answer(self, event: Mapping[str, Any]) -> str:
        """The reason for the answer, which begins with the id of the side that gives it, in words."""
        side, _, why = str(event["reason"] or "").partition(" ")
        if side in self.parties and why:
            return f"{self.parties[side]} {why}"
        return str(event["reason"] or _ANSWERS.get(event["answer"], event["answer"])).capitalize()

    def _changes(self, moved: Mapping[str, float]) -> list[str]:
        line = "; ".join(f"{self.variables.get(name, name)} {by:+.3f}" for name, by in moved.items() if abs(by) >= 5e-4)
        return [f"It moves {line}"] if line else []

    def _ahead(self, event: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Return an interim deal: who proposed what ahead of a whole deal, and what came of it."""
        agreed = event["answer"] == "accept"
        head = f"{self._actor(event['actor'])} proposes an interim deal, " + (
            "and it is agreed:" if agreed else "in vain:"
        )
        reason = str(event["reason"])
        return head, [*self._list({name: event["offer"][name] for name in self.ahead}), reason[0].upper() + reason[1:]]

    def _turn(self, event: Mapping[str, Any]) -> tuple[str, list[str]]:
        kind, actor = str(event["kind"]), self._actor(event["actor"])
        head = _SENTENCES.get(kind, kind.replace("_", " ").capitalize()).format(actor=actor)
        if event["reason"] and (kind in _SAYS_WHY or kind not in _SENTENCES):
            head += f": {event['reason']}"
        new = {} if kind == "ratified" else _news(event["change"] or {}, self.in_force)
        self.in_force |= event["change"] or {}
        return head, [f"What now holds: {line}" for line in self._list(new)]

    def _actor(self, actor: str | None) -> str:
        return self.actors.get(actor or "", actor or "Nobody")

    def _list(self, terms: Mapping[str, Any]) -> list[str]:
        """Return the terms as one compact line, in the scenario's order; no line where there are none."""
        order = [name for name in self.issues if name in terms]
        line = "; ".join(f"{self.issues[name]}: {self._term(name, terms[name])}" for name in order)
        return [line] if line else []

    def _term(self, issue: str, value: Any) -> str:
        if isinstance(value, float):
            return f"{value:.4g}{self.units[issue]}"
        return self.levels.get((issue, value), str(value))


def _news(terms: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms that are not as before.

    >>> _news({"rent": 5.0, "water": "shared"}, {"rent": 4.0, "water": "shared"})
    {'rent': 5.0}
    """
    return {name: value for name, value in terms.items() if name not in before or before[name] != value}
