"""Every answer that DingTalk, a proxy or the network gives: nothing is lost, and each is called what it is.

Injects each answer alone, before and after the message was taken, and all of them mixed into 30 % of the
calls, by a DingTalk that honours `msgUuid` and by a naive one (--short: for a minute, else for an hour):
HTTP 429 and 5xx, HTML, x5 pages, no errcode, cut JSON, 10 MB, a byte a second, no answer, resets,
redirects, throttles, refusals, codes that nobody knows; and, by raw sockets, broken HTTP and TLS.
Passes: each attempt's outcome is the one of the table below, and the delivery ends as it says; lost 0;
no redirect followed; shown twice 0 by the DingTalk that honours `msgUuid`, and by the naive one only what
may have arrived; each attempt ends within 10.5 s; memory grows by less than 20 MiB.
"""

import concurrent.futures
import contextlib
import random
import shutil
from dataclasses import dataclass
from typing import NamedTuple

from measure.servers import Void, free_port

from . import account, broken_dingtalk
from .account import Account
from .broken_dingtalk import Authority, Listener, over_tls
from .dingtalk import DingTalk
from .load import Load, Mark, receivers, token
from .server import Campana, until

NUMBER = "5"
PLANTED = {
    "an HTML page passes for a success": "alone: called otherwise",
    "a message vanishes from the chat": "honouring: lost",
    "a message stands in the chat twice": "naive: shown twice without cause",
    "a redirect is followed": "alone: redirects followed",
}

SETTINGS = "delivery: {retry: [200ms, 500ms, 1s, 2s], park: {first: 1s, longest: 2s}}"
NO_ERRCODE = 'raw=200,{"errmsg":"ok"}'
TEXT_ZERO = 'raw=200,{"errcode":"0","errmsg":"ok"}'
LINK_LOCAL = "redirect=http://169.254.169.254/latest/meta-data/"


class Case(NamedTuple):
    """An order to the simulated DingTalk, what the attempt is called, how the delivery ends."""

    order: str
    outcome: str
    end: str = "delivered"


CASES = [
    Case(f"{order}{phase}", outcome)
    for order, outcome in [
        ("status=500", "http_error"), ("status=502", "http_error"), ("status=503", "http_error"),
        ("status=429", "http_error"), ("reset", "reset"), ("hang", "timeout"), ("drip=1s", "timeout"),
        ("huge", "no_errcode"), ("html=200", "no_errcode"), ("html=502", "http_error"), ("x5=1", "banned"),
        (NO_ERRCODE, "no_errcode"), ("truncated", "no_errcode"), ("busy", "busy"), (LINK_LOCAL, "redirect"),
        ("redirect=http://127.0.0.1:CATCHER/", "redirect"),
    ]
    for phase in ("", " after")
] + [
    Case(f"{TEXT_ZERO} after", "ok"),
    Case("errcode=130101", "throttled"), Case("errcode=410100", "throttled"), Case("errcode=660026", "throttled"),
    Case("errcode=90018", "throttled_second"), Case("errcode=987654", "unknown"),
    Case("errcode=430104", "content", "dead"), Case("errcode=430101", "link", "dead"),
    Case("errcode=300005", "unknown_token", "dead"), Case("errcode=400102", "stopped", "dead"),
]
# After these the robot is dead, and what is behind the dead letter waits for a person.
DEAD_ROBOTS = {"unknown_token", "stopped"}

# Who breaks HTTP or TLS for good: what each attempt is called.
BROKEN = {
    "reset_unread": "reset", "close_unanswered": "reset", "never_read": "timeout", "no_http": "reset",
    "half_a_head": "reset", "endless_head": "timeout", "short_body": "reset",
    "refused": "no_connection", "expired": "no_connection",
}

MIXED = [
    "status=500", "status=500 after", "status=503 after", "status=429", "reset", "reset after", "hang", "hang after",
    "drip=1s after", "huge after", "html=200 after", "x5=1", f"{NO_ERRCODE} after", "truncated after", "busy",
    "errcode=130101", "errcode=660026", LINK_LOCAL,
]
SHAPE = {"receivers": 20, "groups": 2, "states": 3}
HOUR = {"receivers": 50, "groups": 2, "states": 60, "pause": 70.0}


@dataclass
class Part:
    """One server: its account, the attempts of each mark, and how its memory grew."""

    account: Account
    attempts: dict
    growth: float
    followed: int = 0


def lacks():
    return None if shutil.which("openssl") else "openssl is not installed"


def play(run):
    seeds = [run.random.getrandbits(32) for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        playing = {
            "alone": pool.submit(alone, run, seeds[0]),
            "honouring": pool.submit(mixed, run, seeds[1]),
            "naive": pool.submit(mixed, run, seeds[2], "--msg-uuid=ignored"),
        }
        return {name: part.result() for name, part in playing.items()}


def plant(parts, fault):
    if fault == "an HTML page passes for a success":
        number = next(number for number, case in enumerate(CASES) if case.order.startswith("html=200"))
        parts["alone"].attempts[Mark(number, 0, 0)][0]["outcome"] = "ok"
    elif fault == "a redirect is followed":
        parts["alone"].followed += 1
    elif fault == "a message vanishes from the chat":
        account.forget_a_message(parts["honouring"].account)
    else:
        # One of which nothing was in doubt.
        found = parts["naive"]
        shown = [post for post in found.account.posts if len(post.newest) == 1]
        sure = [post for post in shown if len(found.attempts.get(next(iter(post.newest.values())), [])) == 1]
        found.account.posts.append(sure[0])


def judge(parts, verdict):
    verdict.injected(f"{len(CASES)} answers and {len(BROKEN)} broken servers alone; {len(MIXED)} mixed, 2 % each")
    for name, part in parts.items():
        rows = verdict.of(name)
        account.judge(rows, part.account)
        attempts = [attempt for each in part.attempts.values() for attempt in each]
        longest = max(attempt["duration_ms"] or 0 for attempt in attempts) / 1000
        rows.told("attempts", len(attempts))
        rows.time("an attempt, the longest", longest, 10.5)
        rows.most("memory grown by", round(part.growth, 1), 20, "MiB")
        if name == "naive":
            rows.told("shown twice", len(part.account.repeated()))
            rows.none("shown twice without cause", part.account.repeated_without_cause())
        else:
            rows.none("shown twice", [post.title for post in part.account.repeated()])
        if name != "alone":
            rows.none("queued in the end", [row["id"] for row in part.account.queued()])
    judge_alone(parts["alone"], verdict.of("alone"))


def judge_alone(part, rows):
    by_mark, called, ended = part.account.by_mark(), [], []
    for number, case in enumerate(CASES):
        first, row = part.attempts[Mark(number, 0, 0)][0], by_mark[Mark(number, 0, 0)]
        if first["outcome"] != case.outcome:
            called.append(f"{case.order}: {first['outcome']} and not {case.outcome}")
        if row["state"] != case.end or (case.end == "dead" and not row["reason"]):
            ended.append(f"{case.order}: {row['state']} {row['reason']}")
    for number, (name, outcome) in enumerate(BROKEN.items(), len(CASES)):
        mark = Mark(number, 0, 0)
        seen = {attempt["outcome"] for attempt in part.attempts[mark]} - {None}
        if seen != {outcome}:
            called.append(f"{name}: {seen} and not {outcome}")
        if by_mark[mark]["state"] != "queued" or not by_mark[mark]["reason"]:
            ended.append(f"{name}: {by_mark[mark]['state']} {by_mark[mark]['reason']}")
    trusted = by_mark[Mark(len(CASES) + len(BROKEN), 0, 0)]
    rows.holds("the same TLS, not expired", trusted["state"], trusted["state"] == "delivered", "delivered")
    rows.none("called otherwise", called)
    rows.none("ended otherwise", ended)
    rows.most("redirects followed", part.followed, 0)


def alone(run, seed):
    """Each answer at a robot of its own: the first message meets it, the second is behind it."""
    folder = run.fresh_folder()
    with contextlib.ExitStack() as stack:
        dingtalk = stack.enter_context(DingTalk(folder))
        catcher = stack.enter_context(Listener(broken_dingtalk.drop))
        authority, ports = Authority(folder), {"refused": free_port()}
        behaviours = {name: getattr(broken_dingtalk, name, None) for name in BROKEN}
        behaviours["expired"] = over_tls(*authority.sign("expired", 0), dingtalk.url)
        behaviours["trusted"] = over_tls(*authority.sign("trusted", 9), dingtalk.url)
        for name, behaviour in behaviours.items():
            if behaviour:
                ports[name] = stack.enter_context(Listener(behaviour)).port
        yaml = receivers(len(CASES)) + "".join(
            broken(len(CASES) + number, name, ports[name]) for number, name in enumerate([*BROKEN, "trusted"])
        )
        server = stack.enter_context(Campana(folder, yaml, dingtalk.url, SETTINGS))
        server.start(environment={"SSL_CERT_FILE": str(authority.root)})
        orders = [case.order.replace("CATCHER", str(catcher.port)) for case in CASES]
        dingtalk.order(*[f"fail {order} robot={token(number)}" for number, order in enumerate(orders)])
        before = server.memory()
        count = len(CASES) + len(BROKEN) + 1
        load = Load(server, random.Random(seed), writers=8, receivers=count, groups=1, states=2).start()
        waiting = 2 * len(BROKEN) + len([case for case in CASES if case.outcome in DEAD_ROBOTS])
        # What is still open after that is judged.
        until(lambda: load.is_done() and server.queued() <= waiting and all_tried_again(server), 300)
        return gathered(load, dingtalk, server, before, catcher.connections)


def all_tried_again(server):
    """Whether the first attempt of everything that is attempted has ended, because there was another."""
    return all(row["attempts"] != 1 or row["state"] != "queued" for row in server.deliveries())


def broken(number, name, port):
    scheme = "https" if name in ("expired", "trusted") else "http"
    url = f"{scheme}://127.0.0.1:{port}/robot/send?access_token={token(number)}"
    return f"  - {{name: r{number}, chatbots: [{{name: bot, webhook_url: '{url}'}}]}}\n"


def attempted(server, count):
    """Whether the first delivery of each robot has had an attempt that ended."""
    heads = [row for row in server.deliveries() if row["attempts"]]
    return len({row["receiver"] for row in heads if any_ended(server, row)}) == count


def any_ended(server, row):
    return any(attempt["outcome"] for attempt in server.delivery(row["id"])["attempts"])


def mixed(run, seed, *options):
    """All of them among good answers."""
    folder, chosen, shape = run.fresh_folder(), random.Random(seed), SHAPE if run.short else HOUR
    robots = shape["receivers"]
    with DingTalk(folder, *options) as dingtalk, \
            Campana(folder, receivers(robots), dingtalk.url, SETTINGS) as server:
        server.start()
        good = Load(server, chosen, receivers=robots, groups=2, states=1).start()
        if not until(good.is_done) or not server.drained():
            raise Void("it does not even deliver to a good DingTalk")
        before = server.memory()
        dingtalk.order(*[f"fail {order} api=robot lasting share=2,{chosen.getrandbits(32)}" for order in MIXED])
        load = Load(server, chosen, first=1, **shape).start()
        if not until(load.is_done, seconds=7_200) or not server.drained(seconds=300):
            raise Void("the load does not end, or the queue does not drain")
        load.accepted.update(good.accepted)
        return gathered(load, dingtalk, server, before)


def gathered(load, dingtalk, server, before, followed=0):
    found = Account.of(load.accepted, dingtalk, server)
    rows = found.by_mark()
    attempts = {mark: server.delivery(row["id"])["attempts"] for mark, row in rows.items() if row["attempts"]}
    return Part(found, attempts, server.memory() - before, followed)
