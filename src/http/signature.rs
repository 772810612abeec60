//! Which receivers a notification may reach that asks for a signature: those whose secret it was
//! signed with.
//!
//! On a receiver's own paths an unsigned notification is refused. Where the conditions of all receivers
//! decide, it reaches those that ask for no signature, and is refused if there are none.

use axum::http::HeaderMap;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::error::HttpError;
use crate::receive::signature::{Asked, SignatureError, check};
use crate::settings::{Receiver, Settings};

/// The names of the receivers that must be told nothing of this body.
///
/// # Errors
///
/// When no receiver that is asked may be told.
pub(super) fn left_out(
    settings: &Settings,
    receiver: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Vec<String>, HttpError> {
    let mut signed = Signed { headers, body, now, known: Vec::new() };
    if let Some(name) = receiver {
        // One that is not configured is told so elsewhere.
        let refusal = settings.receivers.get(name).and_then(|receiver| signed.refusal(receiver));
        return refusal.map_or(Ok(Vec::new()), |refusal| Err(refusal.into()));
    }
    let enabled = || settings.receivers.iter().filter(|receiver| receiver.enabled);
    let refusals = enabled().map(|receiver| Some((&receiver.name, signed.refusal(receiver)?)));
    let refused: Vec<(&String, SignatureError)> = refusals.flatten().collect();
    match refused.first() {
        Some((_, refusal)) if refused.len() == enabled().count() => Err(refusal.clone().into()),
        _ => Ok(refused.into_iter().map(|(name, _)| name.clone()).collect()),
    }
}

/// A body with its headers, and what is known of the keys that it was checked with: many receivers may have
/// one key, and a body is long.
struct Signed<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    now: Timestamp,
    known: Vec<(Asked<'a>, Result<(), SignatureError>)>,
}

impl<'a> Signed<'a> {
    /// Why the receiver must not be told of it.
    fn refusal(&mut self, receiver: &'a Receiver) -> Option<SignatureError> {
        let key = receiver.grafana.as_ref()?;
        let asked = Asked {
            secret: key.secret.expose_secret().as_bytes(),
            signature_header: &key.signature_header,
            timestamp_header: key.timestamp_header.as_deref(),
        };
        if let Some((_, answer)) = self.known.iter().find(|(known, _)| *known == asked) {
            return answer.clone().err();
        }
        let Self { headers, body, now, .. } = *self;
        let header = |name: &str| headers.get(name).map(|value| value.as_bytes().trim_ascii());
        let answer = check(&asked, header, body, now);
        self.known.push((asked, answer.clone()));
        answer.err()
    }
}
