//! Everything the simulated service knows, behind one lock in `Sim`.
//!
//! Ids and tokens come from a counter, so that equal calls at equal times give equal answers.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::{App, AppState};
use crate::content::Content;
use crate::fault::Faults;
use crate::recall::Sent;
use crate::record::{Call, Mentions, Post, Sender};
use crate::robot::{Robot, RobotState};
use crate::rules::Rules;
use crate::token::Issued;

/// The service's memory.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rules: Rules,
    pub(crate) robots: HashMap<String, RobotState>,
    pub(crate) apps: HashMap<String, AppState>,
    pub(crate) tokens: HashMap<String, Issued>,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    pub(crate) posts: Vec<Post>,
    /// What apps' robots sent, by its `processQueryKey`.
    pub(crate) sent: HashMap<String, Sent>,
    /// How many of the calls were answered.
    pub(crate) answers: usize,
    numbers: u64,
}

impl State {
    /// A service that knows nobody yet.
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// A number that was not given before.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Whether a message still stands in its group.
    pub(crate) fn shows(&self, post: &Post) -> bool {
        let sent = post.query_key.as_ref().and_then(|key| self.sent.get(key));
        sent.is_none_or(|sent| !sent.recalled)
    }

    /// The robot with this token; where any token is accepted, one is made.
    pub(crate) fn robot(&mut self, token: &str) -> Option<&mut RobotState> {
        if self.rules.any_token && !self.robots.contains_key(token) {
            self.robots.insert(token.to_owned(), RobotState::new(Robot::new(token)));
        }
        self.robots.get_mut(token)
    }

    /// The app with this key; where any is accepted, one is made with the secret it came with.
    pub(crate) fn app(&mut self, key: &str, secret: &str) -> Option<&mut AppState> {
        if self.rules.any_token && !self.apps.contains_key(key) {
            self.apps.insert(key.to_owned(), AppState::new(App::new(key, secret)));
        }
        self.apps.get_mut(key)
    }
}

/// A message that passed every check and waits to be shown.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) group: String,
    pub(crate) content: Content,
    pub(crate) mentions: Mentions,
    pub(crate) msg_uuid: Option<String>,
}

impl Draft {
    /// The message as it stands in the group.
    pub(crate) fn posted(self, sender: Sender, at: Duration) -> Post {
        let Content { msgtype, title, text, links } = self.content;
        Post {
            group: self.group,
            sender,
            at,
            msgtype: msgtype.to_owned(),
            title,
            text,
            links,
            mentions: self.mentions,
            msg_uuid: self.msg_uuid,
            query_key: None,
        }
    }
}
