//! The alerts of a notification: `Alerts`.

use std::any::Any;
use std::sync::OnceLock;

use gotemplate::{Base, Call, Failure, Function, List, Named, Object, Text, Type, Value};

use super::Generation;
use crate::alert::Status;

/// Alerts in Alertmanager's order.
#[derive(Debug)]
pub(in crate::render::profile) struct Alerts {
    of: &'static Generation,
    list: List,
    firing: OnceLock<Value>,
    resolved: OnceLock<Value>,
}

impl Alerts {
    /// These alerts, in this order.
    pub(in crate::render::profile) fn new(of: &'static Generation, alerts: Vec<Value>) -> Self {
        let list = List::new(Type::Named(of.alerts), alerts);
        Self { of, list, firing: OnceLock::new(), resolved: OnceLock::new() }
    }

    fn only(&self, status: Status) -> Value {
        let is = |alert: &&Value| {
            let Value::Object(alert) = alert else { return false };
            let own = alert.field("Status");
            own.as_ref().and_then(Value::as_text).map(Text::as_bytes)
                == Some(status.as_str().as_bytes())
        };
        let alerts = self.list.iter().filter(is).cloned().collect();
        Value::List(List::new(self.of.alert_list, alerts).into())
    }
}

impl Object for Alerts {
    fn named(&self) -> &'static Named {
        self.of.alerts
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::List(&self.list)
    }

    fn methods(&self) -> &'static [Function] {
        ALERTS_METHODS
    }

    fn part(&self, part: Value) -> Option<Value> {
        Some(self.of.alerts(part.as_list()?))
    }
}

const ALERTS_METHODS: &[Function] =
    &[Function::new("Firing() []Alert", firing), Function::new("Resolved() []Alert", resolved)];

fn firing(call: &mut Call<'_>) -> Result<Value, Failure> {
    only(call, Status::Firing, |alerts| &alerts.firing)
}

fn resolved(call: &mut Call<'_>) -> Result<Value, Failure> {
    only(call, Status::Resolved, |alerts| &alerts.resolved)
}

/// The alerts of a status, announced if they have not been found yet.
fn only(
    call: &mut Call<'_>,
    status: Status,
    kept: fn(&Alerts) -> &OnceLock<Value>,
) -> Result<Value, Failure> {
    let Some(alerts) = call.receiver().downcast::<Alerts>() else { return Ok(Value::Invalid) };
    if kept(alerts).get().is_none() {
        call.reserve(alerts.list.len().saturating_mul(size_of::<Value>()))?;
    }
    Ok(kept(alerts).get_or_init(|| alerts.only(status)).clone())
}
