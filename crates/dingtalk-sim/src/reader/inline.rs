//! Emphasis, links, colours and entities within a block.

/// Draws the inside of a block; line feeds in it are breaks.
pub(super) fn draw(text: &str) -> String {
    draw_with(text, "*")
}

/// Draws a heading, which stands out as a whole: bold words in it get no marks of their own.
pub(super) fn draw_heading(text: &str) -> String {
    draw_with(text, "")
}

/// Draws a text with bold words between two of `bold`.
fn draw_with(text: &str, bold: &str) -> String {
    let mut drawn = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let step = match next {
            '\\' => escaped(rest),
            '!' => rest.strip_prefix('!').and_then(link).map(|link| image(link, bold)),
            '[' => link(rest).map(|link| shown_link(link, bold)),
            '*' => emphasis(rest, bold),
            '<' => font(rest),
            '&' => entity(rest),
            _ => None,
        };
        let (piece, used) = step.unwrap_or_else(|| (next.to_string(), next.len_utf8()));
        drawn.push_str(&piece);
        rest = &rest[used..];
    }
    drawn
}

/// A piece of the drawing and how many bytes of the text it stands for.
type Step = (String, usize);

fn escaped(rest: &str) -> Option<Step> {
    let character = rest[1..].chars().next().filter(char::is_ascii_punctuation)?;
    Some((character.to_string(), 2))
}

/// The words, the address and the length of `[words](address)`, if `rest` begins with one.
fn link(rest: &str) -> Option<(&str, &str, usize)> {
    let words_end = rest.starts_with('[').then(|| closing(rest, '[', ']'))??;
    let target = &rest[words_end + 1..];
    let target_end = target.starts_with('(').then(|| closing(target, '(', ')'))??;
    let address = target[1..target_end].trim();
    Some((&rest[1..words_end], address, words_end + 1 + target_end + 1))
}

fn shown_link((words, address, used): (&str, &str, usize), bold: &str) -> Step {
    let words = draw_with(words, bold);
    let shown = if words == address { words } else { format!("{words} <{address}>") };
    (shown, used)
}

fn image((words, address, used): (&str, &str, usize), bold: &str) -> Step {
    (
        format!("[image {}] <{address}>", draw_with(words, bold)).replace("[image ]", "[image]"),
        used + 1,
    )
}

/// Where the bracket that `text` begins with is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn emphasis(rest: &str, bold: &str) -> Option<Step> {
    let mark = if rest.starts_with("**") { "**" } else { "*" };
    let inside = &rest[mark.len()..];
    let end = mark_end(inside, mark)?;
    let words = &inside[..end];
    // Marks with a space inside them are no marks.
    if words.is_empty() || words.trim() != words {
        return None;
    }
    let drawn = draw_with(words, bold);
    let shown = if mark == "**" { [bold, &drawn, bold].concat() } else { drawn };
    Some((shown, end + 2 * mark.len()))
}

fn mark_end(inside: &str, mark: &str) -> Option<usize> {
    let before = |at: usize| inside[..at].bytes().rev().take_while(|b| *b == b'\\').count();
    inside.match_indices(mark).map(|(at, _)| at).find(|at| before(*at) % 2 == 0)
}

/// The tags of colours and sizes, which are not seen themselves.
fn font(rest: &str) -> Option<Step> {
    let is_tag = rest.starts_with("</font>") || rest.starts_with("<font ");
    let end = is_tag.then(|| rest.find('>'))??;
    Some((String::new(), end + 1))
}

fn entity(rest: &str) -> Option<Step> {
    // The longest entity here is `&#1114111;`.
    let end = rest.bytes().take(12).position(|byte| byte == b';')?;
    let character = match &rest[1..end] {
        "nbsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        name => numbered(name.strip_prefix('#')?)?,
    };
    Some((character.to_string(), end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let hexadecimal = number.strip_prefix(['x', 'X']);
    let code = match hexadecimal {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let is_space = code == 160;
    if is_space { Some(' ') } else { char::from_u32(code) }
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn the_documented_marks_are_drawn() {
        let cases = [
            ("**a** b", "*a* b"),
            ("*a* b", "a b"),
            ("**a *b***", "*a *b**"),
            ("[a](https://b.example)", "a <https://b.example>"),
            ("[**a**](https://b.example/(c))", "*a* <https://b.example/(c)>"),
            ("[https://b.example](https://b.example)", "https://b.example"),
            ("![a](https://b.example)", "[image a] <https://b.example>"),
            ("![](@media)", "[image] <@media>"),
            ("<font color=#FF0000>a</font>", "a"),
            ("a&nbsp;b&#160;&lt;&#x41;&#66;", "a b <AB"),
        ];
        for (text, view) in cases {
            assert_eq!(draw(text), view, "{text}");
        }
    }

    #[test]
    fn what_is_no_mark_stays_as_it_is() {
        let cases = [
            (r"\*a\* \[b\](c) \\", r"*a* [b](c) \"),
            (r"!\[a\](b) [c](d)", "![a](b) c <d>"),
            (r"a\b", r"a\b"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("**a", "**a"),
            ("[a] (b)", "[a] (b)"),
            ("[a", "[a"),
            ("!a", "!a"),
            ("!a [b](c)", "!a b <c>"),
            ("!磁 [b](c)", "!磁 b <c>"),
            ("!] !)", "!] !)"),
            ("a < b & c; <fonts>", "a < b & c; <fonts>"),
            ("磁盘满 &中;", "磁盘满 &中;"),
            ("snake_case_name `code`", "snake_case_name `code`"),
            (r"**a\** b**", "*a** b*"),
        ];
        for (text, view) in cases {
            assert_eq!(draw(text), view, "{text}");
        }
    }
}
