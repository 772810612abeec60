"""Every app's token is invalid at once: each app asks for one new token, and nothing is lost.

Injects, for 200 conversations of 20 apps (long: 1,000 of 50), the loss of all tokens, with an alert for
every conversation right after it, twice (long: ten times); DingTalk takes 300 ms to give a token out.
Passes: one request for a token under way for each app, and at most two for each loss; lost 0.
"""

from dataclasses import dataclass

from measure.servers import Void

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Load
from .server import Campana, until

NUMBER = "10"
PLANTED = {
    "an app asks three times for one loss": "requests of an app after one loss, the most",
    "an app asks again before it is answered": "requests while another was under way",
    "a message vanishes from the chat": "lost",
}

GIVES_OUT = 0.3
TOKENS = "/v1.0/oauth2/accessToken"


@dataclass
class Evidence:
    apps: int
    conversations: int
    # For each loss (the first is the start without tokens), the moments of each app's requests.
    losses: list
    account: Account


def play(run):
    apps, each, losses = (20, 10, 2) if run.short else (50, 20, 10)
    folder = run.fresh_folder()
    with DingTalk(folder) as dingtalk, Campana(folder, conversations(apps, each), dingtalk.url) as server:
        dingtalk.order(f"fail late={int(GIVES_OUT * 1000)}ms api=token after lasting")
        server.start()
        accepted, requests, seen = {}, [], 0
        for number in range(losses + 1):
            if number > 0:
                dingtalk.order(*[f"revoke {app_key(app)}" for app in range(apps)])
            load = Load(server, run.random, receivers=apps * each, groups=1, states=1, first=number, pause=0).start()
            if not until(load.is_done) or not server.drained():
                raise Void("the load does not end, or the queue does not drain")
            accepted.update(load.accepted)
            calls = dingtalk.calls()
            requests.append(by_app(calls[seen:]))
            seen = len(calls)
        return Evidence(apps, apps * each, requests, Account.of(accepted, dingtalk, server))


def conversations(apps, each):
    """The YAML of a receiver for each conversation; those of one app have its key."""
    return "".join(
        f"  - {{name: r{number}, conversations: [{{name: c, app_key: {app_key(number % apps)}, app_secret: secret, "
        f"open_conversation_ids: ['cid{number}==']}}]}}\n"
        for number in range(apps * each)
    )


def app_key(number):
    return f"{number:04}-app"


def by_app(calls):
    moments = {}
    for call in calls:
        if call.path == TOKENS:
            moments.setdefault(call.sender, []).append(call.seconds)
    return moments


def plant(evidence, fault):
    moments = next(iter(evidence.losses[-1].values()))
    if fault == "an app asks three times for one loss":
        moments += [moments[-1] + 1, moments[-1] + 2]
    elif fault == "an app asks again before it is answered":
        moments.append(moments[-1] + GIVES_OUT / 3)
    else:
        account.forget_a_message(evidence.account)


def judge(evidence, verdict):
    verdict.injected(
        f"{len(evidence.losses) - 1} losses of all tokens of {evidence.apps} apps with "
        f"{evidence.conversations} conversations"
    )
    account.judge(verdict, evidence.account)
    verdict.none("queued in the end", [row["id"] for row in evidence.account.queued()])
    counts = [len(moments) for loss in evidence.losses for moments in loss.values()]
    asked = len(counts) == evidence.apps * len(evidence.losses)
    verdict.holds("requests for tokens", str(sum(counts)), asked, "one at least of each app, after each loss")
    verdict.most("requests of an app after one loss, the most", max(counts), 2)
    together = [
        app for loss in evidence.losses for app, moments in loss.items()
        for first, second in zip(moments, moments[1:]) if second - first < GIVES_OUT
    ]
    verdict.none("requests while another was under way", together)
