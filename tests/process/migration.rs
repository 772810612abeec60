//! The commands that write a configuration: what goes where, and what is never overwritten.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use test_support::{Site, run};

const PRODUCT: &str = "prometheus-webhook-dingtalk";

const TARGETS: &str = "\
targets:
  ops:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary
    secret: SECcanary
    mention: {mobiles: ['156xxxx8827']}
";

/// Runs a command of the binary; what it printed where.
fn output(site: &Site, arguments: &[&str]) -> Output {
    site.command(arguments.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// A site with the product's file.
async fn with_file() -> Site {
    let site = Site::with_receivers(0).await;
    fs::write(site.path().join("pwd.yml"), TARGETS).unwrap();
    site
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_prints_a_configuration_and_says_the_rest_beside_it() {
    let site = with_file().await;
    let printed = output(&site, &["migrate", PRODUCT, "pwd.yml"]);
    assert_eq!(printed.status.code(), Some(0));
    let (configuration, words) = (text(&printed.stdout), text(&printed.stderr));
    for words in [configuration, words] {
        assert!(!words.contains("canary"), "{words}");
        assert!(words.contains("pwd.yml:5:25: `156xxxx8827` is left out"), "{words}");
    }
    for expected in
        ["receivers of prometheus-webhook-dingtalk: 1", "set before the start:", "next:"]
    {
        assert!(words.contains(expected), "{words}");
    }
    fs::write(site.path().join("new.yml"), configuration).unwrap();
    let check = |site: &Site| site.command(["check-config", "new.yml"]);
    let (status, told) = run(&mut check(&site), site.path()).await;
    assert!(told.contains("`OPS_ACCESS_TOKEN` is not set"), "{told}");
    assert_eq!(status.code(), Some(1));
    let mut command = check(&site);
    command.env("OPS_ACCESS_TOKEN", "t").env("OPS_SECRET", "SECs");
    let (status, told) = run(&mut command, site.path()).await;
    assert_eq!((status.code(), told.contains("valid, receivers: 1")), (Some(0), true), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_reads_standard_input() {
    let site = with_file().await;
    let script = format!("cat pwd.yml | \"$0\" migrate {PRODUCT} -");
    let mut command = Command::new("sh");
    command.current_dir(site.path()).args(["-c", &script]).arg(&site.binary);
    let (status, told) = run(&mut command, site.path()).await;
    assert_eq!(status.code(), Some(0), "{told}");
    assert!(told.contains("standard input:5:25: `156xxxx8827` is left out"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_into_files_of_their_own_that_are_never_overwritten() {
    let site = with_file().await;
    let arguments = ["migrate", PRODUCT, "pwd.yml", "--secrets-dir", "secrets"];
    let printed = output(&site, &arguments);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    let secrets = site.path().join("secrets");
    let token = secrets.join("ops_access_token");
    assert_eq!((mode(&secrets), mode(&token)), (0o700, 0o600));
    assert_eq!(fs::read_to_string(&token).unwrap(), "canary");
    fs::write(site.path().join("new.yml"), &printed.stdout).unwrap();
    let (status, told) = site.run(["check-config", "new.yml"]).await;
    assert_eq!(status.code(), Some(0), "{told}");
    fs::remove_file(secrets.join("ops_secret")).unwrap();
    let again = output(&site, &arguments);
    assert_eq!((again.status.code(), text(&again.stdout)), (Some(1), ""));
    let told = text(&again.stderr);
    assert!(told.contains("already there: secrets/ops_access_token"), "{told}");
    assert!(!secrets.join("ops_secret").exists(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_wrong_or_anothers_print_no_configuration() {
    let site = with_file().await;
    fs::write(
        site.path().join("twice.yml"),
        TARGETS.replace("mention:", "secret: b\n    mention:"),
    )
    .unwrap();
    for (product, file, words) in [
        (
            PRODUCT,
            "twice.yml",
            "twice.yml:5:5: targets.ops: `secret` stands twice, first in line 4",
        ),
        (PRODUCT, "nowhere.yml", "nowhere.yml:1:1: can't read the file: No such file"),
        ("notification-manager", "pwd.yml", "`campana migrate prometheus-webhook-dingtalk`"),
    ] {
        let printed = output(&site, &["migrate", product, file]);
        let told = text(&printed.stderr);
        assert_eq!((printed.status.code(), text(&printed.stdout)), (Some(1), ""), "{told}");
        assert!(told.contains(words), "{told}");
    }
    let printed = output(&site, &["migrate", "nagios", "pwd.yml"]);
    assert_eq!(printed.status.code(), Some(2));
    assert!(text(&printed.stderr).contains("notification-manager"), "the products are named");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_refuses_a_foreign_file_with_its_translation() {
    let site = with_file().await;
    let (status, told) = site.run(["serve", "--config.file", "pwd.yml"]).await;
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("this is a file of prometheus-webhook-dingtalk"), "{told}");
    assert!(
        told.contains("access_token: ${OPS_ACCESS_TOKEN}") && !told.contains("canary"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn init_writes_a_configuration_that_works_and_overwrites_none() {
    let site = Site::with_receivers(0).await;
    fs::remove_file(site.config_file()).unwrap();
    let (status, told) = site.run(["init"]).await;
    assert_eq!(status.code(), Some(0), "{told}");
    assert!(told.contains("campana check-config campana.yml"), "{told}");
    let mut command = site.command(["check-config"]);
    command.env("OPS_ACCESS_TOKEN", "t").env("OPS_SECRET", "SECs");
    let (status, told) = run(&mut command, site.path()).await;
    assert_eq!(status.code(), Some(0), "{told}");
    fs::write(site.config_file(), "mine").unwrap();
    let (status, told) = site.run(["init"]).await;
    assert_eq!((status.code(), told.contains("is there already")), (Some(1), true), "{told}");
    assert_eq!(fs::read_to_string(site.config_file()).unwrap(), "mine");
    let printed = output(&site, &["init", "-"]);
    assert!(text(&printed.stdout).contains("\nreceivers:\n"));
}
