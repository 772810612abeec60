//! The way out: a proxy and an authority of a company's own, for the deliveries and for the doctor.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::{Arc, Mutex};

use dingtalk_sim::{Robot, Sim};
use test_support::{AUTHORITY, Site, TlsFront, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::mark;

/// The variables that name a proxy.
pub(crate) const VARIABLES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// A proxy that leads every tunnel to one address, or refuses it with a status.
pub(crate) struct TunnelProxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    listener: JoinHandle<()>,
}

impl TunnelProxy {
    pub(crate) async fn to(behind: Result<SocketAddr, u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, behind, Arc::clone(&seen)));
            }
        });
        Self { address, heads, listener }
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for TunnelProxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn tunnel(
    mut client: TcpStream,
    behind: Result<SocketAddr, u16>,
    heads: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    heads.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    let status = behind.err().unwrap_or(200);
    client.write_all(format!("HTTP/1.1 {status} x\r\n\r\n").as_bytes()).await.ok()?;
    let mut server = TcpStream::connect(behind.ok()?).await.ok()?;
    copy_bidirectional(&mut client, &mut server).await.ok().map(|_| ())
}

/// Writes a configuration whose DingTalk is not at the simulator, with these keys of `dingtalk`.
pub(crate) fn configure(site: &Site, dingtalk: &str, receivers: &str) {
    let database = site.database();
    let text = format!(
        "storage: {{url: 'sqlite:{}'}}\nweb: {{listen_address: '127.0.0.1:0'}}\n\
         dingtalk: {{{dingtalk}}}\nreceivers:\n{receivers}\n",
        database.display()
    );
    std::fs::write(site.config_file(), text).unwrap();
}

/// A command without the environment's proxies.
pub(crate) fn without_proxies(command: &mut Command) -> &mut Command {
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
}

/// One robot, whose messages come to the group `g0`.
const RECEIVER: &str = "  - {name: r0, chatbots: [{name: bot, access_token: t0, overflow: queue}]}";

fn add_robot(sim: &Sim) {
    sim.add_robot(Robot::new("t0").group("g0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_goes_through_the_configured_proxy_to_a_host_of_the_companys_authority() {
    let site = Site::with_receivers(0).await;
    add_robot(&site.sim);
    let front = TlsFront::before(&site.sim.url()).await;
    let proxy = TunnelProxy::to(Ok(front.address)).await;
    // A file may hold several authorities.
    std::fs::write(site.path().join("ca.pem"), AUTHORITY.repeat(2)).unwrap();
    let dingtalk = format!(
        "oapi_url: 'https://oapi.dingtalk.test', proxy_url: 'http://u:canary-pass@{}', ca_file: ca.pem",
        proxy.address
    );
    configure(&site, &dingtalk, RECEIVER);
    // The configuration wins over the environment, whose proxy is none and whose exception would hold.
    let mut serve = site.serve([]);
    without_proxies(&mut serve).env("HTTPS_PROXY", "http://127.0.0.1:1").env("NO_PROXY", "*");
    let server = site.started(&mut serve).await;
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200);
    server.drained().await;
    assert_eq!(site.sim.posts_in("g0").len(), 1);
    let head = &proxy.heads()[0];
    assert!(head.starts_with("CONNECT oapi.dingtalk.test:443 "), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic "), "{head}");
    let shown = server.get("/api/v1/status/config").await.text;
    assert!(shown.contains(&format!("http://<secret>@{}", proxy.address)), "{shown}");
    assert!(shown.contains("ca_file") && !shown.contains("canary"), "{shown}");
    assert!(!server.process.log().contains("canary"), "{}", server.process.log());

    configure(&site, &dingtalk.replace("canary-pass", "other"), RECEIVER);
    let answer = server.post("/-/reload", "").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains("dingtalk.proxy_url"), "it needs a restart: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_goes_the_way_of_the_deliveries() {
    let site = Site::with_receivers(0).await;
    add_robot(&site.sim);
    let front = TlsFront::before(&site.sim.url()).await;
    let [proxy, refusing, asking] = [
        TunnelProxy::to(Ok(front.address)).await,
        TunnelProxy::to(Err(502)).await,
        TunnelProxy::to(Err(407)).await,
    ];
    std::fs::write(site.path().join("ca.pem"), AUTHORITY).unwrap();
    let doctor = async |proxy: &str, rest: &str, variable: &str| {
        let proxy =
            if proxy.is_empty() { String::new() } else { format!(", proxy_url: '{proxy}'") };
        let dingtalk = format!("oapi_url: 'https://oapi.dingtalk.test'{proxy}{rest}");
        configure(&site, &dingtalk, RECEIVER);
        let mut command = site.command(["doctor", "--send", "--config.file=campana.yml"]);
        without_proxies(&mut command).env("https_proxy", variable);
        let (status, text) = run(&mut command, site.path()).await;
        assert!(!text.contains("canary"), "{text}");
        (status.code().unwrap(), text)
    };
    let url = |proxy: &TunnelProxy| format!("http://u:canary@{}", proxy.address);
    let ca = ", ca_file: ca.pem";
    let (status, text) = doctor(&url(&proxy), ca, "").await;
    let shown = format!("proxy: http://<secret>@{}, by dingtalk.proxy_url\n", proxy.address);
    assert_eq!((status, text.contains(&shown)), (0, true), "{text}");
    assert!(text.contains("ok    r0/bot: message: the test message arrived"), "{text}");
    assert!(text.contains("its certificate is trusted"), "{text}");
    assert!(!text.contains(": name: "), "the proxy looks the host's name up: {text}");
    let (status, text) = doctor("", ca, &url(&proxy)).await;
    assert_eq!((status, text.contains(", by https_proxy\n")), (0, true), "{text}");

    let (status, text) = doctor(&url(&proxy), "", "").await;
    let authority = "name a company's own authority in dingtalk.ca_file";
    assert_eq!((status, text.contains(authority)), (1, true), "{text}");
    let (status, text) = doctor(&url(&refusing), ca, "").await;
    assert_eq!((status, text.contains("the proxy refuses to lead there")), (1, true), "{text}");
    let (status, text) = doctor(&url(&asking), ca, "").await;
    assert_eq!((status, text.contains("asks for a user and a password")), (1, true), "{text}");
    let (status, text) = doctor("http://u:canary@127.0.0.1:1", ca, "").await;
    let nobody = "FAIL  https://oapi.dingtalk.test: connection: the proxy 127.0.0.1 takes none";
    assert_eq!((status, text.contains(nobody)), (1, true), "{text}");
    let (status, text) = doctor("", ca, "socks5://u:canary@127.0.0.1:1").await;
    let variable = "environment variable https_proxy is not the URL of an HTTP proxy";
    assert_eq!((status, text.contains(variable)), (1, true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_for_http_says_itself_what_is_wrong() {
    let site = Site::with_receivers(0).await;
    add_robot(&site.sim);
    let asking = TunnelProxy::to(Err(407)).await;
    // The simulator answers whatever host stands in the request, so that it can be the proxy too.
    for (proxy, expected_status, expected) in [
        (site.sim.url(), 0, "r0/bot: message: the test message arrived"),
        (format!("http://{}", asking.address), 1, "or does not take these (HTTP 407)"),
    ] {
        let dingtalk = format!("oapi_url: 'http://oapi.dingtalk.test', proxy_url: '{proxy}'");
        configure(&site, &dingtalk, RECEIVER);
        let mut command = site.command(["doctor", "--send", "--config.file=campana.yml"]);
        let (status, text) = run(without_proxies(&mut command), site.path()).await;
        assert_eq!(
            (status.code(), text.contains(expected)),
            (Some(expected_status), true),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_leads_to_this_machine_whoever_names_it() {
    let site = Site::with_receivers(1).await;
    let nowhere = "http://127.0.0.1:1";
    for key in ["", ", proxy_url: 'http://127.0.0.1:1'"] {
        configure(&site, &format!("oapi_url: '{}'{key}", site.sim.url()), RECEIVER);
        let mut command = site.command(["doctor", "--send", "--config.file=campana.yml"]);
        let command = without_proxies(&mut command).env("ALL_PROXY", nowhere);
        let (status, text) = run(command, site.path()).await;
        let words = "proxy: none is asked for an address of this machine";
        assert_eq!((status.code(), text.contains(words)), (Some(0), true), "{text}");
    }
    assert_eq!(site.sim.posts_in("g0").len(), 2);
    configure(&site, "oapi_url: 'https://no-such-host.invalid'", RECEIVER);
    let mut command = site.command(["doctor", "--config.file=campana.yml"]);
    let command = without_proxies(&mut command).env("HTTPS_PROXY", nowhere).env("NO_PROXY", "*");
    let (status, text) = run(command, site.path()).await;
    let words = "proxy: NO_PROXY names this host, so calls go straight there";
    assert_eq!((status.code(), text.contains(words)), (Some(1), true), "{text}");
}
