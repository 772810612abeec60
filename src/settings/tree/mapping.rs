//! The entries of a mapping while they are read: a key that stands twice is a fault, and a mapping
//! that is merged in (`<<`) gives its entries to the one around it.
//!
//! They are merged as Go's YAML (version 2) does it, by which other products read their files: what
//! stands later counts, be it the mapping's own key or the `<<`; of a list of mappings the first.

use std::collections::HashMap;

use super::{Entry, Node, Position, Replaced, Value, shown_key};

/// The entries that were read so far.
#[derive(Default)]
pub(super) struct Mapping {
    entries: Vec<Entry>,
    known: HashMap<String, KnownKey>,
}

/// A key that is among the entries.
struct KnownKey {
    index: usize,
    /// The line where the mapping itself has it; none if it was only merged in.
    own_line: Option<usize>,
}

impl Mapping {
    /// Adds a key of the mapping itself, or says that it stands twice.
    pub(super) fn add(&mut self, key: String, at: Position, value: Node) -> Result<(), String> {
        let line = at.line;
        if let Some(first) = self.known.get(&key).and_then(|known| known.own_line) {
            return Err(format!("`{}` stands twice, first in line {first}", shown_key(&key)));
        }
        let index = self.put(Entry { key: key.clone(), position: at, value, replaced: None });
        self.known.insert(key, KnownKey { index, own_line: Some(line) });
        Ok(())
    }

    /// Merges a mapping in, or several.
    pub(super) fn merge(&mut self, value: Node) -> Result<(), String> {
        match value.value {
            Value::Table(entries) => entries.into_iter().for_each(|entry| self.merge_entry(entry)),
            Value::List(items)
                if items.iter().all(|item| matches!(item.value, Value::Table(_))) =>
            {
                // The first one counts, so it is the last that is put.
                for item in items.into_iter().rev() {
                    self.merge(item)?;
                }
            }
            Value::Null | Value::Scalar(_) | Value::List(_) => {
                return Err("`<<` takes a mapping, or a list of mappings".to_owned());
            }
        }
        Ok(())
    }

    /// The entries, in the order in which their keys came first.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    fn merge_entry(&mut self, entry: Entry) {
        let key = entry.key.clone();
        let index = self.put(entry);
        self.known.entry(key).or_insert(KnownKey { index, own_line: None });
    }

    /// Puts an entry in the place of the one with its key, or at the end; gives its index.
    fn put(&mut self, mut entry: Entry) -> usize {
        let Some(known) = self.known.get(&entry.key) else {
            self.entries.push(entry);
            return self.entries.len() - 1;
        };
        if let Some(old) = self.entries.get_mut(known.index) {
            std::mem::swap(old, &mut entry);
            let is_own = known.own_line.is_some();
            let Entry { position, value, replaced, .. } = entry;
            let mut last = &mut old.replaced;
            while let Some(further) = last {
                last = &mut further.replaced;
            }
            *last = Some(Box::new(Replaced { position, value, is_own, replaced }));
        }
        known.index
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tree;
    use super::*;

    /// The entries of the last key's mapping in one line: `key: text`, and what each replaced.
    fn last(text: &str) -> String {
        let tree = Tree::parse(text);
        assert_eq!(tree.faults, [], "{text}");
        let entry = |entry: &Entry| {
            let replaced = entry.replaced.as_ref().map(|old| {
                let own = if old.is_own { "its own " } else { "" };
                format!(" (not {own}{})", old.value.text().unwrap_or_default())
            });
            let value = entry.value.text().unwrap_or_default();
            format!("{}: {value}{}", entry.key, replaced.unwrap_or_default())
        };
        let entries = tree.documents[0].entries().last().unwrap().value.entries();
        entries.iter().map(entry).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_mapping_is_merged_in_where_it_stands() {
        let cases = [
            ("a: &a {x: 1}\nb: {<<: *a, y: 2}\n", "x: 1, y: 2"),
            ("a: &a {x: 1}\nb: {<<: *a, x: 2}\n", "x: 2 (not 1)"),
            ("a: &a {x: 1}\nb: {x: 2, <<: *a}\n", "x: 1 (not its own 2)"),
            ("a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b]}\n", "x: 1 (not 2), y: 3"),
            ("a: &a {x: 1}\nb: &b {<<: *a}\nc: {<<: *b, y: 2}\n", "x: 1, y: 2"),
            ("b: {<<: {x: 1}}\n", "x: 1"),
            ("b: {\"<<\": 1}\n", "<<: 1"),
        ];
        for (text, expected) in cases {
            assert_eq!(last(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_merged_in_keeps_the_place_where_it_was_written() {
        let tree = Tree::parse("a: &a\n  x: 1\nb:\n  <<: *a\n");
        let merged = &tree.documents[0].entries()[1].value.entries()[0];
        assert_eq!((merged.position.line, merged.value.position.column), (2, 6));
        assert_eq!(tree.merges.len(), 1);
        assert_eq!(tree.merges[0].position, Position::new(4, 3));
        assert_eq!(tree.merges[0].path, "b");
    }

    #[test]
    fn a_key_that_the_mapping_itself_has_twice_is_a_fault_also_beside_a_merge() {
        for text in ["a: {x: 1, <<: {x: 2}, x: 3}\n", "a: {<<: {x: 2}, x: 1, x: 3}\n"] {
            let faults = Tree::parse(text).faults;
            assert_eq!(faults.len(), 1, "{text} {faults:?}");
            assert_eq!(faults[0].text, "`x` stands twice, first in line 1");
        }
        for text in ["a: {<<: [b]}\n", "a: {<<: }\n"] {
            assert_eq!(Tree::parse(text).faults.len(), 1, "{text}");
        }
    }
}
