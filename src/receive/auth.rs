//! Who may change something: loopback, or whoever the operator let in by a flag.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Shared;
use super::error::ReceiveError;

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Peer {
    fn is_loopback(self) -> bool {
        match self.0.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = ReceiveError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ReceiveError> {
        let peer = parts.extensions.get::<Self>().copied();
        peer.ok_or(ReceiveError::Defect("a request without a peer"))
    }
}

/// Whether `peer` may do what changes or sends something.
///
/// # Errors
///
/// With the words that say how to be let in.
pub(super) fn admin(shared: &Shared, peer: Peer, what: &str) -> Result<(), ReceiveError> {
    if peer.is_loopback() || shared.settings.load().process.enable_admin_api {
        return Ok(());
    }
    Err(ReceiveError::Forbidden(format!(
        "{what} is allowed from this machine (loopback) only; start with --web.enable-admin-api \
         to allow it from everywhere"
    )))
}

/// Whether `peer` may reload the configuration.
///
/// # Errors
///
/// With the words that say how to be let in.
pub(super) fn lifecycle(shared: &Shared, peer: Peer) -> Result<(), ReceiveError> {
    if peer.is_loopback() || shared.settings.load().process.enable_lifecycle {
        return Ok(());
    }
    Err(ReceiveError::Forbidden(
        "a reload is allowed from this machine (loopback) only; start with --web.enable-lifecycle \
         to allow it from everywhere, or send the process SIGHUP"
            .to_owned(),
    ))
}
