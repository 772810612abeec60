//! The secrets of foreign files: each becomes a variable, or a file of its own, and none is
//! printed.

use secrecy::SecretString;

use super::owner::Owner;
use crate::settings::tree::Node;
use crate::settings::yaml::{bare, text};

/// A secret of a foreign file.
#[derive(Clone)]
pub(super) struct Credential {
    /// Its text; none if it stands elsewhere.
    pub(super) text: Option<SecretString>,
    /// Where it stands, in words.
    pub(super) words: String,
}

/// A key of a secret; variables and files of it are called after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SecretKey {
    pub(super) key: &'static str,
    /// The key of a file with it; an app's key has none, because it is no secret.
    file_key: Option<&'static str>,
}

impl SecretKey {
    pub(super) const ACCESS_TOKEN: Self =
        Self { key: "access_token", file_key: Some("access_token_file") };
    pub(super) const WEBHOOK_URL: Self =
        Self { key: "webhook_url", file_key: Some("webhook_url_file") };
    pub(super) const SECRET: Self = Self { key: "secret", file_key: Some("secret_file") };
    pub(super) const APP_KEY: Self = Self { key: "app_key", file_key: None };
    pub(super) const APP_SECRET: Self =
        Self { key: "app_secret", file_key: Some("app_secret_file") };
}

/// A variable that has to be set before the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    /// What it takes, and where that stands.
    pub(super) words: String,
}

/// A file that has to be written.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its path.
    pub path: String,
    /// What it holds.
    pub text: SecretString,
    /// Whether only its owner may read it.
    pub is_secret: bool,
}

/// What the secrets of the new configuration are called.
#[derive(Default)]
pub(super) struct Secrets {
    /// The folder that known secrets are written into.
    folder: Option<String>,
    pub(super) variables: Vec<Variable>,
    pub(super) files: Vec<NewFile>,
}

impl Secrets {
    /// No secrets yet; known ones go into this folder, if there is one.
    pub(super) fn new(folder: Option<&str>) -> Self {
        Self { folder: folder.map(str::to_owned), ..Self::default() }
    }

    /// The entry that stands for a secret of `owner`.
    pub(super) fn take(
        &mut self,
        owner: &Owner,
        of: &SecretKey,
        credential: &Credential,
    ) -> (&'static str, Node) {
        let entry = self.entry(owner, of, credential);
        let name = owner.variable_of(of.key);
        match (&credential.text, &self.folder, of.file_key) {
            (Some(secret), Some(folder), Some(_)) => {
                let path = path(folder, owner, of);
                self.files.push(NewFile { path, text: secret.clone(), is_secret: true });
            }
            (Some(_), Some(_), None) => {}
            (None, _, _) | (_, None, _) => {
                self.variables.push(Variable { name, words: credential.words.clone() });
            }
        }
        entry
    }

    /// The entry that names the secret which another one of `owner` is taken for.
    pub(super) fn entry(
        &self,
        owner: &Owner,
        of: &SecretKey,
        credential: &Credential,
    ) -> (&'static str, Node) {
        match (&credential.text, &self.folder, of.file_key) {
            (Some(_), Some(folder), Some(key)) => (key, text(path(folder, owner, of))),
            // An app's key is no secret, and has no file.
            (Some(known), Some(_), None) => {
                (of.key, text(secrecy::ExposeSecret::expose_secret(known)))
            }
            (None, _, _) | (_, None, _) => {
                (of.key, bare(format!("${{{}}}", owner.variable_of(of.key))))
            }
        }
    }
}

/// The file of a secret, called as its variable in small letters.
fn path(folder: &str, owner: &Owner, of: &SecretKey) -> String {
    format!("{}/{}", folder.trim_end_matches('/'), owner.variable_of(of.key).to_lowercase())
}
