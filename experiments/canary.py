"""Planted secrets are in no log, answer, metric, file or core dump, and no value becomes a link or a mention.

Injects tokens, signing secrets and app secrets into the configuration, at the log level `trace`: traffic
with a DingTalk that repeats them in its refusals, reloads with and without mistakes, tests, previews,
commands; core dumps by SIGSEGV, SIGABRT and gdb; and alerts whose labels and annotations hold mentions,
links, pictures, tags, characters that turn the text around, and a value of 1 MB.
Passes: none of the secrets is found in what was logged, answered, measured, stored or dumped; a reader
sees no mention and no link that the configuration did not ask for, and every alert.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from measure.servers import Void, binary_of

from . import account
from .account import Account
from .dingtalk import DingTalk
from .load import Mark, Poster
from .server import Campana, until

NUMBER = "16"
PLANTED = {
    "a log line tells a token": "secrets found",
    "a value notifies everyone": "mentions that nobody configured",
    "a value becomes a link": "links that nobody configured",
    "a message vanishes from the chat": "lost",
}

SECRETS = {
    "token": "0000canary-token-0f6d", "secret": "SECcanary8c41secret", "webhook token": "0001canary-webhook-77aa",
    "app secret": "canary-app-secret-51be", "token in a file": "0003canary-file-1f0e",
    "rotated token": "0009canary-new-token-93d0", "token in a test": "canary-body-token-2b7e",
}
# The secrets of each receiver, which DingTalk repeats to it; the token that it gives the app comes to them.
OWN = {
    "r0": ["token", "secret"], "r1": ["webhook token"], "r2": ["app secret", "app token"], "r3": ["token in a file"],
}
APP_KEY = "0002-key"
EVIL = "evil.example"
ATTACKS = [
    "@all", "@所有人", "@13800000001", "@{all}", "＠all", "<@all>", "@\u200ball @all",
    f"[click](http://{EVIL}/a)", f"![picture](http://{EVIL}/b.png)", f"[a]\n(http://{EVIL}/c)",
    f"](http://{EVIL}/d)", f"dingtalk://dingtalkclient/page/link?url={EVIL}", f"<a href='http://{EVIL}/e'>x</a>",
    f"<http://{EVIL}/f>", f"\\[x\\](http://{EVIL}/g)", f"**bold** # heading\n# [h](http://{EVIL}/h)",
    f"\u202e[moc.live](http://{EVIL}/i)\u202c", "\u2066\u2067\u2068\u2069 \u200e\u200f",
    "a\u2028b\u2029c\u0000d\u001b[31m",
    "{{ .CommonLabels }} {{ template \"x\" }}", f"&#91;x&#93;(http://{EVIL}/j)", "\\", "|a|b|\n|-|-|", "```\ncode",
]
MENTIONS = re.compile("@(all|所有人|13800000001)")
# Where a client could see the address of a link: behind a bracket that is not escaped, or in a tag.
LINKS = re.compile(r"(?<!\\)(?:\\\\)*\]\s*\(([^)]*)\)|<([^>]*)>")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\u2029]")

RECEIVERS = """\
  - name: r0
    chatbots: [{{name: bot, access_token: {token}, secret: {secret}, mention: {{mobiles: ["13800000000"]}}}}]
  - {{name: r1, chatbots: [{{name: bot, webhook_url: '{url}/robot/send?access_token={webhook}'}}]}}
  - name: r2
    conversations: [{{name: c, app_key: {key}, app_secret: {app}, open_conversation_ids: ['cid1==']}}]
  - {{name: r3, chatbots: [{{name: bot, access_token_file: token}}]}}
  - {{name: r4, chatbots: [{{name: bot, access_token: 0004-attacked}}]}}
  - {{name: r5, message: {{text: '{{{{ markdownInline .CommonLabels.value }}}}
     {{{{ markdownLines .CommonAnnotations.summary }}}}'}}, chatbots: [{{name: bot, access_token: 0005-attacked}}]}}
"""


# Where the notification's own links lead.
KNOWN = {"prometheus.example", "alertmanager.example"}
DUMPED_BY = ("SIGSEGV", "SIGABRT", "gcore")


@dataclass
class Evidence:
    # Everything that came out, as bytes, by where it was found.
    found: dict
    secrets: dict
    asked: int
    dumps: dict
    account: Account


def play(run):
    folder = run.fresh_folder()
    with DingTalk(folder) as dingtalk:
        site = folder / "campana"
        site.mkdir()
        (site / "token").write_text(SECRETS["token in a file"])
        (site / "token").chmod(0o600)
        settings = "delivery: {retry: [200ms, 500ms], park: {first: 1s, longest: 1s}}"
        with Campana(site, yaml(dingtalk, SECRETS["token"]), dingtalk.url, settings) as server:
            story = Story(server, dingtalk)
            story.traffic()
            story.reloads(settings)
            story.attacks()
            story.pages()
            found = Account.of(story.accepted, dingtalk, server)
            story.commands()
            server.stop()
        return Evidence({**story.answers, **files(site)}, story.secrets, len(story.answers), dumps(run), found)


def yaml(dingtalk, token):
    return RECEIVERS.format(
        token=token, secret=SECRETS["secret"], url=dingtalk.url, webhook=SECRETS["webhook token"],
        app=SECRETS["app secret"], key=APP_KEY,
    )


def troubles(told):
    """Orders to the simulated DingTalk, whose answers repeat what it was told."""
    return [
        "reset", "html=502", "truncated", f'raw=200,{{"errmsg":"{told}"}}', f"raw=500,{told}",
        f"redirect=http://127.0.0.1:1/?access_token={told}", f'raw=200,{{"errcode":40035,"errmsg":"{told}"}}',
        f'raw=400,{{"code":"odd.{told}","message":"{told}"}}', f'raw=200,{{"errcode":130101,"errmsg":"{told}"}}',
        f'raw=200,{{"errcode":430104,"errmsg":"{told}"}}', f'raw=200,{{"errcode":987654,"errmsg":"{told}"}}',
    ]


class Story:
    """What is done to one server, and everything that it answers."""

    def __init__(self, server, dingtalk):
        self.server, self.dingtalk = server, dingtalk
        # Whoever asks for an app's token within its life gets the same one.
        self.secrets = {**SECRETS, "app token": dingtalk.app_token(APP_KEY, SECRETS["app secret"])}
        self.poster, self.answers, self.accepted = Poster(server), {}, set()
        server.start(flags=["--log.level=trace"])

    def traffic(self):
        """Each destination meets each trouble, and is told its own secrets by a careless DingTalk."""
        for receiver in range(len(OWN)):
            self.post(Mark(receiver, 100, 0))
        # From then on the app has its token.
        self.settle("r0", "r1", "r2", "r3")
        for number in range(len(troubles(""))):
            for receiver, (name, own) in enumerate(OWN.items()):
                trouble = troubles(",".join(self.secrets[secret] for secret in own))[number]
                scope = f"app={APP_KEY}" if name == "r2" else f"robot={self.secrets[own[0]]}"
                self.dingtalk.order(f"fail {trouble} {scope}")
                self.post(Mark(receiver, number, 0))
        # A robot that is dead waits for a person.
        robot = SECRETS["webhook token"]
        self.dingtalk.order(f'fail raw=200,{{"errcode":300005,"errmsg":"{robot}"}} robot={robot}')
        self.post(Mark(1, 101, 0))
        self.settle("r0", "r3")

    def settle(self, *receivers):
        """Waits a while for what these receivers still send."""
        until(lambda: not any(self.server.deliveries(state="queued", receiver=name) for name in receivers), 60)

    def reloads(self, settings):
        """A mistake beside a secret, a token that changes, a file that is missing."""
        server = self.server
        right = yaml(self.dingtalk, SECRETS["rotated token"])
        for wrong in [
            right.replace("access_token: 0009", "acces_token: 0009"), right.replace("app_secret", "app_secrt"),
            right.replace("secret: SEC", "secret: [SEC"), right.replace("_file: token", "_file: missing"), right,
        ]:
            server.configure(wrong, self.dingtalk.url, settings)
            self.ask("/-/reload", "")
            server.reload()
        robot = {"name": "x", "access_token": SECRETS["token in a test"]}
        for body in [{"chatbots": [robot]}, {"chatbots": [{**robot, "acess": 1}]}, {"chatbots": robot}]:
            self.ask("/api/v1/receivers/draft/test", json.dumps(body))
        for path, body in [
            ("/api/v1/receivers/r0/test", ""), ("/api/v1/templates/render", '{"receiver":"r0"}'),
            ("/api/v1/conditions/test", '{"labels":{"a":"b"}}'), ("/api/v1/receivers/r9/alerts", "{}"),
        ]:
            self.ask(path, body)

    def attacks(self):
        """Values that want to be more than text."""
        values = [*ATTACKS, "x" * 1_000_000]
        for receiver in (4, 5):
            for number, value in enumerate(values):
                mark = Mark(receiver, number, 0)
                notification = mark.notification(value=value, instance=f"web-{number}")
                alert = notification["alerts"][0]
                alert["annotations"] = {"summary": f"{mark} {value}", "description": value}
                notification["groupLabels"]["value"] = value
                self.post(mark, notification)
        self.settle("r4", "r5")

    def pages(self):
        """Everything that can be read."""
        paths = ["/metrics", "/api/v1/receivers", "/api/v1/deliveries?limit=500", "/-/ready", "/nowhere"]
        paths += [f"/api/v1/status/{page}" for page in ("config", "flags", "buildinfo")]
        paths += [f"/api/v1/deliveries/{row['id']}" for row in self.server.deliveries()]
        for path in paths:
            self.ask(path)

    def commands(self):
        url = f"--url=http://127.0.0.1:{self.server.port}"
        for command in [
            ["check-config", "campana.yml"], ["queue", "list", url], ["queue", "show", url, "1"], ["test", url, "r0"],
            ["queue", "backup", url, "backup.db"],
        ]:
            self.answers[" ".join(command)] = self.server.run(*command)[1].encode()

    def post(self, mark, notification=None):
        path = f"/api/v1/receivers/r{mark.receiver}/alerts"
        status, text = self.poster.post(path, notification or mark.notification())
        if status != 200:
            raise Void(f"{mark} was answered {status}: {text}")
        self.accepted.add(mark)
        self.answers[str(mark)] = text.encode()

    def ask(self, path, body=None):
        status, text = self.server.ask(path, body)
        self.answers[f"{path} {len(self.answers)}: {status}"] = text.encode()


def files(site):
    """What it wrote: logs, the database, its copy; not what it was given."""
    given = {"campana.yml", "token"}
    return {str(file): file.read_bytes() for file in site.rglob("*") if file.is_file() and file.name not in given}


def dumps(run):
    """The core dumps that are left, by how they were asked for; none where this system makes none."""
    folder = run.fresh_folder()
    same_user = []
    if os.geteuid() == 0:
        # Root may read every process; the server has a user of its own, and so has the attacker.
        same_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for path in (run.folder, folder):
            path.chmod(0o755)
        os.chown(folder, 65534, 65534)
    binary = shutil.copy(binary_of("CAMPANA_BIN", "campana"), folder)
    unlimited = [*same_user, "sh", "-c", 'ulimit -c unlimited 2>/dev/null; exec "$@"', "sh"]
    chatbot = f"  - {{name: r0, chatbots: [{{name: bot, access_token: {SECRETS['token']}}}]}}\n"
    left = {}
    with Campana(folder, chatbot, before=unlimited) as server:
        server.binary = binary
        for cause in DUMPED_BY:
            sleeper = subprocess.Popen([*unlimited, "sleep", "600"], cwd=folder)
            comm = Path(f"/proc/{sleeper.pid}/comm")
            until(lambda: comm.read_text() == "sleep\n")
            works = dump(folder, sleeper, cause, same_user)
            server.start()
            left[cause] = dump(folder, server.process, cause, same_user) if works else None
    return left


def dump(folder, process, cause, same_user):
    """The dump that is made of this process, perhaps empty; it ends."""
    if cause == "gcore":
        if shutil.which("gcore"):
            command = [*same_user, "gcore", "-o", "core", str(process.pid)]
            subprocess.run(command, cwd=folder, capture_output=True, check=False)
        process.kill()
    else:
        # Rust's handler of SIGSEGV takes the first one, and restores the default for the next.
        until(lambda: process.send_signal(getattr(signal, cause)) or process.poll() is not None)
    process.wait()
    cores = list(folder.glob("core*"))
    found = b"".join(core.read_bytes() for core in cores)
    for core in cores:
        core.unlink()
    return found


def plant(evidence, fault):
    if fault == "a log line tells a token":
        evidence.found["serve-1.log"] = SECRETS["token"].encode()
    elif fault == "a value notifies everyone":
        evidence.account.posts[-1].mentions["all"] = True
    elif fault == "a value becomes a link":
        evidence.account.posts[-1].text += f"[click](http://{EVIL}/)"
    else:
        account.forget_a_message(evidence.account)


def judge(evidence, verdict):
    verdict.injected(f"{len(evidence.secrets)} secrets, {len(ATTACKS) + 1} hostile values, {evidence.asked} requests")
    account.judge(verdict, evidence.account)
    size = sum(map(len, evidence.found.values()))
    verdict.told("answers and files that were searched", f"{len(evidence.found)}, {size:,} bytes")
    lines = sum(text.count(b" level=") for where, text in evidence.found.items() if where.endswith(".log"))
    verdict.least("lines of the log", lines, 20)
    verdict.none("secrets found", secrets_in(evidence))
    for cause, core in evidence.dumps.items():
        if core is None:
            verdict.told(f"core dump by {cause}", "not tried: this system makes none of any process")
        else:
            verdict.most(f"core dump by {cause}", len(core), 0, "bytes")
    posts = evidence.account.posts
    notified = [post.title for post in posts if who_is_notified(post) - {"13800000000"}]
    verdict.none("mentions that nobody configured", notified)
    looking = [post.title for post in posts if MENTIONS.search(post.text + post.title)]
    verdict.none("words that look like one", looking)
    verdict.none("links that nobody configured", [link for post in posts for link in links_of(post)])
    turned = [post.title for post in posts if TURNING.search(post.text + post.title)]
    verdict.none("characters that turn the text", turned)
    verdict.most("bytes of a message, the longest", max(len(post.text.encode()) for post in posts), 19_500)


def secrets_in(evidence):
    """Every secret that is found, as it is or in a usual coding, and where."""
    for name, secret in evidence.secrets.items():
        raw = secret.encode()
        coded = [secret, urllib.parse.quote(secret, safe=""), base64.b64encode(raw).decode(), raw.hex()]
        forms = [form.lower().encode() for form in coded]
        for where, text in evidence.found.items():
            if any(form in text.lower() for form in forms):
                yield f"{name} in {where}"


def links_of(post):
    """The addresses in a message that lead elsewhere than the notification's own links."""
    addresses = [first or second for first, second in LINKS.findall(post.text)]
    addresses += [link["url"] for link in post.links]
    hosts = [urllib.parse.urlsplit(address.strip()).hostname for address in addresses]
    return [address for address, host in zip(addresses, hosts) if host not in KNOWN]


def who_is_notified(post):
    everyone = {"everyone"} if post.mentions["all"] else set()
    return everyone | set(post.mentions["mobiles"]) | set(post.mentions["user_ids"])
