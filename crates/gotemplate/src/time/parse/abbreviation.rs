//! Abbreviations of zones, which people make and no rule holds: what Go takes for one.

use crate::time::duration::leading_int;

/// The length of the abbreviation that a text starts with.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    // The only two with a small letter.
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(behind) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_hours(behind).unwrap_or(0));
    }
    // Some zones have no name but their offset.
    if matches!(text, [b'+' | b'-', ..]) {
        return signed_hours(text);
    }
    match text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        3 => Some(3),
        4 if text.get(3) == Some(&b'T') || text.starts_with(b"WITA") => Some(4),
        5 if text.get(4) == Some(&b'T') => Some(5),
        _ => None,
    }
}

/// The length of a sign with hours up to 23.
fn signed_hours(text: &[u8]) -> Option<usize> {
    let ([b'+' | b'-'], digits) = text.split_at_checked(1)? else { return None };
    let (hours, behind) = leading_int(digits)?;
    let is_offset = behind.len() < digits.len() && hours <= 23;
    is_offset.then_some(text.len() - behind.len())
}

/// The hours of `GMT+3`; 0 for any other abbreviation.
pub(super) fn hours_of_gmt(abbreviation: &[u8]) -> i32 {
    let Some((sign, digits)) = abbreviation.strip_prefix(b"GMT").and_then(<[u8]>::split_first)
    else {
        return 0;
    };
    let hours = leading_int(digits).map_or(0, |(hours, _)| i32::try_from(hours).unwrap_or(0));
    if *sign == b'-' { -hours } else { hours }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Data of the Go project's tests, BSD-3-Clause: see NOTICE.
    #[test]
    fn an_abbreviation_is_told_from_other_words() {
        for (text, wanted) in [
            ("gmt hi there", None),
            ("GMT hi there", Some(3)),
            ("GMT+12 hi there", Some(6)),
            ("GMT+00 hi there", Some(6)),
            ("GMT+", Some(3)),
            ("GMT+3", Some(5)),
            ("GMT+a", Some(3)),
            ("GMT+3a", Some(5)),
            ("GMT-5 hi there", Some(5)),
            ("GMT-51 hi there", Some(3)),
            ("ChST hi there", Some(4)),
            ("MeST hi there", Some(4)),
            ("MSDx", Some(3)),
            ("MSDY", None),
            ("ESAST hi", Some(5)),
            ("ESASTT hi", None),
            ("ESATY hi", None),
            ("WITA hi", Some(4)),
            ("+03 hi", Some(3)),
            ("-04 hi", Some(3)),
            ("+00", Some(3)),
            ("-11", Some(3)),
            ("-12", Some(3)),
            ("-23", Some(3)),
            ("-24", None),
            ("+13", Some(3)),
            ("+14", Some(3)),
            ("+23", Some(3)),
            ("+24", None),
        ] {
            assert_eq!(length(text.as_bytes()), wanted, "{text}");
        }
    }
}
