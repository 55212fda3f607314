//! The lines that are printed.

use crate::timing::Medians;

/// What a figure may be at most.
#[derive(Clone, Copy)]
pub(crate) struct Bar(pub(crate) f64);

pub(crate) struct Report {
    has_bars: bool,
}

impl Report {
    pub(crate) const fn new(has_bars: bool) -> Self {
        Self { has_bars }
    }

    /// A line for the ratio, and on the other stream what either side took.
    pub(crate) fn ratio(&mut self, name: &str, medians: Medians, bar: Option<Bar>) {
        eprintln!("{name}: {:.1} ns / {:.1} ns", medians.ours, medians.theirs);
        self.line(name, medians.ratio, bar);
    }

    pub(crate) fn line(&mut self, name: &str, value: f64, bar: Option<Bar>) {
        let bar = bar.filter(|_| self.has_bars);
        let (bar, verdict) = match bar {
            Some(Bar(bar)) => (bar.to_string(), if value <= bar { "ok" } else { "short" }),
            None => ("-".into(), "ok"),
        };
        let value = if value >= 100.0 { format!("{value:.1}") } else { format!("{value:.4}") };
        println!("ratio\t{name}\t{value}\t{bar}\t{verdict}");
    }
}

/// A count with its thousands apart.
pub(crate) fn spaced(count: usize) -> String {
    match count.checked_div(1_000) {
        Some(thousands) if thousands > 0 => format!("{} {:03}", spaced(thousands), count % 1_000),
        Some(_) | None => count.to_string(),
    }
}
