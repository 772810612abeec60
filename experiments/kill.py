"""`kill -9` at random moments under 64 writers: what was answered 200 arrives, once, in its order.

Injects 1,000 kills (--short: 16), each after a random number of answers, and sometimes before the
server listens; the 120 robots belong to a DingTalk that honours `msgUuid`, or to a naive one that shows
whatever comes. The long form also kills at the named points, with a build that has them (it builds it,
in target/debug; in CI tests/crash.rs does this), under a load that folds, and with 100,000 rows queued.
Passes: lost 0, out of order 0, `campana queue check` finds each database sound; shown twice 0 by the
DingTalk that honours `msgUuid`, and by the naive one never more often than attempts were cut off;
ready within 2 s after a kill.
"""

import json
import subprocess
from dataclasses import dataclass

from measure.servers import ROOT, Void

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Load, receivers
from .server import Campana, until

NUMBER = "1"
PLANTED = {
    "a message vanishes from the chat": "honouring: lost",
    "a message stands in the chat twice": "honouring: shown twice",
    "two messages of a group change places": "naive: out of order in their group",
}

# So many kills on one database, and so many messages for one robot, that DingTalk's 20 in a minute
# hold none of them up: the attempts that a kill cuts off count as well.
KILLS = 15
WIDE = {"receivers": 120, "groups": 2, "states": 6}
# So much for one robot that it is folded.
NARROW = {"receivers": 20, "groups": 6, "states": 12}
POINTS = [
    "accept-before-commit", "accept-after-commit", "after-charge", "after-send", "before-settle", "after-settle",
]


@dataclass
class Round:
    """One database, killed again and again."""

    kind: str
    robots: int
    kills: int
    slowest_start: float
    sound: str
    account: Account


def play(run):
    if run.short:
        return [played(run, kind, WIDE, 8) for kind in ("honouring", "naive")], None
    rounds = []
    while sum(each.kills for each in rounds) < 1_000:
        kind = ("honouring", "naive")[len(rounds) % 2]
        rounds.append(played(run, kind, NARROW if len(rounds) % 10 == 0 else WIDE, KILLS))
        print(f"  {sum(each.kills for each in rounds)} kills", flush=True)
    binary = with_failpoints()
    rounds += [played(run, "honouring", WIDE, 1, (binary, point)) for point in POINTS]
    return rounds, start_with_many_rows(run)


def plant(evidence, fault):
    rounds, _ = evidence
    of_kind = {each.kind: each.account for each in reversed(rounds)}
    {
        "a message vanishes from the chat": lambda: account.forget_a_message(of_kind["honouring"]),
        "a message stands in the chat twice": lambda: account.show_a_message_twice(of_kind["honouring"]),
        "two messages of a group change places": lambda: account.swap_two_of_a_group(of_kind["naive"]),
    }[fault]()


def judge(evidence, verdict):
    rounds, many = evidence
    verdict.injected(f"{sum(each.kills for each in rounds)} kills in {len(rounds)} databases, 64 writers")
    verdict.none("databases that are not sound", [each.sound for each in rounds if each.sound])
    verdict.time("ready after a kill, the slowest", max(each.slowest_start for each in rounds), 2)
    if many:
        verdict.time(f"ready with {many[0]:,} rows queued", many[1], 2)
    for kind in ("honouring", "naive"):
        accounts = [each.account for each in rounds if each.kind == kind]
        part = verdict.of(kind)
        account.judge(part, *accounts)
        repeated = account.each(accounts, Account.repeated)
        if kind == "honouring":
            part.none("shown twice", [post.title for post in repeated])
        else:
            robots = sum(each.kills * each.robots for each in rounds if each.kind == kind)
            part.most("shown twice", len(repeated), robots)
            unexplained = account.each(accounts, Account.repeated_without_cause)
            part.none("shown more often than attempts were cut off", unexplained)


def played(run, kind, shape, kills, failpoint=None):
    """Kills one database's process so many times under the load, and lets the rest be delivered."""
    folder = run.fresh_folder()
    options = ["--msg-uuid=ignored"] if kind == "naive" else []
    with DingTalk(folder, *options) as dingtalk, \
            Campana(folder, receivers(shape["receivers"]), dingtalk.url) as server:
        load = Load(server, run.random, **shape).start()
        starts = [0.0]
        for _ in range(kills):
            if failpoint:
                die_at(run, server, failpoint)
            else:
                starts.append(live_and_die(run, server, load))
        starts.append(server.start())
        if not until(load.is_done):
            raise Void("the load does not end")
        if not server.drained(seconds=600):
            raise Void("the queue does not drain")
        found = Account.of(load.accepted, dingtalk, server)
        server.kill()
        sound, said = server.check()
        return Round(kind, shape["receivers"], kills, max(starts), "" if sound else said, found)


def live_and_die(run, server, load):
    """Starts it and kills it after some answers; the seconds until it was ready."""
    if run.random.random() < 0.25:
        # Sometimes it does not even get as far as listening.
        server.launch()
        run.pause(0.06)
        server.kill()
    took = server.start()
    # After so many answers and not after so much time: a busy machine answers late.
    load.wait_for(load.count() + run.random.randint(2, 40))
    run.pause(0.005)
    server.kill()
    return took


def die_at(run, server, failpoint):
    """Starts the build that dies by itself when it comes to the point for the n-th time."""
    binary, point = failpoint
    product, server.binary = server.binary, binary
    server.start(environment={"CAMPANA_FAILPOINT": f"{point}:{run.random.randint(1, 60)}"})
    if not until(server.has_ended):
        raise Void(f"it did not come to {point}")
    server.binary = product


def with_failpoints():
    command = ["cargo", "build", "--locked", "--bin=campana", "--features=failpoints", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable"))


def start_with_many_rows(run):
    """How many rows are queued when it is killed, and the seconds until it is ready again."""
    with Campana(run.fresh_folder(), receivers(1_000, ", overflow: queue")) as server:
        server.start()
        for number in range(100):
            alert = {"status": "firing", "labels": {"alertname": f"Many{number}"}}
            status, text = server.ask("/api/v1/alerts", json.dumps({"version": "4", "alerts": [alert]}))
            if status != 200:
                raise Void(f"it answered {status}: {text}")
        queued = server.queued()
        server.kill()
        return queued, server.start()
