//! Which known name a mistyped one was meant to be. Pure.

/// Shorter pieces stand in too many names.
const SHORTEST_PIECE: usize = 3;

/// The one of `known` that is nearest to `name`, if one is near enough to have been meant.
///
/// Near is a slip of one letter in three, a piece of the known name (`token` is meant to be
/// `access_token`), or the known name with less than as much again around it. Case makes no
/// difference.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name = name.to_lowercase();
    let near = known.into_iter().filter_map(|known| Some((slips(&name, known)?, known)));
    near.min_by_key(|(slips, _)| *slips).map(|(_, known)| known)
}

/// How many slips of the pen lie between a name in small letters and `known`, if that is near.
fn slips(name: &str, known: &str) -> Option<usize> {
    let known = known.to_lowercase();
    let slips = strsim::osa_distance(name, &known);
    let is_slip = slips <= (known.chars().count() / 3).max(1);
    let is_piece = name.len() >= SHORTEST_PIECE && known.contains(name);
    let is_around = known.len() * 2 > name.len() && name.contains(&known);
    (is_slip || is_piece || is_around).then_some(slips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_a_piece_finds_the_name_that_was_meant() {
        let known = ["access_token", "webhook_url", "keywords", "mention", "ops", "database"];
        for (name, meant) in [
            ("acces_token", Some("access_token")),
            ("token", Some("access_token")),
            ("url", Some("webhook_url")),
            ("Keywords", Some("keywords")),
            ("mentions", Some("mention")),
            ("databse", Some("database")),
            ("opss", Some("ops")),
            ("database-team", Some("database")),
            ("ops-team", None),
            ("logging", None),
            ("something-else", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }
}
