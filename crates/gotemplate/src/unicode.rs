//! stand-in
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}
pub(crate) fn is_digit(c: char) -> bool {
    c.is_numeric()
}
pub(crate) fn is_print(c: char) -> bool {
    !c.is_control()
}
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}
