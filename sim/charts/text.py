"""Words and numbers for people: labels that cannot execute, numbers that read well."""

import html
import math
import textwrap
import unicodedata
from datetime import date
from typing import Any
from urllib.parse import urlsplit

# A figure and its unit, and the parts of a date, stay on one line.
GLUE = "\N{NO-BREAK SPACE}"
DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# These turn the reading direction or hide inside a word: a label that carries them can pass for another.
UNSEEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
# RFC 3986 leaves these out of every address.
UNSAFE = frozenset('"<>\\^`{|}')
LABEL_LIMIT = 400


def spoken(name: str) -> str:
    """A name of the file in a person's words."""
    return clean(name).replace("_", " ")


def clean(value: object) -> str:
    """The text without control characters, lone surrogates and marks of direction, on one line."""
    text = str(value)
    if not text.isprintable():
        text = "".join(map(_readable, text))
    return " ".join(filter(None, text.split(" ")))


def _readable(character: str) -> str:
    """A character, or what stands in its place where it cannot be shown."""
    kind = unicodedata.category(character)
    if kind in ("Zl", "Zp") or character in "\t\n\r\x0b\x0c":
        return " "
    if kind == "Cs":
        return "\ufffd"
    return "" if kind == "Cc" or character in UNSEEN else character


def page(value: object) -> str:
    """The text for a page: cleaned, with every character that HTML reads escaped."""
    return html.escape(clean(value), quote=True)


def label(value: object, width: int = 0, most: int | None = None) -> str:
    """The text for a chart, wrapped at `width` characters if given, cut after `most` lines if given.

    Charts read a little HTML, `$...$` as mathematics and `%{...}` as a field: all three are escaped.
    """
    text = clean(value)
    if len(text) > LABEL_LIMIT:
        text = text[: LABEL_LIMIT - 1] + "…"
    lines = textwrap.wrap(text, width, max_lines=most, placeholder="…") if width else [text]
    return "<br>".join(escape(line) for line in lines).replace("%<br>{", "&#37;<br>{")


def escape(line: str) -> str:
    """One line with the characters escaped that a chart would read as markup, mathematics or a field."""
    return html.escape(line, quote=False).replace("$", "&#36;").replace("%{", "&#37;{")


def quoted(value: object, width: int = 44) -> str:
    """The text in quotation marks, cut at a word where it is longer than a title can bear."""
    return f"“{textwrap.shorten(clean(value), width, placeholder='…')}”"


def lines_in(text: str) -> int:
    """How many lines a wrapped label takes."""
    return text.count("<br>") + 1


def percent(share: float | None) -> str:
    r"""A share as a percentage with one decimal: `31.2 %`, and `< 0.1 %` for what is small but not nought.

    >>> percent(0.3123), percent(0.0009), percent(0.0), percent(0.9991)
    ('31.2\xa0%', '<\xa00.1\xa0%', '0\xa0%', '>\xa099.9\xa0%')
    """
    if share is None:
        return DASH
    if share in (0, 1):
        text = f"{share * 100:.0f}"
    elif share < 0.001:
        text = f"<{GLUE}0.1"
    else:
        text = f">{GLUE}99.9" if share > 0.999 else f"{share * 100:.1f}"
    return f"{text}{GLUE}%"


def interval(low: float, high: float) -> str:
    r"""A 95 % interval of shares in per cent, from low to high, with as many decimals as a narrow end asks for.

    One decimal, or where all is next to nought or to all, so many that it shows how near.

    >>> [interval(*ends).replace(DASH, "...") for ends in ((0.291, 0.304), (0.0, 0.0002), (0.99981, 1.0))]
    ['29.1...30.4\xa0%', '0.00...0.02\xa0%', '99.98...100.00\xa0%']
    """
    near = high if high < 0.001 else 1 - low if low > 0.999 else 0.0
    digits = math.ceil(-math.log10(100 * near)) if near > 0 else 1
    return f"{low * 100:.{digits}f}{DASH}{high * 100:.{digits}f}{GLUE}%"


def glued(text: str) -> str:
    """The text with every per cent sign kept on the line of its figure."""
    return text.replace(" %", f"{GLUE}%")


def number(value: float | None) -> str:
    """A number with four significant digits and thousands apart.

    >>> number(12345.678), number(0.123456), number(2.0), number(1e9)
    ('12,346', '0.1235', '2', '1e+09')
    """
    if value is None:
        return DASH
    if value == 0 or abs(value) < 1e-4 or abs(value) >= 1e9:
        text = f"{value:.4g}"
    elif abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{float(f'{value:.4g}'):f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def day(value: Any) -> str:
    r"""A date in words, `15 Dec 2024`; anything else stays what it is: `step 3` for a bare step number.

    >>> day("2024-12-15"), day("3")
    ('15\xa0Dec\xa02024', 'step\xa03')
    """
    text = clean(value)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return f"step{GLUE}{text}" if text.isdigit() else text
    return f"{found.day}{GLUE}{MONTHS[found.month - 1]}{GLUE}{found.year}"


def web_address(value: Any) -> str | None:
    """The address if it is a plain http or https one with a host, else None: nothing else becomes a link."""
    if not isinstance(value, str) or value != clean(value) or any(sign.isspace() or sign in UNSAFE for sign in value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and host else None
