//! What brings a call to DingTalk and its answer back: the network, or a simulation of both.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};

/// One call, ready to be made.
#[derive(Debug)]
pub struct Call {
    /// How: POST, or GET for a token of the older API.
    pub method: Method,
    /// Where; it holds secrets.
    pub url: Url,
    /// A header besides those that every call has; it may hold a secret.
    pub header: Option<(HeaderName, HeaderValue)>,
    /// The body, which is JSON; empty where there is none.
    pub body: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When it was sent, by the `Date` header.
    pub date: Option<Timestamp>,
    /// The body, perhaps cut off: a JSON object that is cut off is no valid JSON, so a cut answer
    /// cannot pass for a whole one.
    pub body: Vec<u8>,
}

/// Why no whole answer came back.
#[derive(Debug)]
pub enum NoAnswer {
    /// There was no connection, so the call did not reach DingTalk; the text says why.
    NotConnected(String),
    /// It took too long.
    TimedOut,
    /// The connection broke before the answer was whole; the text says how.
    Broken(String),
}

/// A call under way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, NoAnswer>> + Send + 'a>>;

/// What brings calls to DingTalk.
pub trait Transport: Send + Sync + fmt::Debug + 'static {
    /// Makes one call, and gives up when the future is dropped.
    fn make(&self, call: Call) -> Answering<'_>;
}
