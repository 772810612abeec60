//! Cuts what a template writes: each page is one run of the template over some of the alerts.
//!
//! So each page can be read alone. How many alerts fit on a page is found by trying. A text that does
//! not grow with the alerts is cut at its line ends instead, and so is a text of which runs over fewer
//! alerts would leave something out.

use std::ops::Range;

use super::lines::{CutText, cut};
use super::page::{MOST_PARTS, fits, left_for_text, longest_mark};
use super::size::json_size;
use crate::dingtalk::message::{Mark, PARAGRAPH};
use crate::render::message::MessageFrame;

/// How many alerts are tried first on a page if the text of all of them is not known.
const FIRST_GUESS: usize = 16;

/// A page is full if one alert more for each of so many would not fit: to find the last of its room would cost
/// as much as several pages.
const NEARLY: usize = 100;

/// Why a run gave no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) enum RunFailure {
    /// The template failed, in words.
    Failed(String),
    /// A limit was reached that fewer alerts may not reach.
    TooLarge(String),
}

impl RunFailure {
    pub(in crate::render) fn words(self) -> String {
        match self {
            Self::Failed(words) | Self::TooLarge(words) => words,
        }
    }
}

/// Runs the template.
pub(in crate::render) trait TemplateRun {
    /// The text of the alerts in `alerts`, as page `page` shows it.
    fn text(&mut self, alerts: Range<usize>, page: usize) -> Result<String, RunFailure>;

    /// The text of all alerts, under a share of the fuel that leaves some for further runs.
    fn whole(&mut self) -> Result<String, RunFailure>;
}

/// The texts of the pages, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::render) struct RunPages {
    pub(in crate::render) texts: Vec<String>,
    /// How many alerts stand on none of them.
    pub(in crate::render) omitted: usize,
    /// Whether a text on them is shortened.
    is_shortened: bool,
}

impl RunPages {
    fn is_whole(&self) -> bool {
        self.omitted == 0 && !self.is_shortened
    }
}

/// How many alerts a run was over, and how many bytes it took.
#[derive(Debug, Clone, Copy, Default)]
struct RunSize {
    alerts: usize,
    size: usize,
}

impl RunSize {
    fn of(alerts: usize, text: &str) -> Self {
        Self { alerts, size: json_size(text) }
    }

    /// About how many alerts take `room` bytes, by this run and one over more alerts.
    fn that_fit(self, more: Self, room: usize) -> usize {
        let alerts = more.alerts.saturating_sub(self.alerts);
        let size = more.size.saturating_sub(self.size).max(1);
        self.alerts + room.saturating_sub(self.size).saturating_mul(alerts) / size
    }
}

/// The result of one run.
enum RunOutcome {
    Fits(String),
    TooLong(String),
    /// The run reached a limit that fewer alerts may not reach.
    Endless(RunFailure),
}

/// Finds the pages of one message.
pub(in crate::render) struct RunPaginator<'a, R> {
    pub(in crate::render) run: R,
    pub(in crate::render) frame: &'a MessageFrame<'a>,
    /// How many alerts there are.
    pub(in crate::render) alerts: usize,
    /// The longest end of the last page, which says how many alerts are left out.
    pub(in crate::render) end: &'a dyn Fn() -> &'a str,
}

impl<R: TemplateRun> RunPaginator<'_, R> {
    /// The pages of the whole notification.
    pub(in crate::render) fn fill(&mut self) -> Result<RunPages, RunFailure> {
        let whole = match self.run.whole() {
            Ok(text) if fits(self.frame, 0, &text, Mark::default()) => {
                return Ok(RunPages { texts: vec![text], ..RunPages::default() });
            }
            Ok(text) => text,
            Err(RunFailure::TooLarge(_)) if self.alerts > 1 => return self.by_alerts(FIRST_GUESS),
            Err(failure) => return Err(failure),
        };
        let at_lines = self.at_lines(&whole);
        if self.alerts <= 1 || self.run.text(0..1, 0).is_ok_and(|one| one == whole) {
            return Ok(at_lines);
        }
        let of_one = (whole.len() / self.alerts).max(1);
        let by_alerts = self.by_alerts(self.frame.surface.max_bytes / of_one);
        // A text that is too large to be repeated on each page, or that needs certain alerts, is better
        // cut anywhere than not shown.
        if at_lines.is_whole() && !by_alerts.as_ref().is_ok_and(RunPages::is_whole) {
            return Ok(at_lines);
        }
        by_alerts
    }

    /// The text of all alerts, cut at its line ends.
    fn at_lines(&self, whole: &str) -> RunPages {
        let CutText { pages: texts, is_shortened } = cut(self.frame, 0, whole, MOST_PARTS, "");
        RunPages { texts, is_shortened, omitted: 0 }
    }

    /// Page by page, as many alerts on each as it takes; about `guess` of them.
    fn by_alerts(&mut self, mut guess: usize) -> Result<RunPages, RunFailure> {
        let mut pages = RunPages::default();
        let mut from = 0;
        while from < self.alerts && pages.texts.len() < MOST_PARTS {
            let page = pages.texts.len();
            let (count, text) = self.page(page, from, guess)?;
            if count == 0 {
                // One alert is too large for a page.
                from += 1;
                let end = if from < self.alerts { (self.end)() } else { "" };
                let cut = cut(self.frame, page, &text, MOST_PARTS - page, end);
                pages.texts.extend(cut.pages);
                pages.is_shortened |= cut.is_shortened;
                continue;
            }
            if !text.trim().is_empty() {
                pages.texts.push(text);
            }
            (from, guess) = (from + count, count);
        }
        if pages.texts.is_empty() {
            return Err(RunFailure::Failed("the template gave no text".to_owned()));
        }
        pages.omitted = self.alerts - from;
        Ok(pages)
    }

    /// How many alerts from `from` on fit on a page, with their text; if none fits, 0 and the text of
    /// the first.
    fn page(
        &mut self,
        page: usize,
        from: usize,
        guess: usize,
    ) -> Result<(usize, String), RunFailure> {
        let left = self.alerts - from;
        let room = left_for_text(self.frame, page);
        let (mut fits, mut best) = (RunSize::default(), String::new());
        // The least number that is known to be too many.
        let mut large = left + 1;
        let mut next = guess.clamp(1, left);
        loop {
            let mut about = next / 8;
            match self.attempt(page, from..from + next)? {
                RunOutcome::TooLong(text) if next == 1 => return Ok((0, text)),
                RunOutcome::Endless(failure) if next == 1 => return Err(failure),
                RunOutcome::Endless(_) => large = next,
                RunOutcome::TooLong(text) => {
                    (about, large) = (fits.that_fit(RunSize::of(next, &text), room), next);
                }
                RunOutcome::Fits(text) => {
                    let written = RunSize::of(next, &text);
                    about = fits.that_fit(written, room);
                    (fits, best) = (written, text);
                }
            }
            let count = fits.alerts;
            let nearly = count + count / NEARLY;
            let most_that_may_fit = if large > left { about } else { large - 1 };
            let is_full = count > 0 && most_that_may_fit <= nearly && nearly < left;
            if count + 1 >= large || is_full {
                return Ok((count, best));
            }
            // A little less, since a run over too many is lost.
            about -= about / 128;
            next = match count {
                0 => about.min(large - large / 4).clamp(1, large - 1),
                // Without a bound, a text that grows slowly is not run over everything at once.
                _ if large > left => about.clamp(nearly + 1, count * 4).min(left),
                _ if (nearly + 1..large).contains(&about) => about,
                _ => usize::midpoint(count, large).min(count + count / 4 + 1),
            };
        }
    }

    fn attempt(&mut self, page: usize, alerts: Range<usize>) -> Result<RunOutcome, RunFailure> {
        // The last page says how many alerts are left out, if some are.
        let is_cut = page + 1 == MOST_PARTS && alerts.end < self.alerts;
        let text = match self.run.text(alerts, page) {
            Ok(text) => text,
            Err(failure @ RunFailure::TooLarge(_)) => return Ok(RunOutcome::Endless(failure)),
            Err(failure) => return Err(failure),
        };
        let fits = if is_cut {
            let ended = format!("{text}{PARAGRAPH}{}", (self.end)());
            fits(self.frame, page, &ended, longest_mark())
        } else {
            fits(self.frame, page, &text, longest_mark())
        };
        Ok(if fits { RunOutcome::Fits(text) } else { RunOutcome::TooLong(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::tests::{chatbot, style};
    use crate::render::{Language, Surface};

    /// Runs a closure in place of a template, and remembers how much it was asked for.
    struct Written<W> {
        write: W,
        alerts: usize,
        limit: usize,
        asked: usize,
    }

    impl<W: Fn(Range<usize>) -> String> TemplateRun for Written<W> {
        fn text(&mut self, alerts: Range<usize>, _: usize) -> Result<String, RunFailure> {
            self.asked += alerts.len();
            if alerts.len() > self.limit {
                return Err(RunFailure::TooLarge("too many".to_owned()));
            }
            Ok((self.write)(alerts))
        }

        fn whole(&mut self) -> Result<String, RunFailure> {
            self.text(0..self.alerts, 0)
        }
    }

    /// The pages, and for how many alerts the template was run in all.
    fn fill(
        alerts: usize,
        limit: usize,
        write: impl Fn(Range<usize>) -> String,
    ) -> (Result<RunPages, RunFailure>, usize) {
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let style = style(MessageType::Markdown, Language::En);
        let frame = MessageFrame::new(&surface, &style, "t");
        let run = Written { write, alerts, limit, asked: 0 };
        let end = &|| "and 99999 more";
        let mut paginator = RunPaginator { run, frame: &frame, alerts, end };
        let pages = paginator.fill();
        if let Ok(pages) = &pages {
            for (index, text) in pages.texts.iter().enumerate() {
                let mark = if pages.texts.len() == 1 { Mark::default() } else { longest_mark() };
                assert!(fits(&frame, index, text, mark), "{text}");
            }
        }
        (pages, paginator.run.asked)
    }

    fn listed(alerts: Range<usize>, width: usize) -> String {
        let line = |n: usize| format!("\nalert {n:0width$}");
        format!("# head{}", alerts.map(line).collect::<String>())
    }

    fn numbers(pages: &RunPages) -> Vec<usize> {
        let lines = pages.texts.iter().flat_map(|text| text.lines());
        let numbers = lines.filter_map(|line| line.strip_prefix("alert ")?.parse().ok());
        numbers.collect()
    }

    #[test]
    fn what_fits_is_one_page_and_one_run() {
        let (pages, asked) = fill(3, 99, |alerts| listed(alerts, 4));
        assert_eq!(pages.unwrap().texts, ["# head\nalert 0000\nalert 0001\nalert 0002"]);
        assert_eq!(asked, 3);
        let (pages, _) = fill(0, 99, |_| "nothing fires".to_owned());
        assert_eq!(pages.unwrap().texts, ["nothing fires"]);
    }

    #[test]
    fn every_alert_stands_on_one_page_and_each_page_is_whole() {
        for (alerts, limit) in [(100, 1_000), (100, 30), (213, 1_000)] {
            let (pages, _) = fill(alerts, limit, |alerts| listed(alerts, 4));
            let pages = pages.unwrap();
            assert_eq!(pages.omitted, 0);
            assert_eq!(numbers(&pages), (0..alerts).collect::<Vec<_>>());
            assert!(pages.texts.iter().all(|text| text.starts_with("# head\n")));
        }
    }

    #[test]
    fn pages_are_full_and_found_in_few_runs() {
        let (pages, asked) = fill(10_000, 20_000, |alerts| listed(alerts, 4));
        let pages = pages.unwrap();
        assert_eq!(pages.texts.len(), MOST_PARTS);
        let shown = numbers(&pages).len();
        assert_eq!(pages.omitted, 10_000 - shown);
        assert!(pages.texts[..4].iter().all(|text| text.len() > 750), "{pages:?}");
        assert!(asked < 10_000 + 40 * shown / MOST_PARTS, "{asked} for {shown}");
    }

    #[test]
    fn a_text_that_does_not_grow_with_the_alerts_is_cut_at_line_ends() {
        let write = |_: Range<usize>| "a line that is always there\n".repeat(60);
        let (pages, asked) = fill(500, 1_000, write);
        let pages = pages.unwrap();
        assert_eq!(asked, 501);
        let lines: usize = pages.texts.iter().map(|text| text.lines().count()).sum();
        assert_eq!((lines, pages.omitted), (60, 0));
    }

    #[test]
    fn an_alert_that_is_too_large_is_cut_and_the_next_ones_follow() {
        let write = |alerts: Range<usize>| {
            let one = |n: usize| if n == 1 { "long line\n".repeat(120) } else { format!("{n}\n") };
            alerts.map(one).collect()
        };
        let pages = fill(4, 99, write).0.unwrap();
        assert_eq!(pages.texts.first().map(String::as_str), Some("0\n"));
        assert_eq!(pages.texts.last().map(String::as_str), Some("2\n3\n"));
        assert_eq!(pages.texts.iter().map(|text| text.matches("long").count()).sum::<usize>(), 120);
    }

    #[test]
    fn alerts_behind_one_that_takes_all_pages_are_counted() {
        let write = |alerts: Range<usize>| {
            let long = alerts.map(|n| format!("alert {n}\n{}", "long line\n".repeat(900)));
            long.collect::<Vec<_>>().concat()
        };
        let (pages, _) = fill(4, 99, write);
        let pages = pages.unwrap();
        assert_eq!((pages.texts.len(), pages.omitted), (MOST_PARTS, 3));
        let last = format!("{}\n\nand 99999 more", pages.texts[4]);
        assert!(last.contains("… shortened"), "{last}");
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let style = style(MessageType::Markdown, Language::En);
        let frame = MessageFrame::new(&surface, &style, "t");
        assert!(fits(&frame, 4, &last, longest_mark()), "{last}");
    }

    #[test]
    fn a_head_that_leaves_little_room_is_not_repeated_if_alerts_would_be_left_out() {
        let head = "always there\n".repeat(50);
        let written = |alerts: Range<usize>| {
            let lines = alerts.map(|n| format!("\nalert {n}"));
            lines.fold(head.clone(), |text, line| text + &line)
        };
        let pages = fill(90, 99, written).0.unwrap();
        assert_eq!((numbers(&pages), pages.is_whole()), ((0..90).collect(), true));
        assert_eq!(pages.texts.concat().matches("always there").count(), 50);
        // Where both leave something out, each page is whole in itself.
        let pages = fill(900, 999, written).0.unwrap();
        assert_eq!(pages.texts.concat().matches("always there").count(), 250);
        assert_eq!(pages.omitted, 900 - numbers(&pages).len());
    }

    #[test]
    fn what_no_run_over_all_alerts_told_is_found_in_few_runs_too() {
        let (pages, asked) = fill(10_000, 100, |alerts| listed(alerts, 4));
        let pages = pages.unwrap();
        let shown = numbers(&pages).len();
        assert!(pages.texts[..4].iter().all(|text| text.len() > 750), "{pages:?}");
        assert!(asked < 10_000 + 40 * shown / MOST_PARTS, "{asked} for {shown}");
    }

    #[test]
    fn pages_without_text_are_left_out_and_none_at_all_is_a_failure() {
        let firing = |alerts: Range<usize>| {
            let lines = alerts.filter(|n| *n < 60).map(|n| format!("alert {n:010}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let pages = fill(200, 100, firing).0.unwrap();
        assert_eq!(numbers(&pages), (0..60).collect::<Vec<_>>());
        assert_eq!(pages.omitted, 0);
        let (nothing, _) = fill(200, 100, |_| " \n".to_owned());
        assert_eq!(nothing.unwrap_err().words(), "the template gave no text");
    }

    #[test]
    fn a_limit_that_a_single_alert_reaches_is_a_failure() {
        let (failed, _) = fill(8, 0, |_| String::new());
        assert_eq!(failed, Err(RunFailure::TooLarge("too many".to_owned())));
    }
}
