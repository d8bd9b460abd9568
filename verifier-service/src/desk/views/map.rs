//! A sketch of the permitted area with the position: north is up, lengths are true at its middle.

use std::fmt::Write as _;

use credential_verification::report::CredentialSummary;
use localized_text::{Locale, say};
use web_kit::page::escape;

use super::{Position, Standing, figure};

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 46.0;
/// Metres of one degree of latitude.
const DEGREE: f64 = 111_320.0;

pub(super) fn map(
    locale: Locale,
    summary: &CredentialSummary,
    here: Option<Position>,
    standing: Option<&Standing>,
) -> String {
    let is_place = |[x, y]: &[f64; 2]| x.abs() <= 180.0 && y.abs() <= 90.0;
    let rings: Vec<_> =
        summary.areas.iter().filter(|ring| ring.len() > 2 && ring.iter().all(is_place)).collect();
    if rings.is_empty() {
        return String::new();
    }
    let mut points: Vec<[f64; 2]> = rings.iter().flat_map(|ring| ring.iter().copied()).collect();
    points.extend(here.map(|here| [here.longitude, here.latitude]).filter(is_place));
    let range = |axis: usize| {
        let values = points.iter().map(|point| point[axis]);
        (values.clone().fold(f64::MAX, f64::min), values.fold(f64::MIN, f64::max))
    };
    let ((west, east), (south, north)) = (range(0), range(1));
    let narrow = ((south + north) / 2.0).to_radians().cos().max(0.01);
    let (wide, high) = ((east - west) * narrow * DEGREE, (north - south) * DEGREE);
    let scale =
        ((WIDTH - 2.0 * MARGIN) / wide.max(1.0)).min((HEIGHT - 2.0 * MARGIN) / high.max(1.0));
    let x = |lon: f64| WIDTH / 2.0 + (lon - (west + east) / 2.0) * narrow * DEGREE * scale;
    let y = |lat: f64| HEIGHT / 2.0 - (lat - (south + north) / 2.0) * DEGREE * scale;

    let mut alt = say(locale, if here.is_some() { "desk-view-map-here" } else { "desk-view-map" });
    if let Some(standing) = standing {
        let _ = write!(alt, ". {}", standing.sentence(locale));
    }
    let mut svg = format!(
        "<svg class=\"view\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(&alt)
    );
    for ring in rings {
        svg.push_str("<path class=\"area\" d=\"");
        for (at, [lon, lat]) in ring.iter().enumerate() {
            let _ = write!(svg, "{}{:.1} {:.1}", if at == 0 { 'M' } else { 'L' }, x(*lon), y(*lat));
        }
        svg.push_str("z\"/>");
    }
    if let Some(here) = here.filter(|here| is_place(&[here.longitude, here.latitude])) {
        let (cx, cy) = (x(here.longitude), y(here.latitude));
        let reach = (here.accuracy * scale).clamp(0.0, WIDTH);
        let (class, sign) = standing.map_or(("", ""), |standing| (standing.class, standing.sign));
        // Words towards the middle, where there is room for them.
        let (beside, anchor) =
            if cx > WIDTH / 2.0 { (cx - 14.0, "end") } else { (cx + 14.0, "start") };
        let _ = write!(
            svg,
            "<g class=\"place {class}\"><circle class=\"reach\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{reach:.1}\"/>\
             <circle class=\"here\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"8\"/>\
             <text x=\"{beside:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{} {sign}</text></g>",
            cy + 5.0,
            escape(&say(locale, "desk-view-map-position")),
        );
    }
    let (metres, label) = bar(110.0 / scale);
    let length = metres * scale;
    let bottom = HEIGHT - 16.0;
    let _ = write!(
        svg,
        "<path class=\"rule\" d=\"M20 {bottom}h{length:.1}M20 {0}v8M{1:.1} {0}v8\"/>\
         <text x=\"{2:.1}\" y=\"{3}\" class=\"faint\">{label}</text>\
         <text x=\"{4}\" y=\"26\" class=\"faint\">N ↑</text></svg>",
        bottom - 4.0,
        20.0 + length,
        28.0 + length,
        bottom + 4.0,
        WIDTH - 44.0,
    );
    figure(&svg, &alt)
}

/// The largest round length of at most so many metres.
fn bar(most: f64) -> (f64, String) {
    let steps = [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];
    let metres = steps.into_iter().rev().find(|step| *step <= most).unwrap_or(5.0);
    let label =
        if metres >= 1e3 { format!("{:.0} km", metres / 1e3) } else { format!("{metres:.0} m") };
    (metres, label)
}
