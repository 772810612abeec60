"""A real Alertmanager, alone and as a pair: every state of every group arrives, once.

Injects, for 40 groups (long: 400) that fire, get worse and recover: of one Alertmanager, `kill -9` between
the states, and answers that are cut off after the notification was stored; of a pair in a cluster,
answers that come when the other one has ceased to wait; and a pair that is parted for five seconds
(long: a minute), by relays of TCP and UDP between them that are shut.
Passes: every state that was told to Alertmanager is seen; nothing is shown more often than Alertmanager
told it anew; of a pair, 999 of 1,000 states are one message, and of a parted pair none is more than two
(but for states that Alertmanager itself tells again after newer ones, as a peer does whose wait was too
long); no repetition after `repeat_interval` is held back.
"""

import concurrent.futures
import contextlib
import re
import time
from collections import Counter
from dataclasses import dataclass

from measure.servers import NO_ALERTMANAGER, Void, alertmanager_binary

from . import account
from .account import Account
from .server import until
from .town import State, Town

NUMBER = "8"
WAITS = True
PLANTED = {
    "a message vanishes from the chat": "pair: states that no reader saw",
    "the messages of twins come through": "pair: states that are one message, in 1,000",
    "a state is three messages": "parted: states that are more than two messages",
    "a repetition is held back": "repeated: repetitions that were held back",
    "a writer takes for accepted what nobody posted": "alone: lost",
}

# As in the default configuration.
DEDUPLICATE = 60.0
HEADING = re.compile(r"\[\w+:\d+\](?: \[\w+:\d+\])*")


@dataclass
class Part:
    """What Alertmanager was told, what it told, and what came of it."""

    words: str
    told: list
    tellings: list
    account: Account
    # Within so many seconds an equal state is a duplicate.
    deduplicate: float = DEDUPLICATE

    def bubbles(self):
        """How many messages showed each state."""
        shown = [(HEADING.match(post.title), post.newest.values()) for post in self.account.posts]
        return Counter(State(words[0], mark) for words, marks in shown if words for mark in marks)

    def anew(self):
        """How often each state was told when it was not the last one of its group, or long after that."""
        last, counts = {}, Counter()
        for telling in sorted(self.tellings, key=lambda telling: telling.at):
            group = telling.state.mark.of_group()
            state, at = last.get(group, (None, 0.0))
            if telling.status == 200 and (state != telling.state or telling.at - at >= self.deduplicate):
                last[group] = telling.state, telling.at
                counts[telling.state] += 1
        return counts


def lacks():
    return None if alertmanager_binary() else NO_ALERTMANAGER


def play(run):
    stories = {"alone": alone, "pair": pair, "parted": parted, "repeated": repeated}
    seeds = {name: run.random.random() for name in stories}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        playing = {name: pool.submit(story, run, seeds[name]) for name, story in stories.items()}
        return {name: part.result() for name, part in playing.items()}


def plant(parts, fault):
    if fault == "a message vanishes from the chat":
        account.forget_a_message(parts["pair"].account)
    elif fault == "the messages of twins come through":
        parts["pair"].account.posts += parts["pair"].account.posts[::100]
    elif fault == "a state is three messages":
        for _ in range(2):
            parts["parted"].account.posts.append(parts["parted"].account.posts[0])
    elif fault == "a repetition is held back":
        account.forget_a_message(parts["repeated"].account)
    else:
        account.promise_what_nobody_posted(parts["alone"].account)


def judge(parts, verdict):
    for name, part in parts.items():
        verdict.injected(f"{part.words}: {len(part.told)} states, {len(part.tellings)} notifications")
        rows = verdict.of(name)
        account.judge(rows, part.account)
        rows.none("queued in the end", [row["id"] for row in part.account.queued()])
        refused = [telling.status for telling in part.tellings if telling.status not in (200, 503)]
        rows.none("answers that are neither 200 nor 503", refused)
        judge_bubbles(name, part, rows)


def judge_bubbles(name, part, rows):
    """How many messages a reader saw of each state, beside how often Alertmanager told it anew."""
    bubbles, anew = part.bubbles(), part.anew()
    seen = {(state.is_over(), state.mark) for state in bubbles}
    rows.none("states that no reader saw", [state for state in part.told if state not in seen])
    again = [state for state, times in anew.items() if times > 1]
    if name == "repeated":
        rows.least("repetitions", anew.total() - len(anew), 2 * len(part.told))
        held = [state for state, times in anew.items() if bubbles[state] < times]
        rows.none("repetitions that were held back", held)
        return
    rows.told("states told again after newer ones", len(again))
    if name == "pair":
        once = anew.keys() - set(again)
        single = sum(bubbles[state] == 1 for state in once)
        rows.least("states that are one message, in 1,000", 1000 * single / max(1, len(once)), 999)
    elif name == "parted":
        many = [state for state, times in bubbles.items() if times > max(2, anew[state])]
        rows.none("states that are more than two messages", many)
    else:
        often = [state for state, times in bubbles.items() if times > anew[state]]
        rows.none("shown more often than it was told anew", often)


def alone(run, seed):
    """One Alertmanager, which is killed while its groups fire; a third of the answers do not come back."""
    with contextlib.ExitStack() as stack:
        town = Town(stack, run, seed, troubled=1 / 3)
        for number in range(2):
            town.state(number)
            town.kill()
        town.state(1, over=True)
        return part(town, f"one Alertmanager, killed twice, {town.troubled()} answers cut off")


def pair(run, seed):
    """Two of them, of which one waits whether the other has told; a third of the answers come after that."""
    wait = 1 if run.short else 15
    with contextlib.ExitStack() as stack:
        town = Town(stack, run, seed, peers=2, wait=wait, interval=4 * wait, troubled=1 / 3, late=1.5 * wait)
        for number, over in ((0, False), (1, False), (1, True)):
            town.state(number, over)
        time.sleep(2 * wait)
        return part(town, f"a pair, {town.troubled()} answers too late for the other one")


def parted(run, seed):
    """Two of them that cannot reach each other while their groups get worse."""
    wait, least = (1, 5) if run.short else (15, 60)
    with contextlib.ExitStack() as stack:
        town = Town(stack, run, seed, peers=2, wait=wait, interval=4 * wait)
        town.state(0)
        town.between.shut()
        began, before = time.monotonic(), len(town.tellings)
        worse = set(town.state(1))
        if not until(lambda: all(worse <= town.told_on(before, peer) for peer in range(2))):
            raise Void("a parted Alertmanager does not tell what the other one told")
        time.sleep(max(0.0, began + least - time.monotonic()))
        town.between.open()
        seconds = time.monotonic() - began
        town.meet()
        town.state(1, over=True)
        time.sleep(2 * wait)
        return part(town, f"a pair, parted for {seconds:.0f} s")


def repeated(run, seed):
    """One of them, which tells twice more what goes on."""
    deduplicate, repeat = (5.0, 8) if run.short else (DEDUPLICATE, 65)
    with contextlib.ExitStack() as stack:
        settings = f"delivery: {{deduplicate: {deduplicate:.0f}s}}"
        town = Town(stack, run, seed, teams=4, repeat=f"{repeat}s", settings=settings)
        town.state(0)
        if not until(lambda: len(town.tellings) >= 3 * len(town.teams), seconds=10 * repeat):
            raise Void("Alertmanager does not repeat itself")
        town.peers[0].kill()
        return part(town, f"one Alertmanager that repeats after {repeat} s", deduplicate)


def part(town, words, deduplicate=DEDUPLICATE):
    if not town.server.drained():
        raise Void(f"the queue does not drain: {town.server.log()[-1000:]}")
    accepted = {telling.state.mark for telling in town.tellings if telling.status == 200}
    found = Account.of(accepted, town.dingtalk, town.server)
    return Part(words, town.told, town.tellings, found, deduplicate)
