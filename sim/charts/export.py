"""One chart as a file of its own: an offline page, JSON, or a picture."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import plotly.graph_objects as go
from plotly.io import write_images
from plotly.offline import get_plotlyjs

from sim.charts.figures import WIDTH
from sim.charts.page import SCRIPT
from sim.charts.report import head, inert, spec
from sim.charts.text import page
from sim.charts.theme import Chart

PICTURES = ("png", "svg", "pdf")
FORMATS = ("html", "json", *PICTURES)
SCALE = 2
NARROW = 640  # pixels up to which a chart is laid out for a telephone, as on a page


class PictureError(Exception):
    """A picture could not be drawn; the sentence says what is missing and how to get it."""


def to_page(name: str, wide: Chart, narrow: Chart, scenario: str) -> str:
    """The chart as a page that asks nothing of the network and fits its window, a telephone's too."""
    return to_pages({name: wide}, {name: narrow}, scenario)


def to_pages(wide: Mapping[str, Chart], narrow: Mapping[str, Chart], scenario: str) -> str:
    """Several charts, one below the other, as one such page; it has the first chart's title."""
    library = get_plotlyjs()
    sections = "".join(_section(name, chart, scenario) for name, chart in wide.items())
    return "".join(
        (
            head({"title": f"{scenario}: {next(iter(wide.values())).title}"}, (library, SCRIPT)),
            f"<body>\n<main>\n{sections}</main>\n",
            '<script type="application/json" id="charts">',
            inert({name: {"wide": spec(wide[name]), "narrow": spec(narrow[name])} for name in wide}),
            "</script>\n",
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )


def _section(name: str, chart: Chart, scenario: str) -> str:
    return (
        f'<section id="{page(name)}">\n<h2>{page(chart.title)}</h2>\n'
        f'<p class="based">{page(scenario)} · {page(chart.subtitle)}</p>\n'
        f'<div class="chart" id="chart-{page(name)}" role="img" aria-label="{page(chart.title)}"'
        f' style="height:{chart.layout["height"]}px"></div>\n</section>\n'
    )


def to_json(figure: go.Figure) -> str:
    """The figure as Plotly's JSON: data and layout."""
    return f"{figure.to_json()}\n"


def to_pictures(
    figures: Mapping[str, go.Figure], form: str, width: int | None = None, height: int | None = None
) -> dict[str, bytes]:
    """The figures as PNG, SVG or PDF, drawn by one browser, in CSS pixels (a PNG has two dots to each).

    Raises `PictureError` where there is no browser, nothing to drive it, or it fails.
    """
    if find_spec("kaleido") is None:
        raise PictureError(
            "pictures need the `image` extra and a Chromium or Chrome: pip install 'parley-sim[image]'; "
            "html and json need neither"
        )
    with TemporaryDirectory(prefix="parley-") as home:
        paths = {name: Path(home) / f"{name}.{form}" for name in figures}
        tall = [height or figure.layout.height for figure in figures.values()]
        try:
            write_images(
                fig=[*figures.values()],
                file=[*paths.values()],
                format=form,
                width=width or WIDTH,
                height=tall,
                scale=SCALE,
            )
            return {name: path.read_bytes() for name, path in paths.items()}
        except Exception as error:  # the browser's driver raises of every kind
            raise PictureError(_why_not(error)) from error


def _why_not(error: Exception) -> str:
    """What keeps a browser from drawing, and the way out."""
    text = f"{error} {error.__cause__ or ''}"
    if "Chrome" in text and "install" in text:
        return (
            "pictures need a Chromium or Chrome, and none was found: install one (apt-get install chromium, say) "
            "or name it in the variable BROWSER_PATH; html and json need none"
        )
    return f"the browser could not draw the pictures: {' '.join(text.split())[:200] or type(error).__name__}"
