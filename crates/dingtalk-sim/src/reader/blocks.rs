//! Lines of DingTalk's Markdown, drawn as lines of plain text.
//!
//! A single line feed does not break a line; two spaces before it, or an empty line, do (DingTalk,
//! `robot-message-type`).

use super::inline;

/// Draws a whole message.
pub(super) fn draw(text: &str) -> String {
    let mut page = Page::default();
    for line in text.split('\n') {
        page.add(line);
    }
    page.end_block();
    page.drawn.join("\n").trim_end().to_owned()
}

/// How the lines of a block begin.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Margin {
    first: String,
    rest: String,
}

impl Margin {
    fn even(margin: &str) -> Self {
        Self { first: margin.to_owned(), rest: margin.to_owned() }
    }
}

#[derive(Debug, Default)]
struct Page {
    drawn: Vec<String>,
    block: Option<(Margin, String)>,
    /// Whether the last line asked for a break after it.
    broken: bool,
}

impl Page {
    fn add(&mut self, line: &str) {
        let content = line.trim();
        if content.is_empty() {
            self.end_block();
            self.space();
        } else if let Some(heading) = heading(content) {
            self.end_block();
            self.drawn.push(format!("*{}*", inline::draw_heading(heading)));
        } else if let Some((marker, rest)) = item(content) {
            self.end_block();
            let depth = (line.len() - line.trim_start().len()) / 2;
            let first = format!("{}{marker} ", "  ".repeat(depth.min(8)));
            let rest_margin = " ".repeat(first.chars().count());
            self.block = Some((Margin { first, rest: rest_margin }, rest.to_owned()));
        } else if let Some(quoted) = content.strip_prefix('>') {
            self.quote(quoted.trim());
        } else {
            self.flow(content, &Margin::even(""));
        }
        self.broken = line.trim_end_matches('\r').ends_with("  ");
    }

    /// A line of a quote; an empty one parts its paragraphs.
    fn quote(&mut self, quoted: &str) {
        let bar = Margin::even("│ ");
        if self.block.as_ref().is_some_and(|(margin, _)| *margin != bar) {
            self.end_block();
        }
        if quoted.is_empty() {
            self.end_block();
            self.drawn.push("│".to_owned());
        } else if let Some(heading) = heading(quoted) {
            self.end_block();
            self.drawn.push(format!("│ *{}*", inline::draw_heading(heading)));
        } else {
            self.flow(quoted, &bar);
        }
    }

    /// Continues the open block, or begins one.
    fn flow(&mut self, content: &str, margin: &Margin) {
        let join = if self.broken { '\n' } else { ' ' };
        match &mut self.block {
            Some((_, text)) => {
                text.push(join);
                text.push_str(content);
            }
            None => self.block = Some((margin.clone(), content.to_owned())),
        }
    }

    fn end_block(&mut self) {
        let Some((Margin { first, rest }, text)) = self.block.take() else { return };
        for (index, line) in inline::draw(&text).split('\n').enumerate() {
            let margin = if index == 0 { &first } else { &rest };
            self.drawn.push(format!("{margin}{}", line.trim()));
        }
    }

    fn space(&mut self) {
        if self.drawn.last().is_some_and(|line| !line.is_empty()) {
            self.drawn.push(String::new());
        }
    }
}

/// The words of a heading of any of the six levels.
fn heading(content: &str) -> Option<&str> {
    let words = content.trim_start_matches('#');
    let level = content.len() - words.len();
    ((1..=6).contains(&level) && words.starts_with(' ')).then(|| words.trim())
}

/// The marker and the words of a list's item.
fn item(content: &str) -> Option<(&str, &str)> {
    let (marker, words) = content.split_once(' ')?;
    if matches!(marker, "-" | "*" | "+") {
        return Some(("•", words.trim()));
    }
    let number = marker.strip_suffix('.')?;
    let digits = (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| (marker, words.trim()))
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn lines_break_only_where_dingtalk_breaks_them() {
        let cases = [
            ("a\nb", "a b"),
            ("a  \nb", "a\nb"),
            ("a  \n  b", "a\nb"),
            ("a\n\nb", "a\n\nb"),
            ("a\n\n\n\nb", "a\n\nb"),
            ("a \nb", "a b"),
            ("a  \r\nb", "a\nb"),
        ];
        for (text, view) in cases {
            assert_eq!(draw(text), view, "{text:?}");
        }
    }

    #[test]
    fn headings_quotes_and_lists_begin_lines_of_their_own() {
        let cases = [
            ("a\n# b\nc", "a\n*b*\nc"),
            ("###### a **b**", "*a b*"),
            (r"# 2 \* 3 **[*c*](d)**", "*2 * 3 c <d>*"),
            ("####### a", "####### a"),
            ("#a", "#a"),
            ("> a\n> b", "│ a b"),
            ("> a  \n> b", "│ a\n│ b"),
            ("> a\n>\n> b", "│ a\n│\n│ b"),
            ("a\n> b", "a\n│ b"),
            ("- a\n- b\n  c", "• a\n• b c"),
            ("- a\n  - b  \nc", "• a\n  • b\n    c"),
            ("1. a\n2. b", "1. a\n2. b"),
            ("2026. a", "2026. a"),
            ("-a", "-a"),
        ];
        for (text, view) in cases {
            assert_eq!(draw(text), view, "{text:?}");
        }
    }
}
