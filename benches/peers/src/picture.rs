//! Cost against sessions and against numbers, as a picture.

use core::ops::Range;
use std::path::Path;

use plotters::{
    coord::Shift,
    prelude::{
        BLUE, BindKeyPoints, ChartBuilder, DrawingArea, GREEN, IntoDrawingArea, IntoLogRange, LineSeries, PathElement,
        RED, RGBColor, SVGBackend, SeriesLabelPosition, WHITE,
    },
};

use crate::{Outcome, report::spaced};

/// What was measured at one population, in nanoseconds.
pub(crate) struct Point {
    pub(crate) sessions: usize,
    pub(crate) route: f64,
    /// By the numbers of the pool.
    pub(crate) addition: Vec<(usize, f64)>,
    pub(crate) ride: f64,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

struct Line {
    name: String,
    color: RGBColor,
    points: Vec<(f64, f64)>,
}

pub(crate) fn draw(path: &Path, points: &[Point]) -> Outcome {
    let root = SVGBackend::new(path, (960, 360)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(480);
    let of_sessions =
        |cost: fn(&Point) -> f64| points.iter().map(|point| (point.sessions as f64, cost(point))).collect();
    let least_numbers = |point: &Point| point.addition.first().map_or(0.0, |(_, cost)| *cost);
    let by_sessions = [
        Line { name: "whole ride".into(), color: RED, points: of_sessions(|point| point.ride) },
        Line { name: "add_participant".into(), color: BLUE, points: of_sessions(least_numbers) },
        Line { name: "route".into(), color: GREEN, points: of_sessions(|point| point.route) },
    ];
    chart(&left, "active sessions", &by_sessions)?;
    let by_numbers: Vec<Line> = points
        .iter()
        .zip([GREEN, BLUE, RED])
        .map(|(point, color)| Line {
            name: format!("add_participant, {} sessions", spaced(point.sessions)),
            color,
            points: point.addition.iter().map(|(numbers, cost)| (*numbers as f64, *cost)).collect(),
        })
        .collect();
    chart(&right, "numbers of the pool", &by_numbers)?;
    Ok(root.present()?)
}

fn chart(area: &Area<'_>, across: &str, lines: &[Line]) -> Outcome {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let horizontal = range(points().map(|point| point.0)).log_scale();
    let measured = lines.first().map(|line| line.points.iter().map(|point| point.0).collect()).unwrap_or_default();
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .margin_right(40)
        .x_label_area_size(36)
        .y_label_area_size(56)
        // Above all lines there is room for their names.
        .build_cartesian_2d(horizontal.with_key_points(measured), (10.0..100_000.0).log_scale())?;
    let label = |value: &f64| format!("{value:.0}").parse().map(spaced).unwrap_or_default();
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(across).y_desc("nanoseconds").x_label_formatter(&label).y_label_formatter(&label);
    mesh.light_line_style(WHITE).draw()?;
    for Line { name, color, points } in lines {
        let series = chart.draw_series(LineSeries::new(points.iter().copied(), color))?;
        let color = *color;
        series.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color));
    }
    let mut names = chart.configure_series_labels();
    names.position(SeriesLabelPosition::UpperLeft).background_style(WHITE).draw()?;
    Ok(())
}

fn range(values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    values.clone().fold(f64::INFINITY, f64::min)..values.fold(0.0, f64::max)
}
