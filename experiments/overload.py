"""Far more comes in than goes out: only 200 and 503 are answered, and every 200 is kept.

Injects, for conversations whose lanes send one message a second, a hundred times as many notifications,
until a limit of `storage.limits` is reached and beyond: `queued` at 60 and `queued_bytes` at 1 MiB, for
ten seconds (long: a million queued, for an hour). Then the inflow ends, and a reload opens the lanes.
Passes: every answer is 200, or 503 with words and Retry-After; while notifications are refused, what is
queued is sent; `/metrics` tells a refusal anew only after a tenth of the limit was sent; what was answered
200 is seen or folded; resident memory stays below 256 MiB; 99 of 100 answers of 200 come within 100 ms,
and of 503 within 20 ms.
"""

import concurrent.futures
import http.client
import json
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Mark
from .server import PATIENCE, Campana, until
from .verdict import percentile

NUMBER = "7"
PLANTED = {
    "a 503 comes without Retry-After": "queued: refusals without words or Retry-After",
    "a notification is answered 500": "queued: answers that are neither 200 nor 503",
    "it opens and shuts with every message": "queued: times that it began to refuse",
    "nothing is sent while it refuses": "queued: sent while it refused",
    "a writer takes for accepted what nobody posted": "queued: lost",
}

LANES = 2
FASTER = 100
# A little more than a hundred times what the lanes send, because each answer takes its time.
POSTS_A_SECOND = 1.2 * FASTER * LANES
# How many writers there are, and how many states their groups have.
WRITERS, STATES = 8, 4
# So many messages show that sending goes on.
SENT = 10
# So much more in a notification, in a field that nobody reads; random, so that it hardly packs.
LARGE = 24_000


@dataclass
class Trial:
    """One limit, from before it was reached to the empty queue."""

    words: str
    # The seconds of every answer, by its status.
    answers: dict
    # The answers of 503 that lack something.
    wordless: list
    # How many posts came after the first refusal, in which time.
    offered: int
    seconds: float
    began_to_refuse: int
    # Deliveries queued at the limit, sent in all meanwhile, and sent while it refused.
    full: int
    settled: int
    sent: int
    memory: float
    account: Account


def play(run):
    if not run.short:
        return {"queued": trial(run, {"QUEUED": "1000000"}, 3_600, run.random.random())}
    limits = {"queued": ({"QUEUED": "60"}, 0), "queued_bytes": ({"QUEUED_BYTES": "1MiB"}, LARGE)}
    seeds = {name: run.random.random() for name in limits}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        playing = {
            name: pool.submit(trial, run, limit, 10, seeds[name], size)
            for name, (limit, size) in limits.items()
        }
        return {name: part.result() for name, part in playing.items()}


def plant(trials, fault):
    queued = trials["queued"]
    if fault == "a 503 comes without Retry-After":
        queued.wordless.append("planted")
    elif fault == "a notification is answered 500":
        queued.answers[500] = [0.001]
    elif fault == "it opens and shuts with every message":
        queued.began_to_refuse = queued.settled
    elif fault == "nothing is sent while it refuses":
        queued.sent = 0
    else:
        account.promise_what_nobody_posted(queued.account)


def judge(trials, verdict):
    for name, trial in trials.items():
        answers = sorted(trial.answers.items())
        counts = ", ".join(f"{len(seconds):,} answered {status or 'nothing'}" for status, seconds in answers)
        verdict.injected(f"{trial.words}: {counts}")
        rows = verdict.of(name)
        account.judge(rows, trial.account)
        rows.none("queued in the end", [row["id"] for row in trial.account.queued()])
        # The API for conversations cannot tell a message that it has already.
        rows.none("shown twice without cause", trial.account.repeated_without_cause())
        rows.none("answers that are neither 200 nor 503", set(trial.answers) - {200, 503})
        rows.none("refusals without words or Retry-After", trial.wordless)
        judge_pace(trial, rows)
        for status, most in ((200, 0.1), (503, 0.02)):
            rows.time(f"99 of 100 answers of {status}", percentile(trial.answers[status]), most)
        rows.most("memory, the most", round(trial.memory, 1), 256, "MiB")


def judge_pace(trial, rows):
    inflow = trial.offered / trial.seconds / LANES
    rows.pace("inflow, in times of what the lanes send", round(inflow), FASTER)
    rows.told("queued at the limit", trial.full)
    rows.least("sent while it refused", trial.sent, SENT)
    most = 1 + trial.settled // max(1, trial.full // 10)
    rows.most("times that it began to refuse", trial.began_to_refuse, most)


def trial(run, limit, seconds, seed, size=0):
    """Fills the queue to its limit, goes on for so many seconds, and lets it drain."""
    folder = run.fresh_folder()
    environment = {f"CAMPANA__STORAGE__LIMITS__{name}": value for name, value in limit.items()}
    with DingTalk(folder) as dingtalk, \
            Campana(folder, conversations("messages: 1, per: 1s", "queue"), dingtalk.url) as server:
        server.start(environment)
        inflow, watch = Inflow(server, seed, size), Watch(server)
        inflow.start()
        if not until(lambda: inflow.refused.is_set(), seconds=PATIENCE + 2 * seconds):
            raise Void("the limit is not reached")
        full = server.queued()
        began = time.monotonic()
        watch.start()
        time.sleep(seconds)
        until(lambda: watch.sent >= SENT)
        inflow.stop()
        overloaded = time.monotonic() - began
        watch.stop()
        server.configure(conversations("messages: 20, per: 1s", "fold"), dingtalk.url)
        server.reload()
        if not server.drained(PATIENCE + seconds):
            raise Void(f"the queue does not drain: {server.log()[-1000:]}")
        found = Account.of(inflow.accepted, dingtalk, server)
        memory = server.memory("VmHWM")
    limits = ", ".join(f"{name.lower()} {value}" for name, value in limit.items())
    words = f"{limits}: {LANES} lanes, {POSTS_A_SECOND:.0f} posts a second for {overloaded:.0f} s"
    return Trial(
        words, inflow.answers, inflow.wordless, inflow.offered, overloaded, watch.began_to_refuse, full,
        watch.settled, watch.sent, memory, found,
    )


def conversations(rate, overflow):
    """The YAML of a receiver for each lane, with an app of its own."""
    return "".join(
        f"  - {{name: r{number}, conversations: [{{name: c, app_key: '{number:04}-app', app_secret: secret, "
        f"open_conversation_ids: ['cid{number}=='], rate: {{{rate}}}, overflow: {overflow}}}]}}\n"
        for number in range(LANES)
    )


class Inflow:
    """Writers that post one state of a group after the other, whatever the last one was answered: as fast
    as they can until one is refused, and at their pace from then on."""

    def __init__(self, server, seed, size):
        self.port, self.size, self.random = server.port, size, random.Random(seed)
        self.accepted, self.answers, self.wordless, self.offered = set(), defaultdict(list), [], 0
        self.lock = threading.Lock()
        self.refused, self.stopped = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(writer,), daemon=True) for writer in range(WRITERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _write(self, writer):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        number = 0
        while not self.stopped.is_set():
            due = time.monotonic() + WRITERS / POSTS_A_SECOND
            turn, state = divmod(number // LANES, STATES)
            self._post(connection, Mark(number % LANES, WRITERS * turn + writer, state))
            number += 1
            if self.refused.is_set():
                time.sleep(max(0.0, due - time.monotonic()))
        connection.close()

    def _post(self, connection, mark):
        noise = self.random.randbytes(self.size // 2).hex()
        body = json.dumps({**mark.notification(), "noise": noise})
        began = time.monotonic()
        try:
            connection.request("POST", f"/api/v1/receivers/r{mark.receiver}/alerts", body)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            status, text = 0, b""
        with self.lock:
            self.answers[status].append(time.monotonic() - began)
            self.offered += self.refused.is_set()
        if status == 200:
            self.accepted.add(mark)
        elif status == 503:
            if answer.headers["Retry-After"] is None or "storage.limits" not in json.loads(text)["error"]:
                self.wordless.append(text)
            self.refused.set()


class Watch:
    """Looks again and again at what `/metrics` says of the storage and of what was sent."""

    def __init__(self, server):
        self.server, self.stopped = server, threading.Event()
        self.began_to_refuse, self.settled, self.sent = 1, 0, 0
        self.thread = threading.Thread(target=self._look, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.stopped.set()
        self.thread.join()

    def _look(self):
        refused, before = self._state()
        while not self.stopped.wait(0.05):
            refuses, settled = self._state()
            self.began_to_refuse += refuses and not refused
            self.settled += settled - before
            self.sent += (settled - before) if refuses and refused else 0
            refused, before = refuses, settled

    def _state(self):
        """Whether it refuses, and how many deliveries were delivered."""
        metrics = self.server.metrics()
        reasons = [f'campana_storage_refusing{{reason="{limit}"}}' for limit in ("queued", "queued_bytes")]
        sent = int(metrics['campana_deliveries_settled_total{outcome="delivered"}'])
        return any(metrics.get(reason) for reason in reasons), sent
