//! The test message, past the queue and its lanes: a server that runs does not know of it.

use super::{Doctor, Finding, Mark, Robot};
use crate::render::test_message::test_message;

impl Doctor<'_> {
    /// Sends the test message, and says what DingTalk said.
    pub(super) async fn send(
        &self,
        robot: &Robot<'_>,
        is_reached: bool,
        is_usable: bool,
    ) -> Finding {
        let found = if !is_reached {
            let words = ["not sent, because the host is not reached", "未发送，因为主机不可达"];
            (Mark::Left, self.language.pick(words).to_owned())
        } else if !is_usable {
            let words =
                ["not sent, because the app has no token", "未发送，因为应用没有 access_token"];
            (Mark::Left, self.language.pick(words).to_owned())
        } else {
            self.message(robot).await
        };
        Finding::new(&robot.name, "message", found)
    }

    async fn message(&self, robot: &Robot<'_>) -> (Mark, String) {
        let Robot { receiver, destination, endpoint, .. } = robot;
        let (style, now) = (self.settings.style(&receiver.format), self.clock.now().wall);
        let page = &self.settings.process.external_url;
        let part = test_message(&receiver.name, &style, &destination.surface, page, now);
        let msg_uuid = uuid::Uuid::new_v4().to_string();
        match self.client.send(endpoint, &part, &msg_uuid, self.deadline()).await {
            Ok(_receipt) => {
                let words = ["the test message arrived", "测试消息已送达"];
                (Mark::Well, self.language.pick(words).to_owned())
            }
            Err(error) => {
                let reason = error.reason(self.language);
                let words = [
                    format!("the test message did not arrive: {reason}"),
                    format!("测试消息未送达：{reason}"),
                ];
                (Mark::Wrong, self.language.pick(words))
            }
        }
    }
}
