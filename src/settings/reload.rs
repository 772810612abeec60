//! The settings that a reload can't change, because parts of the process were built with them.
//!
//! They keep their old values until a restart, and the reload names those that differ.

use super::{BaseUrls, DeliverySettings, Settings};

/// The keys of the settings that differ and take effect only at a restart.
#[must_use]
pub fn restart_needed(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let client = [
        ("delivery.attempt_timeout", old.delivery.attempt_timeout != new.delivery.attempt_timeout),
        ("dingtalk.api_url", old.dingtalk.api != new.dingtalk.api),
        ("dingtalk.proxy_url", old.way_out.proxy != new.way_out.proxy),
        ("dingtalk.ca_file", old.way_out.ca_file != new.way_out.ca_file),
    ];
    let (old, new) = (&old.process, &new.process);
    let process = [
        ("global.external_url", old.external_url != new.external_url),
        ("web.listen_address", old.listen != new.listen),
        ("web.route_prefix", old.route_prefix != new.route_prefix),
        ("web.enable_lifecycle", old.enable_lifecycle != new.enable_lifecycle),
        ("web.enable_admin_api", old.enable_admin_api != new.enable_admin_api),
        ("web.max_body_bytes", old.max_body_bytes != new.max_body_bytes),
        ("web.max_alerts", old.max_alerts != new.max_alerts),
        ("web.max_connections", old.max_connections != new.max_connections),
        ("storage.url", old.storage != new.storage),
        ("storage.limits.queued", old.limits.queued != new.limits.queued),
        ("storage.limits.queued_bytes", old.limits.queued_bytes != new.limits.queued_bytes),
        ("storage.limits.oldest", old.limits.oldest != new.limits.oldest),
        ("storage.limits.free_disk", old.limits.free_disk != new.limits.free_disk),
        ("storage.retention.delivered", old.retain_delivered != new.retain_delivered),
        ("storage.retention.dead", old.retain_dead != new.retain_dead),
        ("log.level", old.log_level != new.log_level),
        ("log.format", old.log_format != new.log_format),
    ];
    process.into_iter().chain(client).filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

/// `new`, with the old values of the settings that need a restart.
///
/// The HTTP client was built with its time limit, base URL, proxy and authorities. If the lanes used a shorter limit
/// than the client, leases would run out during attempts.
#[must_use]
pub fn without_restart(old: &Settings, new: Settings) -> Settings {
    let delivery =
        DeliverySettings { attempt_timeout: old.delivery.attempt_timeout, ..new.delivery };
    let dingtalk = BaseUrls { api: old.dingtalk.api.clone(), ..new.dingtalk };
    let (process, way_out) = (old.process.clone(), old.way_out.clone());
    Settings { process, delivery, dingtalk, way_out, ..new }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::dingtalk::ProxyUrl;
    use crate::settings::environment::Environment;
    use crate::settings::process::Overrides;

    fn settings(variables: &[(&str, &str)], token: &str) -> Settings {
        let text =
            format!("receivers: [{{name: a, chatbots: [{{name: b, access_token: {token}}}]}}]");
        let environment: Environment = variables.iter().copied().collect();
        let overrides = Overrides::default();
        Settings::from_text("c.yml", &text, Path::new(""), &environment, &overrides)
            .unwrap()
            .settings
    }

    /// Variables, and the settings that then need a restart.
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

    #[test]
    fn what_the_client_was_built_with_stays_until_a_restart() {
        let old = settings(&[], "one");
        let mut new = settings(&[("CAMPANA__WEB__ROUTE_PREFIX", "/x")], "two");
        new.delivery.attempt_timeout = Duration::from_secs(2);
        new.delivery.max_age = Duration::from_secs(3);
        new.dingtalk.api = "http://other".to_owned();
        new.dingtalk.oapi = "http://other".to_owned();
        new.way_out.proxy = ProxyUrl::parse("http://u:p@proxy.example:3128").ok();
        let named = restart_needed(&old, &new);
        let expected = [
            "web.route_prefix",
            "delivery.attempt_timeout",
            "dingtalk.api_url",
            "dingtalk.proxy_url",
        ];
        assert_eq!(named, expected);
        let merged = without_restart(&old, new);
        assert_eq!(restart_needed(&old, &merged), [""; 0]);
        assert_eq!(merged.delivery.max_age, Duration::from_secs(3));
        assert_eq!((merged.dingtalk.oapi.as_str(), merged.way_out.proxy), ("http://other", None));
    }

    #[test]
    fn only_changed_process_settings_need_a_restart() {
        let old = settings(&[], "one");
        let cases: [Case; 19] = [
            (&[], &[]),
            (&[("CAMPANA__GLOBAL__TIMEZONE", "UTC")], &[]),
            (&[("CAMPANA__GLOBAL__LANGUAGE", "zh-CN")], &[]),
            (&[("CAMPANA__GLOBAL__EXTERNAL_URL", "http://h")], &["global.external_url"]),
            (&[("CAMPANA__WEB__ROUTE_PREFIX", "/x")], &["web.route_prefix"]),
            (&[("CAMPANA__WEB__ENABLE_LIFECYCLE", "true")], &["web.enable_lifecycle"]),
            (&[("CAMPANA__WEB__ENABLE_ADMIN_API", "true")], &["web.enable_admin_api"]),
            (&[("CAMPANA__WEB__MAX_BODY_BYTES", "1MiB")], &["web.max_body_bytes"]),
            (&[("CAMPANA__WEB__MAX_ALERTS", "100")], &["web.max_alerts"]),
            (&[("CAMPANA__WEB__MAX_CONNECTIONS", "100")], &["web.max_connections"]),
            (&[("CAMPANA__STORAGE__URL", "sqlite:x.db")], &["storage.url"]),
            (&[("CAMPANA__STORAGE__LIMITS__QUEUED", "9")], &["storage.limits.queued"]),
            (
                &[("CAMPANA__STORAGE__LIMITS__QUEUED_BYTES", "9MiB")],
                &["storage.limits.queued_bytes"],
            ),
            (&[("CAMPANA__STORAGE__LIMITS__OLDEST", "9h")], &["storage.limits.oldest"]),
            (&[("CAMPANA__STORAGE__LIMITS__FREE_DISK", "9MiB")], &["storage.limits.free_disk"]),
            (&[("CAMPANA__STORAGE__RETENTION__DEAD", "1d")], &["storage.retention.dead"]),
            (&[("CAMPANA__STORAGE__RETENTION__DELIVERED", "1d")], &["storage.retention.delivered"]),
            (
                &[("CAMPANA__LOG__LEVEL", "debug"), ("CAMPANA__LOG__FORMAT", "json")],
                &["log.level", "log.format"],
            ),
            (
                &[("CAMPANA__WEB__LISTEN_ADDRESS", ":9000")],
                &["global.external_url", "web.listen_address"],
            ),
        ];
        for (variables, expected) in cases {
            let new = settings(variables, "two");
            assert_eq!(restart_needed(&old, &new), expected, "{variables:?}");
        }
    }
}
