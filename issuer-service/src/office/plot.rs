//! Bars by day as inline SVG: no script, no style of its own, and a table says the same.

use std::fmt::Write as _;

use credential_model::moment::Moment;
use localized_text::Locale;
use web_kit::page::escape;

use super::html::t;

const LEFT: f64 = 48.0;
/// Room for half of the last date.
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 10.0;
/// Days that a phone shows.
const FEW: usize = 12;

/// How large a picture is drawn, in units of a pixel where it is shown as intended.
struct Canvas {
    class: &'static str,
    width: f64,
    height: f64,
}

const BROAD: Canvas = Canvas { class: "broad", width: 1100.0, height: 220.0 };
const NARROW: Canvas = Canvas { class: "narrow", width: 380.0, height: 190.0 };

/// One series: class of its bars, sentence of its name, a number a day.
pub(super) struct Series<'a> {
    pub(super) class: &'static str,
    pub(super) name: &'a str,
    pub(super) values: Vec<u64>,
}

/// The last `count` days in Korea, oldest first.
pub(super) fn days(now: Moment, count: i64) -> Vec<String> {
    (0..count).rev().map(|back| now.minus_seconds(back * 86_400).date_kst()).collect()
}

/// Stacked bars, with their legend: all days for a wide window, the last ones for a phone, where
/// the words of the whole would be too small to read.
pub(super) fn bars(locale: Locale, title: &str, days: &[String], series: &[Series<'_>]) -> String {
    let mut svg = draw(locale, title, days, series, &BROAD);
    let from = days.len().saturating_sub(FEW);
    let last: Vec<Series<'_>> = series
        .iter()
        .map(|one| Series {
            class: one.class,
            name: one.name,
            values: one.values.get(from..).unwrap_or_default().to_vec(),
        })
        .collect();
    svg.push_str(&draw(locale, title, &days[from..], &last, &NARROW));
    if series.len() > 1 {
        svg.push_str("<ul class=\"legend\" aria-hidden=\"true\">");
        for one in series {
            let _ = write!(svg, "<li class=\"{}\">{}</li>", one.class, t(locale, one.name));
        }
        svg.push_str("</ul>\n");
    }
    svg
}

/// `title` and `days` name the picture for who does not see it.
fn draw(
    locale: Locale,
    title: &str,
    days: &[String],
    series: &[Series<'_>],
    canvas: &Canvas,
) -> String {
    let &Canvas { class, width, height } = canvas;
    let sum = |day: usize| series.iter().filter_map(|one| one.values.get(day)).sum::<u64>();
    let most = (0..days.len()).map(sum).max().unwrap_or(0);
    let top = ceiling(most);
    let slot = (width - LEFT - RIGHT) / days.len().max(1) as f64;
    let scale = (height - TOP - BOTTOM) / top as f64;
    let ground = height - BOTTOM;
    let name = format!(
        "{}: {} – {}",
        t(locale, title),
        days.first().map_or("", String::as_str),
        days.last().map_or("", String::as_str)
    );
    let mut svg = format!(
        "<svg class=\"plot {class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
        escape(&name)
    );
    for part in 0..=2_u64 {
        let value = top * part / 2;
        let y = ground - value as f64 * scale;
        let _ = writeln!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            LEFT - 6.0,
            y + 4.0,
        );
    }
    for (place, day) in days.iter().enumerate() {
        let x = LEFT + place as f64 * slot;
        let mut y = ground;
        for one in series {
            let value = one.values.get(place).copied().unwrap_or(0);
            if value == 0 {
                continue;
            }
            let high = (value as f64 * scale).max(1.0);
            y -= high;
            let _ = writeln!(
                svg,
                "<rect class=\"bar {}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\" rx=\"1.5\">\
                 <title>{day}: {} {value}</title></rect>",
                one.class,
                x + slot * 0.14,
                slot * 0.72,
                t(locale, one.name),
            );
        }
        // Every week a date, counted from today.
        if (days.len() - 1 - place).is_multiple_of(7) {
            let _ = writeln!(
                svg,
                "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                x + slot / 2.0,
                height - 8.0,
                day.get(5..).unwrap_or_default(),
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// An even, round number at or above, so that the middle line is one too and little stays empty.
fn ceiling(most: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        let steps = [2, 4, 6, 8, 10].map(|step| power.saturating_mul(step));
        match steps.into_iter().find(|step| *step >= most) {
            Some(step) => return step,
            None => power = power.saturating_mul(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_the_highest_bar() {
        for (most, wanted) in
            [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (11, 20), (41, 60), (999_999, 1_000_000)]
        {
            assert_eq!(ceiling(most), wanted);
        }
    }

    #[test]
    fn days_are_those_of_korea() {
        let now = Moment::parse("2026-11-23T16:00:00Z").unwrap();
        assert_eq!(days(now, 2), ["2026-11-23", "2026-11-24"]);
    }

    #[test]
    fn an_empty_month_is_a_picture_too() {
        let days = days(Moment::from_unix(0), 30);
        let one = Series { class: "a", name: "office-figures-issued", values: vec![0; 30] };
        let svg = bars(Locale::Ko, "office-figures-issued", &days, &[one]);
        assert!(svg.contains("role=\"img\"") && !svg.contains("NaN") && !svg.contains("style="));
    }
}
