//! The functions and the data of PrometheusAlert 5.0.
//!
//! It has no templates that others call: each of its users writes whole ones, and those that it
//! ships are examples in its database.

mod payload;
mod split;
mod times;

use gotemplate::{Function, Functions};

use super::{Model, Refusal, Source, strings};
use crate::alert::Notification;

pub(super) const REFUSED: &[Refusal] = &[];

pub(super) const SOURCES: &[Source] = &[];

const FUNCTIONS: &[Function] = &[
    Function::new("GetCSTtime(date string) string", times::in_china),
    Function::new("GetTime(timeStr any, timeFormat ...string) string", times::of_number),
    Function::new("GetTimeDuration(startTime string, endTime string) string", times::between),
    Function::new("TimeFormat(timestr string, format string) string", times::written_anew),
    Function::new("SplitString(pstring string, start int, stop int) string", split::split),
];

pub(super) fn functions() -> Functions {
    Functions::new().with(strings::FUNCTIONS).with(FUNCTIONS)
}

pub(super) fn model(notification: &Notification) -> Box<dyn Model> {
    Box::new(payload::Payload::new(notification))
}
