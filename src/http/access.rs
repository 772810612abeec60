//! Who may do what: each route has a rule, and the router applies it before the handler runs.
//!
//! Reading and posting notifications is open to everyone who reaches the port, as in Prometheus and
//! Alertmanager. What changes or sends something else is for this machine, until the operator opens
//! it by a flag.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::edge::read_body;
use super::error::HttpError;
use crate::settings::ProcessSettings;

/// The rule of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everyone who reaches the port.
    Open,
    /// This machine, or everyone with `--web.enable-admin-api`; the words say what is done.
    Admin(&'static str),
    /// As [`Access::Admin`], but only where a request has a body; without one, everyone.
    AdminWithBody(&'static str),
    /// This machine, or everyone with `--web.enable-lifecycle`.
    Lifecycle,
}

impl Access {
    /// The handlers of a route behind its rule; an open route has nothing in its way.
    ///
    /// Only a restart changes the settings that a rule asks, so they are taken once.
    pub(super) fn guard<S: Clone + Send + Sync + 'static>(
        self,
        handlers: MethodRouter<S>,
        process: &ProcessSettings,
    ) -> MethodRouter<S> {
        let everyone = match self {
            Self::Open => return handlers,
            Self::Admin(_) | Self::AdminWithBody(_) => process.enable_admin_api,
            Self::Lifecycle => process.enable_lifecycle,
        };
        let limit = process.max_body_bytes;
        handlers.route_layer(from_fn(move |peer: Peer, request: Request, next: Next| async move {
            if everyone || peer.is_loopback() {
                return Ok(next.run(request).await);
            }
            self.for_strangers(limit, request, next).await
        }))
    }

    /// Answers a request from elsewhere.
    async fn for_strangers(
        self,
        limit: usize,
        request: Request,
        next: Next,
    ) -> Result<Response, HttpError> {
        match self {
            Self::Open => Ok(next.run(request).await),
            Self::Admin(_) | Self::Lifecycle => Err(HttpError::Forbidden(self.words())),
            Self::AdminWithBody(_) => {
                let (head, body) = request.into_parts();
                let body = read_body(limit, body).await?;
                if body.iter().any(|byte| !byte.is_ascii_whitespace()) {
                    return Err(HttpError::Forbidden(self.words()));
                }
                Ok(next.run(Request::from_parts(head, Body::from(body))).await)
            }
        }
    }

    /// The words for a request that is not let in: how its sender can be.
    fn words(self) -> String {
        match self {
            Self::Open => String::new(),
            Self::Admin(what) | Self::AdminWithBody(what) => format!(
                "{what} is allowed from this machine (loopback) only; start with \
                 --web.enable-admin-api to allow it from everywhere"
            ),
            Self::Lifecycle => "a reload is allowed from this machine (loopback) only; start with \
                 --web.enable-lifecycle to allow it from everywhere, or send the process SIGHUP"
                .to_owned(),
        }
    }
}

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Peer {
    fn is_loopback(self) -> bool {
        match self.0.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = HttpError;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let peer = head.extensions.get::<Self>().copied();
        peer.ok_or(HttpError::Defect("a request without a peer"))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::settings::{Environment, Overrides};

    const NEAR: &str = "127.0.0.1:1";
    const FAR: &str = "192.168.1.7:1";

    fn process(admin: bool, lifecycle: bool) -> ProcessSettings {
        let overrides = Overrides {
            enable_admin_api: Some(admin),
            enable_lifecycle: Some(lifecycle),
            ..Overrides::default()
        };
        ProcessSettings::without_file(&Environment::default(), &overrides).unwrap()
    }

    /// The status and the text that a guarded route answers.
    async fn answer(
        access: Access,
        process: &ProcessSettings,
        peer: &str,
        body: &'static str,
    ) -> (u16, String) {
        let handlers = access.guard(post(async |body: String| format!("let in: {body}")), process);
        let routes = TowerToHyperService::new(Router::new().route("/", handlers));
        let request = Request::post("/").extension(Peer(peer.parse().unwrap()));
        let Ok(response) = routes.call(request.body(Body::from(body)).unwrap()).await;
        let status = response.status().as_u16();
        let text = read_body(1_000, response.into_body()).await.unwrap();
        (status, String::from_utf8(text).unwrap())
    }

    #[test]
    fn this_machine_is_known_by_its_addresses() {
        for (address, local) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("192.168.1.7:1", false),
            ("0.0.0.0:1", false),
            ("[::ffff:192.168.1.7]:1", false),
            ("[2001:db8::1]:1", false),
        ] {
            assert_eq!(Peer(address.parse().unwrap()).is_loopback(), local, "{address}");
        }
    }

    #[tokio::test]
    async fn each_rule_lets_in_whom_it_says() {
        use Access::{Admin, AdminWithBody, Lifecycle, Open};
        let (closed, admin, lifecycle) =
            (process(false, false), process(true, false), process(false, true));
        for (access, [by_default, with_admin, with_lifecycle]) in [
            (Open, [200, 200, 200]),
            (Admin("a replay"), [403, 200, 403]),
            (AdminWithBody("a test"), [403, 200, 403]),
            (Lifecycle, [403, 403, 200]),
        ] {
            let settings =
                [(&closed, by_default), (&admin, with_admin), (&lifecycle, with_lifecycle)];
            for (process, status) in settings {
                assert_eq!(answer(access, process, FAR, "{}").await.0, status, "{access:?}");
                let near = answer(access, process, NEAR, "{}").await;
                assert_eq!(near, (200, "let in: {}".to_owned()), "{access:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_rule_for_bodies_lets_in_a_request_without_one() {
        let access = Access::AdminWithBody("a test with settings in its body");
        for (body, status) in [("", 200), (" \n", 200), ("{}", 403), (" x", 403)] {
            let (answered, text) = answer(access, &process(false, false), FAR, body).await;
            assert_eq!(answered, status, "{body:?}: {text}");
            assert!(status == 403 || text == format!("let in: {body}"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_request_that_is_not_let_in_is_told_how_it_can_be() {
        for (access, words) in [
            (Access::Admin("a replay"), "a replay is allowed from this machine (loopback) only"),
            (Access::Admin("a replay"), "--web.enable-admin-api"),
            (Access::Lifecycle, "--web.enable-lifecycle"),
            (Access::Lifecycle, "SIGHUP"),
        ] {
            let (_, text) = answer(access, &process(false, false), FAR, "").await;
            assert!(text.contains(words), "{text}");
        }
    }
}
