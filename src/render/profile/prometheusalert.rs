//! The functions, the data and the templates of PrometheusAlert.

use std::ops::Range;

use gotemplate::{Functions, Value};

use super::{Model, Refusal, Source};
use crate::alert::Notification;

pub(super) const REFUSED: &[Refusal] = &[];

pub(super) const SOURCES: &[Source] = &[];

pub(super) fn functions() -> Functions {
    Functions::new()
}

pub(super) fn model(_notification: &Notification) -> Box<dyn Model> {
    Box::new(Data)
}

struct Data;

impl Model for Data {
    fn data(&self, _alerts: Range<usize>, _mobiles: &[String]) -> Value {
        Value::Invalid
    }
}
