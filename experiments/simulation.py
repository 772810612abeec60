"""Receiver, store and lanes in simulated time, under every fault that a seed chooses.

Injects, by 10,000 seeds (--short: 20), all that tests/simulation/ has: lost, late and refused answers, kills
between any two steps, reboots, suspended machines, clock jumps, full disks, reloads, dead robots.
Passes: no seed breaks the model, whose checks are the account, the order within groups, the rate in any
window, and that nothing is lost or shown twice without reason; and each fault that the test plants into
itself is found. A seed that fails is printed with the shortest steps that fail in the same way.
"""

import collections
import json
import os
import re
import subprocess
from dataclasses import dataclass, field

from measure.servers import ROOT, Void

NUMBER = "19"
# `cargo test` plays as many seeds, always the same ones.
IN_TESTS = True
PLANTED = {"a seed breaks the model": "seeds that fail", "a planted fault is not found": "planted faults found"}

# So many seeds to a process, so that one that fails hides few others.
AT_ONCE = 20
FAULTS = 3


@dataclass
class Outcome:
    seeds: int = 0
    failed: list = field(default_factory=list)
    injected: collections.Counter = field(default_factory=collections.Counter)
    counted: collections.Counter = field(default_factory=collections.Counter)
    found: int = 0


def play(run):
    test("--no-run")
    outcome, seeds = Outcome(), 20 if run.short else 10_000
    first = run.random.randrange(1 << 40)
    for begin in range(first, first + seeds, AT_ONCE):
        played(outcome, begin, begin + AT_ONCE)
    ran = test("--", "--skip", "every_seed", "--skip", "a_seed")
    outcome.found = int(re.search(r"(\d+) passed", ran.stdout).group(1)) if ran.returncode == 0 else 0
    return outcome


def played(outcome, begin, end):
    ran = test("every_seed", "--", "--nocapture", seeds=f"{begin}..{end}")
    said = ran.stdout + ran.stderr
    outcome.seeds += end - begin
    if failed := re.search(r"^seed (\d+) ", said, re.MULTILINE):
        outcome.failed.append(failed.group(1))
        print(said)
        return
    for name, sum_of in (("injected", outcome.injected), ("counted", outcome.counted)):
        told = re.search(rf"^{name} (.*)$", said, re.MULTILINE)
        if told is None:
            raise Void(f"the simulation says nothing of what it {name}:\n{said}")
        sum_of.update(json.loads(told.group(1)))


def test(*arguments, seeds=""):
    command = ["cargo", "test", "--quiet", "--locked", "--test", "simulation", *arguments]
    environment = {**os.environ, "CAMPANA_SIMULATION_SEEDS": seeds} if seeds else None
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def plant(outcome, fault):
    if fault == "a seed breaks the model":
        outcome.failed.append("0")
    else:
        outcome.found -= 1


def judge(outcome, verdict):
    verdict.injected(", ".join(f"{what} {times:,}" for what, times in sorted(outcome.injected.items())))
    for what, times in sorted(outcome.counted.items()):
        verdict.told(what, f"{times:,}")
    verdict.told("seeds", f"{outcome.seeds:,}")
    verdict.none("seeds that fail", outcome.failed)
    verdict.least("planted faults found", outcome.found, FAULTS)
