//! Campana receives Alertmanager's webhooks and delivers them to DingTalk; nothing that it accepted is lost.
//!
//! ```text
//! receive  ->  select  ->  render  ->  queue  ->  deliver  ->  dingtalk
//! bytes to     which        message      on disk,   lanes, rate,   wire, sign,
//! a typed      receivers,   text, cut    then 200   retry          errcode
//! notification which alerts to size
//! ```
//!
//! 1. [`http`] takes a POST, and [`receive`] makes one [`alert::Notification`] of its bytes.
//! 2. [`intake`] brings it to the disk: [`select`] decides for each receiver which alerts it keeps,
//!    [`render`] writes the final message for each destination, and [`queue`] stores all of them in
//!    one transaction.
//! 3. Only then is the POST answered 200, with a type of [`api`].
//! 4. [`deliver`] sends each part in its lane, at the lane's rate, through [`dingtalk`], until it
//!    arrived or is a dead letter with its reason.
//!
//! [`app`] builds these parts from the [`settings`] around one [`Core`](crate::core::Core); [`cli`]
//! is the way in.

pub mod alert;
pub mod receive;

pub mod select;

pub mod render;

pub mod queue;

pub mod intake;

pub mod deliver;

pub mod dingtalk;

pub mod api;
pub mod http;

pub mod settings;

pub mod app;
pub mod cli;
pub mod core;
pub mod doctor;

pub mod clock;
pub mod failpoint;
pub mod language;
pub mod metrics;
pub mod spelling;
pub mod task;
pub mod telemetry;
