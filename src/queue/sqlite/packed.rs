//! Texts in the rows: short ones as they are, long ones compressed.
//!
//! The type of the value tells which: a text is a text, a blob is compressed with LZ4. Of a
//! notification with ten alerts, payload and parts take a sixth of their bytes, which the disk is
//! spared twice, in the log and in the database. Short texts would not take less time.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::failure::Failure;
use crate::queue::QueueError;

/// The shortest text that is compressed, in bytes: half a page.
const LONG: usize = 4_096;

/// LZ4 makes no text shorter than by this factor; a length beyond it is no length.
const MOST_TIMES: usize = 255;

/// A text in the form in which it is stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packed {
    /// As it is.
    Plain(String),
    /// Its length in four bytes, then an LZ4 block.
    Lz4(Vec<u8>),
}

impl Packed {
    /// The form for `text`, which need not be UTF-8.
    pub(super) fn of(text: Vec<u8>) -> Self {
        if text.len() >= LONG {
            return Self::compressed(&text);
        }
        String::from_utf8(text).map_or_else(|error| Self::compressed(error.as_bytes()), Self::Plain)
    }

    fn compressed(text: &[u8]) -> Self {
        let mut packed = lz4_flex::compress_prepend_size(text);
        // It has room for a text that does not become shorter.
        packed.shrink_to_fit();
        Self::Lz4(packed)
    }

    /// How many bytes are stored.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Lz4(bytes) => bytes.len(),
        }
    }

    /// The text.
    pub(super) fn unpack(self) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Plain(text) => Ok(text.into_bytes()),
            Self::Lz4(bytes) => decompressed(&bytes).map_err(|words| unreadable(&words)),
        }
    }
}

fn decompressed(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (length, block) =
        lz4_flex::block::uncompressed_size(bytes).map_err(|error| error.to_string())?;
    if length > block.len().saturating_mul(MOST_TIMES) {
        return Err(format!("{} bytes cannot hold {length}", block.len()));
    }
    lz4_flex::decompress(block, length).map_err(|error| error.to_string())
}

fn unreadable(words: &str) -> Failure {
    Failure::Refused(QueueError::Broken(format!("a stored text cannot be read: {words}")))
}

impl ToSql for Packed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Plain(text) => ValueRef::Text(text.as_bytes()),
            Self::Lz4(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl FromSql for Packed {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(_) => Ok(Self::Plain(value.as_str()?.to_owned())),
            ValueRef::Blob(bytes) => Ok(Self::Lz4(bytes.to_vec())),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {
                Err(FromSqlError::InvalidType)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn through_a_row(text: &[u8]) -> (String, Vec<u8>) {
        let connection = Connection::open_in_memory().expect("it opens");
        let packed = Packed::of(text.to_vec());
        let sql = "SELECT typeof(?1), ?1";
        let read = connection.query_row(sql, [packed], |row| Ok((row.get(0)?, row.get(1)?)));
        let (kind, packed): (String, Packed) = read.expect("it is read");
        (kind, packed.unpack().expect("it is whole"))
    }

    #[test]
    fn short_texts_stand_there_to_read_and_long_ones_are_compressed() {
        let long = b"{\"alertname\":\"Disk\"}".repeat(500);
        let cases: [(&[u8], &str); 5] = [
            (b"", "text"),
            ("{\"a\":\"磁盘\"}".as_bytes(), "text"),
            (&long[..LONG - 1], "text"),
            (&long[..LONG], "blob"),
            (b"{\"not utf-8\":\"\xff\"}", "blob"),
        ];
        for (text, kind) in cases {
            assert_eq!(through_a_row(text), (kind.to_owned(), text.to_vec()));
        }
        let Packed::Lz4(bytes) = Packed::of(long.clone()) else { panic!("it is long") };
        assert!(bytes.len() < long.len() / 20, "{} bytes", bytes.len());
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop::collection::vec(any::<u8>(), 0..3 * LONG)) {
            prop_assert_eq!(through_a_row(&text).1, text);
        }

        #[test]
        fn no_bytes_panic_or_take_much_memory(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(text) = Packed::Lz4(bytes.clone()).unpack() {
                prop_assert!(text.len() <= bytes.len() * MOST_TIMES);
            }
        }
    }

    #[test]
    fn a_damaged_text_is_an_error_in_words() {
        for bytes in [&b""[..], b"\x01\x00", b"\xff\xff\xff\xff\x00", b"\x09\x00\x00\x00\x10"] {
            let error = QueueError::from(Packed::Lz4(bytes.to_vec()).unpack().unwrap_err());
            assert!(error.to_string().contains("a stored text cannot be read"), "{error}");
        }
    }
}
