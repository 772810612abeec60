//! The configuration that the profiles of prometheus-webhook-dingtalk's older versions become.
//!
//! A profile is `NAME=URL`, and the URL holds the robot's token. So the receiver names a variable for it,
//! as the translation of that product's file does.

use crate::settings::foreign::owner::{Owner, Owners};

/// The message of a receiver whose templates take the place of the product's own.
const MESSAGE: &str = "    message:
      title: '{{ template \"ding.link.title\" . }}'
      text: '{{ template \"ding.link.content\" . }}'
      profile: prometheus-webhook-dingtalk
";

/// The values of `--ding.profile` and `--template.file`.
#[derive(Default)]
pub(super) struct Profiles {
    all: Vec<Profile>,
    owners: Owners,
    templates: Option<String>,
}

struct Profile {
    /// The receiver that it becomes.
    owner: Owner,
    /// Whether the robot is reached at DingTalk itself, so that its token is enough.
    is_dingtalks: bool,
}

impl Profiles {
    /// Adds the value of a `--ding.profile`.
    pub(super) fn add(&mut self, value: &str) {
        // A URL alone has a `=` too, and nothing of it is shown.
        let named = value.split_once('=').filter(|(name, _)| !name.contains([':', '/', '?']));
        let (name, url) = named.unwrap_or(("", value));
        let is_dingtalks = url.starts_with("https://oapi.dingtalk.com/robot/send?");
        self.all.push(Profile { owner: self.owners.take(name), is_dingtalks });
    }

    /// Takes the value of a `--template.file`.
    pub(super) fn add_templates(&mut self, value: &str) {
        self.templates = Some(value.to_owned()).filter(|path| !path.is_empty());
    }

    /// The configuration with words about it; nothing without a profile.
    pub(super) fn configuration(&self) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        let templates = self.templates.as_ref().map_or_else(String::new, |path| {
            format!("templates: ['{}']\n", path.replace('\'', "''"))
        });
        let message = if self.templates.is_some() { MESSAGE } else { "" };
        let receivers: String = self.all.iter().map(|profile| profile.receiver(message)).collect();
        let variables: String = self.all.iter().map(Profile::variable_words).collect();
        format!(
            "\nThe configuration file, campana.yml, for `campana serve --config.file=campana.yml`:\n\n\
             {templates}receivers:\n{receivers}\n{variables}\
             If a robot signs, add `secret` beside its token.\n"
        )
    }
}

impl Profile {
    fn receiver(&self, message: &str) -> String {
        let name = &self.owner.name;
        let key = if self.is_dingtalks { "access_token" } else { "webhook_url" };
        let variable = self.variable();
        format!(
            "  - name: {name}\n{message}    chatbots:\n      - name: {name}\n        \
             {key}: ${{{variable}}}\n"
        )
    }

    /// The variable for the token, or for the whole URL.
    fn variable(&self) -> String {
        self.owner.variable_of(if self.is_dingtalks { "access_token" } else { "webhook_url" })
    }

    fn variable_words(&self) -> String {
        let what = if self.is_dingtalks {
            "what follows `access_token=` in the URL"
        } else {
            "the whole URL"
        };
        format!("{} is {what} of `{}`.\n", self.variable(), self.owner.name)
    }
}
