#!/usr/bin/env bash
# PyPI alibabacloud-dingtalk 2.2.65 and dingtalk-stream 0.24.3, DingTalk's own SDKs: an answer that says by its
# `errcode` that the call failed is a success to them, and a token that was ended early is used until it runs out.
#
# DingTalk has two APIs. The older one answers every refusal with HTTP 200 and an `errcode`, and so does its
# gateway for an address that it does not know (`errcode` 404) or that called too often (no errcode at all), on the
# current API's host too. Both SDKs look at nothing but the HTTP status. The one returns an object whose fields are
# all empty, the other the id of a card that exists nowhere: no exception, and no line in a log. Whoever asks
# whether a message was accepted has to ask for its `processQueryKey`. The stream SDK means to drop its token on a
# 401, in one call of many; DingTalk refuses a token with 400, so the token is kept.
#
# Needs python3 and PyPI.
#
# Seen, what a server answered to a call -> what the SDK made of it:
#   send: HTTP 200 {"errcode":404} -> processQueryKey None
#   send: HTTP 200, the page for banned addresses -> processQueryKey None
#   send: HTTP 404 {"code":"InvalidAction.NotFound"} -> raised InvalidAction.NotFound
#   card: HTTP 200 {"errcode":404} -> an id
#   card: HTTP 404 {"code":"InvalidAction.NotFound"} -> no id
#   card: HTTP 400 {"code":"InvalidAuthentication"} -> no id, and no new token for the next call
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check alibabacloud-dingtalk==2.2.65 dingtalk-stream==0.24.3
cat >play.py <<'PY'
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UNKNOWN = {"errcode": 404, "errmsg": "unknown"}
BANNED = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "1"}
NOT_FOUND = {"code": "InvalidAction.NotFound", "requestid": "1", "message": "no such call"}
INVALID = {"code": "InvalidAuthentication", "requestid": "1", "message": "no such token"}
answer, tokens = (200, {}), []


class DingTalk(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = answer
        if self.path == "/v1.0/oauth2/accessToken":
            tokens.append(str(len(tokens)))
            status, body = 200, {"accessToken": tokens[-1], "expireIn": 7200}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), DingTalk)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"127.0.0.1:{server.server_port}"
os.environ.update(DINGTALK_OPENAPI_ENDPOINT=f"http://{address}", no_proxy="127.0.0.1")

from alibabacloud_dingtalk.robot_1_0 import client, models
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from dingtalk_stream import CardReplier, ChatbotMessage, Credential, DingTalkStreamClient

robot = client.Client(Config(protocol="http", endpoint=address, region_id="central"))
message = models.OrgGroupSendRequest(
    robot_code="r", open_conversation_id="c", msg_key="sampleText", msg_param='{"content": "a"}',
)
for status, body, said in (
    (200, UNKNOWN, 'HTTP 200 {"errcode":404}'),
    (200, BANNED, "HTTP 200, the page for banned addresses"),
    (404, NOT_FOUND, 'HTTP 404 {"code":"InvalidAction.NotFound"}'),
):
    answer = (status, body)
    headers = models.OrgGroupSendHeaders(x_acs_dingtalk_access_token="t")
    try:
        sent = robot.org_group_send_with_options(message, headers, RuntimeOptions())
        print(f"send: {said} -> processQueryKey {sent.body.process_query_key}")
    except Exception as error:
        print(f"send: {said} -> raised {error.code}")

stream = DingTalkStreamClient(Credential("key", "secret"))
replier = CardReplier(stream, ChatbotMessage.from_dict({"conversationId": "c", "conversationType": "2"}))
for status, body, said in (
    (200, UNKNOWN, 'HTTP 200 {"errcode":404}'),
    (404, NOT_FOUND, 'HTTP 404 {"code":"InvalidAction.NotFound"}'),
    (400, INVALID, 'HTTP 400 {"code":"InvalidAuthentication"}'),
):
    answer = (status, body)
    made = "an id" if replier.create_and_send_card("template", {}) else "no id"
    if body is INVALID:
        replier.create_and_send_card("template", {})
        made += ", and no new token for the next call" if len(tokens) == 1 else ", and a new token"
    print(f"card: {said} -> {made}")
PY
venv/bin/python play.py 2>errors | tee seen
diff - seen <<'SEEN'
send: HTTP 200 {"errcode":404} -> processQueryKey None
send: HTTP 200, the page for banned addresses -> processQueryKey None
send: HTTP 404 {"code":"InvalidAction.NotFound"} -> raised InvalidAction.NotFound
card: HTTP 200 {"errcode":404} -> an id
card: HTTP 404 {"code":"InvalidAction.NotFound"} -> no id
card: HTTP 400 {"code":"InvalidAuthentication"} -> no id, and no new token for the next call
SEEN
