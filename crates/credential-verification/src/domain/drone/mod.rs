//! Drone in the field: permit, pilot's licence and registration together, against position,
//! height and time. Rule sources: shared design text credentials.md A.3.
use credential_model::{catalogue::CredentialType, moment::Moment};
use serde::Deserialize;
use serde_json::Value;

use super::{DomainCheck, DomainReport, Presented, find, text};
use crate::codes::Code;

pub mod documents;
pub mod geometry;
pub mod sun;
pub mod volume;

use geometry::{Position, PositionError};

/// Inputs of `drone-field`: what the officer sees and measures.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DroneField {
    /// Where the aircraft is.
    #[serde(default)]
    pub position: Option<MeasuredPosition>,
    /// How high it is.
    #[serde(default)]
    pub altitude: Option<MeasuredAltitude>,
    /// Serial number from the Remote ID broadcast (ASTM F3411 Basic ID type 1).
    #[serde(default, alias = "remoteIdSerial")]
    pub remote_id_serial: Option<String>,
    /// Mass as weighed, kg; without it the registered MTOW counts.
    #[serde(default, alias = "takeoffMassKg")]
    pub takeoff_mass_kg: Option<f64>,
    /// The aircraft takes pictures.
    #[serde(default)]
    pub photo: bool,
    /// The pilot cannot see the aircraft.
    #[serde(default, alias = "beyondLineOfSight")]
    pub beyond_line_of_sight: bool,
}

/// WGS 84 position with its accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredPosition {
    /// Longitude, degrees east.
    #[serde(alias = "longitude")]
    pub lon: f64,
    /// Latitude, degrees north.
    #[serde(alias = "latitude")]
    pub lat: f64,
    /// Accuracy (95 %), metres. Without it nothing can be said about the area.
    #[serde(default, alias = "accuracyM", alias = "accuracy")]
    pub accuracy_m: Option<f64>,
}

/// Height with its reference.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredAltitude {
    /// Metres.
    pub value: f64,
    /// `AGL`, `AMSL` or `WGS84`.
    #[serde(rename = "ref", alias = "reference")]
    pub reference: String,
    /// Accuracy, metres; 0 when not given.
    #[serde(default, alias = "accuracyM")]
    pub accuracy_m: f64,
}

/// The whole field check.
pub fn field(input: &DroneField, presented: &[Presented<'_>], now: Moment) -> DomainReport {
    let permit = find(presented, CredentialType::DroneFlightPermit);
    let licence = find(presented, CredentialType::DronePilotLicence);
    let registration = find(presented, CredentialType::DroneRegistration);
    let position = measured(input);

    let mut checks = documents::check(input, permit, licence, registration, now);
    let nothing = Value::Null;
    let permit_subject = permit.map_or(&nothing, |permit| permit.subject);
    checks.push(night(permit_subject, position.as_ref().ok(), now));
    checks.extend(volume::check(permit_subject, &position, input.altitude.as_ref(), now));

    let mut report = DomainReport::new("drone-field", checks);
    report.checklist = conditions(permit_subject);
    report
}

/// Reads the officer's position; a missing accuracy makes it useless for a decision.
fn measured(input: &DroneField) -> Result<Position, PositionError> {
    let given = input.position.ok_or(PositionError::Missing)?;
    let accuracy = given.accuracy_m.ok_or(PositionError::Accuracy)?;
    Position::new(given.lon, given.lat, accuracy)
}

/// Night flight needs SPECIAL_NIGHT. Within the clock skew of sunset nothing is claimed.
fn night(permit: &Value, position: Option<&Position>, now: Moment) -> DomainCheck {
    const ID: &str = "night";
    const SKEW: i64 = 60;
    let Some(position) = position else {
        return DomainCheck::open(ID, Code::DroneNightUnknown);
    };
    let dark = |moment: Moment| sun::is_down(moment, position.latitude(), position.longitude());
    let (before, after) = (dark(now.minus_seconds(SKEW)), dark(now.plus_seconds(SKEW)));
    if !before && !after {
        return DomainCheck::pass(ID, Code::DroneDaylight);
    }
    if permit_types(permit).any(|kind| kind == "SPECIAL_NIGHT") {
        return DomainCheck::pass(ID, Code::DroneNightOk);
    }
    if before && after && !permit.is_null() {
        DomainCheck::fail(ID, Code::DroneNightForbidden)
    } else {
        DomainCheck::open(ID, Code::DroneNightUnknown)
    }
}

/// The permit's kinds (`FLIGHT`, `SPECIAL_NIGHT`, …).
pub(crate) fn permit_types(permit: &Value) -> impl Iterator<Item = &str> {
    permit
        .get("permitTypes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Conditions that a person must look at, as `CODE: text`.
fn conditions(permit: &Value) -> Vec<String> {
    const AT_MOST: usize = 50;
    permit
        .get("conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(AT_MOST)
        .filter_map(|condition| {
            let code = text(condition, "/code")?;
            Some(match text(condition, "/text") {
                Some(words) => format!("{code}: {words}"),
                None => code.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
