"""Writers that post numbered states of alert groups, and post again what was not answered 200, as
Alertmanager does: each group's states in their order, and never the next one before.
"""

import http.client
import json
import re
import threading
import time
from collections import Counter
from typing import NamedTuple

from .server import answer_of

# How long a writer waits before it posts again.
AGAIN = 0.02
MARK = re.compile(r"Mark(\d+)x(\d+)x(\d+)")


class Mark(NamedTuple):
    """The `number`-th state of one group of one receiver; the name of its only alert."""

    receiver: int
    group: int
    number: int

    def __str__(self):
        # Letters and digits alone: nothing that Markdown would have to escape.
        return f"Mark{self.receiver}x{self.group}x{self.number}"

    def of_group(self):
        return self.receiver, self.group

    def notification(self, **labels):
        alert = {
            "status": "firing",
            "labels": {"alertname": str(self), "severity": "critical", **labels},
            "annotations": {},
            "startsAt": "2026-11-20T19:02:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph",
        }
        return {
            "version": "4",
            "groupKey": f'{{}}:{{group="{self.group}"}}',
            "status": "firing",
            "receiver": "campana",
            "groupLabels": {"group": str(self.group)},
            "externalURL": "http://alertmanager.example:9093",
            "alerts": [alert],
        }


def marks_in(text):
    return [Mark(*map(int, numbers)) for numbers in MARK.findall(text)]


class Load:
    """So many writers for the receivers from `r<receiver>` on, with so many groups each of so many
    states, which are counted from `first`."""

    def __init__(
        self, server, random, writers=64, receivers=120, groups=2, states=6, receiver=0, first=0, pause=0.012
    ):
        self.server, self.pause = server, pause
        self.accepted = {}
        # When each of them was posted first, in seconds of the Unix epoch.
        self.posted_at = {}
        # How often each status was answered; 0 is no answer.
        self.answers = Counter()
        # How long each answer took.
        self.seconds = []
        # Of each request that was sent whole and had no answer: when it was, by the monotonic clock, and why.
        self.unanswered = []
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        queues = [[] for _ in range(writers)]
        for receiver in range(receiver, receiver + receivers):
            for group in range(groups):
                marks = [Mark(receiver, group, number) for number in range(first, first + states)]
                queues[receiver % writers].append(marks)
        seeds = [random.random() for _ in queues]
        self.threads = [
            threading.Thread(target=self._write, args=(groups_of, type(random)(seed)), daemon=True)
            for groups_of, seed in zip(queues, seeds)
        ]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def is_done(self):
        return not any(thread.is_alive() for thread in self.threads)

    def stop(self):
        """Ends the writers, whatever is left to post."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def count(self):
        """How many notifications were answered 200."""
        with self.lock:
            return len(self.accepted)

    def wait_for(self, count):
        """Waits until so many are accepted, or nothing is left; whether something is left."""
        while self.count() < count and not self.is_done():
            time.sleep(0.001)
        return not self.is_done()

    def _write(self, groups, random):
        poster = Poster(self.server)
        left = [list(marks) for marks in groups]
        while left and not self.stopped.is_set():
            marks = random.choice(left)
            while not self.stopped.is_set() and not self._accepts(poster, marks[0]):
                time.sleep(AGAIN)
            marks.pop(0)
            left = [marks for marks in left if marks]
            # Spread over the time that the process lives.
            time.sleep(random.uniform(0, self.pause))

    def _accepts(self, poster, mark):
        self.posted_at.setdefault(mark, time.time())
        began = time.monotonic()
        status, text = poster.post(f"/api/v1/receivers/r{mark.receiver}/alerts", mark.notification())
        with self.lock:
            self.answers[status] += 1
            self.seconds.append(time.monotonic() - began)
            if status == 0 and poster.sent:
                self.unanswered.append((poster.sent, text))
            if status == 200:
                self.accepted[mark] = json.loads(text)["ids"]
        return status == 200


class Poster:
    """One sender, which keeps its connection as long as it can."""

    def __init__(self, server, timeout=30):
        self.server, self.timeout = server, timeout
        self.connection, self.port = None, None
        # When the last request was sent whole, by the monotonic clock; nothing if it was not.
        self.sent = None

    def post(self, path, body):
        """The status and the text; 0 and why, when there was no answer."""
        port, self.sent = self.server.port, None
        if port is None:
            return 0, "it is not running"
        if self.connection is None or self.port != port:
            self.close()
            self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout)
            self.port = port
        try:
            self.connection.request("POST", path, json.dumps(body).encode())
            self.sent = time.monotonic()
            return answer_of(self.connection)
        except OSError as error:
            self.close()
            return 0, repr(error)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def receivers(count, settings=""):
    """The YAML of receivers `r0`, `r1`, … with a robot each; the token's start tells its number."""
    return "".join(
        f"  - {{name: r{number}, chatbots: [{{name: bot, access_token: {token(number)}{settings}}}]}}\n"
        for number in range(count)
    )


def token(number):
    """The token of the robot of `r<number>`: DingTalk's records show its first four characters."""
    return f"{number:04}-experiment"


def sender(number):
    """The robot of `r<number>`, as DingTalk's records name it."""
    return f"{number:04}…"
