//! What this crate costs beside what else would do the work, in one process and one run.
//!
//! `cargo run --release -p peers` prints a line a figure: `ratio`, its name, its value, its bar, `ok` or `short`, with tabs
//! between them. A ratio is the median over rounds in which both sides are measured in turn. `--quick` takes small
//! populations, for which no bar was set; `--sessions` and `--rounds` take others; `--svg` writes the picture.

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

fn main() -> Outcome {
    let options = Options::from_environment()?;
    if let Some(population) = options.counted {
        return instructions::count(population);
    }
    let mut report = Report::new(options.has_bars());
    texts::measure(&options, &mut report);
    let mut points = Vec::new();
    for sessions in options.populations() {
        points.push(measure_population(&options, sessions, &mut report)?);
    }
    expiry::measure(&options, &mut report)?;
    restoring::measure(&options, &mut report)?;
    memory::measure(&options, &mut report)?;
    instructions::measure(&options, &mut report)?;
    reference::measure(&options, &mut report)?;
    if let Some(path) = &options.svg {
        picture::draw(path, &points)?;
    }
    Ok(())
}

fn measure_population(options: &Options, sessions: usize, report: &mut Report) -> Outcome<Point> {
    let mut world = World::new(sessions)?;
    let route = routes::measure(options, &world, report)?;
    let mut addition = additions::measure(options, &mut world, report)?;
    let ride = rides::measure(options, &mut world, report)?;
    addition.sort_unstable_by_key(|(numbers, _)| *numbers);
    Ok(Point { sessions, route, addition, ride })
}
