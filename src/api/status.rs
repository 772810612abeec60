//! The server itself: configuration, version, flags and reloads. Prometheus' forms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An answer in the form of Prometheus' API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success<T> {
    /// `success`.
    pub status: String,
    /// The answer.
    pub data: T,
}

/// GET `/api/v1/status/config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The configuration in force, its secrets shown as `<secret>`.
    pub yaml: String,
}

/// GET `/api/v1/status/buildinfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildInfo {
    /// Campana's version.
    pub version: String,
    /// The oldest Rust that builds it.
    pub rust_version: String,
}

/// GET `/api/v1/status/flags`: values by the flags' names.
pub type Flags = BTreeMap<String, String>;

/// POST `/-/reload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadAnswer {
    /// Whether the new configuration is in force.
    pub reloaded: bool,
    /// The changed settings that need a restart; absent if it is not in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_needed: Option<Vec<String>>,
    /// What is probably not meant so in it, each with its place; absent if there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What is wrong with it; absent if it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl<T> Success<T> {
    /// A good answer.
    #[must_use]
    pub fn new(data: T) -> Self {
        Self { status: "success".to_owned(), data }
    }
}

impl ReloadAnswer {
    /// The configuration is in force.
    #[must_use]
    pub fn new(restart_needed: Vec<String>, warnings: Vec<String>) -> Self {
        Self { reloaded: true, restart_needed: Some(restart_needed), warnings, error: None }
    }

    /// The configuration is not in force.
    #[must_use]
    pub fn failed(error: String) -> Self {
        Self { reloaded: false, restart_needed: None, warnings: Vec::new(), error: Some(error) }
    }
}
