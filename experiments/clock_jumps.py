"""Clocks that jump while messages wait: no wait moves, nothing dies, and DingTalk's limit holds.

Injects, into the server's own clocks (a library of a few lines takes the place of the kernel's functions;
the machine's clocks stay as they are), a wall clock that is an hour or a day ahead or behind, that passes
the end of 32 bits in 2038, that repeats a leap second; a machine that was suspended for ten minutes; and
one that was restored, whose boot clock is behind and whose boot id is the same. Then messages wait for a
retry, a throttled robot, a digest and a free slot, and further ones come. In the long form six times each.
Passes: never more than 20 calls of a robot in any 60 s of DingTalk's clock; nothing is dead; no wait ends
early, and each within a second of its length; a time stamp that DingTalk refuses is tried again and
counted; what waits for a slot goes on with 17 messages a minute (long form).
"""

import concurrent.futures
import signal
import time
from dataclasses import dataclass
from datetime import datetime

from measure.servers import Void

from . import account, clocks
from .account import Account
from .clocks import Clocks
from .dingtalk import DingTalk
from .load import Mark, Poster, receivers, sender, token
from .rate import fewest
from .server import Campana, until

NUMBER = "9"
PLANTED = {
    "DingTalk counts a 21st message": account.BUSIEST,
    "a message is dead after a jump": "dead letters",
    "a jump ends a wait": "waits that ended early",
    "a retry waits for the old wall clock": "still waiting",
    "a refused time stamp is not counted": "refused time stamps that were not counted",
}

HOUR, DAY = 3_660, 86_400
SUSPENDED = 600
RESTORED = 28 * 3_600
# Within two seconds of these: a leap second, and the end of 32 bits.
LEAP, LAST = 1_483_228_798, 2**31 - 2

# What each robot's messages wait for; the last one's are signed.
SLOT, DIGEST, RETRY, PARK, SIGNED = range(5)
SECRET = "SECclockjumps"
WAIT = 4.0
SETTINGS = f"delivery: {{retry: [{WAIT:.0f}s], park: {{first: {WAIT:.0f}s, longest: {WAIT:.0f}s}}}}"
# The shortest and the longest wait: a retry's is spread by a fifth.
LIMITS = {RETRY: (WAIT * 0.8, WAIT * 1.2), PARK: (WAIT, WAIT)}
# No wait is this long; one that a jump prolongs lasts for hours.
PATIENT = 60


@dataclass
class Trial:
    """One kind of jump: by DingTalk's clock the seconds from each failed call to the next one of the same
    robot, the queued rows whose time is over, and how often a time stamp was refused and counted."""

    name: str
    slept: float
    waits: list
    waiting: list
    refused: int
    counted: int
    account: Account


class Story:
    """One server, its DingTalk, and the clocks of both."""

    def __init__(self, server, dingtalk, ours, theirs):
        self.server, self.dingtalk, self.ours, self.theirs = server, dingtalk, ours, theirs
        self.poster, self.accepted, self.waiting = Poster(server), set(), []
        self.slept = 0

    def post(self, receiver, group, number):
        mark = Mark(receiver, group, number)
        status, text = self.poster.post(f"/api/v1/receivers/r{receiver}/alerts", mark.notification())
        if status != 200:
            raise Void(f"{mark} was answered {status}: {text}")
        self.accepted.add(mark)

    def queued(self, *but):
        """The queued deliveries of all robots but these."""
        names = {f"r{receiver}" for receiver in but}
        return [row for row in self.server.deliveries(state="queued") if row["receiver"] not in names]

    def has_failed(self, receiver):
        """Whether the robot's newest message has failed once."""
        row = self.server.deliveries(receiver=f"r{receiver}")[0]
        attempts = self.server.delivery(row["id"])["attempts"]
        return bool(attempts) and attempts[0]["outcome"] is not None

    def settle(self, *but):
        """Waits for what is queued; what is left then has waited too long."""
        self.wait_for(lambda: self.queued(*but))

    def wait_for(self, find):
        if not until(lambda: not find(), PATIENT, step=0.1):
            self.waiting += find()

    def refusals(self):
        calls = self.dingtalk.calls()
        return sum(call.sender == sender(SIGNED) and call.answer == "errcode 310000" for call in calls)

    def round(self, jump, number):
        """Lets messages wait, jumps, and sets the clock right again."""
        self.dingtalk.order(f"fail status=500 robot={token(RETRY)}", f"fail errcode=130101 robot={token(PARK)}")
        for receiver in LIMITS:
            self.post(receiver, 0, 2 * number)
        if not until(lambda: all(map(self.has_failed, LIMITS))):
            raise Void("no call failed")
        reads, refused, slots = self.ours.reads(), self.refusals(), self.queued(*LIMITS, DIGEST, SIGNED)
        jump(self)
        # The first of them has its robot's lane look for a free slot at once.
        for receiver, group in ((SLOT, 3), (RETRY, 0), (PARK, 0), (SIGNED, 0)):
            self.post(receiver, group, 2 * number + 1)
        self.prove(reads)
        if abs(self.ours.wall() - self.theirs.wall()) > 3_600:
            if not until(lambda: self.refusals() > refused):
                raise Void("no time stamp was refused")
            self.settle(SLOT, SIGNED)
            self.ours.right_the_wall()
        self.settle(SLOT)
        if self.slept and slots:
            # Its slot is free as soon as the machine wakes up, and not only after a minute.
            self.wait_for(lambda: [row for row in self.queued() if row["id"] == slots[-1]["id"]])

    def prove(self, reads):
        """The process asks the clocks that were moved."""
        row = self.server.deliveries(receiver=f"r{SIGNED}")[0]
        apart = datetime.fromisoformat(row["accepted_at"]).timestamp() - self.ours.wall()
        if abs(apart) > PATIENT or any(now <= before for now, before in zip(self.ours.reads(), reads)):
            raise Void(f"its clock is {apart:.0f} s from the one that it was given")


def wall(seconds):
    return lambda story: story.ours.move(wall=seconds)


def end_of_32_bits(story):
    story.ours.set_wall(LAST)


def leap_second(story):
    story.ours.set_wall(LEAP)
    time.sleep(2)
    story.ours.move(wall=-1)


def suspended(story):
    """Everybody else's clocks go on meanwhile."""
    story.server.process.send_signal(signal.SIGSTOP)
    story.theirs.move(wall=SUSPENDED)
    story.ours.move(wall=SUSPENDED, boot=SUSPENDED)
    story.slept = SUSPENDED
    story.server.process.send_signal(signal.SIGCONT)


def restored(story):
    story.server.kill()
    story.ours.move(boot=-RESTORED)
    story.server.start(story.ours.environment)


JUMPS = {
    "no jump": wall(0), "an hour ahead": wall(HOUR), "an hour behind": wall(-HOUR), "a day ahead": wall(DAY),
    "a day behind": wall(-DAY), "2038": end_of_32_bits, "leap second": leap_second, "suspended": suspended,
    "restored": restored,
}


def lacks():
    return clocks.lacking()


def play(run):
    with concurrent.futures.ThreadPoolExecutor(len(JUMPS)) as pool:
        return list(pool.map(lambda name: trial(run, name), JUMPS))


def trial(run, name):
    folder, rounds = run.fresh_folder(), 1 if run.short else 6
    ours, theirs = Clocks(folder, "campana"), Clocks(folder, "dingtalk")
    yaml = receivers(1, ", overflow: queue") + receivers(5).partition("\n")[2]
    yaml = yaml.replace(f"access_token: {token(SIGNED)}", f"access_token: {token(SIGNED)}, secret: {SECRET}")
    signed = f"--robot={token(SIGNED)},secret={SECRET}"
    with DingTalk(folder, signed, environment=theirs.environment) as dingtalk, \
            Campana(folder, yaml, dingtalk.url, SETTINGS) as server:
        server.start(ours.environment)
        story = Story(server, dingtalk, ours, theirs)
        for number in range(8 if run.short else 20):
            for group in range(3):
                story.post(SLOT, group, number)
        for group in range(24):
            story.post(DIGEST, group, 0)
        for number in range(rounds):
            run.pause(1 if run.short else 15)
            story.round(JUMPS[name], number)
        if not run.short:
            until(lambda: not story.queued(), 240, step=0.5)
            story.settle()
        found = Account.of(story.accepted, dingtalk, server)
        waits = [wait for receiver in LIMITS for wait in waits_of(found.calls, receiver)]
        counted = int(server.metrics()["campana_clock_refusals_total"])
        waiting = [f"{row['receiver']}: {row['title']}" for row in story.waiting]
        return Trial(name, story.slept, waits, waiting, story.refusals(), counted, found)


def waits_of(calls, receiver):
    """The robot with the seconds from each of its failed calls to the next."""
    calls = [call for call in calls if call.sender == sender(receiver)]
    return [
        (receiver, after.seconds - failed.seconds) for failed, after in zip(calls, calls[1:]) if failed.answer != "ok"
    ]


def plant(trials, fault):
    trial = trials[1]
    if fault == "DingTalk counts a 21st message":
        account.count_a_21st_message(trial.account)
    elif fault == "a message is dead after a jump":
        trial.account.rows[0] |= {"state": "dead", "reason": "gave up after 24 h"}
    elif fault == "a jump ends a wait":
        trial.waits.append((RETRY, 0.2))
    elif fault == "a retry waits for the old wall clock":
        trial.waiting.append("r2: planted")
    else:
        trial.counted -= 1


def judge(trials, verdict):
    verdict.injected(", ".join(f"{trial.name} ({len(trial.waits)} waits)" for trial in trials))
    accounts = [trial.account for trial in trials]
    account.judge(verdict, *accounts)
    verdict.none("shown twice", [post.title for post in account.each(accounts, Account.repeated)])
    verdict.none("dead letters", [row["reason"] for found in accounts for row in found.rows if row["state"] == "dead"])
    taken = [mark for found in accounts for mark in found.accepted - set(found.by_mark())]
    verdict.none("rows that the clean-up took", taken)
    verdict.none("still waiting", [f"{trial.name}: {row}" for trial in trials for row in trial.waiting])
    waits = [(trial, *wait) for trial in trials for wait in trial.waits]
    early = [f"{trial.name}: {seconds:.2f} s" for trial, kind, seconds in waits if seconds < LIMITS[kind][0]]
    verdict.none("waits that ended early", early)
    late = max(beyond(trial, kind, seconds) for trial, kind, seconds in waits)
    verdict.time("beyond the longest wait, the most", late, 1)
    apart = [f"{trial.name}: {trial.refused - trial.counted}" for trial in trials if trial.refused != trial.counted]
    verdict.none("refused time stamps that were not counted", apart)
    verdict.told("time stamps refused", sum(trial.refused for trial in trials))
    if not verdict.short:
        steady = [trial.account for trial in trials if trial.name not in ("suspended", "restored")]
        slots = [found.robots()[sender(SLOT)] for found in steady]
        verdict.least("calls of a robot in a minute, the fewest", fewest(slots, 2), 17)


def beyond(trial, kind, seconds):
    """How long after its longest wait, without the time that the machine slept."""
    slept = trial.slept if seconds > trial.slept else 0
    return max(0.0, seconds - slept - LIMITS[kind][1])
