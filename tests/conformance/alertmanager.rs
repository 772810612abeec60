//! Alertmanager.

use campana::render::profile::Profile;

use crate::recorded;

#[test]
fn templates_write_what_alertmanager_writes() {
    let tally = recorded::run(Profile::Alertmanager, "alertmanager", |_, _| None);
    println!("alertmanager: {tally}");
    assert!(tally.is_clean());
}
