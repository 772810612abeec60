"""One or two real Alertmanagers before the server, and a witness between them who notes what was told."""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.request import urlopen

from measure.servers import Alertmanager, Void, free_port

from .dingtalk import DingTalk
from .load import Mark, marks_in, receivers
from .relay import Between
from .server import Campana, samples_of, until


class State(NamedTuple):
    """One state of a group: its heading's first words, as `[FIRING:1]`, and the newest alert that it names."""

    words: str
    mark: Mark

    def __str__(self):
        return f"{self.words} {self.mark}"

    def is_over(self):
        return "FIRING" not in self.words


@dataclass
class Telling:
    """A notification of one Alertmanager: when it was answered, and what."""

    state: State
    peer: int
    at: float
    status: int


class Town:
    """One Campana behind so many Alertmanagers; each team has a group of alerts and a chat."""

    def __init__(
        self, stack, run, seed, peers=1, teams=None, troubled=0.0, late=None, interval=1, wait=15, repeat="4h",
        settings="",
    ):
        """`troubled` is the share of the answers that do not come back, or with `late` come so many seconds
        late; `interval` is Alertmanager's `group_interval`, and `wait` how long a peer waits for the other
        one, in seconds; `stack` ends everything."""
        self.folder, self.interval, self.repeat = run.fresh_folder(), interval, repeat
        self.teams = range(teams or (40 if run.short else 400))
        self.dingtalk = stack.enter_context(DingTalk(self.folder))
        yaml = by_team(len(self.teams))
        self.server = stack.enter_context(Campana(self.folder, yaml, self.dingtalk.url, settings))
        self.server.start()
        self.alerts, self.told, self.tellings = {}, [], []
        seeds = [random.Random(seed + number) for number in range(peers)]
        self.witnesses = [Witness(self, number, troubled, late, chosen) for number, chosen in enumerate(seeds)]
        for witness in self.witnesses:
            stack.callback(witness.shutdown)
        clusters = [None]
        if peers > 1:
            self.between = stack.enter_context(Between([free_port() for _ in range(peers)]))
            clusters = [cluster(self.between, number, wait) for number in range(peers)]
        self.peers = []
        stack.callback(lambda: [peer.kill() for peer in self.peers])
        for number in range(peers):
            self.peers.append(self._alertmanager(number, clusters[number]))
        if peers > 1:
            self.meet()

    def _alertmanager(self, number, flags=None):
        folder = self.folder / f"alertmanager-{number}"
        folder.mkdir(exist_ok=True)
        url = f"http://127.0.0.1:{self.witnesses[number].server_port}/api/v1/alerts"
        return Alertmanager(folder, url, ["team", "group"], "0s", f"{self.interval}s", self.repeat, flags)

    def meet(self):
        """Waits until the peers know each other."""
        def members(peer):
            with urlopen(f"http://127.0.0.1:{peer.port}/metrics") as answer:
                return samples_of(answer.read().decode()).get("alertmanager_cluster_members")
        if not until(lambda: all(members(peer) == 2 for peer in self.peers)):
            raise Void("the Alertmanagers do not find each other")

    def kill(self):
        """`kill -9` of the only one, which comes back, is told again what fires, and tells it on."""
        self.peers[0].kill()
        before = len(self.tellings)
        self.peers[0] = self._alertmanager(0)
        self._tell(self.told[-len(self.teams):], before)

    def state(self, number, over=False):
        """Brings every group into its next state, and waits until each was told on."""
        states = [(over, Mark(team, 0, number)) for team in self.teams]
        for _, mark in states:
            if over:
                for earlier in range(number + 1):
                    self.alerts[mark._replace(number=earlier)]["endsAt"] = moment()
            else:
                self.alerts[mark] = alert_of(mark)
        self.told += states
        self._tell(states, len(self.tellings))
        return states

    def _tell(self, states, since):
        """Tells every peer all alerts, and waits until each of the states was told on by one of them."""
        alerts = list(self.alerts.values())
        for peer in self.peers:
            peer.post(alerts)

        def missing():
            return set(states) - self.told_on(since)

        if not until(lambda: not missing()):
            answers = Counter(telling.status for telling in self.tellings[since:])
            raise Void(f"Alertmanager did not tell {sorted(missing())} in {self.folder}, but was answered {answers}")

    def troubled(self):
        return sum(witness.troubled for witness in self.witnesses)

    def told_on(self, since=0, peer=None):
        """The states that were answered 200 since then, to this peer or to any."""
        tellings = [telling for telling in self.tellings[since:] if telling.status == 200]
        states = [telling.state for telling in tellings if peer in (None, telling.peer)]
        return {(state.is_over(), state.mark) for state in states}


class Witness(ThreadingHTTPServer):
    """Hands on what an Alertmanager posts, notes it, and sometimes keeps the answer to itself, or for a
    while; never twice in a row to the same state. An Alertmanager that heard of no answer to any try of
    its first notification would not tell a recovery either."""

    daemon_threads = True
    # All groups may be told at once.
    request_queue_size = 1_024

    def __init__(self, town, peer, share, late, chosen):
        super().__init__(("127.0.0.1", 0), Handler)
        self.town, self.peer, self.share, self.late, self.random = town, peer, share, late, chosen
        self.troubled, self.to_answer = 0, set()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def troubles(self, state):
        """Whether the answer to this telling of the state is kept."""
        if state in self.to_answer:
            self.to_answer.remove(state)
            return False
        is_troubled = self.random.random() < self.share
        if is_troubled:
            self.troubled += 1
            self.to_answer.add(state)
        return is_troubled

    def handle_error(self, *request):
        # An Alertmanager that was killed resets its connections.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*request)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        witness = self.server
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # The Alertmanager was killed.
            return
        try:
            status, text = witness.town.server.ask(self.path, body)
        except OSError:
            status, text = 0, ""
        state = state_of(json.loads(body))
        witness.town.tellings.append(Telling(state, witness.peer, time.monotonic(), status))
        is_troubled = status == 200 and witness.troubles(state)
        if is_troubled and witness.late:
            time.sleep(witness.late)
        elif is_troubled or status == 0:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        # An Alertmanager that was killed does not take it.
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def state_of(notification):
    statuses = [alert["status"] for alert in notification["alerts"]]
    counts = [(status, statuses.count(status)) for status in ("firing", "resolved")]
    words = " ".join(f"[{status.upper()}:{count}]" for status, count in counts if count)
    return State(words, max(marks_in(" ".join(alert["labels"]["alertname"] for alert in notification["alerts"]))))


def alert_of(mark):
    """An alert that begins now, and goes on unless it is told to be over."""
    labels = {"alertname": str(mark), "team": str(mark.receiver), "group": str(mark.group), "severity": "critical"}
    return {"labels": labels, "annotations": {}, "startsAt": moment(), "endsAt": moment(timedelta(days=1))}


def moment(later=timedelta()):
    return (datetime.now(timezone.utc) + later).isoformat()


def by_team(count):
    """The YAML of receivers that keep the alerts of their team alone."""
    yaml = receivers(count)
    for number in range(count):
        conditions = f"conditions: [{{label: team, operator: In, values: ['{number}']}}]"
        yaml = yaml.replace(f"{{name: r{number}, ", f"{{name: r{number}, {conditions}, ")
    return yaml


def cluster(between, number, wait):
    """The flags of a peer whom the other one reaches by its relay alone."""
    ports = [relay.port for relay in between.relays]
    return [
        f"--cluster.listen-address=127.0.0.1:{between.ports[number]}",
        f"--cluster.advertise-address=127.0.0.1:{ports[number]}",
        f"--cluster.peer=127.0.0.1:{ports[1 - number]}",
        f"--cluster.peer-timeout={wait}s",
        "--cluster.settle-timeout=2s",
        "--cluster.gossip-interval=100ms",
        "--cluster.reconnect-interval=1s",
    ]
