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

/// The same, of what is read into memory.
const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + 4096;

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

/// Whether so many bytes could be read; a bad block is what cannot.
fn read(log: &File, bytes: &mut [u8], at: u64) -> bool {
    log.read_exact_at(bytes, at).is_ok()
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
    pub(super) fn read(log: &File) -> Option<Self> {
        let mut bytes = [0; HEADER_BYTES];
        if !read(log, &mut bytes, 0) {
            return None;
        }
        let word = match number(&bytes, 0) {
            MAGIC => u32::from_le_bytes,
            magic if magic == MAGIC + 1 => u32::from_be_bytes,
            _ => return None,
        };
        let sum = Sum(0, 0).with(&bytes[..24], word);
        let is_sound = number(&bytes, 4) == VERSION
            && u64::from(number(&bytes, 8)) == PAGE
            && sum == Sum::of(&bytes[24..]);
        let salt = salt(&bytes[16..24]);
        is_sound.then_some(Self { salt, sum: Some(sum), word })
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

/// The salt that the second frame has, if there is one.
pub(super) fn second_salt(log: &File) -> Option<Salt> {
    let mut bytes = [0; FRAME_HEADER_BYTES];
    let is_there = read(log, &mut bytes, HEADER + FRAME);
    is_there.then(|| salt(&bytes[8..16])).filter(|salt| *salt != Salt::default())
}

/// What can be said of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// It is the log's, and holds what was written.
    pub(super) is_sound: bool,
    /// The database's pages after it, if it is the last one of a transaction; else 0.
    pub(super) pages: u32,
}

/// Every frame of the log, in their order.
pub(super) fn frames(log: &File, header: &Header) -> io::Result<Vec<Frame>> {
    let count = log.metadata()?.len().saturating_sub(HEADER) / FRAME;
    let (mut frames, mut before) = (Vec::new(), header.sum);
    let mut bytes = [0; FRAME_BYTES];
    for at in (0..count).map(|frame| HEADER + frame * FRAME) {
        let (head, page) = bytes.split_at_mut(FRAME_HEADER_BYTES);
        if !read(log, head, at) {
            before = None;
            frames.push(Frame { is_sound: false, pages: 0 });
            continue;
        }
        let sum = Sum::of(&head[16..]);
        let follows = |page: &[u8]| {
            let found = before.map(|sum| sum.with(&head[..8], header.word).with(page, header.word));
            found == Some(sum)
        };
        // Behind the log's end lie frames of an older one, or nothing.
        let is_of_log = head[8..16] == header.salt && number(head, 0) > 0;
        let is_sound = is_of_log && read(log, page, at + FRAME_HEADER) && follows(page);
        frames.push(Frame { is_sound, pages: number(head, 4) });
        before = Some(sum);
    }
    Ok(frames)
}

/// Writes a log of these frames of another one, with a salt of its own; with the last of them the database
/// has so many pages.
pub(super) fn copy(
    from: &File,
    header: &Header,
    frames: &[u64],
    pages: u64,
    mut to: impl io::Write,
) -> io::Result<()> {
    let mut salt = header.salt;
    // As SQLite makes a new one.
    let first = number(&salt, 0).wrapping_add(1);
    salt[..4].copy_from_slice(&first.to_be_bytes());
    let word = |number: u64| u32::try_from(number).map(u32::to_be_bytes).map_err(io::Error::other);
    let head = [MAGIC.to_be_bytes(), VERSION.to_be_bytes(), word(PAGE)?, word(0)?];
    let head = [head.as_flattened(), &salt].concat();
    let mut sum = Sum(0, 0).with(&head, u32::from_le_bytes);
    to.write_all(&head)?;
    to.write_all(&sum.bytes())?;
    let mut bytes = [0; FRAME_BYTES];
    for (place, frame) in frames.iter().enumerate() {
        from.read_exact_at(&mut bytes, HEADER + frame * FRAME)?;
        if place + 1 == frames.len() {
            bytes[4..8].copy_from_slice(&word(pages)?);
        }
        bytes[8..16].copy_from_slice(&salt);
        let (head, page) = bytes.split_at(FRAME_HEADER_BYTES);
        sum = sum.with(&head[..8], u32::from_le_bytes).with(page, u32::from_le_bytes);
        bytes[16..24].copy_from_slice(&sum.bytes());
        to.write_all(&bytes)?;
    }
    Ok(())
}
