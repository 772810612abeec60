"""Thousands of slow clients of eight kinds: they lock no good client out.

Injects, for each kind of slow client, from one address and from a hundred, 10,000 connections (--short:
500, of which the server keeps 128) that are opened again whenever the server closes them, up to a fifth
of them in a second (`unread`: a fiftieth). Beside them a notification is posted every 20 ms on a new
connection, in turn from the slow clients' own address and from another one, /-/healthy, /-/ready and
/metrics are asked every second, and at the end SIGTERM comes with the slow clients still there.
Passes: every post and question is answered 200, 99 of 100 posts within 500 ms; lost 0; the process ends
with 0 within 15 s. It needs a limit of open files (ulimit -Hn) above the number of connections.
"""

import concurrent.futures
import json
import multiprocessing
import resource
import select
import signal
import socket
import struct
import time
from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account, total
from .dingtalk import DingTalk
from .load import Mark, receivers
from .server import Campana, samples_of, until
from .verdict import percentile

NUMBER = "12"
PLANTED = {
    "a good post is answered 503": "posts not answered 200",
    "a writer takes for accepted what nobody posted": "lost",
}

GET = b"GET /api/v1/status/flags HTTP/1.1\r\nhost: h\r\n\r\n"
HEAD = b"POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\n"
BODY = HEAD + b"content-length: 4000\r\n\r\n{"
# The answer repeats the label, and is larger than every buffer on its way.
LABEL = b'{"labels":{"a":"%s"}}' % (b"x" * 300_000)
LARGE = b"POST /api/v1/conditions/test HTTP/1.1\r\nhost: h\r\ncontent-length: %d\r\n\r\n"
# What each kind sends first, and what it sends every second after that.
KINDS = {
    "idle": (b"", b""),
    "kept-alive": (GET, b""),
    "half-head": (HEAD, b""),
    "drip-head": (HEAD + b"x: ", b"x"),
    "half-body": (BODY, b""),
    "drip-body": (BODY, b" "),
    "pipelined": (GET * 1_500, b""),
    "unread": (LARGE % len(LABEL) + LABEL, b""),
}
IP_BIND_ADDRESS_NO_PORT = 24


def source(number, addresses):
    """The address of a slow client: 127.0.0.1, or one of 127.0.2.1 to 127.0.2.100."""
    return "127.0.0.1" if addresses == 1 else f"127.0.2.{1 + number % addresses}"


class Attack:
    """Connections of one kind, kept open by all means; runs in a process of its own."""

    def __init__(self, kind, count, addresses, port, counts):
        self.first, self.drip = KINDS[kind]
        self.count, self.addresses, self.port, self.counts = count, addresses, port, counts
        self.open, self.free = {}, list(range(count))
        self.poll = select.epoll()
        self.pending = {}

    def connect(self, number):
        slow = socket.socket()
        slow.setblocking(False)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        slow.bind((source(number, self.addresses), 0))
        try:
            slow.connect(("127.0.0.1", self.port))
        except BlockingIOError:
            pass
        except OSError:
            slow.close()
            self.free.append(number)
            return
        self.open[slow.fileno()] = (slow, number)
        self.pending[slow.fileno()] = self.first
        self.poll.register(slow.fileno(), select.EPOLLOUT | select.EPOLLRDHUP)

    def lose(self, descriptor):
        slow, number = self.open.pop(descriptor)
        if self.pending.pop(descriptor, None) is None:
            self.counts[1] += 1
        self.poll.unregister(descriptor)
        slow.close()
        self.free.append(number)

    def serve(self, descriptor, event):
        if event & (select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP):
            return self.lose(descriptor)
        first = self.pending.get(descriptor, b"")
        try:
            sent = self.open[descriptor][0].send(first) if first else 0
        except BlockingIOError:
            return None
        except OSError:
            return self.lose(descriptor)
        if sent < len(first):
            self.pending[descriptor] = first[sent:]
            return None
        del self.pending[descriptor]
        self.counts[0] += 1
        self.poll.modify(descriptor, select.EPOLLRDHUP)
        return None

    def run(self):
        # What `unread` asks for is work: many of them would be a flood.
        rate = max(self.count // (50 if self.first is KINDS["unread"][0] else 5), 50)
        budget, last, dripped = 0.0, time.monotonic(), time.monotonic()
        while True:
            now = time.monotonic()
            budget, last = min(budget + (now - last) * rate, rate / 10), now
            while budget >= 1 and self.free:
                self.connect(self.free.pop())
                budget -= 1
            for descriptor, event in self.poll.poll(0.01, 4_096):
                self.serve(descriptor, event)
            if self.drip and now - dripped >= 1:
                dripped = now
                for descriptor, (slow, _) in list(self.open.items()):
                    try:
                        slow.send(self.drip)
                    except OSError:
                        pass
            self.counts[2] = len(self.open)


def attack(kind, count, addresses, port, counts):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    Attack(kind, count, addresses, port, counts).run()


@dataclass
class Trial:
    """One kind of slow client from so many addresses, and what became of the good ones."""

    kind: str
    addresses: int
    injected: str
    latencies: list
    failed: list
    unanswered: list
    told: str
    account: Account
    exit_code: int
    stop: float

    def name(self):
        return f"{self.kind} from {self.addresses}"

    def p99(self):
        return percentile(self.latencies)


def lacks():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return None if limit > 12_000 else f"at most {limit} files may be open"


def play(run):
    trials = [(kind, addresses) for kind in KINDS for addresses in (1, 100)]
    # What is measured in the long form has the machine to itself.
    with concurrent.futures.ThreadPoolExecutor(4 if run.short else 1) as pool:
        return list(pool.map(lambda chosen: trial(run, *chosen), trials))


def plant(trials, fault):
    if fault == "a good post is answered 503":
        trials[0].failed.append((503, "planted"))
    else:
        account.promise_what_nobody_posted(trials[0].account)


def judge(trials, verdict):
    for trial in trials:
        verdict.injected(f"{trial.name()}: {trial.injected}; {trial.told}")
    account.judge(verdict, *[trial.account for trial in trials])
    verdict.none("posts not answered 200", [f"{trial.name()}: {post}" for trial in trials for post in trial.failed])
    asked = [f"{trial.name()}: {question}" for trial in trials for question in trial.unanswered]
    verdict.none("questions not answered 200", asked)
    verdict.time("99 of 100 posts, of the slowest kind", max(trial.p99() for trial in trials), 0.5)
    verdict.exits("exit codes that are not 0", [trial.exit_code for trial in trials])
    verdict.time("ended after SIGTERM, the slowest", max(trial.stop for trial in trials), 15)


def trial(run, kind, addresses):
    """One kind from so many addresses."""
    count, most, seconds = (500, 128, 3) if run.short else (10_000, 4_096, 10)
    folder = run.fresh_folder()
    with DingTalk(folder) as dingtalk, Campana(folder, receivers(1), dingtalk.url) as server:
        # The server's own limit of connections.
        server.start(environment={"CAMPANA__WEB__MAX_CONNECTIONS": str(most)})
        counts = multiprocessing.Array("q", 3, lock=False)
        slow = multiprocessing.Process(
            target=attack, daemon=True, args=(kind, count, addresses, server.port, counts)
        )
        slow.start()
        if not until(lambda: counts[0] >= count):
            raise Void(f"only {counts[0]} slow connections were made")
        good = Good(server, run.short)
        good.run(seconds)
        metrics, memory = samples_of(good.question("/metrics", "127.0.0.1")), server.memory("VmHWM")
        injected = f"{counts[0]} connections, {counts[2]} at a time, {counts[1]} closed by the server"
        code, stop = server.stop()
        slow.kill()
        slow.join()
        server.start()
        accounted = Account.of(good.accepted, dingtalk, server)
    told = (
        f"{total(metrics, 'campana_connections_gave_way_total')} gave way, "
        f"{total(metrics, 'campana_connections_timed_out_total')} timed out, {memory:.0f} MiB, "
        f"{good.again} asked again"
    )
    return Trial(
        kind, addresses, injected, good.latencies, good.failed, good.unanswered, told, accounted, code, stop
    )


class Good:
    """Clients that behave: posts, each on a connection of its own, and questions.

    On a busy machine even they are slow, and may have to give way: in the short form they ask again.
    """

    def __init__(self, server, short):
        self.server, self.again = server, 0
        self.tries, self.patience = (5, 30) if short else (1, 5)
        self.accepted, self.latencies, self.failed, self.unanswered = set(), [], [], []

    def run(self, seconds):
        end, next_question = time.monotonic() + seconds, time.monotonic()
        while time.monotonic() < end:
            began = time.monotonic()
            origin = ["127.0.0.1", "127.0.1.200"][len(self.latencies) % 2]
            self.post(Mark(0, len(self.latencies), 0), origin)
            if began >= next_question:
                next_question = began + 1
                for path in ["/-/healthy", "/-/ready", "/metrics"]:
                    self.question(path, origin)
            time.sleep(max(0.0, 0.02 - (time.monotonic() - began)))

    def post(self, mark, origin):
        began = time.monotonic()
        body = json.dumps(mark.notification())
        status, text = self.ask("/api/v1/receivers/r0/alerts", body, origin)
        self.latencies.append(time.monotonic() - began)
        if status == 200:
            self.accepted.add(mark)
        else:
            self.failed.append((status, text[:200]))

    def question(self, path, origin):
        """What it was answered, nothing if that was not 200."""
        status, text = self.ask(path, None, origin)
        if status == 200:
            return text
        self.unanswered.append((path, status, text[:200]))
        return ""

    def ask(self, path, body, origin):
        """The status and the text; 0 and why, when there was no answer."""
        for left in reversed(range(self.tries)):
            try:
                return self.server.ask(path, body, origin=origin, timeout=self.patience)
            except OSError as error:
                if not left:
                    return 0, repr(error)
                self.again += 1
