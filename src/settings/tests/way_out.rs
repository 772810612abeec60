//! Tests of the way to DingTalk as it stands in a file: a proxy, and a company's own authorities.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{errors, load, load_in, load_with, warnings, with_section};

const AUTHORITY: &str = include_str!("../../../crates/test-support/src/tls/authority.pem");

fn with(keys: &str) -> String {
    with_section(&format!("dingtalk: {{{keys}}}"))
}

/// The errors of `keys` below `dingtalk`, in a file of this folder.
fn errors_in(folder: &Path, keys: &str) -> String {
    match load_in(folder, &with(keys)) {
        Ok(_) => panic!("no error in {keys}"),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn a_proxy_is_taken_from_the_file_a_variable_or_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("proxy");
    fs::write(&own, "http://u:ca%40nary@proxy.example:3128\n").unwrap();
    fs::set_permissions(&own, PermissionsExt::from_mode(0o600)).unwrap();
    let variables = [("PROXY_PASSWORD", "canary")];
    for loaded in [
        load_with(&with("proxy_url: 'http://u:${PROXY_PASSWORD}@proxy.example:3128'"), &variables),
        load_in(folder.path(), &with("proxy_url_file: proxy")),
    ] {
        let loaded = loaded.unwrap();
        let proxy = loaded.settings.way_out.proxy.as_ref().unwrap();
        assert_eq!(proxy.place(), ("proxy.example", 3128));
        let shown = loaded.settings.redacted();
        assert!(shown.contains("http://<secret>@proxy.example:3128"), "{shown}");
        let all = format!("{shown} {:?} {:?}", loaded.settings, loaded.warnings);
        assert!(!all.contains("canary") && !all.contains("nary@"), "{all}");
        assert_eq!(loaded.warnings, []);
    }
    let none = load(&with(""));
    assert_eq!(none.way_out, crate::dingtalk::WayOut::default());
    assert!(!none.redacted().contains("proxy_url") && !none.redacted().contains("ca_file"));
}

#[test]
fn a_proxy_that_is_none_is_refused_in_words_and_its_password_not_shown() {
    for (keys, expected) in [
        ("proxy_url: 'canary.example:3128'", "proxy_url: has no scheme; write http:// before it"),
        ("proxy_url: 'u:canary@h:3128'", "has no scheme"),
        ("proxy_url: 'socks5://u:canary@h:1080'", "SOCKS is not spoken"),
        ("proxy_url: 'http://u:can#ary@h:3128'", "percent-encoded (`@` is %40)"),
        ("proxy_url: 'http://h:3128/canary'", "a proxy has no path"),
        ("proxy_url: 'http://h:3128 canary'", "holds white space"),
        ("proxy_url: $PROXY", "write `${PROXY}`"),
        ("proxy_url: [canary]", "expected a text"),
        ("proxy_url: ''", "expected a text"),
        ("proxy_url: 'http://h:1', proxy_url_file: x", "excludes `proxy_url`"),
        ("proxy_url_file: 'http://u:canary@h:1'", "a secret itself stands under `proxy_url`"),
        ("proxy: 'http://h:1'", "did you mean `proxy_url`?"),
    ] {
        let found = errors(&with(keys));
        assert!(found.starts_with("c.yml:1:") && found.contains(expected), "{keys}: {found}");
        assert!(!found.contains("canary") && !found.contains("ary@"), "{found}");
    }
    let told = warnings(&with("proxy_url: 'http://proxy.example'"));
    assert!(told.len() == 1 && told[0].contains("has no port, so that 80 is used"), "{told:?}");
}

#[test]
fn a_file_of_authorities_holds_one_or_several_in_pem() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("one.pem", AUTHORITY.as_bytes());
    write("two.pem", format!("# ours\n{AUTHORITY}{AUTHORITY}").as_bytes());
    write("cut.pem", format!("{AUTHORITY}{}", &AUTHORITY[..300]).as_bytes());
    write("binary.cer", b"\x30\x82\x01\xa9\xff\xfe");
    write("key.pem", b"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n");
    write("text.pem", b"canary");
    for (name, count) in [("one.pem", 1), ("two.pem", 2)] {
        let loaded = load_in(folder.path(), &with(&format!("ca_file: {name}"))).unwrap();
        let file = loaded.settings.way_out.ca_file.as_ref().unwrap();
        assert_eq!((file.path.as_str(), file.authorities.count()), (name, count));
        assert!(loaded.settings.redacted().contains(&format!("ca_file: {name}")));
    }
    for (name, expected) in [
        ("cut.pem", "/cut.pem holds 2 certificates, of which number 2 is damaged"),
        ("binary.cer", "/binary.cer holds no certificate in PEM, which begins with"),
        ("key.pem", "/key.pem holds a private key and no certificate"),
        ("text.pem", "`openssl x509 -inform der -in FILE -out FILE.pem`"),
        ("none.pem", "can't read"),
        (".", "it is a folder; name a file"),
    ] {
        let found = errors_in(folder.path(), &format!("ca_file: {name}"));
        let key = "c.yml:1:21: dingtalk.ca_file: ";
        assert!(found.starts_with(key) && found.contains(expected), "{name}: {found}");
        assert!(!found.contains("canary"), "{found}");
    }
}

#[test]
fn a_mistake_in_the_way_keeps_no_other_from_being_found() {
    let text = "dingtalk: {oapi_url: x, proxy_url: y, ca_file: z}\nreceivers: [{nmae: r}]";
    let found = errors(text);
    for key in ["dingtalk.oapi_url: ", "dingtalk.proxy_url: ", "dingtalk.ca_file: ", "nmae"] {
        assert!(found.contains(key), "{found}");
    }
}
