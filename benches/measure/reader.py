"""What a reader of the chat knows of each alert group, by the messages that DingTalk accepted.

A group is seen when its alert's name and its instance stand in a message, and in a digest, which
names many groups, in one line. Its recovery is seen when that line says that it has recovered, or
when the message is headed as resolved and only as that.
"""

import re
from dataclasses import dataclass, field

INSTANCE = re.compile(r"10\.0\.\d+\.\d+:9100")
# What makes no difference to a reader: the signs that escape others, and a character without width.
UNSEEN = str.maketrans("", "", "\\\u200b")


@dataclass
class Message:
    """A message, when it came, and the groups that it shows, by their instances."""

    seconds: float
    firing: set = field(default_factory=set)
    recovered: set = field(default_factory=set)

    def groups(self):
        return self.firing | self.recovered

    def is_digest(self):
        return len(self.groups()) > 1


class Reader:
    """The messages of a robot, and when they first showed a group and its recovery."""

    def __init__(self, posts, names, began):
        self.messages = [read(post, names, began) for post in posts]
        self.seen = first(self.messages, Message.groups)
        self.recovered = first(self.messages, lambda message: message.recovered)

    def within(self, seconds):
        """The messages up to then."""
        return [message for message in self.messages if message.seconds <= seconds]

    def timeline(self):
        """When what came: runs of messages with one group are told together."""
        told, run = [], []
        for message in [*self.messages, None]:
            if message and not message.is_digest():
                run.append(message)
                continue
            if run:
                told.append(single(run))
                run = []
            if message:
                told.append(digest(message))
        return told


def read(post, names, began):
    """The message of `post`; `names` has each instance's alert name."""
    message = Message(post["at_ms"] / 1000 - began)
    title = (post["title"] or "").translate(UNSEEN)
    text = post["text"].translate(UNSEEN)
    instances = set(INSTANCE.findall(text))
    if len(instances) == 1:
        (instance,) = instances
        if names.get(instance, "") in text and instance in names:
            recovered = "[RESOLVED:" in title and "[FIRING:" not in title
            (message.recovered if recovered else message.firing).add(instance)
        return message
    for line in text.splitlines():
        found = [at for at in INSTANCE.findall(line) if at in names]
        for instance in [at for at in found if names[at] in line]:
            recovered = "recovered" in line and "fired again" not in line
            (message.recovered if recovered else message.firing).add(instance)
    return message


def first(messages, groups):
    """When each group was first among `groups` of a message."""
    found = {}
    for message in messages:
        for instance in groups(message):
            found.setdefault(instance, message.seconds)
    return found


def single(run):
    recovered = sum(len(message.recovered) for message in run)
    times = f"{run[0].seconds:.1f} s"
    if len(run) > 1:
        times = f"{run[0].seconds:.1f} to {run[-1].seconds:.1f} s"
    return f"{times}: {len(run)} single, {recovered} of them recoveries"


def digest(message):
    counts = [f"{len(message.firing)} firing"] if message.firing else []
    counts += [f"{len(message.recovered)} recovered"] if message.recovered else []
    return f"{message.seconds:.1f} s: digest of {len(message.groups())}, {', '.join(counts)}"
