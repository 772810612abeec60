"""A hundred thousand requests with something wrong about them: no 5xx, no panic, and nobody else notices.

Injects, by the seed, 100,000 requests (--short: 3,000) made of the bodies of Alertmanager, Grafana and
Monika: cut, with bits flipped, keys removed or twice, other types, deep nesting, huge numbers, invalid
UTF-8, other encodings, values of a megabyte; and broken HTTP: wrong lengths, chunks that end early,
heads that are none. Beside them 8 writers post good notifications.
Passes: no 5xx but for a body that did not arrive whole; no panic; each refusal of a request is words, with
the line and column of a mistake in JSON; every alert of what was accepted is delivered; memory grows by
less than 10 MiB over the second half (long form); every good post is answered 200, 99 of 100 within 200 ms.
"""

import concurrent.futures
import contextlib
import http.client
import json
import multiprocessing
import random
import re
import socket
import time
from collections import Counter
from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Load, Mark, receivers
from .malformed_bodies import BYTES, KINDS, TREES, alertmanager, as_json, body_of, promised
from .server import Campana, until
from .verdict import percentile

NUMBER = "11"
PLANTED = {
    "a malformed body is answered 500": "5xx",
    "a refusal has no words": "refusals without words",
    "a mistake has no place": "mistakes without their place",
    "an alert of an accepted body vanishes": "lost",
    "a good post is answered 503": "good posts not answered 200",
}

SENDERS = 4
GOOD = 80
PLACE = re.compile(r"at line \d+ column \d+")
HEAD = b"POST /api/v1/receivers/r0/alerts HTTP/1.1\r\nhost: h\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
# What HTTP itself is broken by, from a request's head and a body of a chunk.
FRAMES = {
    "length too short": HEAD + b"content-length: 5\r\n\r\n{body}",
    "length too long": HEAD + b"content-length: 5000\r\n\r\n{body}",
    "two lengths": HEAD + b"content-length: 5\r\ncontent-length: 7\r\n\r\n{body}",
    "negative length": HEAD + b"content-length: -5\r\n\r\n{body}",
    "length of 10 GB": HEAD + b"content-length: 9999999999\r\n\r\n{body}",
    "length beyond 64 bits": HEAD + b"content-length: 99999999999999999999999\r\n\r\n{body}",
    "no length": HEAD + b"\r\n{body}",
    "chunks end early": CHUNKED + b"5\r\n{\"ale",
    "no last chunk": CHUNKED + b"{size}\r\n{body}\r\n",
    "chunk size is no number": CHUNKED + b"zz\r\n{body}\r\n0\r\n\r\n",
    "chunk size beyond 64 bits": CHUNKED + b"fffffffffffffffffff\r\n{body}\r\n0\r\n\r\n",
    "chunks and length": HEAD + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n",
    "another transfer encoding": HEAD + b"transfer-encoding: gzip\r\n\r\n{body}",
    "wrong content encoding": HEAD + b"content-encoding: gzip\r\ncontent-length: {length}\r\n\r\n{body}",
    "no host": HEAD[:-9] + b"content-length: {length}\r\n\r\n{body}",
    "HTTP/0.9": b"POST /api/v1/receivers/r0/alerts\r\n\r\n",
    "HTTP/3": HEAD.replace(b"1.1", b"3.0") + b"content-length: {length}\r\n\r\n{body}",
    "preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "greeting of TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"x" * 160,
    "line feeds": HEAD.replace(b"\r", b"") + b"content-length: {length}\n\n{body}",
    "NUL in the head": HEAD + b"x: a\0b\r\ncontent-length: {length}\r\n\r\n{body}",
    "no colon": HEAD + b"nothing\r\ncontent-length: {length}\r\n\r\n{body}",
    "folded header": HEAD + b"x: a\r\n b\r\ncontent-length: {length}\r\n\r\n{body}",
    "head of 40 KB": HEAD + b"x: " + b"a" * 40_000 + b"\r\ncontent-length: {length}\r\n\r\n{body}",
    "200 headers": HEAD + b"x: a\r\n" * 200 + b"content-length: {length}\r\n\r\n{body}",
    "path that is no UTF-8": HEAD.replace(b"r0", b"%ff%00") + b"content-length: {length}\r\n\r\n{body}",
    "bytes in the path": HEAD.replace(b"r0", b"\xff\xfe") + b"content-length: {length}\r\n\r\n{body}",
    "another method": b"BREW" + HEAD[4:] + b"content-length: {length}\r\n\r\n{body}",
    "no method": b"\0" + HEAD + b"content-length: {length}\r\n\r\n{body}",
    "every byte": bytes(range(256)) * 8 + b"\r\n\r\n",
    "nothing": b"",
}
# The library for HTTP refuses a head that is none before anybody else sees it, without words.
BARE = {(400, ""), (431, "")}


@dataclass
class Evidence:
    # How often each kind got each status and answer; 0 is none.
    answers: Counter
    good: dict
    latencies: list
    panics: list
    growth: float
    account: Account

    def refusals(self):
        return [answer for answer in self.answers if answer[1] >= 400]


def play(run):
    count, robots = 3_000 if run.short else 100_000, 1_000
    folder = run.fresh_folder()
    with DingTalk(folder) as dingtalk, Campana(folder, receivers(robots + GOOD), dingtalk.url) as server:
        server.start()
        context = multiprocessing.get_context("fork")
        # Processes of their own, so that the good writers' time is theirs; they start before any thread.
        with concurrent.futures.ProcessPoolExecutor(SENDERS, mp_context=context) as pool:
            answers, accepted, memory = Counter(), set(), []
            shape = {"receiver": robots, "receivers": GOOD, "groups": 2, "states": 1_000, "pause": 0.8}
            seeds = [run.random.random() for _ in range(2 * SENDERS)]
            list(pool.map(abs, range(SENDERS)))
            good = Load(server, run.random, writers=8, **shape).start()
            for half in range(2):
                numbers = [range(part, count, 2 * SENDERS) for part in range(half, 2 * SENDERS, 2)]
                jobs = zip(numbers, seeds[half::2])
                sent = [pool.submit(send_all, server.port, robots, of_one, seed) for of_one, seed in jobs]
                for each in sent:
                    answers.update(each.result()[0])
                    accepted |= each.result()[1]
                memory.append(at_rest(server, 1 if run.short else 30))
            good.stop()
        if not until(lambda: server.queued() == 0, 600, step=0.1):
            raise Void("the queue does not drain")
        panics = [line for line in server.log().splitlines() if "panic" in line or "defect" in line]
        found = Account.of({*good.accepted, *accepted}, dingtalk, server)
    return Evidence(answers, dict(good.answers), good.seconds, panics, memory[1] - memory[0], found)


def at_rest(server, seconds):
    """The least memory within so many seconds: what was read is given back little by little."""
    end, least = time.monotonic() + seconds, server.memory()
    while time.monotonic() < end:
        time.sleep(0.1)
        least = min(least, server.memory())
    return least


def send_all(port, robots, numbers, seed):
    """How often each kind was answered what, and the marks that were accepted."""
    chosen, answers, accepted = random.Random(seed), Counter(), set()
    sender = Sender(port)
    for number in numbers:
        receiver = number % robots
        marks = [Mark(receiver, 3 * number + place, 0) for place in range(chosen.randint(1, 3))]
        if number % 10 == 0:
            kind = chosen.choice(list(FRAMES))
            # Without alerts: nobody can say what such a request promises.
            status, text = sender.send_alone(framed(kind, as_json(alertmanager(marks) | {"alerts": []})))
        else:
            kind, body = body_of(chosen, marks)
            path = chosen.choice(["api/v1/receivers/r{}/alerts", "dingtalk/r{}/send"]).format(receiver)
            status, text = sender.send(path, chosen.choice(KINDS), body)
            if status == 200:
                accepted |= promised(body)
        # What differs in each is no part of it.
        answers[kind, status, "" if status == 200 else text[:300]] += 1
    return answers, accepted


def framed(kind, body):
    request = FRAMES[kind]
    for name, value in ((b"{length}", b"%d" % len(body)), (b"{size}", b"%x" % len(body)), (b"{body}", body)):
        request = request.replace(name, value)
    return request


class Sender:
    """Raw bytes to the server, and the first answer; 0 and why, if there is none."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def send(self, path, kind, body):
        head = f"POST /{path} HTTP/1.1\r\nhost: h\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        if self.connection is None:
            self.connection = self.connected()
        status, text, closes = exchange(self.connection, head.encode() + body)
        if closes:
            self.connection.close()
            self.connection = None
        return status, text

    def send_alone(self, request):
        """On a connection of its own, which ends behind the request."""
        with self.connected() as connection:
            return exchange(connection, request, ends=True)[:2]

    def connected(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def exchange(connection, request, ends=False):
    # An answer may come before the request is read to its end.
    with contextlib.suppress(OSError):
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
    try:
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        text = answer.read().decode(errors="replace")
        return answer.status, text, answer.will_close
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error), True


def plant(evidence, fault):
    if fault == "a malformed body is answered 500":
        evidence.answers["cut", 500, '{"error":"a defect"}'] += 1
    elif fault == "a refusal has no words":
        evidence.answers["cut", 400, ""] += 1
    elif fault == "a mistake has no place":
        evidence.answers["cut", 400, '{"error":"the body is not JSON: something is wrong"}'] += 1
    elif fault == "an alert of an accepted body vanishes":
        # It may stand in several parts.
        found = evidence.account
        mark = min(found.accepted & found.shown())
        found.posts = [post for post in found.posts if mark not in post.newest.values()]
    else:
        evidence.good[503] = 1


def judge(evidence, verdict):
    statuses = Counter()
    for (_, status, _), count in evidence.answers.items():
        statuses[status] += count
    counts = ", ".join(f"{count} answered {status or 'nothing'}" for status, count in sorted(statuses.items()))
    verdict.injected(f"{statuses.total()} requests of {len({*TREES, *BYTES, *FRAMES})} kinds: {counts}")
    account.judge(verdict, evidence.account)
    verdict.none("dead letters", [row["reason"] for row in evidence.account.rows if row["state"] == "dead"])
    late = [answer for answer in evidence.refusals() if answer[1] >= 500 and not did_not_arrive(*answer)]
    verdict.none("5xx", late)
    verdict.none("panics", evidence.panics)
    silent = [answer for answer in evidence.answers if answer[0] not in FRAMES and not answer[1]]
    verdict.none("bodies without an answer", silent)
    verdict.none("refusals without words", [answer for answer in evidence.refusals() if not has_words(*answer)])
    verdict.none("mistakes without their place", [answer for answer in evidence.refusals() if not has_place(answer[2])])
    verdict.time("memory's growth over the second half", evidence.growth, 10, "MiB")
    others = [f"{count} answered {status}" for status, count in evidence.good.items() if status != 200]
    verdict.none("good posts not answered 200", others)
    verdict.time(f"99 of 100 of {len(evidence.latencies)} good posts", percentile(evidence.latencies), 0.2)


def did_not_arrive(kind, status, text):
    return kind in FRAMES and status == 503 and "the body did not arrive" in text


def has_words(kind, status, text):
    """Whether it is the error that the documents tell of; or, of broken HTTP, the library's."""
    if kind in FRAMES and (status, text) in BARE:
        return True
    return re.match(r'\{"error":".{20}', text, re.DOTALL) is not None


def has_place(text):
    """Whether a mistake in JSON has its line and column; a long text may be cut before them."""
    if "the body is not JSON: " in text or "not an Alertmanager notification: " in text:
        return PLACE.search(text) is not None or len(text) == 300
    return True
