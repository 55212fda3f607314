//! The whole error catalogue as one table, for reviewers: a change of any code is a visible diff.

use twilio_proxy_core::{Code, Level, Usage};

/// A line a row, columns as wide as their widest cell, no blanks at the end.
fn aligned<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn err_1_every_code_is_known_by_number_title_level_status_and_message() {
    let heading = ["code", "level", "http", "usage", "title", "message", "why never"];
    let mut rows = vec![heading.map(str::to_owned)];

    for code in Code::ALL {
        let level = match code.level() {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let (usage, reason) = match code.usage() {
            Usage::Operation => ("operation", ""),
            Usage::Notification => ("notification", ""),
            Usage::Never(reason) => ("never", reason),
            unknown => panic!("no column knows {unknown:?} of {code}"),
        };
        rows.push([
            code.to_string(),
            level.to_owned(),
            code.http_status().map_or_else(|| "-".to_owned(), |status| status.to_string()),
            usage.to_owned(),
            code.title().to_owned(),
            code.message().unwrap_or("-").to_owned(),
            reason.to_owned(),
        ]);
    }

    insta::assert_snapshot!("catalogue", aligned(&rows));
}
