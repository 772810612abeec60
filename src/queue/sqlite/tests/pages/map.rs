//! Which table or index each page of a database belongs to, read from the file itself.
//!
//! The format is SQLite's own (sqlite.org/fileformat2.html).

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

/// Bytes of a page.
pub(super) const PAGE: usize = 4096;

/// What a page is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    /// The table or index.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// How many rows lie on it, at least in part.
    pub(super) rows: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Interior,
    Leaf,
    /// It holds the rest of a long row.
    Overflow,
}

/// The uses of all pages by their numbers; a free page has none.
pub(super) fn of(path: &Path, bytes: &[u8]) -> BTreeMap<usize, Use> {
    let connection = Connection::open(path).expect("it opens");
    let sql = "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0
               UNION ALL SELECT 'sqlite_schema', 1";
    let mut statement = connection.prepare(sql).expect("it is SQL");
    let roots = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let roots: Vec<(String, usize)> = roots.unwrap().collect::<Result<_, _>>().expect("it reads");
    let mut map = Map { bytes, uses: BTreeMap::new() };
    for (name, root) in roots {
        map.tree(&name, root);
    }
    map.uses
}

struct Map<'a> {
    bytes: &'a [u8],
    uses: BTreeMap<usize, Use>,
}

impl Map<'_> {
    fn tree(&mut self, name: &str, number: usize) {
        let page = &self.bytes[(number - 1) * PAGE..number * PAGE];
        let header = if number == 1 { 100 } else { 0 };
        let (is_interior, is_index) = match page[header] {
            2 => (true, true),
            5 => (true, false),
            10 => (false, true),
            13 => (false, false),
            other => panic!("page {number} of {name} has type {other}"),
        };
        let rows = short(page, header + 3);
        let kind = if is_interior { Kind::Interior } else { Kind::Leaf };
        self.uses.insert(number, Use { name: name.to_owned(), kind, rows });
        let places = header + if is_interior { 12 } else { 8 };
        for row in 0..rows {
            let cell = short(page, places + 2 * row);
            if is_interior {
                self.tree(name, long(page, cell));
            }
            if is_index || !is_interior {
                self.overflow(name, &page[cell + if is_interior { 4 } else { 0 }..], is_index);
            }
        }
        if is_interior {
            self.tree(name, long(page, header + 8));
        }
    }

    /// The pages with the rest of the row that begins with this cell.
    fn overflow(&mut self, name: &str, cell: &[u8], is_index: bool) {
        let (payload, mut at) = varint(cell);
        if !is_index {
            at += varint(&cell[at..]).1;
        }
        let most = if is_index { (PAGE - 12) * 64 / 255 - 23 } else { PAGE - 35 };
        if payload <= most {
            return;
        }
        let least = (PAGE - 12) * 32 / 255 - 23;
        let kept = least + (payload - least) % (PAGE - 4);
        let mut next = long(cell, at + if kept <= most { kept } else { least });
        while next != 0 {
            let page = Use { name: name.to_owned(), kind: Kind::Overflow, rows: 1 };
            self.uses.insert(next, page);
            next = long(self.bytes, (next - 1) * PAGE);
        }
    }
}

fn short(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]))
}

fn long(bytes: &[u8], at: usize) -> usize {
    (short(bytes, at) << 16) + short(bytes, at + 2)
}

/// A number and how many bytes it takes; none here has nine.
fn varint(bytes: &[u8]) -> (usize, usize) {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate() {
        number = (number << 7) + usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return (number, place + 1);
        }
    }
    (number, bytes.len())
}
