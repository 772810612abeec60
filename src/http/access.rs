//! Who may do what: each route has a rule, and the router applies it before the handler runs.
//!
//! Reading and posting notifications is open to everyone who reaches the port, as in Prometheus and
//! Alertmanager. What changes or sends something else is for this machine, until the operator opens
//! it by a flag.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::AppState;
use super::edge::read_body;
use super::error::HttpError;
use crate::settings::Process;

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
    pub(super) fn guard(
        self,
        handlers: MethodRouter<Arc<AppState>>,
        app: &Arc<AppState>,
    ) -> MethodRouter<Arc<AppState>> {
        match self {
            Self::Open => handlers,
            Self::Admin(_) | Self::AdminWithBody(_) | Self::Lifecycle => {
                handlers.route_layer(from_fn_with_state((self, Arc::clone(app)), guarded))
            }
        }
    }

    /// Whether a request from `peer` is let in.
    fn check(self, process: &Process, peer: Peer) -> Result<(), HttpError> {
        let everyone = match self {
            Self::Open => true,
            Self::Admin(_) | Self::AdminWithBody(_) => process.enable_admin_api,
            Self::Lifecycle => process.enable_lifecycle,
        };
        if everyone || peer.is_loopback() {
            return Ok(());
        }
        Err(HttpError::Forbidden(self.words()))
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

async fn guarded(
    State((access, app)): State<(Access, Arc<AppState>)>,
    peer: Peer,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    let settings = app.core.settings.load_full();
    let request = match access {
        Access::AdminWithBody(_) => {
            let (head, body) = request.into_parts();
            let body = read_body(settings.process.max_body_bytes, body).await?;
            if body.iter().any(|byte| !byte.is_ascii_whitespace()) {
                access.check(&settings.process, peer)?;
            }
            Request::from_parts(head, Body::from(body))
        }
        Access::Open | Access::Admin(_) | Access::Lifecycle => {
            access.check(&settings.process, peer)?;
            request
        }
    };
    Ok(next.run(request).await)
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
    use super::*;
    use crate::settings::{Environment, Overrides};

    fn process(admin: bool, lifecycle: bool) -> Process {
        let overrides = Overrides {
            enable_admin_api: Some(admin),
            enable_lifecycle: Some(lifecycle),
            ..Overrides::default()
        };
        Process::without_file(&Environment::default(), &overrides).unwrap()
    }

    #[test]
    fn only_this_machine_is_let_in_unless_everyone_is() {
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
            let peer = Peer(address.parse().unwrap());
            for access in [Access::Admin("a replay"), Access::AdminWithBody("a test")] {
                assert!(access.check(&process(true, false), peer).is_ok(), "{address}");
                assert_eq!(access.check(&process(false, true), peer).is_ok(), local, "{address}");
            }
            assert!(Access::Lifecycle.check(&process(false, true), peer).is_ok(), "{address}");
            let lifecycle = Access::Lifecycle.check(&process(true, false), peer);
            assert_eq!(lifecycle.is_ok(), local, "{address}");
            assert!(Access::Open.check(&process(false, false), peer).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_request_that_is_not_let_in_is_told_how_it_can_be() {
        let far = Peer("192.168.1.7:1".parse().unwrap());
        for (access, words) in [
            (Access::Admin("a replay"), "a replay is allowed from this machine (loopback) only"),
            (Access::Lifecycle, "--web.enable-lifecycle"),
        ] {
            let error = access.check(&process(false, false), far).unwrap_err();
            assert_eq!(error.status().as_u16(), 403);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
