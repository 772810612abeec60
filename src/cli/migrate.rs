//! `campana migrate`: translates another product's files into a configuration of Campana.
//!
//! The configuration alone goes to standard output, so that it can be piped into a file; what has
//! to be set and what differs stand in it as comments, and go to standard error. No secret is
//! printed.

mod files;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::print;
use crate::settings::ConfigErrors;
use crate::settings::foreign::{self, ForeignFile, MigrateOptions, Migration, Product};

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Whose files they are.
    #[arg(value_name = "PRODUCT")]
    product: MigratedProduct,
    /// The product's files, Kubernetes' manifests among them; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write each secret that the files hold into a file of its own in this folder, and name that.
    #[arg(long, value_name = "DIR")]
    secrets_dir: Option<String>,
    /// Write the templates in ConfigMaps into files in this folder, and name those.
    #[arg(long, value_name = "DIR")]
    templates_dir: Option<String>,
}

/// A product whose files can be given.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MigratedProduct {
    #[value(name = "prometheus-webhook-dingtalk")]
    WebhookDingtalk,
    #[value(name = "notification-manager")]
    NotificationManager,
}

impl MigratedProduct {
    fn product(self) -> Product {
        match self {
            Self::WebhookDingtalk => Product::WebhookDingtalk,
            Self::NotificationManager => Product::NotificationManager,
        }
    }
}

/// Prints the configuration; fails if the files are not the product's, or not right.
pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<ExitCode> {
    match migration(args) {
        Ok(migration) => {
            // A file that can't be written leaves nothing printed that would name it.
            let written = files::write(&migration.files)?;
            print::bytes(migration.configuration.as_bytes())?;
            print::error(&summary(args.product.product(), &migration, &written));
            Ok(ExitCode::SUCCESS)
        }
        Err(errors) => {
            print::error(&errors.to_string());
            Ok(ExitCode::FAILURE)
        }
    }
}

fn migration(args: &MigrateArgs) -> Result<Migration, ConfigErrors> {
    let files = args.files.iter().map(|path| ForeignFile::read(path));
    let files = files.collect::<Result<Vec<ForeignFile>, ConfigErrors>>()?;
    let options =
        MigrateOptions { secrets: args.secrets_dir.clone(), templates: args.templates_dir.clone() };
    // Where the configuration is going to lie is not known, so paths start here.
    foreign::migrate(args.product.product(), &files, Path::new(""), &options)
}

/// What was done, what has to be done, and what differs.
fn summary(product: Product, migration: &Migration, written: &[String]) -> String {
    let count = migration.receivers;
    let mut lines = vec![format!("receivers of {}: {count}", product.as_str())];
    lines.extend(written.iter().map(|path| format!("written: {path}")));
    let sections = [
        ("set before the start:", &migration.variables),
        ("what differs, and what to do about it:", &migration.notes),
    ];
    for (heading, items) in sections.into_iter().filter(|(_, items)| !items.is_empty()) {
        lines.push(heading.to_owned());
        lines.extend(items.iter().map(|item| format!("- {}", print::in_one_line(item))));
    }
    lines.push("next: `campana check-config` with the file that you made of it".to_owned());
    lines.join("\n")
}
