"""What tables are made of: cells, and how they become HTML."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sim.charts.text import DASH, number, page, percent
from sim.charts.theme import Spec

LONG_WORDS = 60
PROBABILITY_HEAD = ("probability", "low", "high")


class Value(NamedTuple):
    """A number in a cell: how it reads and what it is."""

    text: str
    exact: float


class Link(NamedTuple):
    """Words that lead to an address already known to be a web address."""

    text: str
    address: str


class Pair(NamedTuple):
    """Words with quieter words, or a quieter link, beneath them."""

    text: str
    beneath: str | Link


Cell = str | Value | Link | Pair


class Table(NamedTuple):
    """A caption, the head and the rows, all in plain text."""

    caption: str
    head: tuple[str, ...]
    rows: list[list[Cell]]


def share(value: float | None) -> Cell:
    """A cell for a share."""
    return DASH if value is None else Value(percent(value), value)


def amount(value: float | None) -> Cell:
    """A cell for any other number."""
    return DASH if value is None else Value(number(value), value)


def shares(found: Spec) -> list[Cell]:
    """Probability and interval."""
    return [share(found[key]) for key in PROBABILITY_HEAD]


def to_html(table: Table) -> str:
    """The table as HTML, inside a box that scrolls by itself."""
    head = "".join(f'<th scope="col">{page(words)}</th>' for words in table.head)
    body = "".join(f"<tr>{cells_to_html(row)}</tr>" for row in table.rows)
    name = page(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cells_to_html(row: Iterable[Cell]) -> str:
    """The cells of one row; a number carries its exact value."""
    return "".join(f'<td class="{kind}">{inner}</td>' for kind, inner in map(cell_to_html, row))


def cell_to_html(cell: Any) -> tuple[str, str]:
    """The class and the content of one cell."""
    if isinstance(cell, Value):
        return "number", f'<data value="{cell.exact!r}">{page(cell.text)}</data>'
    if isinstance(cell, Link):
        return kind_of(cell.text), f'<a href="{page(cell.address)}" rel="noopener noreferrer">{page(cell.text)}</a>'
    if isinstance(cell, Pair):
        return kind_of(cell.text), f"{page(cell.text)}<small>{cell_to_html(cell.beneath)[1]}</small>"
    return kind_of(cell), page(cell)


def kind_of(text: str) -> str:
    """The class of a cell of words: long ones get a wider column."""
    return "words long" if len(text) > LONG_WORDS else "words"
