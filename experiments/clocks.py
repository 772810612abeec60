"""Clocks of one process, which an experiment moves; the machine's own stay as they are.

`clocks.c` is compiled in the run's folder and preloaded into the process.
"""

import mmap
import platform
import shutil
import subprocess
import time
from pathlib import Path

from measure.servers import Void, binary_of

SOURCE = Path(__file__).with_name("clocks.c")
SECOND = 1_000_000_000
# A month: a machine that has just booted can be set back by days.
UPTIME = 30 * 86_400


def lacking():
    """Why no clock can be moved here, or nothing."""
    if not shutil.which("cc"):
        return "cc is not installed"
    if platform.machine() != "x86_64":
        return f"clocks.c knows no {platform.machine()}"
    interpreted = b"/ld-linux" in Path(binary_of("CAMPANA_BIN", "campana")).read_bytes()[:65_536]
    return None if interpreted else "the binary is linked statically, so nothing can be preloaded into it"


class Clocks:
    """The wall clock and the boot clock of a process started with `environment`."""

    def __init__(self, folder, name):
        library, file = folder.resolve() / "clocks.so", folder.resolve() / f"{name}.clocks"
        if not library.exists():
            command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            if ran.returncode:
                raise Void(f"cc: {ran.stderr}")
        file.write_bytes(bytes(32))
        with open(file, "r+b") as opened:
            # Eight aligned bytes each, which are written at once: no reader sees half of a value.
            self.values = memoryview(mmap.mmap(opened.fileno(), 32)).cast("q")
        self.environment = {"LD_PRELOAD": str(library), "MOVED_CLOCKS": str(file)}
        self.move(boot=UPTIME)

    def move(self, wall=0, boot=0):
        """Moves them by so many seconds."""
        self.values[0] += int(wall * SECOND)
        self.values[1] += int(boot * SECOND)

    def set_wall(self, epoch):
        """Sets the wall clock to so many seconds of the Unix epoch."""
        self.values[0] = int((epoch - time.time()) * SECOND)

    def right_the_wall(self):
        """Sets the wall clock to the machine's."""
        self.values[0] = 0

    def wall(self):
        """The seconds of the Unix epoch that the process reads."""
        return time.time() + self.values[0] / SECOND

    def reads(self):
        """How often the process has read the wall clock, and the boot clock."""
        return self.values[2], self.values[3]
