"""Bursts over restarts: DingTalk sees at most 20 messages of a robot in any 60 s, and at least 17.

Injects bursts for 10 robots (--short; else 50) that would last for minutes, without digests
(`overflow: queue`), and a restart every 20 s, in turn by SIGTERM and by `kill -9`; a further robot is
banned for ten minutes, because somebody else sent too much. DingTalk counts by arrival, in real time.
Passes: never more than 20 calls of a robot in any 60 s; at least 17 a minute while there is work; after
the ban at most one probe a minute, over restarts too.
"""

import time
from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account, busiest_window
from .dingtalk import DingTalk
from .load import Load, receivers, sender, token
from .server import Campana, until

NUMBER = "6"
WAITS = True
PLANTED = {
    "DingTalk counts a 21st message": account.BUSIEST,
    "a message stands in the chat twice": "shown twice",
}

RESTART = 20.0
# What the robots cannot send in the minutes of a run.
SHORT = {"receivers": 10, "groups": 3, "states": 12}
LONG = {"receivers": 50, "groups": 10, "states": 40}


@dataclass
class Evidence:
    robots: int
    seconds: float
    restarts: int
    account: Account

    def calls(self):
        """The moments of the calls of each robot, and those of the banned one."""
        moments = self.account.robots()
        return [moments[sender(number)] for number in range(self.robots)], moments.get(sender(self.robots), [])


def play(run):
    shape, seconds = (SHORT, 66.0) if run.short else (LONG, 606.0)
    robots = shape["receivers"]
    folder = run.fresh_folder()
    with DingTalk(folder, "--ban=600s", rate="20/60s") as dingtalk, \
            Campana(folder, receivers(robots + 1, ", overflow: queue"), dingtalk.url) as server:
        for number in range(21):
            dingtalk.send(token(robots), f"somebody else's {number}")
        others = len(dingtalk.calls())
        server.start()
        began, restarts = time.monotonic(), 0
        load = Load(server, run.random, **shape).start()
        banned = Load(server, run.random, writers=1, receivers=1, groups=1, states=3, receiver=robots).start()
        while (left := began + seconds - time.monotonic()) > 0:
            time.sleep(min(left, RESTART))
            if left > RESTART:
                server.stop() if restarts % 2 == 0 else server.kill()
                server.start()
                restarts += 1
        if not until(lambda: load.is_done() and banned.is_done()):
            raise Void("the load does not end")
        found = Account.of({**load.accepted, **banned.accepted}, dingtalk, server)
        found.calls = found.calls[others:]
        return Evidence(robots, seconds, restarts, found)


def plant(evidence, fault):
    if fault == "DingTalk counts a 21st message":
        account.count_a_21st_message(evidence.account)
    else:
        account.show_a_message_twice(evidence.account)


def judge(evidence, verdict):
    minutes = int(evidence.seconds // 60)
    burst = len(evidence.account.accepted) // evidence.robots
    verdict.injected(f"{burst} messages for each of {evidence.robots} robots, {evidence.restarts} restarts, one ban")
    account.judge(verdict, evidence.account)
    verdict.none("shown twice", [post.title for post in evidence.account.repeated()])
    calls, banned = evidence.calls()
    verdict.least("calls of a robot in a minute, the fewest", fewest(calls, minutes), 17)
    verdict.least("calls of the banned robot", len(banned), 1)
    verdict.most("calls of the banned robot in any 60 s", busiest_window(banned), 1)


def fewest(robots, minutes):
    """The calls in a minute of the robot that made the fewest, over whole minutes since its first."""
    return min(sum(at < moments[0] + 60 * minutes for at in moments) // minutes for moments in robots)
