"""The machine that a run was made on, in words that say nothing about whose it is."""

import os
import platform
import time
from pathlib import Path


def describe(folder):
    """One line: processor, cores, memory, kernel, the file system of the databases."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, "
        f"Linux {platform.release().split('-')[0]}, databases on {file_system(folder)}"
    )


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.split(":", 1)[1].split())
    return platform.machine()


def file_system(folder):
    """The type of the file system that `folder` is on: that of its longest mount point."""
    folder = str(Path(folder).resolve())
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(mount[1], mount[2]) for mount in mounts if f"{folder}/".startswith(mount[1])]
    return max(holding, key=lambda mount: len(mount[0]), default=("", "an unknown one"))[1]


def busy(seconds=2):
    """How much of all cores others take, from 0 to 1, while nothing is measured."""
    before = jiffies()
    time.sleep(seconds)
    idle, total = (after - earlier for after, earlier in zip(jiffies(), before))
    return 1 - idle / total


def jiffies():
    """Idle and total, of all cores."""
    counts = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return counts[3] + counts[4], sum(counts)
