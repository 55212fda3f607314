//! What this crate costs beside what else would do the work, in one process and one run.
//!
//! `cargo run --release -p peers` prints a line a figure: `ratio`, its name, its value, its bar, `ok` or `short`, with tabs
//! between them. A ratio is the median over rounds in which both sides are measured in turn. `--quick` takes small
//! populations, for which no bar was set; `--sessions` and `--rounds` take others; `--only` takes one part, by the name of its
//! module; `--svg` writes the picture.

#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![expect(clippy::arithmetic_side_effects, reason = "a benchmark may stop")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded")]

mod additions;
mod expiry;
mod instructions;
mod memory;
mod options;
mod picture;
mod random;
mod reference;
mod report;
mod restoring;
mod rides;
mod routes;
mod sqlite;
mod texts;
mod timing;
mod world;

use core::error::Error;

use self::{options::Options, picture::Point, report::Report, world::World};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;
/// What measures and reports something.
type Part = fn(&Options, &mut Report) -> Outcome;

fn main() -> Outcome {
    let options = Options::from_environment()?;
    if let Some(population) = options.counted {
        return instructions::count(population);
    }
    let mut report = Report::new(options.has_bars());
    if options.wants("texts") {
        texts::measure(&options, &mut report);
    }
    let mut points = Vec::new();
    if ["routes", "additions", "rides"].iter().any(|part| options.wants(part)) {
        for sessions in options.populations() {
            points.push(measure_population(&options, sessions, &mut report)?);
        }
    }
    if let Some(path) = &options.svg {
        picture::draw(path, &points)?;
    }
    let parts: [(&str, Part); 5] = [
        ("expiry", expiry::measure),
        ("restoring", restoring::measure),
        ("memory", memory::measure),
        ("instructions", instructions::measure),
        ("reference", reference::measure),
    ];
    for (_, measure) in parts.iter().filter(|(part, _)| options.wants(part)) {
        measure(&options, &mut report)?;
    }
    Ok(())
}

fn measure_population(options: &Options, sessions: usize, report: &mut Report) -> Outcome<Point> {
    let mut world = World::new(sessions)?;
    let mut point = Point { sessions, route: f64::NAN, addition: Vec::new(), ride: f64::NAN };
    if options.wants("routes") {
        point.route = routes::measure(options, &world, report)?;
    }
    if options.wants("additions") {
        point.addition = additions::measure(options, &mut world, report)?;
    }
    if options.wants("rides") {
        point.ride = rides::measure(options, &mut world, report)?;
    }
    Ok(point)
}
