//! What is written so far: the text, the open groups, and the atom that a repetition would take.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::Translation;

/// How deep the tree of an expression may be: groups, repetitions, alternations, concatenations.
///
/// Go allows 1000. `regex` compiles by recursion, and its default of 250 takes more than 2 MiB of
/// stack without optimisation, which is all that a thread has; 128 stay below 1 MiB.
pub(crate) const MAX_NESTING: u32 = 128;

/// The class that no character is in.
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// The flags that are written; Go's `U` is resolved while scanning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `i`: letters match in any case.
    pub(super) fold_case: bool,
    /// `m`: `^` and `$` match at line ends.
    pub(super) multi_line: bool,
    /// `s`: a dot matches a line end.
    pub(super) dot_newline: bool,
}

impl Flags {
    fn named(self) -> [(char, bool); 3] {
        [('i', self.fold_case), ('m', self.multi_line), ('s', self.dot_newline)]
    }

    /// How flags change from `self` to `to`, as in `im-s`; empty if they do not.
    fn change(self, to: Self) -> String {
        let pairs = || self.named().into_iter().zip(to.named());
        let on = pairs().filter(|((_, old), (_, new))| *new && !old).map(|((name, _), _)| name);
        let off = pairs().filter(|((_, old), (_, new))| *old && !new).map(|((name, _), _)| name);
        let (mut change, off): (String, String) = (on.collect(), off.collect());
        if !off.is_empty() {
            change.push('-');
            change.push_str(&off);
        }
        change
    }
}

/// Something that a repetition can apply to.
#[derive(Debug, Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    /// How often its innermost part is repeated at most, by counts (`{2}`) alone.
    copies: u32,
    /// The height of its tree.
    height: u32,
    captures: bool,
    repeated: bool,
}

/// A group that is not closed yet, or the whole pattern.
#[derive(Debug, Default)]
struct Group {
    start: usize,
    /// The flags outside, which count again after the group.
    outside: Flags,
    ungreedy_outside: bool,
    last: Option<Atom>,
    copies: u32,
    /// The height of the highest atom.
    height: u32,
    atoms: u32,
    alternates: bool,
    captures: bool,
}

impl Group {
    /// The last atom can't be repeated any more; what it adds to the group is certain.
    fn settle_last(&mut self) {
        if let Some(atom) = self.last.take() {
            self.copies = self.copies.max(atom.copies);
            self.height = self.height.max(atom.height);
            self.atoms += 1;
            self.captures |= atom.captures;
        }
    }

    /// The height of the tree inside; never lower than what `regex` sees.
    fn tree_height(&self) -> u32 {
        self.height + u32::from(self.atoms > 1) + u32::from(self.alternates)
    }
}

/// The translation as far as it is written.
#[derive(Debug, Default)]
pub(super) struct Output {
    text: String,
    flags: Flags,
    current: Group,
    around: Vec<Group>,
    names: Vec<Option<String>>,
    written_names: HashSet<String>,
}

impl Output {
    /// The flags that count here.
    pub(super) fn flags(&self) -> Flags {
        self.flags
    }

    /// Whether a group is open.
    pub(super) fn is_in_group(&self) -> bool {
        !self.around.is_empty()
    }

    /// Whether the tree is higher than [`MAX_NESTING`].
    pub(super) fn is_too_deep(&mut self) -> bool {
        self.current.settle_last();
        self.current.tree_height() > MAX_NESTING
    }

    /// Adds an atom that is already in Rust's notation.
    pub(super) fn atom(&mut self, text: &str) {
        self.atom_by(|out| out.push_str(text));
    }

    /// Adds an atom that `write` writes.
    pub(super) fn atom_by(&mut self, write: impl FnOnce(&mut String)) {
        self.current.settle_last();
        let start = self.text.len();
        write(&mut self.text);
        let end = self.text.len();
        self.current.last =
            Some(Atom { start, end, copies: 1, height: 1, captures: false, repeated: false });
    }

    /// Adds a character that stands for itself.
    pub(super) fn literal(&mut self, literal: char) {
        self.atom_by(|out| write_literal(out, literal));
    }

    /// Begins the next alternative.
    pub(super) fn alternate(&mut self) {
        self.current.settle_last();
        self.current.alternates = true;
        self.text.push('|');
    }

    /// Opens a group that captures, with its name.
    pub(super) fn open_capture(&mut self, ungreedy: bool, name: Option<&str>) {
        let start = self.text.len();
        match name {
            Some(name) if self.is_new_rust_name(name) => {
                let _ = write!(self.text, "(?P<{name}>");
            }
            Some(_) | None => self.text.push('('),
        }
        self.names.push(name.map(str::to_owned));
        self.open(start, ungreedy);
        self.current.captures = true;
    }

    /// Opens a group that does not capture, with the flags that count inside.
    pub(super) fn open_plain(&mut self, ungreedy: bool, flags: Flags) {
        let start = self.text.len();
        let _ = write!(self.text, "(?{}:", self.flags.change(flags));
        self.open(start, ungreedy);
        self.flags = flags;
    }

    fn open(&mut self, start: usize, ungreedy_outside: bool) {
        self.current.settle_last();
        let outside = self.flags;
        let group = Group { start, outside, ungreedy_outside, ..Group::default() };
        self.around.push(std::mem::replace(&mut self.current, group));
    }

    /// Whether `regex` takes `name` for a group: once, and without a digit in front.
    fn is_new_rust_name(&mut self, name: &str) -> bool {
        !name.starts_with(|first: char| first.is_ascii_digit())
            && self.written_names.insert(name.to_owned())
    }

    /// Changes the flags for the rest of the group.
    ///
    /// The last atom stays the last: Go lets a repetition reach over the change.
    pub(super) fn set_flags(&mut self, flags: Flags) {
        let change = self.flags.change(flags);
        if !change.is_empty() {
            let _ = write!(self.text, "(?{change})");
        }
        self.flags = flags;
    }

    /// Closes the group, which becomes the last atom; gives the `U` flag around it, or `None` when
    /// no group is open.
    pub(super) fn close(&mut self) -> Option<bool> {
        let around = self.around.pop()?;
        self.text.push(')');
        let mut group = std::mem::replace(&mut self.current, around);
        group.settle_last();
        self.flags = group.outside;
        self.current.last = Some(Atom {
            start: group.start,
            end: self.text.len(),
            copies: group.copies.max(1),
            height: group.tree_height() + 1,
            captures: group.captures,
            repeated: false,
        });
        Some(group.ungreedy_outside)
    }

    /// Repeats the last atom, which counts `times` as often by it; zero where it never matches.
    ///
    /// Gives how many copies there are now of its innermost part; `None` when there is no atom.
    pub(super) fn repeat(&mut self, suffix: &str, times: u32) -> Option<u32> {
        let mut atom = self.current.last?;
        let suffix = if times == 0 && atom.captures {
            // `regex` forgets groups that are repeated zero times, and Go counts them.
            self.wrap(&mut atom, NOTHING);
            "?"
        } else {
            if atom.repeated {
                self.wrap(&mut atom, "");
            }
            suffix
        };
        self.text.insert_str(atom.end, suffix);
        atom.end += suffix.len();
        atom.repeated = true;
        atom.height += 1;
        atom.copies = if times == 0 { 1 } else { atom.copies.saturating_mul(times) };
        self.current.last = Some(atom);
        Some(atom.copies)
    }

    /// Puts an atom and `behind` into a group.
    fn wrap(&mut self, atom: &mut Atom, behind: &str) {
        self.text.insert_str(atom.end, behind);
        self.text.insert(atom.end + behind.len(), ')');
        self.text.insert_str(atom.start, "(?:");
        atom.end += "(?:)".len() + behind.len();
        atom.height += 2;
    }

    /// The end.
    pub(super) fn into_translation(self) -> Translation {
        let names = std::iter::once(None).chain(self.names).collect();
        Translation { text: self.text, names, copies: self.current.copies.max(1) }
    }
}

/// Writes a character so that it stands for itself, in a class and outside.
pub(super) fn write_literal(out: &mut String, literal: char) {
    if literal.is_control() {
        let _ = write!(out, "\\x{{{:X}}}", u32::from(literal));
        return;
    }
    // All that `regex` calls a meta character; it refuses a backslash before most others.
    if matches!(
        literal,
        '\\' | '.'
            | '+'
            | '*'
            | '?'
            | '('
            | ')'
            | '|'
            | '['
            | ']'
            | '{'
            | '}'
            | '^'
            | '$'
            | '#'
            | '&'
            | '-'
            | '~'
    ) {
        out.push('\\');
    }
    out.push(literal);
}
