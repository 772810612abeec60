"""Names and files that do not answer: nothing silent outside holds the server up.

Injects a name server that never answers, for the server alone (in a mount namespace), and 300
chatbots at names; and a file that does not answer at a reload (somebody holds a lease on it).
Passes: beside the names every notification is accepted, within a second; SIGTERM is heard during the
reload, the reload ends, and the process ends with 0.
"""

import fcntl
import signal
import time
from dataclasses import dataclass

from . import account, mounts
from .account import Account
from .dingtalk import DingTalk
from .load import Mark, Poster, receivers
from .server import Campana

NUMBER = ""
PLANTED = {
    "a notification takes two minutes": "seconds to be accepted, the longest",
    "a message vanishes from the chat": "lost",
}

NAMES = 300
# An address for documentation (RFC 5737), at which nobody answers.
RESOLV = "nameserver 192.0.2.1\n"
WEBHOOK = "http://silent{0}.example.com/robot/send?access_token=t{0}"
SILENT = f"  - {{{{name: silent{{0}}, chatbots: [{{{{name: a, webhook_url: '{WEBHOOK}'}}}}]}}}}\n"
# In a short form on a busy machine a second decides nothing; names that hold it up take longer than this.
PATIENT = 30


@dataclass
class Outcome:
    longest: float
    posts: int
    account: Account
    stops: list


@dataclass
class Stop:
    """SIGTERM so long after a reload that waits for a file; whether the log tells of the file."""

    after: float
    code: int
    seconds: float
    told: bool


def lacks():
    return mounts.lacking()


def play(run):
    waits = [1] if run.short else [1, 12]
    return Outcome(*silent_names(run), [silent_file(run, wait) for wait in waits])


def plant(outcome, fault):
    if fault == "a message vanishes from the chat":
        account.forget_a_message(outcome.account)
    else:
        outcome.longest = 120.0


def judge(outcome, verdict):
    verdict.injected(f"{NAMES} chatbots whose names nobody resolves")
    verdict.injected(f"a file that does not answer, {len(outcome.stops)} times")
    account.judge(verdict, outcome.account)
    most = PATIENT if verdict.short else 1
    verdict.most("seconds to be accepted, the longest", outcome.longest, most, "s")
    for stop in outcome.stops:
        part = verdict.of(f"SIGTERM {stop.after} s after the reload")
        part.exits("exit codes that are not 0", [stop.code])
        part.time("ended after", stop.seconds, 5)
        part.holds("told of the file", str(stop.told), stop.told == (stop.after > 10), "once 10 s are over")


def silent_names(run):
    """The longest that a notification waits whose message a template writes, on threads of their own."""
    folder = run.fresh_folder()
    (folder / "resolv.conf").write_text(RESOLV)
    replaced = [*mounts.UNSHARE, "sh", "-c", 'mount --bind resolv.conf /etc/resolv.conf && exec "$@"', "sh"]
    yaml = receivers(1).replace("{name: r0,", "{name: r0, message: {text: '{{ .CommonLabels.alertname }}'},")
    yaml += "".join(SILENT.format(number) for number in range(NAMES))
    with DingTalk(folder) as dingtalk, Campana(folder, yaml, dingtalk.url, before=replaced) as server:
        server.start()
        poster, accepted, longest = Poster(server, timeout=120), set(), 0.0
        end = time.monotonic() + (5 if run.short else 15)
        while time.monotonic() < end:
            mark = Mark(0, len(accepted), 0)
            # The first one is for all, and has every name looked up.
            path = "/api/v1/receivers/r0/alerts" if accepted else "/api/v1/alerts"
            began = time.monotonic()
            status, _ = poster.post(path, mark.notification())
            longest = max(longest, time.monotonic() - began)
            if status == 200:
                accepted.add(mark)
            time.sleep(0.05)
        return longest, len(accepted), Account.of(accepted, dingtalk, server)


def silent_file(run, wait):
    folder = run.fresh_folder()
    secret = folder / "token"
    secret.write_text("token\n")
    secret.chmod(0o600)
    yaml = "  - {name: r0, chatbots: [{name: a, access_token_file: token}]}\n"
    with Campana(folder, yaml) as server, open(secret, "r+", encoding="utf-8") as held:
        server.start()
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        server.reload()
        time.sleep(wait)
        code, seconds = server.stop()
        return Stop(wait, code, seconds, "did not answer within 10 s" in server.log())
