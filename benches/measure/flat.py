"""`scripts/bench flat`: what a notification costs among many receivers and behind a long queue.

Each comparison takes turns within one run: CPU of the whole process for so many notifications to one
receiver, over 16 connections, with a small and with a large setting. The robots are the
simulator's, so each lane sends what its rate allows and waits with the rest, as it does in life.

The long queue is made by the server itself: every notification goes to ten receivers, until a
million deliveries are stored; they fold nothing, so that each delivery stands in the queue for itself. The
file is kept for the whole run. In the end a server is started whose limit is half of that, and refuses.
"""

import statistics
import tempfile
import time
from pathlib import Path

from . import load
from .figures import Figure, of_rounds
from .servers import Campana, Simulator, Void, each_alone

NOTIFICATIONS = 10_000
CONNECTIONS = 16
MANY_RECEIVERS = 10_000
QUEUED = 1_000_000
QUEUED_RECEIVERS = 10
ROUNDS = 3
# The first messages of each lane leave within this time; then its rate is used up.
SETTLE_SECONDS = 3
REFUSING_SECONDS = 5
SHORT = {
    "NOTIFICATIONS": 200, "MANY_RECEIVERS": 100, "QUEUED": 2_000, "ROUNDS": 1, "SETTLE_SECONDS": 1,
    "REFUSING_SECONDS": 1,
}


def measure(work):
    load.check_wrk()
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        return many_receivers(work, dingtalk) + long_queue(work, dingtalk)


class Cost:
    """What one run of one setting took."""

    def __init__(self, server):
        time.sleep(SETTLE_SECONDS)
        self.start_seconds = server.start_seconds
        self.memory = server.memory()
        result = load.run(server, alerts=1, connections=CONNECTIONS, posts=NOTIFICATIONS)
        self.cpu_us = result.cpu_us
        self.memory_after = server.memory()


def in_new_folder(work, start):
    with tempfile.TemporaryDirectory(dir=work) as folder, start(Path(folder)) as server:
        return Cost(server)


def many_receivers(work, dingtalk):
    def of(receivers):
        return in_new_folder(work, lambda folder: Campana(folder, dingtalk.url, receivers))

    print(f"flat: one receiver, and {MANY_RECEIVERS:,} of them", flush=True)
    pairs = []
    for _ in range(ROUNDS):
        few, many = of(1), of(MANY_RECEIVERS)
        pairs.append((few, many))
        tell(few, many)
    return compared(pairs, "10,000 receivers")


def long_queue(work, dingtalk):
    def start(folder, limit=10 * QUEUED):
        environment = {
            "CAMPANA__STORAGE__LIMITS__QUEUED": str(limit),
            "CAMPANA__STORAGE__LIMITS__QUEUED_BYTES": "100GiB",
        }
        return Campana(folder, dingtalk.url, QUEUED_RECEIVERS, keys=each_alone, environment=environment)

    with tempfile.TemporaryDirectory(dir=work) as folder:
        folder = Path(folder)
        print(f"flat: filling a queue of {QUEUED:,} deliveries", flush=True)
        began = time.monotonic()
        with start(folder) as server:
            fill(server)
        size = (folder / "campana.db").stat().st_size
        print(f"  took {time.monotonic() - began:.0f} s; {size / QUEUED:.0f} bytes a delivery")
        pairs = []
        for _ in range(ROUNDS):
            empty = in_new_folder(work, start)
            with start(folder) as server:
                full = Cost(server)
                if server.queued() < QUEUED:
                    raise Void(f"only {server.queued():,} deliveries are queued")
            pairs.append((empty, full))
            tell(empty, full)
        bytes_each = Figure("bytes on disk for a queued delivery", size / QUEUED)
        return [*compared(pairs, "1,000,000 queued", memory_most=64), bytes_each, refusal(start(folder, QUEUED // 2))]


def refusal(server):
    """How soon a notification is refused by a server whose queue is beyond its limit."""
    with server:
        time.sleep(SETTLE_SECONDS)
        result = load.run(server, alerts=1, connections=CONNECTIONS, seconds=REFUSING_SECONDS, refused=True)
    print(f"  {result.requests:,} refused in {result.seconds:.0f} s", flush=True)
    return Figure("p99 of a refusal, 1,000,000 queued", result.p99_us / 1000, unit="ms", most=20)


def fill(server):
    """A little more than a million, because some are sent meanwhile."""
    posts = QUEUED // QUEUED_RECEIVERS + 1_000
    load.run(server, alerts=1, connections=64, posts=posts, path="/api/v1/alerts")


def tell(small, large):
    for name, cost in (("small", small), ("large", large)):
        print(
            f"  {name}: {cost.cpu_us:.0f} us of CPU a notification, ready after "
            f"{cost.start_seconds * 1000:.0f} ms, {cost.memory:.0f} MiB, "
            f"{cost.memory_after:.0f} MiB after the run",
            flush=True,
        )


def compared(pairs, name, memory_most=None):
    large = [large for _, large in pairs]
    after = max(cost.memory_after for cost in large)
    return [
        of_rounds(
            f"CPU of a notification, {name}",
            [large.cpu_us / small.cpu_us for small, large in pairs],
            unit="times",
            most=1.3,
        ),
        Figure(
            f"start to ready, {name}",
            statistics.median(cost.start_seconds for cost in large),
            unit="s",
            most=1.0,
        ),
        Figure(
            f"memory, {name}",
            max(cost.memory for cost in large),
            unit="MiB",
            most=memory_most,
        ),
        Figure(f"memory after {NOTIFICATIONS:,} more, {name}", after, unit="MiB", most=memory_most),
    ]
