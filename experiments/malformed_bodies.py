"""Bodies and requests with something wrong about them, made of valid ones, as a random generator says.

What a body promises is read from its bytes by another reader than Campana's: Python's.
"""

import copy
import gzip
import json
import urllib.parse

from .load import MARK, Mark, marks_in

# In place of it, any text can stand in the JSON.
RAW = "@raw@"
STRINGS = [
    "", " ", "\u0000", "a\u0000b", "\ufffe\uffff", "\u202e\u2066", "e" + "\u0301" * 5_000, "\ud800", "\udfff\ud800",
    "'\"\\", "\r\n\r\n", "\x1b[2J", "${HOME}", "{{ . }}", "</script>", "9" * 400, "😀" * 300, "firing ",
    "0000-99-99T25:61:61Z",
]
VALUES = [None, True, False, 7, -1, 1.5, [], {}, [[]], {"a": {}}, [None], "", "x"]
NUMBERS = ["1e999", "-1e999", "1" * 400, "-0", "0.1e-400", "1E+2", "01", "+1", "0x10", ".5", "1.", "NaN", "-Infinity"]
KINDS = [
    "application/json", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data", "", "nonsense",
    "application/json; charset=utf-16", "text/plain; charset=gbk",
]


def alertmanager(marks):
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": str(mark), "severity": "critical", "instance": f"web-{mark.group}:9100"},
            "annotations": {"summary": "磁盘 98% 满", "description": f"what {mark} means"},
            "startsAt": "2026-11-20T08:00:00.123Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
            "fingerprint": f"{mark.group:016x}",
        }
        for mark in marks
    ]
    return {
        "receiver": "campana", "status": "firing", "alerts": alerts, "groupLabels": {"team": "db"},
        "commonLabels": {"severity": "critical"}, "commonAnnotations": {"summary": "磁盘 98% 满"},
        "externalURL": "http://alertmanager.example:9093", "version": "4",
        "groupKey": f'{{}}:{{group="{marks[0].group}"}}', "truncatedAlerts": 0,
    }


def grafana(marks):
    body = alertmanager(marks)
    for alert in body["alerts"]:
        alert |= {
            "values": {"B": 22, "C": 1}, "valueString": "[ var='B' labels={} value=22 ]", "imageURL": "",
            "silenceURL": "http://grafana.example/alerting/silence/new", "dashboardURL": "", "panelURL": "",
        }
    more = {"orgId": 1, "title": "[FIRING:1] (db)", "state": "alerting", "message": "**Firing**\n", "version": "1"}
    return body | more


def monika(marks):
    """What Monika's `webhook`, `monika-notif` and `dingtalk` post; none of them is a notification."""
    words = {"url": "http://shop.example.com/a", "time": "2026-11-28 23:51:15 Z", "alert": "response.status != 200"}
    dingtalk = {"msgtype": "text", "text": {"content": "New Incident event from Monika\n\nURL: http://shop.example"}}
    return [{"body": words}, {"type": "incident", "monika": "probe-1 ()", **words}, dingtalk][marks[0].group % 3]


def places(value):
    """Every list or object in it, with each of its keys."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def somewhere(random, value, replaced):
    """The JSON with one value, somewhere, replaced: by JSON, or by text that takes its place."""
    parent, key = random.choice(list(places(value)))
    new = replaced(parent, key)
    if isinstance(new, Text):
        parent[key] = RAW
        return as_json(value).replace(f'"{RAW}"'.encode(), new.encode(errors="surrogatepass"))
    parent[key] = new
    return as_json(value)


class Text(str):
    """Stands in the JSON as it is."""


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")


def key_removed(random, value):
    parent, key = random.choice(list(places(value)))
    del parent[key]
    return as_json(value)


def renamed(random, value):
    parent, key = random.choice([place for place in places(value) if isinstance(place[0], dict)])
    parent[random.choice([key.upper(), key + " ", "", f"\u200b{key}", "__proto__", "x" * 10_000])] = parent.pop(key)
    return as_json(value)


def twice(random, value):
    """A key twice: the last one counts, as for Alertmanager's own reader."""
    parent, key = random.choice([place for place in places(value) if isinstance(place[0], dict)])
    first, last = random.sample([json.dumps(parent[key]), json.dumps(random.choice(VALUES))], 2)
    parent[key] = RAW
    return as_json(value).replace(f'"{RAW}"'.encode(), f"{first},{json.dumps(key)}:{last}".encode())


def nested(random):
    depth, opened = random.choice([50, 127, 128, 1_000, 100_000]), random.choice(["[]", '{"a":}'])
    return Text(opened[:-1] * depth + "1" + opened[-1] * depth)


def large(random, value):
    """A value of a megabyte, or thousands of labels, or of alerts."""
    alert = value["alerts"][0] if "alerts" in value else value
    labels = alert.setdefault(random.choice(["labels", "annotations"]), {})
    kind = random.randrange(4)
    if kind == 0:
        labels[random.choice(["value", "summary"])] = random.choice(["x", "磁", "\\", "*_", "\n"]) * 1_000_000
    elif kind == 1:
        labels["y" * 1_000_000] = "long name"
    elif kind == 2:
        labels |= {f"label{number}": "x" for number in range(5_000)}
    else:
        value.setdefault("alerts", []).extend([{}] * 3_000)
    return as_json(value)


TREES = {
    "key removed": key_removed, "key renamed": renamed, "key twice": twice, "large": large,
    "type changed": lambda random, value: somewhere(random, value, lambda *_: copy.deepcopy(random.choice(VALUES))),
    "odd string": lambda random, value: somewhere(random, value, lambda *_: random.choice(STRINGS)),
    "odd number": lambda random, value: somewhere(random, value, lambda *_: Text(random.choice(NUMBERS))),
    "nested deep": lambda random, value: somewhere(random, value, lambda *_: nested(random)),
    "no alerts": lambda random, value: as_json({**value, "alerts": random.choice([[], None, [{}], [None], {}, ""])}),
}


def flipped(random, body):
    changed = bytearray(body)
    for _ in range(random.randint(1, 8)):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def put(*what):
    def mutation(random, body):
        place = random.randrange(len(body) + 1)
        return body[:place] + random.choice(what) + body[place:]
    return mutation


def dropped(random, body):
    place = random.randrange(len(body))
    return body[:place] + body[place + random.randint(1, 20):]


BYTES = {
    "whole": lambda _, body: body,
    "cut": lambda random, body: body[: random.randrange(len(body))],
    "bits flipped": flipped,
    "bytes dropped": dropped,
    "invalid UTF-8": put(b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8", b"\x80" * 50),
    "control characters": put(b"\0", b"\x1b", b"\n", b"\x7f", b"\0" * 1_000, b"\xef\xbb\xbf"),
    "byte order mark": lambda random, body: random.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]) + body,
    "another encoding": lambda random, body: body.decode(errors="replace").encode(
        random.choice(["utf-16", "utf-32", "gb18030", "utf-7"]), errors="replace"
    ),
    "behind it": lambda random, body: body + random.choice([b"x", body, b"\0", b"}", b"// end", b"\n" * 10_000]),
    "before it": lambda random, body: random.choice([b")]}',\n", b"// comment\n", b"\n" * 10_000, b"payload="]) + body,
    "wrapped": lambda random, body: random.choice([b"[%s]", b'{"body":%s}', b"callback(%s)"]) % body,
    "in a string": lambda _, body: json.dumps(body.decode(errors="replace")).encode(),
    "compressed": lambda _, body: gzip.compress(body, mtime=0),
    "a form": lambda _, body: urllib.parse.urlencode({"payload": body}).encode(),
    "nothing": lambda random, _: random.choice([b"", b" ", b"\r\n", b"\0", b"null", b"{}", b"[]", b"<xml/>", b"a: 1"]),
}


def body_of(random, marks):
    """A kind, and a body of it; a mark in it is whole, or is none."""
    valid = random.choices([alertmanager, grafana, monika], weights=[5, 3, 1])[0](marks)
    kind = random.choice([*TREES, *BYTES])
    known = set(marks)
    while True:
        value = copy.deepcopy(valid)
        body = TREES[kind](random, value) if kind in TREES else BYTES[kind](random, as_json(value))
        if known.issuperset(marks_in(body.decode("latin-1"))):
            return kind, body


def promised(body):
    """The marks of the alerts that are in a body, if it is one."""
    try:
        alerts = json.loads(body.decode("utf-8-sig", errors="replace"))["alerts"]
        labels = [alert["labels"] for alert in alerts if isinstance(alert.get("labels"), dict)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()
    names = [MARK.fullmatch(str(label.get("alertname"))) for label in labels]
    return {Mark(*map(int, name.groups())) for name in names if name}
