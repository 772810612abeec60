"""The DingTalk side: the simulated DingTalk as a process, and what the readers of its groups saw."""

import http.client
import json
import re
import subprocess
import time
from dataclasses import dataclass, field

from measure.servers import Void, binary_of, is_answered

from .load import marks_in
from .server import own_environment

# The path of a call by which an experiment finds out how far the record is written.
OURS = "/written/"


@dataclass(frozen=True)
class Call:
    """One call, as DingTalk saw it arrive: `sender` is the token's or key's first four characters."""

    seconds: float
    sender: str
    path: str
    answer: str
    accepted: bool
    posted: bool


@dataclass
class Post:
    """One message in a group: for each alert group that it shows, its newest state."""

    group: str
    seconds: float
    title: str
    text: str
    # As a phone shows it, links as `words <url>`.
    view: str
    mentions: dict
    links: list
    newest: dict = field(default_factory=dict)


class DingTalk:
    """`dingtalk-sim`, which takes every token; by default as many messages as come."""

    def __init__(self, folder, *options, rate="1000000/60s", environment=None):
        binary = binary_of("DINGTALK_SIM_BIN", "dingtalk-sim")
        self.file = folder / "dingtalk.jsonl"
        self.asked, self.ordered = 0, 0
        command = [binary, "--any", "--json", "--calls", "--orders", "--listen=127.0.0.1:0", f"--rate={rate}"]
        with open(self.file, "wb") as out:
            self.process = subprocess.Popen(
                [*command, *options], stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE,
                env=own_environment(environment),
            )
        # All that it says there, beside a panic.
        said = self.process.stderr.readline().decode()
        found = re.fullmatch(r"simulated DingTalk at (http://127\.0\.0\.1:(\d+))\n", said)
        if not found:
            raise Void(f"the simulated DingTalk does not start: {said}")
        self.url, self.port = found[1], int(found[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stderr.close()

    def order(self, *orders):
        """Gives orders (`dingtalk-sim --help` has them), and waits until they are carried out."""
        for order in orders:
            self.ordered += 1
            self.process.stdin.write(f"{order}\n".encode())
            self.process.stdin.flush()
        while len(answers := [line for line in self._written() if "order" in line]) < self.ordered:
            time.sleep(0.01)
        refused = [answer["why"] for answer in answers if answer["order"] != "done"]
        if refused:
            raise Void(f"the simulated DingTalk refused an order: {refused}")

    def send(self, token, text):
        """A message of somebody else to a robot."""
        self._call(f"/robot/send?access_token={token}", {"msgtype": "text", "text": {"content": text}})

    def app_token(self, key, secret):
        """The token that the app is given as long as it is valid."""
        return self._call("/v1.0/oauth2/accessToken", {"appKey": key, "appSecret": secret})["accessToken"]

    def _call(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def posts(self):
        """Every message that a reader has seen up to now, in the order in which they appeared."""
        return [post_of(line) for line in self._lines() if "text" in line]

    def calls(self):
        """Every call up to now, accepted or not, in the order in which they arrived."""
        calls = [line for line in self._lines() if "answer" in line]
        return [call_of(line) for line in calls if not line["path"].startswith(OURS)]

    def _lines(self):
        """Its record. It answers before it writes, so it has written all that it had answered once it
        has written a call of ours, and a message for each call that posted one."""
        self.asked += 1
        path = f"{OURS}{self.asked}"
        is_answered(self.port, path)
        while True:
            lines = [line for line in self._written() if "order" not in line]
            calls = [line for line in lines if "answer" in line]
            posted = sum(call["posted"] for call in calls)
            if posted <= len(lines) - len(calls) and any(call["path"] == path for call in calls):
                return lines
            if self.process.poll() is not None:
                raise Void(f"the simulated DingTalk has ended: {self.process.stderr.read().decode()[-2000:]}")
            time.sleep(0.01)

    def _written(self):
        text = self.file.read_bytes()
        return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]


def call_of(line):
    return Call(
        line["at_ms"] / 1000, line["sender"], line["path"], line["answer"], line["accepted"], line["posted"]
    )


def post_of(line):
    post = Post(
        line["group"], line["at_ms"] / 1000, line["title"] or "", line["text"], line["view"], line["mentions"],
        line["links"],
    )
    for mark in marks_in(post.text):
        known = post.newest.get(mark.of_group(), mark)
        post.newest[mark.of_group()] = max(known, mark)
    return post
