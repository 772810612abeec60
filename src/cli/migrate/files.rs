//! Writes the secrets and templates of a migration, each into a new file.
//!
//! No file is overwritten: a secret that is there may be a newer one.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;

use crate::settings::foreign::NewFile;

/// The rights of a secret's file, and of one with templates: those of the umask.
const SECRET_MODE: u32 = 0o600;
const TEMPLATE_MODE: u32 = 0o666;

/// Writes the files, or none if one of them is there; gives their paths.
pub(super) fn write(files: &[NewFile]) -> anyhow::Result<Vec<String>> {
    let there: Vec<&str> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| Path::new(path).symlink_metadata().is_ok())
        .collect();
    if !there.is_empty() {
        bail!(
            "nothing was written: already there: {}; move it, or name another folder",
            there.join(", ")
        );
    }
    for file in files {
        write_file(file).with_context(|| format!("cannot write {}", file.path))?;
    }
    Ok(files.iter().map(|file| file.path.clone()).collect())
}

fn write_file(file: &NewFile) -> anyhow::Result<()> {
    let path = Path::new(&file.path);
    if let Some(folder) = path.parent() {
        let mode = if file.is_secret { 0o700 } else { 0o777 };
        DirBuilder::new().recursive(true).mode(mode).create(folder)?;
    }
    let mode = if file.is_secret { SECRET_MODE } else { TEMPLATE_MODE };
    let mut new = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    new.write_all(file.text.expose_secret().as_bytes())?;
    new.sync_all()?;
    Ok(())
}
