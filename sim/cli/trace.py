"""`parley trace`: one draw as a dated story, every move visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from sim.cli.common import (
    clean,
    console,
    examples,
    find_scenario,
    json_option,
    put_json,
    seed_option,
    sets_option,
    verbosity,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario import Scenario


@click.command(
    "trace", epilog=examples("parley trace scenarios/NAME.yaml", "parley trace NAME --draw 17 --seed 3 --json")
)
@click.argument("scenario")
@click.option("--draw", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Which draw to play.")
@seed_option
@sets_option
@json_option
@verbosity
def command(scenario: str, draw: int, seed: int, sets: tuple[str, ...], *, as_json: bool) -> None:
    """Play one draw of SCENARIO with agents: the same history as that draw has in `parley run`."""
    from sim import load
    from sim.agents import trace
    from sim.scenario.compile import compile_scenario

    loaded = load(find_scenario(scenario), sets)
    story = trace(compile_scenario(loaded), seed, draw)
    if as_json:
        put_json(story)
    else:
        _print(story, loaded)


def _print(story: dict[str, Any], scenario: Scenario) -> None:
    from rich.padding import Padding
    from rich.text import Text

    names, order, page = labels(scenario), [issue.id for issue in scenario.issues], console()
    page.print(Text(f"{clean(scenario.title)}: draw {story['draw']}, seed {story['seed']}", style="bold"))
    last = None
    for event in story["events"]:
        if event["kind"] == "end":
            continue
        if event["date"] != last:
            last = event["date"]
            page.print(Text(clean(last if not str(last).isdigit() else f"step {last}"), style="cyan"))
        head, *below = paragraph(event, names, order)
        page.print(Padding(Text(clean(head)), (0, 0, 0, 2), expand=False))
        for line in below:
            page.print(Padding(Text(clean(line), style="dim"), (0, 0, 0, 6), expand=False))
    page.print(Text(f"Outcome: {clean(names.get(story['outcome'], story['outcome']))}", style="bold"))


def labels(scenario: Scenario) -> dict[str, str]:
    """Return the label of every id an event may name: who acts, what is offered, what happens, how it ends."""
    named = (scenario.parties, scenario.third_parties, scenario.issues, scenario.exits, scenario.variables)
    more = (scenario.communities, scenario.moves, scenario.outcomes)
    found = {item.id: item.label for group in (*named, *more) for item in group}
    for issue in scenario.issues:
        found |= {f"{issue.id}={level.id}": level.label for level in issue.levels or ()}
    return found


def paragraph(event: dict[str, Any], names: dict[str, str], order: Sequence[str] = ()) -> list[str]:
    """Return one event as readable lines: who did what and why, then terms, worth and changes, as far as there are any.

    >>> event = {"kind": "offer", "actor": "host", "offer": {"rent": 5.0}, "answer": "reject", "worth": {"host": 0.25}}
    >>> paragraph(event, {"host": "Host", "rent": "Rent"})
    ['Host · offer → reject', 'Rent: 5', 'worth: Host 0.250']
    """
    actor, reason = event.get("actor"), _reason(str(event.get("reason") or ""), names)
    head = f"{names.get(actor, actor)} · " if actor else ""
    head += str(event["kind"]).replace("_", " ")
    if event.get("answer"):
        head += f" → {str(event['answer']).replace('_', ' ')}"
    elif reason:
        head += f": {reason}"
    lines = [head, *_terms(event.get("offer") or {}, names, order)]
    if event.get("worth"):
        worth = (f"{names.get(side, side)} {value:.3f}" for side, value in event["worth"].items())
        lines.append(f"worth: {', '.join(worth)}")
    if event.get("answer") and reason:
        lines.append(reason)
    return lines + _terms(event.get("change") or {}, names, order, sign="+" if event["kind"] == "move" else "")


def _terms(terms: dict[str, Any], names: dict[str, str], order: Sequence[str], sign: str = "") -> list[str]:
    """One line for each of `terms`, issues in the scenario's order first."""
    first = [key for key in order if key in terms]
    return [f"{names.get(key, key)}: {_value(key, terms[key], names, sign)}" for key in dict.fromkeys([*first, *terms])]


def _value(key: str, value: Any, names: dict[str, str], sign: str) -> str:
    if isinstance(value, float):
        return f"{value:{sign}.4g}"
    return names.get(f"{key}={value}") or names.get(str(value)) or str(value).replace("_", " ")


def _reason(reason: str, names: dict[str, str]) -> str:
    """The reason with its first word, where that is an id, put into words."""
    first, _, rest = reason.partition(" ")
    return f"{names[first]} {rest}" if rest and first in names else reason
