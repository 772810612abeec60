"""A figure, its goal, how it is printed, and where it stands in docs/performance.md."""

import statistics
from dataclasses import dataclass

from .servers import ROOT

PAGE = ROOT / "docs/performance.md"


@dataclass
class Figure:
    """A number, with the least or the most that it should be."""

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    # The lowest and the highest of the rounds, where there were several.
    spread: tuple | None = None

    def is_missed(self):
        too_low = self.least is not None and self.value < self.least
        return too_low or (self.most is not None and self.value > self.most)

    def goal(self):
        if self.least is not None:
            return f"at least {shown(self.least)}"
        return f"at most {shown(self.most)}" if self.most is not None else ""

    def text(self):
        text = f"{shown(self.value)} {self.unit}".strip()
        if self.spread:
            text += f" ({shown(self.spread[0])} to {shown(self.spread[1])})"
        return text


def shown(number):
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def of_rounds(name, values, **settings):
    """The median of the rounds, with their spread."""
    values = list(values)
    return Figure(name, statistics.median(values), spread=(min(values), max(values)), **settings)


def show(figures):
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        mark = "   MISSES THE GOAL" if figure.is_missed() else ""
        goal = f"goal: {figure.goal()}" if figure.goal() else ""
        print(f"  {figure.name:<{width}}  {figure.text():<28} {goal}{mark}".rstrip(), flush=True)


def write(figures):
    """Puts each figure into the last column of the row of docs/performance.md that has its name."""
    known = {figure.name: figure for figure in figures}
    lines = []
    for line in PAGE.read_text().splitlines():
        cells = line.split("|")
        figure = known.pop(cells[1].strip(), None) if len(cells) > 3 else None
        if figure:
            cells[-2] = f" {figure.text()} "
            line = "|".join(cells)
        lines.append(line)
    PAGE.write_text("\n".join(lines) + "\n")
    for name in known:
        print(f"{PAGE.relative_to(ROOT)} has no row for {name!r}")
