//! SHA-1, which sprig still has; a name for contents, no protection of anything.

/// The sum of a text.
pub(super) fn sum(text: &[u8]) -> [u8; 20] {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut blocks = text.chunks_exact(64);
    for block in blocks.by_ref() {
        update(&mut state, block);
    }
    // The rest, a one bit, zeros, and the length in bits at the end of a block.
    let mut last = blocks.remainder().to_vec();
    last.push(0x80);
    last.resize(if last.len() > 56 { 120 } else { 56 }, 0);
    let bits = u64::try_from(text.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    last.extend(bits.to_be_bytes());
    last.chunks_exact(64).for_each(|block| update(&mut state, block));
    let mut sum = [0; 20];
    sum.chunks_exact_mut(4)
        .zip(state)
        .for_each(|(bytes, word): (&mut [u8], u32)| bytes.copy_from_slice(&word.to_be_bytes()));
    sum
}

fn update(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for at in 16..80 {
        let mixed = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
        words[at] = mixed.rotate_left(1);
    }
    let mut mixed = *state;
    for (round, word) in words.iter().enumerate() {
        let [first, second, third, fourth, fifth] = mixed;
        let (chosen, constant) = match round / 20 {
            0 => (second & third | !second & fourth, 0x5a82_7999_u32),
            1 => (second ^ third ^ fourth, 0x6ed9_eba1),
            2 => (second & third | second & fourth | third & fourth, 0x8f1b_bcdc),
            _ => (second ^ third ^ fourth, 0xca62_c1d6),
        };
        let next = first.rotate_left(5).wrapping_add(chosen).wrapping_add(fifth);
        let next = next.wrapping_add(constant).wrapping_add(*word);
        mixed = [next, first, second.rotate_left(30), third, fourth];
    }
    for (word, added) in state.iter_mut().zip(mixed) {
        *word = word.wrapping_add(added);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_standard() {
        let hex = |sum: [u8; 20]| sum.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex(sum(b"")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(hex(sum(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(sum(long)), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }
}
