"""A community client of chatbots, PyPI `DingtalkChatbot`: `chatbot.py URL`."""

import sys

from dingtalkchatbot.chatbot import DingtalkChatbot

from steps import take


def bot(token, secret=None):
    return DingtalkChatbot(f"{sys.argv[1]}/robot/send?access_token={token}", secret=secret)


take({
    "text": lambda token, content, secret=None: bot(token, secret).send_text(content),
    "markdown": lambda token, title, text: bot(token).send_markdown(title, text),
})
