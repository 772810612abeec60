//! The configuration that the profiles of prometheus-webhook-dingtalk's older versions become.
//!
//! A profile is `NAME=URL`, and the URL holds the robot's token. So the receiver names a variable for it,
//! as the translation of that product's file does.

/// The message of a receiver whose templates take the place of the product's own.
const MESSAGE: &str = "    message:
      title: '{{ template \"ding.link.title\" . }}'
      text: '{{ template \"ding.link.content\" . }}'
      profile: prometheus-webhook-dingtalk
";

/// The values of `--ding.profile` and `--template.file`.
#[derive(Default)]
pub(super) struct Profiles {
    profiles: Vec<Profile>,
    templates: Option<String>,
}

struct Profile {
    name: String,
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
        self.profiles.push(Profile { name: url_safe(name), is_dingtalks });
    }

    /// Takes the value of a `--template.file`.
    pub(super) fn add_templates(&mut self, value: &str) {
        self.templates = Some(value.to_owned()).filter(|path| !path.is_empty());
    }

    /// The configuration with words about it; nothing without a profile.
    pub(super) fn configuration(&self) -> String {
        if self.profiles.is_empty() {
            return String::new();
        }
        let templates = self.templates.as_ref().map_or_else(String::new, |path| {
            format!("templates: ['{}']\n", path.replace('\'', "''"))
        });
        let message = if self.templates.is_some() { MESSAGE } else { "" };
        let receivers: String =
            self.profiles.iter().map(|profile| profile.receiver(message)).collect();
        let variables: String = self.profiles.iter().map(Profile::variable_words).collect();
        format!(
            "\nThe configuration file, campana.yml, for `campana serve --config.file=campana.yml`:\n\n\
             {templates}receivers:\n{receivers}\n{variables}\
             If a robot signs, add `secret` beside its token.\n"
        )
    }
}

impl Profile {
    fn receiver(&self, message: &str) -> String {
        let Self { name, is_dingtalks } = self;
        let key = if *is_dingtalks { "access_token" } else { "webhook_url" };
        let variable = self.variable();
        format!(
            "  - name: {name}\n{message}    chatbots:\n      - name: {name}\n        \
             {key}: ${{{variable}}}\n"
        )
    }

    /// The variable for the token, or for the whole URL.
    fn variable(&self) -> String {
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let name: String = self.name.chars().map(upper).collect();
        let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        let end = if self.is_dingtalks { "ACCESS_TOKEN" } else { "WEBHOOK_URL" };
        format!("{start}{name}_{end}")
    }

    fn variable_words(&self) -> String {
        let what = if self.is_dingtalks {
            "what follows `access_token=` in the URL"
        } else {
            "the whole URL"
        };
        format!("{} is {what} of `{}`.\n", self.variable(), self.name)
    }
}

/// The name with `-` for each character that cannot stand in our URLs.
fn url_safe(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.~".contains(c) { c } else { '-' };
    let safe: String = name.chars().take(100).map(safe).collect();
    let safe = safe.trim_start_matches(|c: char| !c.is_alphanumeric());
    if safe.is_empty() { "receiver".to_owned() } else { safe.to_owned() }
}
