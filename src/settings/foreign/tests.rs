//! Tests of the translation: what comes of foreign files loads, and holds no secret.

mod named;
mod notification_manager;
mod sources;
mod webhook_dingtalk;

use super::*;
use crate::settings::environment::Environment;
use crate::settings::process::Overrides;
use crate::settings::{Loaded, Settings};

/// What a product's files become; they must not be wrong, and no secret is shown.
fn migrated(product: Product, files: &[(&str, &str)]) -> Migration {
    let migration = migrated_with(product, files, &MigrateOptions::default());
    let shown = format!("{migration:?}");
    assert!(!shown.contains("canary"), "{shown}");
    migration
}

/// As [`migrated`], with folders.
fn migrated_with(product: Product, files: &[(&str, &str)], options: &MigrateOptions) -> Migration {
    outcome(product, files, options).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Why files are refused.
fn refused(product: Product, files: &[(&str, &str)]) -> String {
    let outcome = outcome(product, files, &MigrateOptions::default());
    outcome.expect_err("an error").to_string()
}

fn outcome(
    product: Product,
    files: &[(&str, &str)],
    options: &MigrateOptions,
) -> Result<Migration, ConfigErrors> {
    let files: Vec<ForeignFile> =
        files.iter().map(|(name, text)| ForeignFile::new(name, text)).collect();
    migrate(product, &files, Path::new("/nowhere"), options)
}

/// The error about a file that is given as our configuration.
fn answer_to(text: &str) -> String {
    let loaded = Settings::from_text(
        "c.yml",
        text,
        Path::new("/nowhere"),
        &Environment::default(),
        &Overrides::default(),
    );
    let answer = loaded.expect_err("it is foreign").to_string();
    assert!(!answer.contains("canary"), "{answer}");
    answer
}

/// Loads the configuration with a value for each variable that it needs.
fn loaded(migration: &Migration, folder: &Path) -> Loaded {
    let value = |name: &str| {
        let value = name.to_lowercase().replace('_', "-");
        if name.ends_with("WEBHOOK_URL") {
            format!("https://oapi.dingtalk.com/robot/send?access_token={value}")
        } else if name.ends_with("_SECRET") {
            format!("SEC{value}")
        } else {
            value
        }
    };
    let names = migration.variables.iter().map(|line| line.split(':').next().unwrap());
    let environment: Environment = names.map(|name| (name.to_owned(), value(name))).collect();
    load(&migration.configuration, folder, &environment)
}

fn load(configuration: &str, folder: &Path, environment: &Environment) -> Loaded {
    let overrides = Overrides::default();
    let loaded = Settings::from_text("new.yml", configuration, folder, environment, &overrides);
    loaded.unwrap_or_else(|errors| panic!("{errors}\n{configuration}"))
}

/// Whether one of the notes contains the words.
#[track_caller]
fn assert_notes(migration: &Migration, words: &[&str]) {
    for words in words {
        let found = migration.notes.iter().any(|note| note.contains(words));
        assert!(found, "{words:?} is not in {:#?}", migration.notes);
    }
}
