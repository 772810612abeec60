//! `camelcase`, `snakecase` and `kebabcase`, as huandu/xstrings 1.3.1 cuts texts into words.

use super::letters;
use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

pub(super) const TABLE: &[Function] = &[
    Function::new("camelcase(s string) string", camelcase),
    Function::new("snakecase(s string) string", snakecase),
    Function::new("kebabcase(s string) string", kebabcase),
];

fn camelcase(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(3).saturating_add(4))?;
    let mut out = String::new();
    let mut letters = letters::all(text);
    let mut last = None;
    for letter in letters.by_ref() {
        if !connects(letter) {
            last = Some(letters::upper(letter));
            break;
        }
        out.push(letter);
        last = Some(letter);
    }
    let Some(mut last) = last else { return Ok(Value::text(out)) };
    for letter in letters {
        let next = match (connects(last), connects(letter)) {
            (true, true) => letter,
            (true, false) => letters::upper(letter),
            (false, _) => letters::lower(letter),
        };
        if !connects(last) || connects(letter) {
            out.push(last);
        }
        last = next;
    }
    // The last of several connectors in a text without words comes twice.
    out.push(last);
    Ok(Value::text(out))
}

fn snakecase(call: &mut Call<'_>) -> Result<Value, Failure> {
    connected(call, '_')
}

fn kebabcase(call: &mut Call<'_>) -> Result<Value, Failure> {
    connected(call, '-')
}

fn connected(call: &mut Call<'_>, connector: char) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(4))?;
    let mut cut = Connected { out: Vec::new(), connector, word: Word::None, part: b"", rest: text };
    cut.next();
    while !cut.rest.is_empty() {
        cut.step();
    }
    cut.write();
    Ok(Value::text(cut.out))
}

/// What a run of characters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Nothing, or bytes that are no characters.
    None,
    Number,
    /// Begins with a capital.
    Capital,
    Letters,
    Connector,
    Punctuation,
    Other,
}

/// The text as far as it is written, the word that is next, and the rest.
struct Connected<'t> {
    out: Vec<u8>,
    connector: char,
    word: Word,
    part: &'t [u8],
    rest: &'t [u8],
}

impl Connected<'_> {
    fn step(&mut self) {
        let (word, part) = (self.word, self.part);
        if word != Word::Connector {
            self.write();
        }
        self.next();
        match word {
            Word::Number => {
                self.write_letters_and_numbers();
                self.connect_unless(&[Word::None, Word::Punctuation]);
            }
            Word::Connector => write(&mut self.out, word, part, self.connector),
            Word::Punctuation => {}
            _ => self.after_letters(),
        }
    }

    /// A number belongs to the word before it, unless small letters follow it.
    fn after_letters(&mut self) {
        if self.word != Word::Number {
            self.connect_unless(&[Word::Connector, Word::Punctuation]);
            return;
        }
        if self.rest.is_empty() {
            return;
        }
        let number = self.part;
        self.next();
        if self.word != Word::Letters {
            self.out.extend_from_slice(number);
            self.connect_unless(&[Word::Connector, Word::Punctuation]);
            return;
        }
        self.connect_unless(&[]);
        self.out.extend_from_slice(number);
        self.write_letters_and_numbers();
        self.connect_unless(&[Word::None, Word::Connector, Word::Punctuation]);
    }

    fn write_letters_and_numbers(&mut self) {
        while matches!(self.word, Word::Letters | Word::Number) {
            self.write();
            self.next();
        }
    }

    fn connect_unless(&mut self, words: &[Word]) {
        if !words.contains(&self.word) {
            push(&mut self.out, self.connector);
        }
    }

    fn write(&mut self) {
        write(&mut self.out, self.word, self.part, self.connector);
    }

    fn next(&mut self) {
        let (word, length) = next_word(self.rest);
        let (part, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, b""));
        (self.word, self.part, self.rest) = (word, part, rest);
    }
}

fn write(out: &mut Vec<u8>, word: Word, part: &[u8], connector: char) {
    if !matches!(word, Word::Capital | Word::Connector) {
        out.extend_from_slice(part);
        return;
    }
    for letter in letters::all(part) {
        push(
            out,
            match letter {
                _ if connects(letter) => connector,
                _ if letters::is_upper(letter) => letters::lower(letter),
                _ => letter,
            },
        );
    }
}

fn push(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

fn connects(letter: char) -> bool {
    matches!(letter, '-' | '_') || letters::is_space(letter)
}

/// Letters that are not Chinese characters.
fn is_alphabetic(letter: char) -> bool {
    letters::is_letter(letter)
        && !matches!(
            letter,
            '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}'
        )
}

fn is_small(letter: char) -> bool {
    is_alphabetic(letter) && !letters::is_upper(letter)
}

fn is_other(letter: char) -> bool {
    !connects(letter)
        && !is_alphabetic(letter)
        && !letters::is_number(letter)
        && !letters::is_punctuation(letter)
}

/// The next word of a text and its length.
fn next_word(text: &[u8]) -> (Word, usize) {
    let mut run = Run { text, length: 0, last: char::REPLACEMENT_CHARACTER };
    let first = run.take(|_| true);
    let Some(first) = first.filter(|first| *first != char::REPLACEMENT_CHARACTER) else {
        return (Word::None, run.length);
    };
    let (word, more): (Word, fn(char) -> bool) = match first {
        _ if connects(first) => (Word::Connector, connects),
        _ if letters::is_punctuation(first) => (Word::Punctuation, letters::is_punctuation),
        _ if letters::is_upper(first) => return (Word::Capital, run.capital()),
        _ if is_alphabetic(first) => (Word::Letters, is_small),
        _ if letters::is_number(first) => (Word::Number, letters::is_number),
        _ => (Word::Other, is_other),
    };
    while run.take(more).is_some() {}
    (word, run.length)
}

/// A run of characters; bytes that are none belong to the character behind them, or, at the end,
/// count as the character before.
struct Run<'t> {
    text: &'t [u8],
    length: usize,
    last: char,
}

impl Run<'_> {
    /// Takes the next character, if it is wanted.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let (letter, size) = self.look()?;
        self.last = letter;
        wanted(letter).then(|| {
            self.length += size;
            letter
        })
    }

    fn look(&self) -> Option<(char, usize)> {
        let rest = self.text.get(self.length..).filter(|rest| !rest.is_empty())?;
        let mut size = 0;
        while let Some((letter, length)) = letters::first(rest.get(size..)?) {
            size += length;
            if letter != char::REPLACEMENT_CHARACTER {
                return Some((letter, size));
            }
        }
        Some((self.last, size))
    }

    /// The length of a word that begins with a capital: of `HTTPServer` it is that of `HTTP`.
    fn capital(&mut self) -> usize {
        let mut before = self.length;
        if self.take(letters::is_upper).is_none() {
            while self.take(is_small).is_some() {}
            return self.length;
        }
        loop {
            let length = self.length;
            if self.take(letters::is_upper).is_none() {
                break;
            }
            before = length;
        }
        let next_begins = self.length < self.text.len() && is_alphabetic(self.last);
        if next_begins { before } else { self.length }
    }
}
