//! Campana receives Alertmanager's webhooks and delivers them to DingTalk; nothing that it accepted is lost.
//!
//! ```text
//! receive  ->  select  ->  render  ->  queue  ->  deliver  ->  dingtalk
//! bytes to     which        message      on disk,   lanes, rate,   wire, sign,
//! a typed      receivers,   text, cut    then 200   retry          errcode
//! notification which alerts to size
//! ```
//!
//! One POST is one [`alert::Notification`]. [`select`] decides which receivers it concerns and which
//! of its alerts they keep; [`render`] writes the final message for each destination; [`queue`]
//! stores all of them in one transaction, after which the POST is answered 200. From there
//! [`deliver`] sends each part in its lane, at the lane's rate, through [`dingtalk`], until it
//! arrived or is a dead letter with its reason.

pub mod alert;
pub mod receive;

pub mod select;

pub mod render;

pub mod queue;

pub mod intake;

pub mod deliver;

pub mod dingtalk;

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod core;
pub mod failpoint;
pub mod http;
pub mod metrics;
pub mod settings;
pub mod spelling;
pub mod task;
pub mod telemetry;
