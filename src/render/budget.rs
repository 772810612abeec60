//! What the messages of one request may cost: fuel and no time, so that equal requests get equal
//! messages.
//!
//! Templates and built-in messages have a share each, so that a template which uses its share up
//! still finds the built-in message that stands in for it.

use std::cell::Cell;

use gotemplate::Stop;

/// The fuel for all templates of a request, and that for all its built-in messages: about a second
/// each.
const REQUEST_FUEL: u64 = 8_000_000;

/// The fuel for one message.
const MESSAGE_FUEL: u64 = 1_000_000;

/// So many bytes that are read or written take one of the fuel, about 0.15 microseconds. With it,
/// 10,000 alerts for 400 receivers that all differ stay within the budget (`scripts/bench large`).
const BYTES: usize = 48;

/// The budget that the messages of one request share, and the signs to stop.
#[derive(Debug)]
pub struct RenderBudget {
    templates: u64,
    builtin: u64,
    stop: Stop,
    abandoned: Stop,
}

impl RenderBudget {
    /// The full budget of a request; `stop` ends its templates when the request has taken too long.
    #[must_use]
    pub fn new(stop: Stop) -> Self {
        let (templates, builtin) = (REQUEST_FUEL, REQUEST_FUEL);
        Self { templates, builtin, stop, abandoned: Stop::default() }
    }

    /// The same, for a request whose sender may go: `abandoned` says that it has.
    #[must_use]
    pub fn until(self, abandoned: Stop) -> Self {
        Self { abandoned, ..self }
    }

    /// A budget with so much fuel for built-in messages.
    #[cfg(test)]
    pub(super) fn for_builtin(fuel: u64) -> Self {
        Self { builtin: fuel, ..Self::new(Stop::default()) }
    }

    /// Whether the sign to stop templates was given.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }

    /// Whether nobody waits for the messages any more.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.abandoned.is_stopped()
    }

    /// Takes what it costs to ask `tests` about each of so many alerts, and to count and sort those
    /// that are kept.
    pub fn select(&mut self, alerts: usize, tests: usize) {
        let bytes = alerts.saturating_mul(tests + 1).saturating_mul(TEST_BYTES);
        self.builtin = self.builtin.saturating_sub(cost(bytes));
    }

    /// Lets `write` run templates with a message's share of the fuel; it says what is left of that.
    pub(super) fn of_template<T>(&mut self, write: impl FnOnce(Stop, u64) -> (T, u64)) -> T {
        let given = self.templates.min(MESSAGE_FUEL);
        let (written, left) = write(self.stop.clone(), given);
        self.templates -= given - left.min(given);
        written
    }

    /// Lets `write` write a built-in message with a message's share of the fuel.
    pub(super) fn of_builtin<T>(&mut self, write: impl FnOnce(&Fuel) -> T) -> T {
        let given = self.builtin.min(MESSAGE_FUEL);
        let fuel = Fuel(Cell::new(given));
        let written = write(&fuel);
        self.builtin -= given - fuel.0.get();
        written
    }
}

/// As many bytes as are read in the time that one test of one label takes.
const TEST_BYTES: usize = 8;

/// The fuel of one built-in message.
#[derive(Debug)]
pub(super) struct Fuel(Cell<u64>);

impl Fuel {
    /// Takes what it costs to read or write so many bytes; never more than there is.
    pub(super) fn spend(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_sub(cost(bytes)));
    }

    /// Whether nothing is left.
    pub(super) fn is_used_up(&self) -> bool {
        self.0.get() == 0
    }
}

fn cost(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(BYTES)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_share_a_request_and_none_takes_more_than_its_share() {
        let mut budget = RenderBudget::new(Stop::default());
        for message in 0..9 {
            let given = budget.of_template(|_, given| (given, 0));
            assert_eq!(given, if message < 8 { MESSAGE_FUEL } else { 0 });
        }
        for message in 0..9 {
            let had = budget.of_builtin(|fuel| {
                let had = !fuel.is_used_up();
                fuel.spend(usize::MAX);
                assert!(fuel.is_used_up());
                had
            });
            assert_eq!(had, message < 8, "templates have left it its share");
        }
    }

    #[test]
    fn what_is_selected_is_taken_from_the_built_in_messages() {
        let mut budget = RenderBudget::new(Stop::default());
        budget.select(10_000, 1);
        let left = REQUEST_FUEL - cost(10_000 * 2 * TEST_BYTES);
        assert_eq!((budget.builtin, budget.templates), (left, REQUEST_FUEL));
        budget.select(usize::MAX, 3);
        assert_eq!(budget.builtin, 0);
    }
}
