"""What DingTalk's own stream SDK, PyPI `dingtalk-stream`, does by HTTP: `stream.py URL`."""

import os
import sys

# It is read when the SDK is imported.
os.environ["DINGTALK_OPENAPI_ENDPOINT"] = sys.argv[1]

from dingtalk_stream import CardReplier, ChatbotHandler, ChatbotMessage, Credential, DingTalkStreamClient  # noqa: E402

from steps import take  # noqa: E402

clients = {}


def client(key, secret):
    """The client with these credentials, which keeps its token."""
    return clients.setdefault((key, secret), DingTalkStreamClient(Credential(key, secret)))


def handler(key, secret):
    answering = ChatbotHandler()
    answering.dingtalk_client = client(key, secret)
    return answering


def reply(webhook, text):
    """Answers a message to whose conversation this webhook leads."""
    message = ChatbotMessage.from_dict({"sessionWebhook": webhook, "senderStaffId": "u1"})
    return ChatbotHandler().reply_text(text, message)


def card(key, secret, group):
    message = ChatbotMessage.from_dict({"conversationId": group, "conversationType": "2", "senderStaffId": "u1"})
    replier = CardReplier(client(key, secret), message)
    return replier.create_and_send_card("template", {"title": "a"})


take({
    "token": lambda key, secret: client(key, secret).get_access_token(),
    "reset": lambda key, secret: client(key, secret).reset_access_token(),
    "connection": lambda key, secret: client(key, secret).open_connection(),
    "picture": lambda key, secret: handler(key, secret).get_image_download_url("code"),
    "card": card,
    "reply": reply,
})
