"""One run of an experiment: its folder, its choices, its form."""

import random
import tempfile
import time
from pathlib import Path


class Run:
    """`short` is the form, `minutes` how long the soak lasts in its long form, and `random` makes the
    choices: the same ones for the same seed."""

    def __init__(self, folder, name, short, seed, minutes):
        self.folder, self.short, self.minutes = Path(folder), short, minutes
        self.random = random.Random(f"{name} {seed}")

    def fresh_folder(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    def pause(self, longest):
        """A time of up to so many seconds, so that what follows comes at ever other moments."""
        time.sleep(self.random.uniform(0, longest))
