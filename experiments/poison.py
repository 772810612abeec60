"""A message that DingTalk refuses at a group's head, and a dead robot: nobody else waits for them.

Injects, in turn with a control of the same load on healthy robots, a group of which every message is
refused for its content, on 4 robots (long: 10) beside a good group, and a robot that DingTalk does not
know any more; then the content is no longer refused, and every dead letter is replayed.
Passes: the delays of all others (99 of 100) stay within 10 %, and 5 ms, of those beside the control;
each dead letter is there within 5 s, with its reason, and behind it the group goes on; the replays keep
to 20 calls of a robot in any 60 s, and arrive.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from measure.servers import Void

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Load, receivers, token
from .server import Campana, until
from .verdict import percentile

NUMBER = "15"
PLANTED = {
    "DingTalk counts a 21st message": account.BUSIEST,
    "a dead letter has no reason": "lost",
    "a replay vanishes from the chat": "replays that did not arrive",
}

OTHERS = 40
# Messages of a group in one turn: so few that no robot comes near its 20 in a minute.
STATES = 3


@dataclass
class Evidence:
    # The seconds from posting to arriving, beside the control and beside the poison.
    beside_control: list
    beside_poison: list
    poisoned: set
    replays: int
    account: Account


def play(run):
    folder, robots = run.fresh_folder(), Robots(4 if run.short else 10)
    with DingTalk(folder) as dingtalk, Campana(folder, receivers(robots.dead + 1), dingtalk.url) as server:
        server.start()
        for robot in robots.poisoned():
            # A robot is known from its first message on.
            dingtalk.send(token(robot), "hello")
            dingtalk.order(f"object {token(robot)} Mark{robot}x0x")
        dingtalk.order(f"fail errcode=300005 robot={token(robots.dead)} lasting")
        beside_control, beside_poison, posted = {}, {}, {}
        turns, rest = (2, 0) if run.short else (10, 40)
        for turn in range(turns):
            posted |= turn_of(run, server, 2 * turn, robots.control, robots.count, beside_control)
            posted |= turn_of(run, server, 2 * turn + 1, robots.poison, robots.count, beside_poison)
            time.sleep(rest)
        # All of the dead robot's but its first wait for a person.
        waiting = STATES * turns - 1
        drained(server, waiting)
        for robot in robots.poisoned():
            dingtalk.order(f"agree {token(robot)}")
        replays = replay(server, but=f"r{robots.dead}")
        drained(server, waiting)
        found = Account.of(posted, dingtalk, server)
        bad = {mark for mark in posted if mark.receiver in robots.poisoned() and mark.group == 0}
        delays = [delays_of(marks, found.posts) for marks in (beside_control, beside_poison)]
        return Evidence(*delays, bad, replays, found)


class Robots:
    """Whose messages are measured, then the control, the poisoned ones, and the dead one; each of the
    last two has its twin in the control."""

    def __init__(self, count):
        self.count, self.control = count, OTHERS
        self.poison = self.control + count + 1
        self.dead = self.poison + count

    def poisoned(self):
        return range(self.poison, self.dead)


def drained(server, waiting):
    if not until(lambda: server.queued() <= waiting, seconds=600):
        raise Void("the queue does not drain")


def turn_of(run, server, turn, first, count, others):
    """The others' load, and beside it that of the robots from `first` on: when each mark was posted."""
    numbers = {"states": STATES, "first": turn // 2 * STATES, "pause": 0.2}
    measured = Load(server, run.random, writers=16, receivers=OTHERS, groups=1, states=2, first=2 * turn, pause=0.3)
    loads = [
        measured,
        Load(server, run.random, writers=count, receiver=first, receivers=count, groups=2, **numbers),
        Load(server, run.random, writers=1, receiver=first + count, receivers=1, groups=1, **numbers),
    ]
    for load in loads:
        load.start()
    if not until(lambda: all(load.is_done() for load in loads)):
        raise Void("the load does not end")
    others.update(measured.posted_at)
    return {mark: at for load in loads for mark, at in load.posted_at.items()}


def delays_of(posted, posts):
    """The seconds from posting to when a reader saw it; what was folded away was never seen."""
    arrived = {mark: post.seconds for post in reversed(posts) for mark in post.newest.values()}
    return [arrived[mark] - at for mark, at in posted.items() if mark in arrived]


def replay(server, but):
    """Replays every dead letter, the oldest first, but those of one receiver; how many."""
    letters = [letter for letter in server.deliveries(state="dead") if letter["receiver"] != but]
    for letter in reversed(letters):
        status, text = server.ask(f"/api/v1/deliveries/{letter['id']}/replay", "", method="POST")
        if status != 200:
            raise Void(f"a replay was answered {status}: {text}")
    return len(letters)


def plant(evidence, fault):
    if fault == "DingTalk counts a 21st message":
        account.count_a_21st_message(evidence.account)
    elif fault == "a dead letter has no reason":
        # Of the robot that is dead: the others were replayed, and seen.
        letters = [row for row in evidence.account.rows if row["state"] == "dead"]
        max(letters, key=lambda row: row["receiver"])["reason"] = ""
    else:
        bad = evidence.poisoned
        evidence.account.posts = [post for post in evidence.account.posts if not bad & set(post.newest.values())]


def judge(evidence, verdict):
    found = evidence.account
    verdict.injected(
        f"{len(evidence.poisoned)} messages refused for their content, a dead robot, "
        f"{evidence.replays} replays"
    )
    account.judge(verdict, found)
    verdict.none("shown twice", [post.title for post in found.repeated()])
    letters = [row for row in found.rows if row["state"] == "dead"]
    expected = len(evidence.poisoned) + 1
    verdict.holds("dead letters", str(len(letters)), len(letters) == expected, f"{expected}, one of the dead robot")
    verdict.time("until a dead letter is there, the slowest", max(map(seconds_to_settle, letters)), 5)
    control, beside = percentile(evidence.beside_control), percentile(evidence.beside_poison)
    verdict.told("others' delay beside the control, 99 of 100", f"{control * 1e3:.0f} ms")
    verdict.time("others' delay beside the poison, 99 of 100", beside, control * 1.1 + 0.005)
    verdict.none("replays that did not arrive", found.unseen(evidence.poisoned))


def seconds_to_settle(row):
    accepted, settled = (datetime.fromisoformat(row[name]) for name in ("accepted_at", "settled_at"))
    return (settled - accepted).total_seconds()
