"""Guarded reading of XML: bytes to plain nodes that know their place; nothing that XML can hurt with is let in."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml import DefusedXmlException

from sim.interop.domain import At
from sim.scenario.faults import masked, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.xmlreader import AttributesImpl, Locator

LARGEST_FILE = 1 << 21
DEEPEST = 32


@dataclass
class Node:
    """An element: its tag, its attributes, what stands in it, and where it begins."""

    tag: str
    attributes: dict[str, str]
    at: At
    children: list[Node] = field(default_factory=list)

    def get(self, *names: str) -> str | None:
        """Return the first of these attributes that is there, without spaces around it."""
        return next((self.attributes[name].strip() for name in names if name in self.attributes), None)

    def all(self, tag: str) -> list[Node]:
        """Return the children with a tag."""
        return [child for child in self.children if child.tag == tag]

    def walk(self) -> Iterator[Node]:
        """Yield this node and everything in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_bytes(path: Path, largest: int) -> bytes:
    """Return the bytes of a regular file that is no larger than allowed; else raise ScenarioError."""
    at = At(plain(str(path)))
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
        data = b""
        if regular:
            with path.open("rb") as file:
                data = file.read(largest + 1)
    except FileNotFoundError:
        raise at.error("there is no such file") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "an input error"
        raise at.error(f"this file cannot be read: {reason}") from None
    if not regular:
        raise at.error("this is no regular file; name a file")
    if len(data) > largest:
        raise at.error(f"the file is larger than {largest // 1024} KiB, which no domain of 50,000 deals needs")
    return data


def read_xml(path: Path) -> Node:
    """Return the root of an XML file; DTDs, entities, deep nesting and large files are refused with ScenarioError."""
    data = read_bytes(path, LARGEST_FILE)
    name, lines = plain(str(path)), data.decode("utf-8", "replace").splitlines()
    builder = _Builder(name, lines)
    try:
        defusedxml.sax.parseString(data, builder, forbid_dtd=True)
    except SAXParseException as problem:
        at = _at(name, lines, problem.getLineNumber() or 1, (problem.getColumnNumber() or 0) + 1)
        raise at.error(f"this is no well-formed XML: {plain(problem.getMessage())}") from None
    except DefusedXmlException:
        sentence = "a document type or an entity is declared here, which may do harm; delete it"
        raise builder.here().error(sentence) from None
    except (LookupError, ValueError) as problem:
        if builder.refused is not None:
            raise builder.refused from None
        raise At(name).error(f"this file cannot be read as XML: {plain(str(problem))}") from None
    assert builder.root is not None
    return builder.root


def _at(name: str, lines: list[str], line: int, column: int) -> At:
    snippet = masked(lines[line - 1]) if 0 < line <= len(lines) else ""
    return At(name, line, column, snippet)


class _Builder(ContentHandler):
    """Builds the nodes; text between elements means nothing in these formats."""

    def __init__(self, name: str, lines: list[str]) -> None:
        super().__init__()
        self.name, self.lines = name, lines
        self.root: Node | None = None
        self.open: list[Node] = []
        self.locator: Locator | None = None
        self.refused: Exception | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 the name of the interface
        """Remember where to ask for the place."""
        self.locator = locator

    def here(self) -> At:
        """Return where the parser stands."""
        if self.locator is None:
            return At(self.name)
        line, column = self.locator.getLineNumber(), self.locator.getColumnNumber()
        return _at(self.name, self.lines, line or 1, (column or 0) + 1)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 the name of the interface
        """Open an element."""
        node = Node(name, dict(attrs.items()), self.here())
        if len(self.open) >= DEEPEST:
            self.refused = node.at.error(
                f"elements stand in one another more than {DEEPEST} deep; no domain needs that"
            )
            raise self.refused
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def endElement(self, name: str) -> None:  # noqa: N802 the name of the interface
        """Close an element."""
        del name
        self.open.pop()
