//! The beginning of a body that was refused, for its sender and the log: who looks for it finds out who
//! posts such bodies. What may be a secret in it is left out.

/// The most characters that are shown.
const LENGTH: usize = 120;

/// A longer run of letters and digits may be a token.
const LONGEST_RUN: usize = 20;

/// The beginning of `text` on one line.
pub(super) fn of(text: &str) -> String {
    let text = text.trim();
    // What is left out makes it shorter; three times as much is enough for nearly all.
    let mut shown = Excerpt::default();
    text.chars().take(3 * LENGTH).for_each(|c| shown.push(c));
    shown.end_run();
    let is_whole = shown.text.chars().count() <= LENGTH && text.chars().nth(3 * LENGTH).is_none();
    let beginning: String = shown.text.chars().take(LENGTH).collect();
    if is_whole { beginning } else { beginning + "…" }
}

/// The text so far, and the run of letters and digits at its end.
#[derive(Default)]
struct Excerpt {
    text: String,
    run: String,
}

impl Excerpt {
    fn push(&mut self, c: char) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            return self.run.push(c);
        }
        self.end_run();
        if c == '@' {
            self.leave_user_out();
        }
        let c = if c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !self.text.ends_with(' ') {
            self.text.push(c);
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        // What a query gives a parameter may be a token however short it is.
        let may_be_secret = self.text.ends_with('=') && !run.is_empty();
        if may_be_secret || run.len() > LONGEST_RUN {
            self.text.push('…');
        } else {
            self.text.push_str(&run);
        }
    }

    /// What stands before an `@` in an address is a name and a password.
    fn leave_user_out(&mut self) {
        let Some(start) = self.text.rfind("://") else { return };
        if !self.text[start + 3..].contains(['/', '"', ' ']) {
            self.text.truncate(start + 3);
            self.text.push('…');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_short_on_one_line_and_holds_no_secret() {
        for (text, expected) in [
            (" {\n  \"a\": \"b c\"\n} ", "{ \"a\": \"b c\" }"),
            ("{\"msgtype\":\"text\"}", "{\"msgtype\":\"text\"}"),
            (
                "{\"url\":\"https://h/robot/send?access_token=abc&x=1\"}",
                "{\"url\":\"https://h/robot/send?access_token=…&x=…\"}",
            ),
            ("{\"k\":\"0123456789abcdef0123456789abcdef\"}", "{\"k\":\"…\"}"),
            ("{\"k\":\"SECabcdef0123456789abcdef\"}", "{\"k\":\"…\"}"),
            ("{\"u\":\"http://me:word@host/a\"}", "{\"u\":\"http://…@host/a\"}"),
            ("{\"u\":\"http://host/a\",\"m\":\"a@b\"}", "{\"u\":\"http://host/a\",\"m\":\"a@b\"}"),
            ("磁盘满", "磁盘满"),
            ("", ""),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        let long = of(&"word ".repeat(1_000));
        assert_eq!(long.chars().count(), LENGTH + 1);
        assert!(long.ends_with('…'), "{long}");
    }
}
