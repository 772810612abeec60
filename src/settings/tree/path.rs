//! The path of a node: the keys and indexes that lead to it, as `receivers[0].chatbots[1].secret`.
//!
//! A node has a number, and those inside it have the next ones. So a path is found on the way down from the
//! document, and a file without a mistake costs nothing for it.

use super::{Entry, Node, Position, Value, shown_key};

/// The number of a node; 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeNumber(u32);

impl NodeNumber {
    /// Of no node.
    pub(super) const NONE: Self = Self(0);
}

/// Numbers the nodes of all documents, each before those inside it. A key has the number of its value.
pub(super) fn number(documents: &mut [Node]) {
    let mut last = NodeNumber::NONE;
    for document in documents {
        number_node(document, &mut last);
    }
}

/// Numbers a node and what is inside it; `last` is the number that was given last.
fn number_node(node: &mut Node, last: &mut NodeNumber) {
    last.0 += 1;
    node.position.node = *last;
    match &mut node.value {
        Value::Null | Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| number_node(item, last)),
        Value::Table(entries) => {
            for Entry { position, value, .. } in entries {
                number_node(value, last);
                position.node = value.position.node;
            }
        }
    }
}

/// The path of the key or value at this place; empty for a document, and for none.
pub(in crate::settings) fn path_to(documents: &[Node], position: Position) -> String {
    let number = position.node;
    let mut path = String::new();
    let of = |node: &Node| node.position.node;
    let document = documents.partition_point(|document| of(document) <= number);
    let mut inner = document.checked_sub(1).and_then(|index| documents.get(index));
    while let Some(node) = inner {
        inner = None;
        if let Some(index) = node.items().partition_point(|item| of(item) <= number).checked_sub(1)
        {
            push_index(&mut path, index);
            inner = node.items().get(index);
        }
        let before = node.entries().partition_point(|entry| of(&entry.value) <= number);
        if let Some(entry) = before.checked_sub(1).and_then(|index| node.entries().get(index)) {
            push_key(&mut path, &entry.key);
            inner = Some(&entry.value);
        }
    }
    path
}

/// Adds a key to the path of a mapping.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&shown_key(key));
}

/// Adds an index to the path of a list.
pub(super) fn push_index(path: &mut String, index: usize) {
    path.extend(["[", &index.to_string(), "]"]);
}

#[cfg(test)]
mod tests {
    use super::super::Tree;
    use super::*;

    /// The paths of all keys and items, in the order of the file.
    fn paths(text: &str) -> Vec<String> {
        fn collect(documents: &[Node], node: &Node, paths: &mut Vec<String>) {
            for item in node.items() {
                paths.push(path_to(documents, item.position));
                collect(documents, item, paths);
            }
            for entry in node.entries() {
                let of_key = path_to(documents, entry.position);
                assert_eq!(of_key, path_to(documents, entry.value.position));
                paths.push(of_key);
                collect(documents, &entry.value, paths);
            }
        }
        let tree = Tree::parse(text);
        assert_eq!(tree.faults, [], "{text}");
        let mut found = Vec::new();
        for document in &tree.documents {
            assert_eq!(path_to(&tree.documents, document.position), "");
            collect(&tree.documents, document, &mut found);
        }
        found
    }

    #[test]
    fn every_key_and_item_has_its_path() {
        let cases = [
            (
                "a: 1\nb:\n- c:\n- d: {e: 2}\n  f: 3\n",
                "a b b[0] b[0].c b[1] b[1].d b[1].d.e b[1].f",
            ),
            ("- [1, 2]\n- {a: []}\n", "[0] [0][0] [0][1] [1] [1].a"),
            ("a: &x {b: [1]}\nc: *x\nd: 1\n", "a a.b a.b[0] c c.b c.b[0] d"),
            ("a: 1\n---\nb: {c: 2}\n", "a b b.c"),
            ("磁盘: {名: 1}\n", "磁盘 磁盘.名"),
        ];
        for (text, expected) in cases {
            assert_eq!(paths(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_place_outside_the_tree_has_no_path() {
        let tree = Tree::parse("a: 1\n");
        assert_eq!(path_to(&tree.documents, Position::START), "");
        assert_eq!(path_to(&[], tree.documents[0].position), "");
    }

    #[test]
    fn a_secret_in_the_place_of_a_key_is_cut() {
        let found = paths("a:\n  https://x/?access_token=abc: 1\n");
        assert_eq!(found, ["a", "a.https…"]);
    }
}
