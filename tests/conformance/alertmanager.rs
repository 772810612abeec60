//! Alertmanager.

use campana::render::profile::Profile;

use crate::recorded;

#[test]
fn templates_write_what_alertmanager_writes() {
    let tally = recorded::run(Profile::Alertmanager, "alertmanager", |_, _| None);
    tally.report("alertmanager");
    assert!(tally.is_clean());
}
