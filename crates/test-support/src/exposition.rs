//! A scrape of `/metrics`, in Prometheus' text format, read back.

/// What one scrape said.
#[derive(Debug, Clone)]
pub struct Exposition(pub String);

impl Exposition {
    /// The value of one series, with its labels as they are written.
    ///
    /// # Panics
    ///
    /// When there is no such series.
    #[must_use]
    pub fn series(&self, name: &str) -> f64 {
        let value = self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = value.unwrap_or_else(|| panic!("{name} is not in\n{}", self.0));
        value.parse().expect("a number")
    }

    /// The sum of a metric over its labels; 0 for one that is not there.
    #[must_use]
    pub fn sum(&self, name: &str) -> f64 {
        let values = self.0.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let named = rest.starts_with('{') || rest.starts_with(' ');
            if named { rest.rsplit(' ').next()?.parse::<f64>().ok() } else { None }
        });
        values.sum()
    }

    /// Accepted = delivered + folded + dead + discarded + queued; gives the first.
    ///
    /// # Panics
    ///
    /// When the two sides differ.
    #[expect(clippy::must_use_candidate, reason = "it is called for the assertion")]
    pub fn assert_accounts(&self) -> f64 {
        let accepted = self.sum("campana_deliveries_accepted_total");
        let settled = self.sum("campana_deliveries_settled_total");
        let queued = self.sum("campana_deliveries_queued");
        assert!((accepted - settled - queued).abs() < 0.5, "{accepted} {settled} {queued}");
        accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrape(text: &str) -> Exposition {
        Exposition(text.to_owned())
    }

    #[test]
    fn a_metric_is_summed_over_its_labels_and_no_other_is_taken_for_it() {
        let scrape = scrape("# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 3\na_total 7\nb 4\n");
        assert!((scrape.sum("a") - 5.0).abs() < 0.1);
        assert!((scrape.series("a{x=\"2\"}") - 3.0).abs() < 0.1);
        assert!((scrape.series("b") - 4.0).abs() < 0.1);
    }

    #[test]
    #[should_panic(expected = "3 1 1")]
    fn accounts_that_do_not_hold_are_found() {
        let text = "campana_deliveries_accepted_total{origin=\"notification\"} 3\n\
                    campana_deliveries_settled_total{outcome=\"dead\"} 1\n\
                    campana_deliveries_queued 1\n";
        scrape(text).assert_accounts();
    }
}
