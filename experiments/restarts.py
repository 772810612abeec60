"""SIGTERM and reloads under load: no request is dropped, nothing is lost, no bad configuration applies.

Injects 200 SIGTERMs (--short: 8) under 64 writers, some while DingTalk holds an answer back; and a reload
every second for 10 minutes (--short: every 100 ms for 8 s), by SIGHUPs and POST /-/reload at once, of
configurations with other receivers, templates and tokens, of which every tenth is bad: a mistake, a file
that is missing, empty, cut, a pipe, or what this version does not have, such as TLS of its own.
Passes: each SIGTERM ends the process within 15 s with 0; a request that was sent before it is answered;
what was not is posted again, and shown once; lost 0; under reloads every post is answered 200, and after
each the newest good configuration is in force, as the metric and the answer say.
"""

import concurrent.futures
import time
from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account
from .configurations import MISTAKES, RECEIVERS, Configurations
from .dingtalk import DingTalk
from .load import Load, receivers
from .server import Campana, until

NUMBER = "14"
PLANTED = {
    "a message vanishes from the chat": "SIGTERM: lost",
    "a message stands in the chat twice": "SIGTERM: shown twice",
    "a request is dropped": "SIGTERM: requests dropped",
    "two messages of a group change places": "reloads: out of order in their group",
    "a post is answered 503 during a reload": "reloads: posts not answered 200",
    "a bad configuration is applied": "reloads: bad configurations in force",
}

# So few messages for a robot that none waits for a slot, over the restarts of one database.
STOPS, WIDE = 8, {"receivers": 120, "groups": 2, "states": 6}


@dataclass
class Stop:
    """One life: since when it took requests, when SIGTERM came, and how it ended; by the monotonic clock."""

    ready: float
    told: float
    code: int
    seconds: float


@dataclass
class Round:
    """The restarts of one database, and the requests that had no answer, as `Load` tells them."""

    stops: list
    unanswered: list
    account: Account

    def dropped(self):
        """The requests that were sent whole while it ran, and not answered."""
        for sent, why in self.unanswered:
            if any(stop.ready < sent < stop.told for stop in self.stops):
                yield why


@dataclass
class Storm:
    # Each a `Reload`.
    reloads: list
    answers: dict
    account: Account


def play(run):
    rounds = 1 if run.short else 25
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        # What is measured in the long form has the machine to itself.
        storm = pool.submit(reloaded, run)
        if not run.short:
            storm.result()
        return [stopped(run) for _ in range(rounds)], storm.result()


def stopped(run):
    """Stops one database's process so many times under the load, and lets the rest be delivered."""
    folder, stops = run.fresh_folder(), []
    with DingTalk(folder) as dingtalk, Campana(folder, receivers(WIDE["receivers"]), dingtalk.url) as server:
        load = Load(server, run.random, **WIDE).start()
        for number in range(STOPS):
            server.start()
            ready = time.monotonic()
            load.wait_for(load.count() + run.random.randint(20, 120))
            if number == STOPS // 2:
                # Taken, and never answered: the attempt is under way when SIGTERM comes.
                dingtalk.order("fail hang after")
                load.wait_for(load.count() + 5)
            run.pause(0.02)
            told = time.monotonic()
            stops.append(Stop(ready, told, *server.stop()))
        server.start()
        if not until(load.is_done) or not server.drained():
            raise Void("the load does not end, or the queue does not drain")
        return Round(stops, load.unanswered, Account.of(load.accepted, dingtalk, server))


def reloaded(run):
    steps, pause, every = (54, 0.1, 6) if run.short else (600, 1.0, 10)
    folder = run.fresh_folder()
    with DingTalk(folder) as dingtalk, Campana(folder, "", dingtalk.url) as server:
        configurations = Configurations(run, server, dingtalk.url)
        server.write(configurations.text(configurations.expected))
        server.start()
        shape = {"receivers": RECEIVERS, "writers": 16, "groups": 2, "states": 2_000, "pause": 0.6}
        load = Load(server, run.random, **shape).start()
        reloads = []
        for number in range(steps):
            mistake = list(MISTAKES)[number // every % len(MISTAKES)] if number % every == every - 1 else None
            reloads.append(configurations.step(number, mistake))
            run.pause(2 * pause)
        load.stop()
        if not server.drained(600):
            raise Void("the queue does not drain")
        return Storm(reloads, dict(load.answers), Account.of(load.accepted, dingtalk, server))


def plant(evidence, fault):
    rounds, storm = evidence
    if fault == "a message vanishes from the chat":
        account.forget_a_message(rounds[0].account)
    elif fault == "a message stands in the chat twice":
        account.show_a_message_twice(rounds[0].account)
    elif fault == "a request is dropped":
        stop = rounds[0].stops[0]
        rounds[0].unanswered.append(((stop.ready + stop.told) / 2, "planted"))
    elif fault == "two messages of a group change places":
        account.swap_two_of_a_group(storm.account)
    elif fault == "a post is answered 503 during a reload":
        storm.answers[503] = 1
    else:
        next(reload for reload in storm.reloads if reload.mistake).in_force = ["g9999"]


def judge(evidence, verdict):
    rounds, storm = evidence
    stops = [stop for each in rounds for stop in each.stops]
    verdict.injected(f"{len(stops)} SIGTERMs, {sum(len(each.unanswered) for each in rounds)} requests without answer")
    judge_stops(rounds, stops, verdict.of("SIGTERM"))
    bad = [reload for reload in storm.reloads if reload.mistake]
    kinds = len({reload.mistake for reload in bad})
    verdict.injected(f"{len(storm.reloads)} configurations, {len(bad)} of them bad in {kinds} ways")
    judge_storm(storm, bad, verdict.of("reloads"))


def judge_stops(rounds, stops, part):
    accounts = [each.account for each in rounds]
    account.judge(part, *accounts)
    part.none("shown twice", [post.title for post in account.each(accounts, Account.repeated)])
    part.none("requests dropped", [why for each in rounds for why in each.dropped()])
    part.exits("exit codes that are not 0", [stop.code for stop in stops])
    part.time("ended after, the slowest", max(stop.seconds for stop in stops), 15)


def judge_storm(storm, bad, part):
    account.judge(part, storm.account)
    part.none("shown twice", [post.title for post in storm.account.repeated()])
    others = [f"{count} answered {status or 'nothing'}" for status, count in storm.answers.items() if status != 200]
    part.none("posts not answered 200", others)
    good = [reload for reload in storm.reloads if not reload.mistake]
    wrong = [reload for reload in bad if reload.in_force != [reload.expected]]
    part.none("bad configurations in force", [f"{reload.mistake}: {reload.in_force}" for reload in wrong])
    missing = [reload.expected for reload in good if reload.in_force != [reload.expected]]
    part.none("good configurations not in force", missing)
    untold = [reload for reload in storm.reloads if reload.successful == bool(reload.mistake)]
    part.none("the metric says otherwise", [reload.mistake or reload.expected for reload in untold])
    answered = [(reload.mistake, answer) for reload in storm.reloads for answer in reload.answers]
    part.none("reloads answered otherwise", [each for each in answered if each[1] != (500 if each[0] else 200)])
