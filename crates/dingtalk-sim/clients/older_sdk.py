"""A community SDK of the older API, PyPI `dingtalk-sdk`: `older_sdk.py URL`."""

import sys

from dingtalk import AppKeyClient
from dingtalk.model.message import TextBody

from steps import take

AppKeyClient.API_BASE_URL = sys.argv[1]
clients = {}


def client(key, secret):
    """The client with these credentials, which keeps its token."""
    return clients.setdefault((key, secret), AppKeyClient("corp", key, secret))


take({
    "token": lambda key, secret: client(key, secret).access_token,
    "chat": lambda key, secret, chat, text: client(key, secret).chat.send(chat, TextBody(text)),
})
