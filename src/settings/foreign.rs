//! Files of other products: recognised, refused, and answered with what would be ours.
pub(super) fn recognise(_: &[super::tree::Node]) -> Option<(super::tree::Mark, String)> {
    None
}
