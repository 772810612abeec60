"""The account that every experiment keeps: what was promised, what the database counts, and what the
readers of the chats saw.

A mark is accounted for when a reader saw it, when it was folded and the reader saw a later state of
its group instead, when it is a dead letter with a reason, or while it is queued. Nothing here asks how
Campana came to it.
"""

from collections import Counter
from dataclasses import dataclass

from .load import marks_in

# The row of DingTalk's limit.
BUSIEST = "calls of a robot in any 60 s, the most"
OUTCOMES = ("delivered", "folded", "dead", "discarded")
# The outcomes of attempts after which nobody knows whether the message arrived. `unknown` without a
# code is one that a kill cut off.
AMBIGUOUS = {None, "unknown", "timeout", "reset", "redirect", "banned", "http_error", "no_errcode", "busy"}


@dataclass
class Account:
    """The end of a run: `accepted` marks, `posts` in the chats, DingTalk's `calls`, `rows` of deliveries,
    `metrics`, and the `attempts` of the deliveries that took several."""

    accepted: set
    posts: list
    calls: list
    rows: list
    metrics: dict
    attempts: dict

    @classmethod
    def of(cls, accepted, dingtalk, server):
        """As it stands now. What was accepted is taken first and what was seen last, so that what is
        under way is no difference."""
        accepted, rows = set(accepted), server.deliveries()
        attempts = {row["id"]: server.delivery(row["id"])["attempts"] for row in rows if row["attempts"] > 1}
        return cls(accepted, dingtalk.posts(), dingtalk.calls(), rows, server.metrics(), attempts)

    def by_mark(self):
        """The delivery that was made of each mark's notification."""
        rows = [row for row in self.rows if row["origin"] == "notification"]
        return {mark: row for row in rows for mark in marks_in(row["title"])}

    def shown(self):
        """Every mark that a reader saw."""
        return {mark for post in self.posts for mark in post.newest.values()}

    def unseen(self, marks):
        """Those of these marks of whose group a reader saw neither this state nor a later one."""
        newest = {}
        for mark in self.shown():
            newest[mark.of_group()] = max(mark, newest.get(mark.of_group(), mark))
        return {mark for mark in marks if newest.get(mark.of_group()) is None or newest[mark.of_group()] < mark}

    def lost(self):
        """The marks that nobody accounts for, each with why."""
        rows, hidden = self.by_mark(), self.accepted - self.shown()
        unseen = self.unseen(hidden)
        for mark in sorted(hidden):
            row = rows.get(mark, {"state": "unknown", "reason": ""})
            settled = {
                "queued": True,
                "folded": mark not in unseen,
                "dead": bool(row["reason"]),
            }
            if not settled.get(row["state"]):
                yield f"{mark}, which is {row['state']}"

    def queued(self):
        return [row for row in self.rows if row["state"] == "queued"]

    def repeated(self):
        """The messages that show nothing but what was shown before."""
        shown, repeated = set(), []
        for post in self.posts:
            marks = set(post.newest.values())
            if marks and marks <= shown:
                repeated.append(post)
            shown |= marks
        return repeated

    def repeated_without_cause(self):
        """Those of which no attempt ended in a way that leaves open whether the message arrived."""
        rows, often = self.by_mark(), Counter()
        for post in self.repeated():
            mark = min(post.newest.values())
            often[mark] += 1
            row = rows.get(mark, {})
            attempts = self.attempts.get(row.get("carried_by") or row.get("id"), [])
            if often[mark] > sum(attempt["outcome"] in AMBIGUOUS for attempt in attempts):
                yield mark

    def out_of_order(self):
        """The marks that a reader saw for the first time after a later state of their group."""
        newest, shown = {}, set()
        for post in self.posts:
            for group, mark in post.newest.items():
                if mark not in shown and mark < newest.get(group, mark):
                    yield mark
                shown.add(mark)
                newest[group] = max(mark, newest.get(group, mark))

    def robots(self):
        """When a message was sent to each robot, whatever became of it."""
        moments = {}
        for call in self.calls:
            if call.path == "/robot/send":
                moments.setdefault(call.sender, []).append(call.seconds)
        return moments

    def balance(self):
        """Accepted, what became of it, and what is queued, as the database counts them."""
        name = "campana_deliveries_settled_total"
        settled = {outcome: int(self.metrics.get(f'{name}{{outcome="{outcome}"}}', 0)) for outcome in OUTCOMES}
        queued = int(self.metrics["campana_deliveries_queued"])
        return total(self.metrics, "campana_deliveries_accepted_total"), {**settled, "queued": queued}


def total(metrics, name):
    """The sum of a metric over its labels."""
    return int(sum(value for key, value in metrics.items() if key.partition("{")[0] == name))


def judge(verdict, *accounts):
    """The rows that every experiment has, over all accounts of one kind."""
    balances = [account.balance() for account in accounts]
    summed = Counter()
    for _, parts in balances:
        summed.update(parts)
    words = " + ".join(f"{count} {name}" for name, count in summed.items() if count)
    holds = all(accepted == sum(parts.values()) for accepted, parts in balances)
    verdict.holds("the account", f"{sum(accepted for accepted, _ in balances)} = {words}", holds)
    verdict.told("notifications answered 200", sum(len(account.accepted) for account in accounts))
    verdict.none("lost", each(accounts, Account.lost))
    verdict.none("out of order in their group", each(accounts, Account.out_of_order))
    windows = [busiest_window(moments) for account in accounts for moments in account.robots().values()]
    verdict.most(BUSIEST, max(windows, default=0), 20)


def busiest_window(moments, per=60.0):
    """The most of these moments within any window of so many seconds, its end excluded."""
    moments, first, most = sorted(moments), 0, 0
    for last, at in enumerate(moments):
        while at - moments[first] >= per:
            first += 1
        most = max(most, last + 1 - first)
    return most


def each(accounts, find):
    return [found for account in accounts for found in find(account)]


def forget_a_message(account):
    """Planted: one message vanishes from the chat, as if DingTalk had never had it."""
    shown = [post for post in account.posts if post.newest]
    account.posts.remove(shown[len(shown) // 2])


def show_a_message_twice(account):
    """Planted: one message stands in the chat a second time."""
    shown = [post for post in account.posts if post.newest]
    account.posts.append(shown[len(shown) // 2])


def swap_two_of_a_group(account):
    """Planted: two states of one group change places."""
    posts, first = account.posts, {}
    for place, post in enumerate(posts):
        for group, mark in post.newest.items():
            other = first.setdefault(group, place)
            if posts[other].newest[group] < mark and len(post.newest) == len(posts[other].newest) == 1:
                posts[place], posts[other] = posts[other], posts[place]
                return
    raise ValueError("no group has two messages of its own")


def count_a_21st_message(account):
    """Planted: DingTalk counts more calls of a robot than there were."""
    call = next(call for call in account.calls if call.path == "/robot/send")
    account.calls += [call] * 20


def promise_what_nobody_posted(account):
    """Planted: a writer takes a notification for accepted that it never posted."""
    account.accepted.add(max(account.accepted)._replace(number=1_000_000))
