//! What a trade wants to see at one glance: where the permit holds, how much battery is left,
//! which result. Drawn from what the report shows; nothing is decided here.

use std::fmt::Write as _;

use credential_model::catalogue::CredentialType;
use credential_verification::{Report, codes::Code, report::CredentialSummary};
use localized_text::{Locale, say, say_with};
use web_kit::page::escape;

mod map;

/// Where somebody stands, with accuracy in metres, for the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// Metres, 95 %.
    pub accuracy: f64,
}

impl Position {
    /// The position in the inputs of a field check.
    pub fn of_context(context: Option<&serde_json::Value>) -> Option<Self> {
        let position = context?.get("position")?;
        let number = |names: [&str; 2]| {
            names.iter().find_map(|name| position.get(*name)).and_then(serde_json::Value::as_f64)
        };
        Some(Position {
            longitude: number(["lon", "longitude"])?,
            latitude: number(["lat", "latitude"])?,
            accuracy: number(["accuracy_m", "accuracyM"]).unwrap_or(0.0),
        })
    }
}

/// What the field check said about the position; decided there, only shown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    /// `yes` inside, `no` outside, `unknown` for what the position does not decide.
    class: &'static str,
    /// With the class, so that colour is never alone.
    sign: &'static str,
    code: &'static str,
}

impl Standing {
    /// `None` where no field check was asked.
    fn of(report: &Report) -> Option<Self> {
        let checks = &report.domain.as_ref()?.checks;
        checks.iter().find_map(|check| {
            let (class, sign) = match check.code {
                Code::DroneAreaInside => ("yes", "✓"),
                Code::DroneAreaOutside => ("no", "✕"),
                Code::DroneAreaUncertain
                | Code::DronePositionMissing
                | Code::DronePositionInvalid => ("unknown", "?"),
                _ => return None,
            };
            Some(Standing { class, sign, code: check.code.as_str() })
        })
    }

    fn sentence(self, locale: Locale) -> String {
        say(locale, &format!("verdict-code-{}", self.code))
    }
}

/// The pictures of a report, as safe HTML; empty where its types have none.
pub fn views(locale: Locale, report: &Report, position: Option<Position>) -> String {
    let mut out = String::new();
    for (summary, _, _) in report.credentials() {
        let Some(summary) = summary else { continue };
        match CredentialType::from_type_name(&summary.type_name) {
            Some(CredentialType::DroneFlightPermit) => {
                let standing = Standing::of(report);
                out.push_str(&map::map(locale, summary, position, standing.as_ref()));
            }
            Some(CredentialType::EvBatteryReport) => out.push_str(&gauge(locale, summary)),
            Some(CredentialType::CompetitionResult) => out.push_str(&sheet(locale, summary)),
            _ => {}
        }
    }
    out
}

fn value<'a>(summary: &'a CredentialSummary, path: &str, locale: Locale) -> Option<&'a str> {
    summary.value(path, locale == Locale::Ko)
}

fn number(summary: &CredentialSummary, path: &str) -> Option<f64> {
    let number: f64 = summary.value(path, false)?.parse().ok()?;
    number.is_finite().then_some(number)
}

fn figure(svg: &str, caption: &str) -> String {
    format!("<figure>{svg}<figcaption>{}</figcaption></figure>\n", escape(caption))
}

/// State of health on a scale of 0 to 100 %, and the remaining range with its interval.
fn gauge(locale: Locale, summary: &CredentialSummary) -> String {
    let Some(soh) = number(summary, "soh").filter(|soh| (0.0..=130.0).contains(soh)) else {
        return String::new();
    };
    let shown = summary.value("soh", false).unwrap_or_default();
    let definition = value(summary, "sohDefinition", locale).unwrap_or_default();
    let end = number(summary, "rul.endOfLifeThreshold").unwrap_or(70.0).clamp(0.0, 100.0);
    let class = if soh >= 80.0 {
        "good"
    } else if soh >= end {
        "fair"
    } else {
        "poor"
    };
    let title = say_with(locale, "desk-view-battery-alt", &[("soh", shown)]);
    let mut svg = format!(
        "<svg class=\"view\" viewBox=\"0 0 520 230\" role=\"img\" aria-label=\"{}\">\
         <text x=\"20\" y=\"54\" class=\"big\">{} %</text>\
         <text x=\"20\" y=\"80\" class=\"faint\">{}</text>\
         <rect class=\"track\" x=\"20\" y=\"96\" width=\"480\" height=\"18\" rx=\"9\"/>\
         <rect class=\"{class}\" x=\"20\" y=\"96\" width=\"{:.1}\" height=\"18\" rx=\"9\"/>\
         <path class=\"rule\" d=\"M{:.1} 90v30\"/>",
        escape(&title),
        escape(shown),
        escape(&say_with(locale, "desk-view-battery-soh", &[("definition", definition)])),
        4.8 * soh.min(100.0),
        20.0 + 4.8 * end,
    );
    let threshold = say_with(locale, "desk-view-battery-end", &[("percent", &format!("{end}"))]);
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"138\" class=\"faint\" text-anchor=\"middle\">{}</text>",
        (20.0 + 4.8 * end).clamp(120.0, 400.0),
        escape(&threshold)
    );
    let mut caption = title;
    let left =
        (number(summary, "rul.value"), number(summary, "rul.ciLow"), number(summary, "rul.ciHigh"));
    if let (Some(likely), Some(low), Some(high)) = left
        && 0.0 <= low
        && low <= likely
        && likely <= high
    {
        let unit = value(summary, "rul.unit", locale).unwrap_or_default();
        let level = number(summary, "rul.ciLevel")
            .map_or(String::new(), |level| format!("{:.0}", level * 100.0));
        let at = |value: f64| 20.0 + 480.0 * value / (high * 1.15).max(1.0);
        let words = |value: f64| escape(&thousands(value));
        let said = say_with(
            locale,
            "desk-view-battery-left",
            &[
                ("likely", &thousands(likely)),
                ("low", &thousands(low)),
                ("high", &thousands(high)),
                ("unit", unit),
                ("level", &level),
            ],
        );
        let _ = write!(
            svg,
            "<rect class=\"track\" x=\"20\" y=\"184\" width=\"480\" height=\"4\"/>\
             <path class=\"span\" d=\"M{0:.1} 186H{1:.1}M{0:.1} 176v20M{1:.1} 176v20\"/>\
             <circle class=\"{class}\" cx=\"{2:.1}\" cy=\"186\" r=\"8\"/>\
             <text x=\"{0:.1}\" y=\"216\" text-anchor=\"middle\">{3}</text>\
             <text x=\"{1:.1}\" y=\"216\" text-anchor=\"middle\">{4}</text>\
             <text x=\"{2:.1}\" y=\"168\" text-anchor=\"middle\">{5} {6}</text>",
            at(low),
            at(high),
            at(likely),
            words(low),
            words(high),
            words(likely),
            escape(unit),
        );
        caption = format!("{caption}. {said}");
    }
    svg.push_str("</svg>");
    figure(&svg, &caption)
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The line of a results list: rank, name, mark, wind, and who confirmed it.
fn sheet(locale: Locale, summary: &CredentialSummary) -> String {
    let of = |path: &str| value(summary, path, locale).map(escape).unwrap_or_default();
    let Some(name) = value(summary, "athlete.name", locale) else { return String::new() };
    let mut out = format!(
        "<div class=\"card scroll\"><table class=\"sheet\"><caption>{} · {}</caption><thead><tr>",
        of("competition.name"),
        of("discipline"),
    );
    for heading in ["rank", "name", "team", "mark", "wind", "confirmed"] {
        let _ = write!(
            out,
            "<th scope=\"col\">{}</th>",
            escape(&say(locale, &format!("desk-view-sheet-{heading}")))
        );
    }
    let confirmed: Vec<String> = (0..8)
        .map_while(|at| value(summary, &format!("confirmedBy[{at}].name"), locale))
        .map(escape)
        .collect();
    let _ = writeln!(
        out,
        "</tr></thead><tbody><tr><td class=\"mark\">{}</td><td>{}</td><td>{}</td>\
         <td class=\"mark\">{} {}</td><td>{}</td><td>{}</td></tr></tbody></table></div>",
        of("rank"),
        escape(name),
        of("athlete.team"),
        of("mark.value"),
        of("mark.unit"),
        of("wind"),
        confirmed.join("<br>"),
    );
    out
}
