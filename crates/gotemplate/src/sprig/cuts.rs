//! Where a text is cut by a part of it, in linear time whatever both are.

use std::borrow::Cow;

use super::letters;

/// A text and what it is cut by, a separator or the ends of its characters.
pub(super) struct Cuts<'t> {
    text: &'t [u8],
    separator: &'t [u8],
    /// Both again, for the search of `str`, which is linear; bytes that are no UTF-8 are looked
    /// for as the characters of Latin-1.
    searched: (Cow<'t, str>, Cow<'t, str>),
    is_latin: bool,
}

impl<'t> Cuts<'t> {
    pub(super) fn new(text: &'t [u8], separator: &'t [u8]) -> Self {
        let utf8 = std::str::from_utf8(text).ok().zip(std::str::from_utf8(separator).ok());
        let searched = match utf8 {
            Some((text, separator)) => (Cow::from(text), Cow::from(separator)),
            None => (Cow::from(latin(text)), Cow::from(latin(separator))),
        };
        Self { text, separator, searched, is_latin: utf8.is_none() }
    }

    /// The end of each piece but the last, and the start of the next.
    pub(super) fn each(&self) -> Box<dyn Iterator<Item = (usize, usize)> + '_> {
        if self.separator.is_empty() { Box::new(self.characters()) } else { Box::new(self.found()) }
    }

    fn characters(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let (_, length) = letters::first(self.text.get(at..)?)?;
            at += length;
            (at < self.text.len()).then_some((at, at))
        })
    }

    fn found(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let (text, separator) = &self.searched;
        let (mut seen, mut at) = (0, 0);
        text.match_indices(&**separator).map(move |(index, _)| {
            let passed = text.get(seen..index).unwrap_or_default();
            at += if self.is_latin { passed.chars().count() } else { passed.len() };
            seen = index;
            (at, at + self.separator.len())
        })
    }

    /// How many pieces there are, at most `most`.
    pub(super) fn count(&self, most: usize) -> usize {
        if self.text.is_empty() && self.separator.is_empty() {
            return 0;
        }
        self.each().take(most.saturating_sub(1)).count().saturating_add(1)
    }

    /// At most `most` pieces, the last with all that is left, as Go's `strings.SplitN` for a `most`
    /// over 0.
    pub(super) fn pieces(&self, most: usize) -> Vec<&'t [u8]> {
        let count = self.count(most);
        let mut pieces = Vec::with_capacity(count);
        let mut from = 0;
        for (end, next) in self.each().take(most.saturating_sub(1)) {
            pieces.push(self.text.get(from..end).unwrap_or_default());
            from = next;
        }
        if pieces.len() < count {
            pieces.push(self.text.get(from..).unwrap_or_default());
        }
        pieces
    }

    /// The text with `new` for each separator; for an empty one, as Go's `strings.Replace`, also
    /// before the first and behind the last character.
    pub(super) fn replaced(&self, new: &[u8], size: usize) -> Vec<u8> {
        let ends = if self.separator.is_empty() { new } else { &[] };
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(ends);
        let mut from = 0;
        for (end, next) in self.each() {
            out.extend_from_slice(self.text.get(from..end).unwrap_or_default());
            out.extend_from_slice(new);
            from = next;
        }
        out.extend_from_slice(self.text.get(from..).unwrap_or_default());
        if !self.text.is_empty() {
            out.extend_from_slice(ends);
        }
        out
    }
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_as_in_go() {
        type Case<'c> = (&'c [u8], &'c [u8], usize, &'c [&'c [u8]]);
        let cases: [Case<'_>; 9] = [
            (b"a,b,,c", b",", usize::MAX, &[b"a", b"b", b"", b"c"]),
            (b"a,b,,c", b",", 2, &[b"a", b"b,,c"]),
            (b"a,b", b",", 1, &[b"a,b"]),
            (b"", b",", usize::MAX, &[b""]),
            (b"", b"", usize::MAX, &[]),
            ("日a".as_bytes(), b"", usize::MAX, &["日".as_bytes(), b"a"]),
            (b"\xffa\xff\xffb", b"\xff", usize::MAX, &[b"", b"a", b"", b"b"]),
            (b"\xe6\x97a", b"", usize::MAX, &[b"\xe6", b"\x97", b"a"]),
            (b"abc", b"", 2, &[b"a", b"bc"]),
        ];
        for (text, separator, most, expected) in cases {
            assert_eq!(Cuts::new(text, separator).pieces(most), expected);
        }
    }
}
