//! The log's file: a header, and behind it a frame for each page that was written.
//!
//! The format is SQLite's (sqlite.org/fileformat2.html, section 4). Each frame's checksum goes on from the
//! one before, so that a frame is sound if it follows from what the frame before it says of itself, whatever
//! became of the others.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::super::identity::PAGE;

/// Bytes before the first frame, and before the page of each.
pub(in super::super) const HEADER: u64 = 32;
pub(in super::super) const FRAME_HEADER: u64 = 24;

const FRAME: u64 = FRAME_HEADER + PAGE;
const PAGE_BYTES: usize = 4096;
const FRAME_BYTES: usize = 24 + PAGE_BYTES;

/// The begin of a log whose checksums are of words with the lowest byte first.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// Tells the log's frames from those of a log that stood in the file before.
pub(super) type Salt = [u8; 8];

/// A checksum that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum(u32, u32);

impl Sum {
    /// The same with these bytes, whose length is a multiple of eight.
    fn with(mut self, bytes: &[u8], word: fn([u8; 4]) -> u32) -> Self {
        for pair in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
            self.0 = self.0.wrapping_add(word(pair[0])).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(word(pair[1])).wrapping_add(self.0);
        }
        self
    }

    /// As it stands in the file.
    fn of(bytes: &[u8]) -> Self {
        Self(number(bytes, 0), number(bytes, 4))
    }

    fn bytes(self) -> [u8; 8] {
        (u64::from(self.0) << 32 | u64::from(self.1)).to_be_bytes()
    }
}

/// A checksum over bytes, with words as this machine has them.
pub(super) fn native_sum(bytes: &[u8]) -> [u32; 2] {
    let Sum(first, second) = Sum(0, 0).with(bytes, u32::from_ne_bytes);
    [first, second]
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// What stands before the frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) salt: Salt,
    /// The checksum that the first frame goes on from; none if the header cannot be read.
    sum: Option<Sum>,
    word: fn([u8; 4]) -> u32,
}

impl Header {
    /// The header of this log, if it can be read.
    pub(super) fn read(log: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; 32];
        if log.read_at(&mut bytes, 0)? < bytes.len() {
            return Ok(None);
        }
        let word = match number(&bytes, 0) {
            MAGIC => u32::from_le_bytes,
            magic if magic == MAGIC + 1 => u32::from_be_bytes,
            _ => return Ok(None),
        };
        let sum = Sum(0, 0).with(&bytes[..24], word);
        let is_sound = number(&bytes, 4) == VERSION
            && u64::from(number(&bytes, 8)) == PAGE
            && sum == Sum::of(&bytes[24..]);
        let salt = salt(&bytes[16..24]);
        Ok(is_sound.then_some(Self { salt, sum: Some(sum), word }))
    }

    /// The header of a log in which it cannot be read, as it has to be for frames with this salt.
    pub(super) fn lost(salt: Salt) -> Self {
        Self { salt, sum: None, word: u32::from_le_bytes }
    }

    /// Whether it can be read.
    pub(super) fn is_sound(&self) -> bool {
        self.sum.is_some()
    }
}

fn salt(bytes: &[u8]) -> Salt {
    std::array::from_fn(|at| bytes[at])
}

/// The salt that the first frame has, if there is one.
pub(super) fn first_salt(log: &File) -> io::Result<Option<Salt>> {
    let mut bytes = [0; 24];
    let read = log.read_at(&mut bytes, HEADER)?;
    Ok((read == bytes.len()).then(|| salt(&bytes[8..16])))
}

/// What can be said of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// It is the log's, and holds what was written.
    pub(super) is_sound: bool,
    /// It is the last one of a transaction.
    pub(super) commits: bool,
}

/// Every frame of the log, in their order.
pub(super) fn frames(log: &File, header: &Header) -> io::Result<Vec<Frame>> {
    let count = log.metadata()?.len().saturating_sub(HEADER) / FRAME;
    let (mut frames, mut before) = (Vec::new(), header.sum);
    let mut bytes = [0; FRAME_BYTES];
    for number in 0..count {
        let (head, page) = bytes.split_at_mut(24);
        let at = HEADER + number * FRAME;
        log.read_exact_at(head, at)?;
        let sum = Sum::of(&head[16..]);
        let mut is_sound = false;
        // Behind the log's end lie frames of an older one, or nothing.
        if let Some(before) = before
            && head[8..16] == header.salt
        {
            log.read_exact_at(page, at + FRAME_HEADER)?;
            let found = before.with(&head[..8], header.word).with(page, header.word);
            is_sound = found == sum && self::number(head, 0) > 0;
        }
        frames.push(Frame { is_sound, commits: self::number(head, 4) > 0 });
        before = Some(sum);
    }
    Ok(frames)
}

/// Writes a log of these frames of another one, with a salt of its own.
pub(super) fn copy(
    from: &File,
    header: &Header,
    frames: impl Iterator<Item = u64>,
    mut to: impl io::Write,
) -> io::Result<()> {
    let mut salt = header.salt;
    // As SQLite makes a new one.
    let first = number(&salt, 0).wrapping_add(1);
    salt[..4].copy_from_slice(&first.to_be_bytes());
    let page_bytes = u32::try_from(PAGE).map_err(io::Error::other)?;
    let words = [MAGIC, VERSION, page_bytes, 0].map(u32::to_be_bytes);
    let head = [words.as_flattened(), &salt].concat();
    let mut sum = Sum(0, 0).with(&head, u32::from_le_bytes);
    to.write_all(&head)?;
    to.write_all(&sum.bytes())?;
    let mut bytes = [0; FRAME_BYTES];
    for number in frames {
        from.read_exact_at(&mut bytes, HEADER + number * FRAME)?;
        bytes[8..16].copy_from_slice(&salt);
        sum = sum.with(&bytes[..8], u32::from_le_bytes).with(&bytes[24..], u32::from_le_bytes);
        bytes[16..24].copy_from_slice(&sum.bytes());
        to.write_all(&bytes)?;
    }
    Ok(())
}
