"""Alibaba's SDK of the current API, PyPI `alibabacloud-dingtalk`: `openapi.py URL`."""

import json
import sys

from alibabacloud_dingtalk.im_1_0 import client as im, models as im_models
from alibabacloud_dingtalk.oauth2_1_0 import client as oauth2, models as oauth2_models
from alibabacloud_dingtalk.robot_1_0 import client as robot, models as robot_models
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from steps import take

protocol, _, address = sys.argv[1].partition("://")
config = Config(protocol=protocol, endpoint=address, region_id="central")
tokens, chats, robots = oauth2.Client(config), im.Client(config), robot.Client(config)


def token(key, secret):
    request = oauth2_models.GetAccessTokenRequest(app_key=key, app_secret=secret)
    return tokens.get_access_token(request).body.access_token


def called(action, name, token, **fields):
    """One call of the robot's API, `name` in the SDK's classes; the body of the answer."""
    headers = getattr(robot_models, f"{name}Headers")(x_acs_dingtalk_access_token=token)
    request = getattr(robot_models, f"{name}Request")(**fields)
    return action(request, headers, RuntimeOptions()).body.to_map()


def message(title, text):
    return {"msg_key": "sampleMarkdown", "msg_param": json.dumps({"title": title, "text": text})}


def group_send(token, robot_code, group, title, text):
    return called(
        robots.org_group_send_with_options, "OrgGroupSend", token,
        robot_code=robot_code, open_conversation_id=group, **message(title, text),
    )


def people_send(token, robot_code, users, title, text):
    return called(
        robots.batch_send_otowith_options, "BatchSendOTO", token,
        robot_code=robot_code, user_ids=users, **message(title, text),
    )


def group_recall(token, robot_code, group, keys):
    return called(
        robots.org_group_recall_with_options, "OrgGroupRecall", token,
        robot_code=robot_code, open_conversation_id=group, process_query_keys=keys,
    )


def people_recall(token, robot_code, keys):
    return called(
        robots.batch_recall_otowith_options, "BatchRecallOTO", token,
        robot_code=robot_code, process_query_keys=keys,
    )


def group_query(token, robot_code, group, key):
    """A call that the simulator lacks."""
    return called(
        robots.org_group_query_with_options, "OrgGroupQuery", token,
        robot_code=robot_code, open_conversation_id=group, process_query_key=key,
    )


def convert(token, chat):
    headers = im_models.ChatIdToOpenConversationIdHeaders(x_acs_dingtalk_access_token=token)
    answer = chats.chat_id_to_open_conversation_id_with_options(chat, headers, RuntimeOptions())
    return answer.body.open_conversation_id


take({
    "token": token, "group_send": group_send, "people_send": people_send, "group_recall": group_recall,
    "people_recall": people_recall, "group_query": group_query, "convert": convert,
})
