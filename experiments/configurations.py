"""Configurations that follow each other, good and bad, and what the server makes of each."""

import os
from dataclasses import dataclass

from .load import receivers, token
from .server import configuration, until

# These are in each of them, and the tokens of the first ones change.
RECEIVERS = 120
ROTATED = 5


@dataclass
class Reload:
    """One configuration: what is wrong with it, which should be in force, which is, and what was said."""

    mistake: str | None
    expected: str
    in_force: list
    successful: bool
    answers: list


class Configurations:
    """Files that follow each other; each names itself by a receiver of its own."""

    def __init__(self, run, server, url):
        self.random, self.server, self.url = run.random, server, url
        self.expected = "g0"

    def text(self, name):
        """Receivers that come and go, templates, and tokens in files, which are read again."""
        kept = receivers(RECEIVERS)
        for robot in range(ROTATED):
            choice = self.random.randrange(3)
            file = self.server.folder / f"token-{robot}-{choice}"
            if not file.exists():
                # Each is another robot, in DingTalk's records too.
                file.write_text(token(1_000 + 10 * robot + choice))
                file.chmod(0o600)
            kept = kept.replace(f"access_token: {token(robot)}", f"access_token_file: {file.name}")
        if self.random.random() < 0.5:
            kept = kept.replace("{name: r7,", "{name: r7, message: {text: 'so {{ .CommonLabels.alertname }}'},")
        others = "".join(
            f"  - {{name: x{number}, chatbots: [{{name: bot, access_token: x{number}-{name}}}]}}\n"
            for number in range(self.random.randrange(30))
        )
        itself = f"  - {{name: {name}, chatbots: [{{name: bot, access_token: {name}}}]}}\n"
        return configuration(kept + others + itself, self.url)

    def step(self, number, mistake):
        """Writes one, has it loaded, and waits until the server says that it has."""
        name, before = f"g{number + 1}", self.failed()
        if mistake:
            MISTAKES[mistake](self, name)
        else:
            self.server.write(self.text(name))
            self.expected = name
        answers = []
        for _ in range(self.random.randint(1, 4)):
            if self.random.random() < 0.5:
                self.server.reload()
            else:
                answers.append(self.server.ask("/-/reload", "")[0])
        if mistake:
            # By SIGHUP, nothing else tells that it was read.
            until(lambda: self.failed() > before, 60)
        else:
            until(lambda: self.in_force() == [name] and self.is_successful(), 60)
        return Reload(mistake, self.expected, self.in_force(), self.is_successful(), answers)

    def failed(self):
        return self.server.metrics().get('campana_config_reloads_total{outcome="failed"}', 0)

    def is_successful(self):
        return self.server.metrics()["campana_config_last_reload_successful"] == 1

    def in_force(self):
        names = [receiver["name"] for receiver in self.server.get("/api/v1/receivers")["receivers"]]
        return [name for name in names if name.startswith("g")]

    def path(self):
        return self.server.folder / "campana.yml"

    def spoilt(self, name, old, new):
        """A good one but for one mistake, so that it would show if it were applied."""
        self.server.write(self.text(name).replace(old, new, 1))

    def pipe(self, name):
        new = self.server.folder / f"pipe-{name}"
        os.mkfifo(new)
        new.replace(self.path())


# By what is wrong.
MISTAKES = {
    "an unknown key": lambda files, name: files.spoilt(name, "chatbots:", "chatbot:"),
    "no YAML": lambda files, name: files.server.write(files.text(name) + "  - {name: [\n"),
    "a secret's file is missing": lambda files, name: files.spoilt(name, "_file: token-0", "_file: missing"),
    "a name twice": lambda files, name: files.spoilt(name, "{name: r1,", "{name: r0,"),
    "TLS of its own": lambda files, name: files.spoilt(name, "web: {", "web: {config_file: web.yml, "),
    "an empty file": lambda files, name: files.server.write(""),
    "no file": lambda files, name: files.path().unlink(),
    "a pipe": lambda files, name: files.pipe(name),
    "a template that is none": lambda files, name: files.spoilt(
        name, "{name: r9,", "{name: r9, message: {text: '{{ if }}'},"
    ),
}
