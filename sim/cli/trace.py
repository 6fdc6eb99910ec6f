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

    names = labels(scenario)
    page = console()
    page.print(Text(f"{clean(scenario.title)}: draw {story['draw']}, seed {story['seed']}", style="bold"))
    last = None
    for event in story["events"]:
        if event["date"] != last:
            page.print(
                Text(clean(event["date"] if event["date"] is not None else f"step {event['step']}"), style="cyan")
            )
            last = event["date"]
        page.print(Padding(Text(clean(sentence(event, names))), (0, 0, 0, 2)))
    page.print(Text(f"Outcome: {clean(names.get(story['outcome'], story['outcome']))}", style="bold"))


def labels(scenario: Scenario) -> dict[str, str]:
    """Return the label of every id an event may name: who acts, what is offered, what happens, how it ends."""
    named = (scenario.parties, scenario.third_parties, scenario.issues, scenario.exits, scenario.variables)
    more = (scenario.communities, scenario.moves, scenario.outcomes)
    found = {item.id: item.label for group in (*named, *more) for item in group}
    for issue in scenario.issues:
        found |= {f"{issue.id}={level.id}": level.label for level in issue.levels or ()}
    return found


def sentence(event: dict[str, Any], names: dict[str, str]) -> str:
    """Return one event as one readable line.

    >>> sentence({"kind": "offer", "actor": "host", "offer": {"rent": 5}, "answer": "reject"}, {"host": "Host"})
    'Host: offer (rent 5) -> reject'
    """
    actor = names.get(event.get("actor") or "", event.get("actor") or "")
    text = f"{actor}: " if actor else ""
    text += str(event["kind"]).replace("_", " ")
    if event.get("offer"):
        text += f" ({', '.join(_term(issue, level, names) for issue, level in event['offer'].items())})"
    if event.get("answer"):
        text += f" -> {str(event['answer']).replace('_', ' ')}"
    if event.get("worth"):
        text += (
            f"; worth {', '.join(f'{names.get(party, party)} {value:.3f}' for party, value in event['worth'].items())}"
        )
    for key in ("change", "reason"):
        if event.get(key):
            text += f"; {_plain(event[key], names)}"
    return text


def _term(issue: str, level: Any, names: dict[str, str]) -> str:
    shown = names.get(f"{issue}={level}", f"{level:g}" if isinstance(level, float) else str(level))
    return f"{names.get(issue, issue)} {shown}"


def _plain(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{names.get(key, key)} {_plain(item, names)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item, names) for item in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return names.get(value, value) if isinstance(value, str) else str(value)
