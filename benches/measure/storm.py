"""`scripts/bench storm`: storms of alerts through a real Alertmanager, as a reader sees them.

Alertmanager groups by alert name and instance, with `group_wait: 0s` and `group_interval: 10s`; the
simulated DingTalk takes 20 messages in any 60 s of a robot, refuses more with errcode 130101, and
then everything for ten minutes. All of it is in real time: the storms run at once, each with an
Alertmanager, a Campana, a DingTalk and a robot of its own, which takes three minutes.

Times count from the first request to Alertmanager, and for a recovery from the request that says it.
A run is void when Alertmanager did not tell every change, when nothing failed where it should, or
when the deliveries that Campana accepted are not those that it settled and those that are queued.
"""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from .figures import Figure
from .reader import Reader
from .servers import Alertmanager, Campana, Simulator, Void

GROUP_WAIT = "0s"
GROUP_INTERVAL = "10s"
RULES = ["--calls", "--rate=20/60s", "--ban=600s", "--throttle-code=130101"]
# The names of alerts and their severities; every fifth group has the same.
KINDS = [
    ("NodeDown", "critical"), ("DiskWillFill", "warning"), ("HighLoad", "warning"),
    ("MemoryPressure", "warning"), ("ClockSkew", "info"),
]
OUTCOMES = ("delivered", "folded", "dead", "discarded")


@dataclass
class Storm:
    """What happens, and until when it is watched."""

    name: str
    groups: int
    # How many of the groups recover, when the first of them does, and in which time all do.
    recovering: int = 0
    recover_at: float = 0
    spread: float = 0
    # So long the reader has to see the last change.
    patience: float = 60
    options: tuple = ()


PLAIN = [Storm("1,000 groups", 1_000), Storm("200 groups", 200)]
RECOVERING = Storm("60 of 200 recover", 200, 60, recover_at=20, spread=30, patience=120)
FAILING = Storm("18, every sixth fails", 18, 6, recover_at=10, options=("--fail-every=6",))
SHORT = {
    "PLAIN": [replace(PLAIN[1], patience=15)],
    "RECOVERING": replace(RECOVERING, recover_at=5, spread=5, patience=15),
    "FAILING": replace(FAILING, recover_at=5, patience=15),
}


@dataclass
class Outcome:
    """What came of a storm."""

    storm: Storm
    reader: Reader
    # When each recovery was told to Alertmanager.
    recovered_at: dict
    refusals: int
    failures: int
    account: str


def measure(work):
    storms = [*PLAIN, RECOVERING, FAILING]
    print(f"group_wait {GROUP_WAIT}, group_interval {GROUP_INTERVAL}; {len(storms)} storms at once")
    with ThreadPoolExecutor(len(storms)) as threads:
        outcomes = list(threads.map(lambda storm: run(work, storm), storms))
    figures = []
    for outcome in outcomes:
        tell(outcome)
        figures += figures_of(outcome)
    return figures


def run(work, storm):
    names = {instance(number): kind(number)[0] for number in range(storm.groups)}
    with tempfile.TemporaryDirectory(dir=work) as folder:
        folder = Path(folder)
        with Simulator(folder, *RULES, *storm.options) as dingtalk, Campana(folder, dingtalk.url) as server:
            url = f"http://127.0.0.1:{server.port}{server.path}"
            labels = ["alertname", "instance"]
            with Alertmanager(folder, url, labels, GROUP_WAIT, GROUP_INTERVAL) as alertmanager:
                began = time.time()
                recovered_at = happen(storm, alertmanager, began)
                last = max([0, *recovered_at.values()])
                sleep_until(began + last + storm.patience + 1)
                account = accounted(storm, server.metrics())
                calls = [call["answer"] for call in dingtalk.calls()]
                refusals = sum(answer.startswith("errcode") for answer in calls)
                failures = sum(answer.startswith("fault") for answer in calls)
                if storm.options and not failures:
                    raise Void(f"{storm.name}: none failed")
                reader = Reader(dingtalk.posts(), names, began)
                return Outcome(storm, reader, recovered_at, refusals, failures, account)


def happen(storm, alertmanager, began):
    """Fires all groups, and lets some of them recover; when each of these did."""
    fired = [alert(number) for number in range(storm.groups)]
    alertmanager.post(fired)
    recovered_at = {}
    for turn in range(storm.recovering):
        # Those that recover are of every kind, and were fired from first to last.
        number = turn * storm.groups // storm.recovering
        sleep_until(began + storm.recover_at + storm.spread * turn / storm.recovering)
        recovered_at[instance(number)] = time.time() - began
        alertmanager.post([{**fired[number], "endsAt": now()}])
    return recovered_at


def alert(number):
    name, severity = kind(number)
    at = instance(number)
    return {
        "labels": {
            "alertname": name, "instance": at, "severity": severity, "job": "node", "cluster": "shop",
        },
        "annotations": {
            "summary": f"{name} on {at}", "description": "It began a minute ago and goes on.",
        },
        "startsAt": now(),
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up",
    }


def kind(number):
    return KINDS[number % len(KINDS)]


def instance(number):
    return f"10.0.{number // 250}.{number % 250 + 1}:9100"


def now():
    return datetime.now(timezone.utc).isoformat()


def sleep_until(moment):
    time.sleep(max(0, moment - time.time()))


def accounted(storm, metrics):
    """The account of deliveries in words."""
    accepted = total(metrics, "campana_deliveries_accepted_total")
    settled = {
        outcome: int(metrics.get(f'campana_deliveries_settled_total{{outcome="{outcome}"}}', 0))
        for outcome in OUTCOMES
    }
    queued = int(metrics["campana_deliveries_queued"])
    parts = " + ".join(f"{outcome} {count}" for outcome, count in settled.items())
    account = f"accepted {accepted} = {parts} + queued {queued}"
    if accepted != sum(settled.values()) + queued:
        raise Void(f"{storm.name}: {account} does not hold")
    told = total(metrics, "campana_notifications_received_total")
    if told < storm.groups + storm.recovering:
        raise Void(f"{storm.name}: Alertmanager told {told} changes only")
    return account


def total(metrics, name):
    return int(sum(value for key, value in metrics.items() if key.partition("{")[0] == name))


def tell(outcome):
    """The account and the timeline."""
    print(f"{outcome.storm.name}: {outcome.account}")
    print(f"  {outcome.refusals} answers refused, {outcome.failures} failed on purpose")
    for line in outcome.reader.timeline():
        print(f"  {line}", flush=True)


def figures_of(outcome):
    storm, reader = outcome.storm, outcome.reader
    figures = []
    if storm is not RECOVERING:
        limit = max([0, *outcome.recovered_at.values()]) + storm.patience
        seen = [at for at in reader.seen.values() if at <= limit]
        figures.append(share("groups seen", storm, len(seen), storm.groups))
        figures.append(Figure(f"the last of them, {storm.name}", max(seen, default=0), unit="s"))
    if storm in PLAIN:
        count = len(reader.within(storm.patience))
        figures.append(Figure(f"messages within 60 s, {storm.name}", count, most=20))
    if storm.recovering:
        waits = [wait for wait in seen_recoveries(outcome).values() if wait <= storm.patience]
        figures.append(share("recoveries seen", storm, len(waits), storm.recovering))
        figures.append(Figure(f"the slowest, {storm.name}", max(waits, default=0), unit="s"))
    return [*figures, Figure(f"refused by DingTalk, {storm.name}", outcome.refusals, most=0)]


def seen_recoveries(outcome):
    """How long each recovery that was seen took to be seen."""
    seen = outcome.reader.recovered
    return {at: seen[at] - told for at, told in outcome.recovered_at.items() if at in seen}


def share(what, storm, count, whole):
    name = f"{what} within {storm.patience:.0f} s, {storm.name}"
    return Figure(name, 100 * count / whole, unit="%", least=100)
