//! The pages that an alert leads to, and those that several alerts share.

use crate::alert::Alert;

/// Addresses as the sender wrote them; empty where it gave none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct Pages<'a> {
    /// The graph of the rule's expression.
    pub(in crate::render) graph: &'a str,
    /// The sender's own page with the graphs around the alert.
    pub(in crate::render) dashboard: &'a str,
    /// The one graph of these.
    pub(in crate::render) panel: &'a str,
    /// A picture of that graph.
    pub(in crate::render) picture: &'a str,
}

impl<'a> Pages<'a> {
    /// Those of one alert.
    pub(in crate::render) fn of(alert: &'a Alert) -> Self {
        let graph = &*alert.generator_url;
        match alert.extras.as_deref() {
            None => Self { graph, ..Self::default() },
            Some(extras) => Self {
                graph,
                dashboard: &extras.dashboard_url,
                panel: &extras.panel_url,
                picture: &extras.image_url,
            },
        }
    }

    /// Those that are the same in all alerts.
    pub(super) fn shared(alerts: &[&'a Alert]) -> Self {
        let mut all = alerts.iter().map(|alert| Self::of(alert));
        let Some(first) = all.next() else { return Self::default() };
        all.fold(first, |shared, other| {
            let same = |one, other| if one == other { one } else { "" };
            Self {
                graph: same(shared.graph, other.graph),
                dashboard: same(shared.dashboard, other.dashboard),
                panel: same(shared.panel, other.panel),
                picture: same(shared.picture, other.picture),
            }
        })
    }

    /// Those of an alert beside the `shared` ones.
    pub(in crate::render) fn beside(self, shared: &Self) -> Self {
        let own = |own, shared: &str| if shared.is_empty() { own } else { "" };
        Self {
            graph: own(self.graph, shared.graph),
            dashboard: own(self.dashboard, shared.dashboard),
            panel: own(self.panel, shared.panel),
            picture: own(self.picture, shared.picture),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertExtras;
    use crate::render::tests::alert;

    #[test]
    fn a_page_is_shared_by_all_or_belongs_to_each() {
        let of = |panel: &str, picture: &str| {
            let (panel_url, image_url) = (panel.to_owned(), picture.to_owned());
            let extras = AlertExtras { panel_url, image_url, ..AlertExtras::default() };
            Alert { extras: Some(Box::new(extras)), ..alert(&[], &[]) }
        };
        let (one, two, plain) = (of("p", "1"), of("p", "2"), alert(&[], &[]));
        let graph = &*plain.generator_url;
        let shared = Pages::shared(&[&one, &two]);
        assert_eq!(shared, Pages { graph, panel: "p", ..Pages::default() });
        assert_eq!(Pages::of(&two).beside(&shared), Pages { picture: "2", ..Pages::default() });
        let shared = Pages::shared(&[&one, &one, &plain]);
        assert_eq!(shared, Pages { graph, ..Pages::default() }, "not all have the others");
        assert_eq!(Pages::shared(&[]), Pages::default());
    }
}
