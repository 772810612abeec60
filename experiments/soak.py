"""Faults of all kinds, one after the other, under a steady load: nothing is lost, and nothing grows.

Injects, while 2,000 notifications a minute come for 400 robots, for 30 minutes (--minutes; --short: for
one), in an order that the seed chooses: `kill -9` and SIGTERM with a start after it, reloads of a wrong and
of the right file, a DingTalk that is away (a relay that is shut), wrong, late and missing answers, slow
clients, bodies that are no notifications. In the second half (--short: after one kill and one stop)
nothing ends the process, so that its memory can be judged; old rows are deleted each minute.
Passes: lost 0, shown twice 0, and all is sent in the end; the database keeps its size, its log stays below
64 MiB; open files and threads are bounded; memory grows by less than 10 MiB.
"""

import itertools
import json
import multiprocessing
import threading
import time
from collections import Counter
from dataclasses import dataclass

from measure.servers import Void

from . import account, hostile, slow_clients
from .account import Account
from .dingtalk import DingTalk
from .load import Load, Mark, receivers
from .relay import Relay
from .server import Campana, until

NUMBER = "18"
WAITS = True
PLANTED = {
    "a message vanishes from the chat": "lost",
    "a message stands in the chat twice": "shown twice",
    "two messages of a group change places": "out of order in their group",
    "files stay open": "open files, the most",
    "old rows stay": "rounds that deleted old rows",
}

ROBOTS, WRITERS = 400, 16
# Each writer waits for half of it between its posts: 2,400 a minute together, while there is a server.
PAUSE = 0.8
ACCEPTED = 2_000
SETTINGS = "delivery: {attempt_timeout: 2s, retry: [200ms, 500ms, 1s, 2s], park: {first: 1s, longest: 2s}}"
RIGHT = receivers(ROBOTS)
WRONG = RIGHT.replace("access_token", "acces_token", 1)
# So long the process lives in the first half; old rows are deleted a minute after its start.
LIFE = 100.0
# How long a fault lasts, in seconds.
LASTS = (1.0, 3.0)
SLOW = ["idle", "half-head", "drip-head", "half-body", "drip-body"]
DELETED = "settled deliveries were deleted after their retention"


@dataclass
class Sample:
    """What the process and its files were at one moment, since its last start; sizes in MiB."""

    start: int
    at: float
    memory: float
    files: int
    threads: int
    database: float
    log: float


@dataclass
class Evidence:
    seconds: float
    faults: Counter
    # The statuses of the writers and of the bodies that are no notifications.
    answers: dict
    malformed: Counter
    samples: list
    deleted: int
    account: Account


def play(run):
    seconds = 60.0 if run.short else 60.0 * run.minutes
    folder, states = run.fresh_folder(), 20 + int(seconds / 6)
    with DingTalk(folder) as dingtalk, Relay(dingtalk.port) as relay, \
            Campana(folder, RIGHT, f"http://127.0.0.1:{relay.port}", SETTINGS) as server:
        faults = Faults(run, server, dingtalk, relay)
        faults.start()
        began = time.monotonic()
        load = Load(server, run.random, WRITERS, ROBOTS, groups=1, states=states, pause=PAUSE).start()
        watch = Watch(server).start()
        faults.play(faults.of_the_process)
        while not run.short and time.monotonic() < began + seconds / 2:
            faults.play([run.random.choice(faults.of_the_process)], time.monotonic() + LIFE)
        faults.play(faults.others, began + seconds)
        if not until(lambda: DELETED in server.log()):
            raise Void("no old rows were deleted")
        load.stop()
        took = time.monotonic() - began
        if not server.drained():
            raise Void(f"the queue does not drain: {server.log()[-1000:]}")
        watch.stop()
        found = Account.of(load.accepted, dingtalk, server)
        found.rows = watch.rows_with(found.rows)
        deleted = server.log().count(DELETED)
        return Evidence(took, faults.played, dict(load.answers), faults.malformed, watch.samples, deleted, found)


def plant(evidence, fault):
    if fault == "files stay open":
        evidence.samples[-1].files += 1_000
    elif fault == "old rows stay":
        evidence.deleted = 0
    elif fault == "a message vanishes from the chat":
        account.forget_a_message(evidence.account)
    elif fault == "a message stands in the chat twice":
        account.show_a_message_twice(evidence.account)
    else:
        account.swap_two_of_a_group(evidence.account)


def judge(evidence, verdict):
    verdict.injected(", ".join(f"{kind} {times}" for kind, times in sorted(evidence.faults.items())))
    account.judge(verdict, evidence.account)
    verdict.none("shown twice", [post.title for post in evidence.account.repeated()])
    verdict.none("queued in the end", [row["id"] for row in evidence.account.queued()])
    verdict.none("answers that are neither 200 nor 503", set(evidence.answers) - {0, 200, 503})
    verdict.none("malformed bodies not answered 400", set(evidence.malformed) - {400})
    accepted = len(evidence.account.accepted)
    verdict.pace("accepted in a minute", round(60 * accepted / evidence.seconds), ACCEPTED)
    verdict.least("rounds that deleted old rows", evidence.deleted, 1)
    judge_growth(evidence.samples, verdict)


def judge_growth(samples, verdict):
    verdict.most("open files, the most", max(sample.files for sample in samples), 1_000)
    verdict.most("threads, the most", max(sample.threads for sample in samples), 64)
    verdict.most("log of the database, the most", round(max(sample.log for sample in samples), 1), 64, "MiB")
    verdict.most("database, the most", round(max(sample.database for sample in samples), 1), 64, "MiB")
    last = [sample for sample in samples if sample.start == samples[-1].start]
    # The first minute after a start is not yet as the others are; the short form has no other.
    steady = last if verdict.short else [sample for sample in last if sample.at >= last[0].at + 60] or last
    for name, field in (("memory grown", "memory"), ("database grown", "database")):
        grown = growth([(sample.at, getattr(sample, field)) for sample in steady])
        verdict.time(f"{name} since the last start", grown, 10, "MiB")


def growth(points):
    """By how much it grew from the first point to the last, by least squares."""
    middle = sum(at for at, _ in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    slope = sum((at - middle) * value for at, value in points) / max(spread, 1e-9)
    return slope * (points[-1][0] - points[0][0])


class Faults:
    """What is done to one server, one thing after the other."""

    def __init__(self, run, server, dingtalk, relay):
        self.run, self.random, self.server, self.dingtalk, self.relay = run, run.random, server, dingtalk, relay
        self.played, self.malformed = Counter(), Counter()
        self.of_the_process = [self.kill, self.restart]
        self.others = [self.reload, self.away, self.wrong_answers, self.slow_clients, self.no_notifications]

    def play(self, first, end=0.0):
        """Plays each of these, and then any that the process survives until it is time."""
        chosen = self.random.sample(first, len(first))
        while chosen or time.monotonic() < end:
            fault = chosen.pop() if chosen else self.random.choice(self.others)
            self.played[fault.__name__] += 1
            fault()
            self.wait()

    def wait(self):
        time.sleep(self.random.uniform(*LASTS))

    def start(self):
        delivered = "30s" if self.run.short else "2m"
        names = ("DELIVERED", "DEAD")
        self.server.start({f"CAMPANA__STORAGE__RETENTION__{name}": delivered for name in names})

    def kill(self):
        self.server.kill()
        self.start()

    def restart(self):
        self.server.stop()
        self.start()

    def reload(self):
        for yaml in (WRONG, RIGHT):
            self.server.configure(yaml, f"http://127.0.0.1:{self.relay.port}", SETTINGS)
            self.server.reload()
            self.wait()

    def away(self):
        self.relay.shut()
        self.wait()
        self.relay.open()

    def wrong_answers(self):
        troubles = self.random.sample(hostile.MIXED, 6)
        seeds = [self.random.getrandbits(32) for _ in troubles]
        orders = [f"fail {trouble} api=robot lasting" for trouble in troubles]
        self.dingtalk.order(*[f"{order} share=5,{seed}" for order, seed in zip(orders, seeds)])
        self.wait()
        self.dingtalk.order("heal")

    def slow_clients(self):
        counts = multiprocessing.Array("q", 3, lock=False)
        arguments = (self.random.choice(SLOW), 200, 1, self.server.port, counts)
        slow = multiprocessing.Process(target=slow_clients.attack, args=arguments, daemon=True)
        slow.start()
        self.wait()
        slow.kill()
        slow.join()

    def no_notifications(self):
        whole = json.dumps(Mark(0, 0, 0).notification()).encode()
        for _ in range(50):
            cut = whole[: self.random.randrange(1, len(whole))]
            body = self.random.choice([cut, self.random.randbytes(200), b'{"alerts": 5}', b"[]", b"null"])
            self.malformed[self.server.ask("/api/v1/receivers/r0/alerts", body)[0]] += 1


class Watch:
    """Looks at the process, its files and its deliveries, before these are deleted."""

    def __init__(self, server):
        self.server, self.samples, self.rows = server, [], {}
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopped.set()
        self.thread.join()

    def _look(self):
        while not self.stopped.wait(2):
            try:
                self.samples.append(self._sample())
                self.rows.update((row["id"], row) for row in self.server.deliveries())
            except (OSError, Void):
                # It is not running, or has just ended.
                continue

    def _sample(self):
        start, metrics, folder = self.server.starts, self.server.metrics(), self.server.folder / "data"
        database, log = ((folder / name).stat().st_size / 2**20 for name in ("campana.db", "campana.db-wal"))
        return Sample(
            start, time.monotonic(), metrics["process_resident_memory_bytes"] / 2**20,
            int(metrics["process_open_fds"]), int(metrics["process_threads"]), database, log,
        )

    def rows_with(self, rows):
        """Every delivery that there ever was; one that vanished while it was queued is called so."""
        present = {row["id"]: row for row in rows}
        gone = [row for number, row in self.rows.items() if number not in present]
        return [*rows, *({**row, "state": "gone"} if row["state"] == "queued" else row for row in gone)]
