"""The one HTML file: pictures inside it, no script, nothing from outside. Everything in it is escaped."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import groupby
from string import hexdigits

from vfrac_core.report.claim import Topic
from vfrac_core.report.drawing import Drawn
from vfrac_core.report.source import Fact, Source
from vfrac_core.report.table import BARE, Table
from vfrac_core.signs import SAFETY


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: its tables and figures in the order in which they are read."""

    title: str
    parts: tuple[Table | Drawn, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a report has."""

    heading: str
    summary: tuple[str, ...]
    facts: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    sections: tuple[Section, ...]
    topics: tuple[Topic, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(part for section in self.sections for part in section.parts if isinstance(part, Table))

    @property
    def figures(self) -> tuple[Drawn, ...]:
        return tuple(part for section in self.sections for part in section.parts if isinstance(part, Drawn))


def page(contents: Contents, source: Source) -> str:
    """The whole file as text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("vfrac_core.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.tests["hash"] = lambda text: len(text) == 64 and set(text) <= set(hexdigits)
    environment.tests["table"] = lambda part: isinstance(part, Table)
    topics = [(section, list(own)) for section, own in groupby(contents.topics, key=lambda topic: topic.section)]
    return environment.get_template("report.html").render(
        contents=contents, mark=source.title_mark, safety=SAFETY, topics=topics, bare=BARE, methods_of=_method_letters
    )


def _method_letters(table: Table) -> dict[str, str]:
    """A letter for each method, by which an interval points at how it was made."""
    return {method: _letter(index) for index, method in enumerate(one for one in table.methods if one not in BARE)}


def _letter(index: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[index] if index < len(letters) else f"{letters[index // 26 - 1]}{letters[index % 26]}"


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
