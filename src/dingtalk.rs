//! DingTalk's side: what is sent, how it is signed, and what an answer means.
//!
//! Each API has a module with what it can do (its [`Api`]), its call, body and verdict; a further
//! API is one more module, one more variant of [`Endpoint`] and its settings. Nothing here decides
//! when to send: a call makes one attempt and tells in a [`SendError`] why the message did not
//! arrive.

pub mod chat;
pub mod errcode;
pub mod group;
pub mod message;
pub mod robot;

mod app_call;
mod certificates;
mod client;
mod connection;
mod content;
mod endpoint;
mod http;
mod look;
mod proxy;
mod reply;
mod resolver;
mod sanitize;
mod sign;
mod token;
mod transport;
mod way_out;
mod wire_json;

pub use certificates::{Certificates, CertificatesError};
pub use chat::Chat;
pub use client::{Client, ClientError};
pub use endpoint::{Endpoint, Setting};
pub use errcode::{Cause, Quote, Receipt, Refusal, SendError};
pub use group::Conversation;
pub use http::connect_limit;
pub use look::Seen;
pub use message::{Api, Rate};
pub use proxy::{ProxyUrl, ProxyUrlError, Route};
pub use reply::Reply;
pub use robot::Chatbot;
pub use token::Refreshes;
pub use transport::{Answer, Answering, Call, NoAnswer, Transport};
pub use way_out::{CaFile, WayOut};
