//! Bars by day as inline SVG: no script, no style of its own, and a table says the same.

use std::fmt::Write as _;

use credential_model::moment::Moment;
use localized_text::Locale;
use web_kit::page::escape;

use super::html::t;

const WIDTH: f64 = 1100.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
/// Room for half of the last date.
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 10.0;

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

/// Stacked bars. `title` and `days` name the picture for who does not see it.
pub(super) fn bars(locale: Locale, title: &str, days: &[String], series: &[Series<'_>]) -> String {
    let sum = |day: usize| series.iter().filter_map(|one| one.values.get(day)).sum::<u64>();
    let most = (0..days.len()).map(sum).max().unwrap_or(0);
    let top = ceiling(most);
    let slot = (WIDTH - LEFT - RIGHT) / days.len().max(1) as f64;
    let scale = (HEIGHT - TOP - BOTTOM) / top as f64;
    let ground = HEIGHT - BOTTOM;
    let name = format!(
        "{}: {} – {}",
        t(locale, title),
        days.first().map_or("", String::as_str),
        days.last().map_or("", String::as_str)
    );
    let mut svg = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
        escape(&name)
    );
    for part in 0..=2_u64 {
        let value = top * part / 2;
        let y = ground - value as f64 * scale;
        let _ = writeln!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
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
            let height = (value as f64 * scale).max(1.0);
            y -= height;
            let _ = writeln!(
                svg,
                "<rect class=\"bar {}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"1.5\">\
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
                HEIGHT - 8.0,
                day.get(5..).unwrap_or_default(),
            );
        }
    }
    svg.push_str("</svg>\n");
    if series.len() > 1 {
        svg.push_str("<ul class=\"legend\" aria-hidden=\"true\">");
        for one in series {
            let _ = write!(svg, "<li class=\"{}\">{}</li>", one.class, t(locale, one.name));
        }
        svg.push_str("</ul>\n");
    }
    svg
}

/// A round number at or above, so that the middle line is one too.
fn ceiling(most: u64) -> u64 {
    let mut step = 2;
    while step < most {
        step = match step.to_string().as_bytes()[0] {
            b'2' => step * 2,
            b'4' => step / 4 * 10,
            _ => step * 2,
        };
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_the_highest_bar() {
        for (most, wanted) in
            [(0, 2), (1, 2), (3, 4), (5, 10), (11, 20), (41, 100), (999_999, 1_000_000)]
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
