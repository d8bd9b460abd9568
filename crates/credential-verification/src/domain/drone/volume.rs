//! Position, height and time against the permit's volumes: each by itself for a clear reason,
//! and all three together, because a place from one volume, a height from a second and an hour
//! from a third permit nothing.
use credential_model::moment::Moment;
use serde_json::Value;

use super::{
    MeasuredAltitude,
    geometry::{Area, Place, Position, PositionError},
};
use crate::{
    codes::Code,
    domain::{DomainCheck, DomainOutcome, number, text},
};

/// Clock difference that is forgiven at the edges of a time window, seconds.
const SKEW: i64 = 60;
/// Permits with more volumes or windows than this are not read to the end.
const MAX_VOLUMES: usize = 50;
const MAX_WINDOWS: usize = 400;

/// What one volume says about one question.
#[derive(Debug, Clone)]
struct Said {
    outcome: DomainOutcome,
    code: Code,
    detail: String,
}

impl Said {
    fn new(outcome: DomainOutcome, code: Code, detail: impl Into<String>) -> Self {
        Said { outcome, code, detail: detail.into() }
    }
}

/// The four lines `area`, `altitude`, `time` and `volume`.
pub(super) fn check(
    permit: &Value,
    position: &Result<Position, PositionError>,
    altitude: Option<&MeasuredAltitude>,
    now: Moment,
) -> Vec<DomainCheck> {
    let volumes: Vec<&Value> = permit
        .get("volumes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MAX_VOLUMES)
        .collect();
    let said: Vec<[Said; 3]> = volumes
        .iter()
        .map(|volume| [area(volume, position), height(volume, altitude), time(volume, now)])
        .collect();

    let mut lines = Vec::with_capacity(4);
    for (index, (id, none)) in [
        ("area", area_without_volume(position)),
        ("altitude", height_without_volume(altitude)),
        ("time", Code::DroneTimeUnknown),
    ]
    .into_iter()
    .enumerate()
    {
        lines.push(best(id, said.iter().map(|volume| &volume[index]), none));
    }
    lines.push(together(&said));
    lines
}

/// The most favourable volume's answer to one question.
fn best<'a>(id: &str, said: impl Iterator<Item = &'a Said>, none: Code) -> DomainCheck {
    match said.max_by_key(|said| said.outcome) {
        Some(best) => DomainCheck {
            id: id.to_owned(),
            outcome: best.outcome,
            code: best.code,
            detail: (!best.detail.is_empty()).then(|| best.detail.clone()),
        },
        None => DomainCheck::open(id, none),
    }
}

fn together(said: &[[Said; 3]]) -> DomainCheck {
    const ID: &str = "volume";
    let fits = said
        .iter()
        .filter_map(|volume| volume.iter().map(|said| said.outcome).min())
        .max()
        .unwrap_or(DomainOutcome::Indeterminate);
    match fits {
        DomainOutcome::Pass => DomainCheck::pass(ID, Code::DroneVolumeOk),
        DomainOutcome::Fail => DomainCheck::fail(ID, Code::DroneVolumeNone),
        DomainOutcome::Indeterminate => DomainCheck::open(ID, Code::DroneVolumeUnknown),
    }
}

fn area_without_volume(position: &Result<Position, PositionError>) -> Code {
    match position {
        Ok(_) => Code::DroneAreaInvalid,
        Err(PositionError::Missing) => Code::DronePositionMissing,
        Err(_) => Code::DronePositionInvalid,
    }
}

fn area(volume: &Value, position: &Result<Position, PositionError>) -> Said {
    let position = match position {
        Ok(position) => position,
        Err(error) => {
            let code = area_without_volume(&Err(*error));
            return Said::new(DomainOutcome::Indeterminate, code, error.to_string());
        }
    };
    let figure = volume.get("geometry").unwrap_or(volume);
    match Area::parse(figure).map(|area| area.locate(position)) {
        Ok(Place::Inside) => Said::new(DomainOutcome::Pass, Code::DroneAreaInside, ""),
        Ok(Place::Outside) => Said::new(DomainOutcome::Fail, Code::DroneAreaOutside, ""),
        Ok(Place::Uncertain) => {
            Said::new(DomainOutcome::Indeterminate, Code::DroneAreaUncertain, "")
        }
        Err(error) => {
            Said::new(DomainOutcome::Indeterminate, Code::DroneAreaInvalid, error.to_string())
        }
    }
}

fn height_without_volume(altitude: Option<&MeasuredAltitude>) -> Code {
    if altitude.is_some() { Code::DroneAltitudeUncertain } else { Code::DroneAltitudeMissing }
}

fn height(volume: &Value, altitude: Option<&MeasuredAltitude>) -> Said {
    let unusable = |code, detail: &str| Said::new(DomainOutcome::Indeterminate, code, detail);
    let Some(altitude) = altitude else {
        return unusable(Code::DroneAltitudeMissing, "");
    };
    if !altitude.value.is_finite() || !altitude.accuracy_m.is_finite() || altitude.accuracy_m < 0.0
    {
        return unusable(Code::DroneAltitudeMissing, "height or accuracy is not a finite number");
    }
    let limit = |name: &str| {
        let limit = volume.get(name)?;
        Some((number(limit.get("value"))?, text(limit, "/ref")?.to_owned()))
    };
    let (Some((lower, lower_ref)), Some((upper, upper_ref))) = (limit("lower"), limit("upper"))
    else {
        return unusable(Code::DroneAltitudeUncertain, "the permit's limits cannot be read");
    };
    // AGL needs the terrain's height and WGS 84 the geoid's before they can be compared with
    // AMSL; neither is at hand, so different references are never mixed.
    if lower_ref != altitude.reference || upper_ref != altitude.reference {
        return unusable(
            Code::DroneAltitudeReference,
            &format!("measured {}, permitted {lower_ref} to {upper_ref}", altitude.reference),
        );
    }
    let (low, high) = (altitude.value - altitude.accuracy_m, altitude.value + altitude.accuracy_m);
    let detail =
        format!("{} m {}, permitted {lower} to {upper} m", altitude.value, altitude.reference);
    if low >= lower && high <= upper {
        Said::new(DomainOutcome::Pass, Code::DroneAltitudeOk, detail)
    } else if high < lower || low > upper {
        Said::new(DomainOutcome::Fail, Code::DroneAltitudeOutside, detail)
    } else {
        Said::new(DomainOutcome::Indeterminate, Code::DroneAltitudeUncertain, detail)
    }
}

fn time(volume: &Value, now: Moment) -> Said {
    let windows = volume.get("time").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(windows) = windows else {
        return Said::new(DomainOutcome::Indeterminate, Code::DroneTimeUnknown, "no time window");
    };
    let mut unreadable = windows.len() > MAX_WINDOWS;
    for window in windows.iter().take(MAX_WINDOWS) {
        match (moment(window, "/start"), moment(window, "/end")) {
            (Some(start), Some(end)) if start < end => {
                let inside = now >= start.minus_seconds(SKEW) && now <= end.plus_seconds(SKEW);
                match window.get("weekly").map(|weekly| in_weekly_hours(weekly, now)) {
                    None | Some(Some(true)) if inside => {
                        return Said::new(DomainOutcome::Pass, Code::DroneTimeOk, "");
                    }
                    Some(None) if inside => unreadable = true,
                    _ => {}
                }
            }
            _ => unreadable = true,
        }
    }
    if unreadable {
        Said::new(
            DomainOutcome::Indeterminate,
            Code::DroneTimeUnknown,
            "a time window cannot be read",
        )
    } else {
        Said::new(DomainOutcome::Fail, Code::DroneTimeOutside, "")
    }
}

/// Hours of certain days of the week, Korean time (which knows no summer time), with the same
/// minute of skew; `None` when the rule cannot be read.
fn in_weekly_hours(weekly: &Value, now: Moment) -> Option<bool> {
    const DAYS: [&str; 7] = ["TH", "FR", "SA", "SU", "MO", "TU", "WE"]; // from 1970-01-01 on
    let days: Vec<&str> =
        weekly.get("days")?.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    if days.is_empty() || days.iter().any(|day| !DAYS.contains(day)) {
        return None;
    }
    let (opens, closes) = (clock(text(weekly, "/opens")?)?, clock(text(weekly, "/closes")?)?);
    if closes <= opens {
        return None;
    }
    let korean = now.plus_seconds(9 * 3_600).unix();
    let day = usize::try_from(korean.div_euclid(86_400).rem_euclid(7)).ok()?;
    let second = korean.rem_euclid(86_400);
    Some(days.contains(&DAYS[day]) && second >= opens - SKEW && second <= closes + SKEW)
}

/// `HH:MM` in seconds of the day.
fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let part = |part: &str, below: i64| {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i64>().ok())?.filter(|value| *value < below)
    };
    Some(part(hours, 24)? * 3_600 + part(minutes, 60)? * 60)
}

fn moment(window: &Value, pointer: &str) -> Option<Moment> {
    text(window, pointer).and_then(|value| Moment::parse(value).ok())
}
