"""What was injected, what was counted, the goal of each, and PASS or FAIL."""

from dataclasses import dataclass

PASS, FAIL, SHOWN = "PASS", "FAIL", ""
# So much of a thing that should not be is shown.
LONGEST = 80


@dataclass
class Row:
    name: str
    counted: str
    goal: str
    mark: str


class Verdict:
    """The rows of one run. In the short form a busy machine decides nothing: times are only shown."""

    def __init__(self, short):
        self.short = short
        self.injections = []
        self.rows = []
        self.part = ""

    def of(self, part):
        """The same verdict, whose further rows are those of this part."""
        verdict = Verdict(self.short)
        verdict.injections, verdict.rows, verdict.part = self.injections, self.rows, f"{part}: "
        return verdict

    def injected(self, words):
        self.injections.append(words)

    def none(self, name, found):
        """Nothing of this kind may be; `found` are those that are."""
        found = list(found)
        some = f": {', '.join(str(each)[:LONGEST] for each in found[:3])}" if found else ""
        self._add(name, f"{len(found)}{some}", "0", not found)

    def most(self, name, value, most, unit=""):
        self._add(name, shown(value, unit), f"at most {shown(most, unit)}", value <= most)

    def least(self, name, value, least, unit=""):
        self._add(name, shown(value, unit), f"at least {shown(least, unit)}", value >= least)

    def holds(self, name, words, holds, goal="holds"):
        self._add(name, words, goal, holds)

    def told(self, name, words):
        """A count that has no goal."""
        self._row(name, str(words), "", SHOWN)

    def time(self, name, value, most, unit="s"):
        """A time, or what grows with it, with a goal: judged in the long form, which has the machine to
        itself."""
        mark = SHOWN if self.short else (PASS if value <= most else FAIL)
        self._row(name, shown(value, unit), f"at most {shown(most, unit)}", mark)

    def pace(self, name, value, least):
        """So many in a time, with a goal: judged as a time is."""
        mark = SHOWN if self.short else (PASS if value >= least else FAIL)
        self._row(name, shown(value, ""), f"at least {shown(least, '')}", mark)

    def exits(self, name, codes):
        """Exit codes after SIGTERM; 1 also says that the storage did not close in time, and in the short
        form a time decides nothing."""
        good = {0, 1} if self.short else {0}
        self.none(name, [code for code in codes if code not in good])

    def passed(self):
        return not self.failures()

    def failures(self):
        return [row.name for row in self.rows if row.mark == FAIL]

    def show(self):
        for words in self.injections:
            print(f"  injected: {words}")
        widths = [max(len(getattr(row, part)) for row in self.rows) for part in ("name", "counted", "goal")]
        for row in self.rows:
            cells = (row.name.ljust(widths[0]), row.counted.ljust(widths[1]), row.goal.ljust(widths[2]))
            print(f"  {'  '.join(cells)}  {row.mark}".rstrip(), flush=True)

    def _add(self, name, counted, goal, holds):
        self._row(name, counted, goal, PASS if holds else FAIL)

    def _row(self, name, counted, goal, mark):
        self.rows.append(Row(self.part + name, counted, goal, mark))


def percentile(times):
    """What 99 of 100 of them do not exceed."""
    return sorted(times)[len(times) * 99 // 100]


def shown(value, unit):
    text = f"{value:,}" if isinstance(value, int) else f"{value:.2f}"
    return f"{text} {unit}".rstrip()
