//! The steps to one host, in the order of a call: the proxy, the name, the connection, the answer, the
//! clock. A step that fails is the last one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;

use super::answer::{self, Answered};
use super::connection::{self, Place, Tried};
use super::{Doctor, Finding, Mark, clock};
use crate::dingtalk::{Cause, ClientError, Route, SendError, connect_limit};

/// The most addresses of a name that are tried; DingTalk's names have about four.
const MOST_ADDRESSES: usize = 8;

impl Doctor<'_> {
    /// Tells what is found on the way to a host, and whether it answers.
    pub(super) async fn examine_host(
        &self,
        origin: &Url,
        tell: &mut impl FnMut(Finding),
    ) -> Result<bool, ClientError> {
        let subject = origin.as_str().trim_end_matches('/');
        let mut tell = |check, found| tell(Finding::new(subject, check, found));
        let route = self.settings.way_out.route(origin)?;
        tell("proxy", connection::proxy_words(&route, self.language));
        let place = connection::place(origin, &route);
        let Some(addresses) = self.addresses(&place, &mut tell).await else { return Ok(false) };
        let tried = self.connect(addresses).await;
        let is_connected = tried.iter().any(|(_, outcome)| outcome.is_ok());
        tell("connection", connection::connection_words(&place, &tried, self.language));
        if !is_connected {
            return Ok(false);
        }
        let answered = self.answered(origin, &route).await;
        let words = answer::words(origin, &route, &answered, self.language);
        tell(answer::check_of(origin), words);
        let seen = answer::of_host(&route, &answered);
        if let Some(seen) = seen {
            let signs = self.signs_at(origin);
            tell("clock", clock::words(seen.clock_ahead, signs, self.language));
        }
        Ok(seen.is_some())
    }

    /// The addresses of a place; none once it is told that its name has none.
    async fn addresses(
        &self,
        place: &Place,
        tell: &mut impl FnMut(&'static str, (Mark, String)),
    ) -> Option<Vec<SocketAddr>> {
        if let Ok(address) = place.host.parse::<IpAddr>() {
            return Some(vec![SocketAddr::new(address, place.port)]);
        }
        let name = (place.host.as_str(), place.port);
        // The system's resolver, which the deliveries ask as well.
        let found = tokio::select! {
            found = lookup_host(name) => found.map(Vec::from_iter).map_err(|error| error.to_string()),
            () = self.clock.sleep_until(self.deadline()) => Err(connection::NO_ANSWER.to_owned()),
        };
        tell("name", connection::name_words(place, &found, self.language));
        let mut addresses = found.ok().filter(|found| !found.is_empty())?;
        addresses.truncate(MOST_ADDRESSES);
        Some(addresses)
    }

    /// Connects to each address, all at once and for as long as a delivery would wait.
    async fn connect(&self, addresses: Vec<SocketAddr>) -> Vec<(SocketAddr, Tried)> {
        let limit = connect_limit(self.settings.delivery.attempt_timeout);
        let end = self.clock.now().boot + limit;
        let mut under_way = JoinSet::new();
        for address in addresses {
            let clock = Arc::clone(&self.clock);
            under_way.spawn(async move {
                let tried = tokio::select! {
                    connected = TcpStream::connect(address) => {
                        connected.map(drop).map_err(|error| error.to_string())
                    }
                    () = clock.sleep_until(end) => Err(connection::NO_ANSWER.to_owned()),
                };
                (address, tried)
            });
        }
        let mut tried = under_way.join_all().await;
        tried.sort_by_key(|(address, _)| *address);
        tried
    }

    /// What answers there; where nothing does as it should, whether it speaks the other scheme.
    async fn answered(&self, origin: &Url, route: &Route) -> Answered {
        let seen = self.client.look(origin.clone(), self.deadline()).await;
        let is_odd = match &seen {
            Ok(seen) => origin.scheme() == "http" && seen.status == answer::BAD_REQUEST,
            Err(error) => may_be_the_scheme(error),
        };
        if is_odd && self.speaks_other_scheme(origin, route).await {
            return Answered::OtherScheme;
        }
        seen.map_or_else(Answered::Nothing, Answered::Seen)
    }

    async fn speaks_other_scheme(&self, origin: &Url, route: &Route) -> bool {
        let Some(other) = answer::with_other_scheme(origin) else { return false };
        let is_tls = other.scheme() == "https";
        match self.client.look(other, self.deadline()).await {
            Ok(_) if is_tls => true,
            // A server of https has that answer for http too, and a proxy others.
            Ok(seen) => {
                seen.status != answer::BAD_REQUEST && !answer::is_proxys(route, seen.status)
            }
            Err(error) => is_tls && is_about_certificate(&error),
        }
    }
}

/// Whether the other scheme could be spoken: not where TLS was, or where a proxy refused to lead there.
fn may_be_the_scheme(error: &SendError) -> bool {
    let is_refused =
        matches!(&error.cause, Cause::NotConnected(text) if text.contains("tunnel error"));
    !is_refused && !is_about_certificate(error) && error.cause != Cause::TimedOut
}

/// Whether TLS was spoken, and only the certificate is not trusted.
fn is_about_certificate(error: &SendError) -> bool {
    matches!(&error.cause, Cause::NotConnected(text) if text.contains("peer certificate"))
}
