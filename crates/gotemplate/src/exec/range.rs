//! `range`: over lists, maps, integers and nothing.

use std::borrow::Cow;

use super::{Execution, Flow, Run, Slot};
use crate::node::Branch;
use crate::value::{List, Map, Type, Value};

impl<'t> Execution<'t> {
    pub(super) fn range(&mut self, dot: &Slot, branch: &'t Branch) -> Run<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        self.note(branch.pipe.at);
        let turned = self.turns(branch, &value)?;
        let flow = if turned { Flow::Next } else { self.otherwise(dot, branch)? };
        self.variables.truncate(mark);
        // `break` ends the innermost range, also from its `else`, where no turn can go on.
        Ok(if flow == Flow::Break { Flow::Next } else { flow })
    }

    /// Goes through `value`; whether there was anything to go through.
    fn turns(&mut self, branch: &'t Branch, value: &Value) -> Run<bool> {
        let shows_index = branch.pipe.variables.len() > 1;
        if let Some(list) = value.as_list() {
            return self.items(branch, list);
        }
        if let Some(map) = value.as_map() {
            // What a turn changes is not seen by the next one.
            let entries = match map.fixed() {
                Some(entries) => Cow::Borrowed(entries),
                None => self.copied(map)?.into(),
            };
            for (key, item) in &*entries {
                let item = Slot::item(item.clone(), map.element());
                let key = if shows_index { key.clone() } else { Value::Invalid };
                if self.turn(branch, key, &item)? == Flow::Break {
                    break;
                }
            }
            return Ok(!entries.is_empty());
        }
        match value {
            Value::Int(of, count) => self.count(branch, *count, value, |at| Value::Int(*of, at)),
            Value::Uint(of, count) => {
                let most = i64::try_from(*count).unwrap_or(i64::MAX);
                self.count(branch, most, value, |at| Value::Uint(*of, at.unsigned_abs()))
            }
            Value::Invalid => Ok(false),
            Value::Nil(of) if of.element().is_some() => Ok(false),
            other => {
                let shown = self.shown(other)?;
                Err(self.error(&format!("range can't iterate over {shown}")))
            }
        }
    }

    fn items(&mut self, branch: &'t Branch, list: &List) -> Run<bool> {
        let element = list.element();
        for (index, item) in list.iter().enumerate() {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            let item = Slot::item(item.clone(), element);
            if self.turn(branch, Value::int(index), &item)? == Flow::Break {
                break;
            }
        }
        Ok(!list.is_empty())
    }

    /// The entries of a map that can change while they are gone through, announced.
    fn copied(&mut self, map: &Map) -> Run<Vec<(Value, Value)>> {
        let size = map.len().saturating_mul(size_of::<(Value, Value)>());
        self.context.reserve(size).map_err(|failure| self.failed(failure))?;
        Ok(map.entries())
    }

    /// Counts from 0 to below `count`.
    fn count(
        &mut self,
        branch: &'t Branch,
        count: i64,
        value: &Value,
        number: impl Fn(i64) -> Value,
    ) -> Run<bool> {
        if branch.pipe.variables.len() > 1 {
            let shown = self.shown(value)?;
            return Err(
                self.error(&format!("can't use {shown} to iterate over more than one variable"))
            );
        }
        for at in 0..count {
            if self.turn(branch, Value::Invalid, &Slot::of(number(at)))? == Flow::Break {
                break;
            }
        }
        Ok(count > 0)
    }

    fn turn(&mut self, branch: &'t Branch, index: Value, item: &Slot) -> Run<Flow> {
        self.context.iterations += 1;
        if self.context.iterations > self.context.limits.iterations {
            let most = usize::try_from(self.context.limits.iterations).unwrap_or(usize::MAX);
            return Err(self.over("iterations", most));
        }
        self.tick()?;
        self.set_variables(branch, index, item)?;
        let mark = self.variables.len();
        let flow = self.nested(|run| run.list(item, &branch.list))?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Gives the variables of the range this turn's values: of two, the first is the index.
    fn set_variables(&mut self, branch: &'t Branch, index: Value, item: &Slot) -> Run<()> {
        let pipe = &branch.pipe;
        let Some((last, first)) = pipe.variables.split_last() else { return Ok(()) };
        if pipe.assigns {
            if let Some(first) = first.first() {
                self.assign(first, Slot::of(index))?;
            }
            return self.assign(last, item.clone());
        }
        // They are the newest variables, since those of the turn before are gone.
        let mut newest = self.variables.iter_mut().rev();
        if let Some(variable) = newest.next() {
            variable.slot = item.clone();
        }
        if let (Some(variable), false) = (newest.next(), first.is_empty()) {
            variable.slot = Slot::of(index);
        }
        Ok(())
    }

    /// A value as messages print it.
    fn shown(&mut self, value: &Value) -> Run<String> {
        let mut shown = Vec::new();
        // No type of Go's: what has no value prints so.
        if matches!(value, Value::Nil(Type::Any)) {
            return Ok("<nil>".to_owned());
        }
        let printed = crate::fmt::print(&mut shown, value, &mut self.context);
        printed.map_err(|failure| self.failed(failure))?;
        Ok(String::from_utf8_lossy(&shown).into_owned())
    }
}
