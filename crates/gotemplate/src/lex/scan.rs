//! The tokens inside an action.

use super::{Kind, Lexer, Token, is_alphanumeric, is_space};

impl<'s> Lexer<'s> {
    pub(super) fn inside_action(&mut self) -> Token<'s> {
        if let Some(trim) = self.at_right_delimiter() {
            if self.parens == 0 {
                return self.right_delimiter(trim);
            }
            return self.error("unclosed left paren".to_owned());
        }
        let Some(c) = self.rest().chars().next() else {
            return self.error("unclosed action".to_owned());
        };
        if is_space(c) {
            return self.space();
        }
        if c.is_ascii_digit() || c == '+' || c == '-' || self.is_fraction(c) {
            return self.number();
        }
        if is_alphanumeric(c) {
            return self.identifier();
        }
        self.at += c.len_utf8();
        match c {
            '=' => self.token(Kind::Assign),
            ':' if self.take('=') => self.token(Kind::Declare),
            ':' => self.error("expected :=".to_owned()),
            '|' => self.token(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.name(Kind::Variable, Kind::Variable),
            '.' => self.name(Kind::Field, Kind::Dot),
            '(' => {
                self.parens += 1;
                self.token(Kind::LeftParen)
            }
            ')' => match self.parens.checked_sub(1) {
                Some(parens) => {
                    self.parens = parens;
                    self.token(Kind::RightParen)
                }
                None => self.error("unexpected right paren".to_owned()),
            },
            ' '..='~' => self.token(Kind::Char),
            _ => self.error(format!("unrecognized character in action: {}", show_rune(Some(c)))),
        }
    }

    fn is_fraction(&self, c: char) -> bool {
        // A dot at the very end reads as a number too, and is then refused as one.
        c == '.' && self.rest().as_bytes().get(1).is_none_or(u8::is_ascii_digit)
    }

    fn take(&mut self, wanted: char) -> bool {
        let taken = self.rest().starts_with(wanted);
        if taken {
            self.at += wanted.len_utf8();
        }
        taken
    }

    fn take_any(&mut self, wanted: &str) -> bool {
        let next = self.rest().chars().next().filter(|c| wanted.contains(*c));
        self.at += next.map_or(0, char::len_utf8);
        next.is_some()
    }

    fn take_all(&mut self, wanted: &str) {
        while self.take_any(wanted) {}
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(wanted).len();
    }

    /// A run of spaces, but not the one that belongs to a trim marker.
    fn space(&mut self) -> Token<'s> {
        let begin = self.at;
        self.take_while(is_space);
        // All spaces are one byte long.
        self.at -= 1;
        if self.at_right_delimiter() == Some(true) {
            if self.at == begin {
                return self.right_delimiter(true);
            }
        } else {
            self.at += 1;
        }
        self.token(Kind::Space)
    }

    fn identifier(&mut self) -> Token<'s> {
        self.take_while(is_alphanumeric);
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match self.source.get(self.start..self.at).unwrap_or_default() {
            "block" => Kind::Block,
            "break" if !self.names.break_is_function => Kind::Break,
            "continue" if !self.names.continue_is_function => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::End,
            "if" => Kind::If,
            "range" => Kind::Range,
            "nil" => Kind::Nil,
            "template" => Kind::Template,
            "with" => Kind::With,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.token(kind)
    }

    /// The name behind a dot or a dollar sign, or `bare` where none follows.
    fn name(&mut self, kind: Kind, bare: Kind) -> Token<'s> {
        if self.at_terminator() {
            return self.token(bare);
        }
        self.take_while(is_alphanumeric);
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.token(kind)
    }

    /// Whether a name may end here.
    fn at_terminator(&self) -> bool {
        match self.rest().chars().next() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with(super::RIGHT),
        }
    }

    fn bad_character(&mut self) -> Token<'s> {
        let c = self.rest().chars().next();
        self.error(format!("bad character {}", show_rune(c)))
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Token<'s> {
        loop {
            let next = self.take_next();
            let next = if next == Some('\\') {
                self.take_next().map(|c| (c, true))
            } else {
                next.map(|c| (c, false))
            };
            match next {
                None | Some(('\n', _)) => return self.error(unterminated.to_owned()),
                Some((c, false)) if c == quote => return self.token(kind),
                Some(_) => {}
            }
        }
    }

    fn take_next(&mut self) -> Option<char> {
        let next = self.rest().chars().next();
        self.at += next.map_or(0, char::len_utf8);
        next
    }

    fn raw_string(&mut self) -> Token<'s> {
        if let Some(end) = self.rest().find('`') {
            self.at += end + 1;
            return self.token(Kind::RawString);
        }
        self.at = self.source.len();
        self.error("unterminated raw quoted string".to_owned())
    }

    fn number(&mut self) -> Token<'s> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if !self.rest().starts_with(['+', '-']) {
            return self.token(Kind::Number);
        }
        // A sum has an imaginary part.
        if !self.scan_number()
            || !self.source.get(..self.at).is_some_and(|read| read.ends_with('i'))
        {
            return self.bad_number();
        }
        self.token(Kind::Complex)
    }

    fn bad_number(&mut self) -> Token<'s> {
        let text = self.source.get(self.start..self.at).unwrap_or_default();
        let shown = crate::fmt::quote(text.as_bytes());
        self.error(format!("bad number syntax: {shown}"))
    }

    /// Takes what looks like a number; whether it is one is for the parser to say.
    fn scan_number(&mut self) -> bool {
        self.take_any("+-");
        let mut digits = "0123456789_";
        if self.take('0') {
            if self.take_any("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.take_any("oO") {
                digits = "01234567_";
            } else if self.take_any("bB") {
                digits = "01_";
            }
        }
        self.take_all(digits);
        if self.take('.') {
            self.take_all(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.take_any(exponent) {
            self.take_any("+-");
            self.take_all("0123456789_");
        }
        self.take('i');
        // Nothing that could belong to a name may follow.
        let next = self.rest().chars().next().filter(|c| is_alphanumeric(*c));
        self.at += next.map_or(0, char::len_utf8);
        next.is_none()
    }
}

/// A character as Go's `%#U` shows it; the end of the source is -1 there.
fn show_rune(c: Option<char>) -> String {
    match c {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(c) if crate::unicode::is_print(c) => format!("U+{:04X} '{c}'", u32::from(c)),
        Some(c) => format!("U+{:04X}", u32::from(c)),
    }
}
