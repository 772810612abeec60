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
pub(in crate::http) fn admin(shared: &Shared, peer: Peer, what: &str) -> Result<(), ReceiveError> {
    let words = || {
        format!(
            "{what} is allowed from this machine (loopback) only; start with \
             --web.enable-admin-api to allow it from everywhere"
        )
    };
    let_in(peer, shared.core.settings.load().process.enable_admin_api, words)
}

/// Whether `peer` may reload the configuration.
///
/// # Errors
///
/// With the words that say how to be let in.
pub(in crate::http) fn lifecycle(shared: &Shared, peer: Peer) -> Result<(), ReceiveError> {
    let words = || {
        "a reload is allowed from this machine (loopback) only; start with --web.enable-lifecycle \
         to allow it from everywhere, or send the process SIGHUP"
            .to_owned()
    };
    let_in(peer, shared.core.settings.load().process.enable_lifecycle, words)
}

fn let_in(peer: Peer, everyone: bool, words: impl FnOnce() -> String) -> Result<(), ReceiveError> {
    if everyone || peer.is_loopback() { Ok(()) } else { Err(ReceiveError::Forbidden(words())) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let words = || "say who".to_owned();
            assert!(let_in(peer, true, words).is_ok(), "{address}");
            match let_in(peer, false, words) {
                Ok(()) => assert!(local, "{address}"),
                Err(error) => {
                    assert!(!local, "{address}");
                    assert_eq!((error.status().as_u16(), error.to_string()), (403, words()));
                }
            }
        }
    }
}
