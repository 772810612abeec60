"""`scripts/bench drain`: a thousand robots, fifteen messages each, to the last one delivered.

Two ways. *From a full queue*: everything is accepted while DingTalk hangs; the server is killed and
starts again with a DingTalk that answers, and the rate counts from the first message to the last.
*End to end*: DingTalk answers from the start, and the rate counts from the first request to the last
message, so accepting is in it. Nothing folds: the eight attempts that are under way at the kill have used
a slot each, and their lanes would make a digest of the rest.

Then the second way again, in turns without and with one robot that never answers: the time of every
other message, from the request to the group, must hardly change. Every message has to arrive, and
once, or the run is void.
"""

import re
import tempfile
import time
from collections import Counter
from pathlib import Path

from . import load
from .figures import of_rounds
from .servers import Campana, Hanging, Simulator, Void, each_alone

ROBOTS = 1_000
MESSAGES = 15
CONNECTIONS = 64
ROUNDS = 5
SHORT = {"ROBOTS": 40, "MESSAGES": 3, "CONNECTIONS": 8, "ROUNDS": 1}
# Above the time that accepting takes, so that no attempt is given up while DingTalk hangs.
PATIENT = "delivery: {attempt_timeout: 60s}"
GROUP = re.compile(r"shop\S?-([0-9a-f]{12})")


def measure(work):
    load.check_wrk()
    drained, end_to_end, changes = [], [], []
    for turn in range(ROUNDS):
        drained.append(from_full_queue(work))
        # What the machine does besides changes with time, so which is first changes too.
        order = (False, True) if turn % 2 else (True, False)
        by_hanging = {hanging: live(work, hanging) for hanging in order}
        (alone, rate), (beside, _) = by_hanging[False], by_hanging[True]
        end_to_end.append(rate)
        changes.append(beside / alone)
        print(
            f"drain, round {turn + 1}: {drained[-1]:,.0f} messages a second from a full queue, "
            f"{rate:,.0f} end to end; p99 of a message {alone:.2f} s, beside a hanging robot "
            f"{beside:.2f} s",
            flush=True,
        )
    return [
        of_rounds("messages a second, from a full queue", drained, least=3_000),
        of_rounds("messages a second, accepted and delivered", end_to_end),
        of_rounds("p99 of a message beside a hanging robot", changes, unit="times", most=1.1),
    ]


def from_full_queue(work):
    """Messages a second of a server that starts with all of them queued."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        folder = Path(folder)
        with Hanging() as nobody:
            server = Campana(folder, nobody.url, ROBOTS, PATIENT, keys=each_alone)
            post(server)
            # A stop would wait for the attempts under way.
            server.kill()
        with Simulator(folder) as dingtalk, Campana(folder, dingtalk.url, ROBOTS, PATIENT, keys=each_alone):
            posts = arrived(dingtalk, ROBOTS * MESSAGES)
            return len(posts) / (last(posts) - first(posts))


def live(work, hanging):
    """The p99 of a message in seconds, without those of the robot that hangs; and the rate."""
    with tempfile.TemporaryDirectory(dir=work) as folder, Hanging() as robot:
        folder = Path(folder)
        webhooks = {"r0": f"{robot.url}/robot/send?access_token=hangs"} if hanging else {}
        with (
            Simulator(folder) as dingtalk,
            Campana(folder, dingtalk.url, ROBOTS, webhooks=webhooks, keys=each_alone) as server,
        ):
            began = time.time()
            sent = post(server, folder / "sent")
            wanted = (ROBOTS - 1 if hanging else ROBOTS) * MESSAGES
            posts = arrived(dingtalk, wanted)
            took = [post["at_ms"] / 1000 - sent[group_of(post)] for post in posts]
            took.sort()
            return took[len(took) * 99 // 100], len(posts) / (last(posts) - began)


def post(server, sent=None):
    """Each robot's messages, in turn; when each was sent."""
    load.run(
        server, alerts=1, connections=CONNECTIONS, posts=ROBOTS * MESSAGES, receivers=ROBOTS,
        sent=sent,
    )
    if sent is None:
        return {}
    pairs = (line.split() for line in sent.read_text().splitlines())
    return {group: int(at) / 1e6 for group, at in pairs}


def arrived(dingtalk, count):
    """Every message, each of them once."""
    give_up = time.monotonic() + 120
    while dingtalk.count() < count:
        if time.monotonic() > give_up:
            raise Void(f"only {dingtalk.count()} of {count} messages arrived")
        time.sleep(0.1)
    posts = dingtalk.posts()
    groups = Counter(group_of(post) for post in posts)
    if len(groups) != count or max(groups.values()) > 1:
        raise Void(f"{count} messages were expected, {len(posts)} came, {len(groups)} different")
    return posts


def group_of(post):
    found = GROUP.search(post["text"])
    if found is None:
        raise Void(f"a message without its group: {post['text']}")
    return found.group(1)


def first(posts):
    return min(post["at_ms"] for post in posts) / 1000


def last(posts):
    return max(post["at_ms"] for post in posts) / 1000
