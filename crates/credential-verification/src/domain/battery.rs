//! Battery remaining-life report at the insurer's and at the used-car dealer's.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use credential_model::{catalogue::CredentialType, moment::Moment};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::{DomainCheck, DomainReport, Presented, find, number, text};
use crate::codes::Code;

const DAY: i64 = 86_400;
/// Clock difference that is forgiven between assessor and verifier.
const SKEW: i64 = 60;

/// Inputs of `battery-insurance`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatteryInsurance {
    /// Least state of health, percent.
    #[serde(alias = "sohThreshold")]
    pub soh_threshold: f64,
    /// Definition the threshold is meant in: `CAPACITY`, `ENERGY_SOCE` or `OEM_BMS`.
    #[serde(alias = "sohDefinition")]
    pub soh_definition: String,
    /// Oldest assessment taken, days (default 30).
    #[serde(alias = "maxAgeDays", default = "thirty")]
    pub max_age_days: i64,
}

const fn thirty() -> i64 {
    30
}

/// Inputs of `battery-used-car`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatteryUsedCar {
    /// Vehicle identification number as read from the car.
    #[serde(default)]
    pub vin: Option<String>,
    /// Odometer reading now, km.
    #[serde(alias = "odometerKm", default)]
    pub odometer_km: Option<f64>,
}

/// Threshold under the same definition, measured and not modelled, at most 30 days old.
pub fn insurance(
    input: &BatteryInsurance,
    presented: &[Presented<'_>],
    now: Moment,
) -> DomainReport {
    let subject = find(presented, CredentialType::EvBatteryReport).map(|report| report.subject);
    let checks = vec![
        soh(input, subject),
        method(subject),
        age(subject, now, input.max_age_days.clamp(0, 3650)),
    ];
    DomainReport::new("battery-insurance", checks)
}

/// This very car, odometer not turned back and at most 3,000 km further, at most 90 days old.
pub fn used_car(input: &BatteryUsedCar, presented: &[Presented<'_>], now: Moment) -> DomainReport {
    let subject = find(presented, CredentialType::EvBatteryReport).map(|report| report.subject);
    let checks = vec![vin(input, subject), odometer(input, subject), age(subject, now, 90)];
    DomainReport::new("battery-used-car", checks)
}

fn soh(input: &BatteryInsurance, subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "soh";
    let threshold = input.soh_threshold;
    if !threshold.is_finite() || !(0.0..=110.0).contains(&threshold) {
        return DomainCheck::open(ID, Code::BatterySohUnknown)
            .with("the threshold is no percentage");
    }
    let (Some(value), Some(definition)) = (
        subject.and_then(|subject| number(subject.get("soh"))),
        subject.and_then(|subject| text(subject, "/sohDefinition")),
    ) else {
        return DomainCheck::open(ID, Code::BatterySohUnknown);
    };
    if definition != input.soh_definition {
        // Two definitions of health are two different quantities: no comparison at all.
        return DomainCheck::open(ID, Code::BatterySohDefinition)
            .with(format!("report {definition}, asked {}", input.soh_definition));
    }
    let detail = format!("SOH {value} % ({definition}), threshold {threshold} %");
    if value >= threshold {
        DomainCheck::pass(ID, Code::BatterySohOk).with(detail)
    } else {
        DomainCheck::fail(ID, Code::BatterySohLow).with(detail)
    }
}

fn method(subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "method";
    match subject.and_then(|subject| text(subject, "/method/kind")) {
        None => DomainCheck::open(ID, Code::BatteryMethodUnknown),
        Some("MODEL") => DomainCheck::fail(ID, Code::BatteryMethodModel),
        Some(kind @ ("FULL_DISCHARGE" | "PARTIAL_CHARGE" | "BMS_READOUT" | "EIS")) => {
            DomainCheck::pass(ID, Code::BatteryMethodOk).with(kind)
        }
        Some(_) => DomainCheck::open(ID, Code::BatteryMethodUnknown),
    }
}

fn age(subject: Option<&Value>, now: Moment, max_days: i64) -> DomainCheck {
    const ID: &str = "age";
    let Some(assessed) = subject
        .and_then(|subject| text(subject, "/assessedAt"))
        .and_then(|value| Moment::parse(value).ok())
    else {
        return DomainCheck::open(ID, Code::BatteryDateUnknown);
    };
    let seconds = now.unix().saturating_sub(assessed.unix());
    let detail = format!("{} days, allowed {max_days}", seconds.max(0) / DAY);
    if seconds < -SKEW {
        DomainCheck::fail(ID, Code::BatteryFuture)
    } else if seconds > max_days.saturating_mul(DAY) {
        DomainCheck::fail(ID, Code::BatteryOld).with(detail)
    } else {
        DomainCheck::pass(ID, Code::BatteryFresh).with(detail)
    }
}

fn vin(input: &BatteryUsedCar, subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "vin";
    let unknown = || DomainCheck::open(ID, Code::BatteryVinUnknown);
    let Some(subject) = subject else { return unknown() };
    let Some(vin) = input.vin.as_deref().map(normal_vin) else { return unknown() };
    if !is_vin(&vin) {
        return unknown()
            .with("the given number is no 17-character VIN (letters I, O, Q excluded)");
    }
    let disclosed = text(subject, "/vehicle/vin").map(normal_vin);
    if disclosed.as_deref().is_some_and(|disclosed| disclosed != vin) {
        return DomainCheck::fail(ID, Code::BatteryVinOther);
    }
    let (Some(commitment), Some(salt)) = (
        text(subject, "/vehicle/vinCommitment").and_then(bytes),
        text(subject, "/vehicle/vinSalt").and_then(bytes),
    ) else {
        // A disclosed number without commitment is signed by the assessor as well.
        return if disclosed.is_some() && subject.pointer("/vehicle/vinCommitment").is_none() {
            DomainCheck::pass(ID, Code::BatteryVinOk).with("number disclosed in the report")
        } else {
            unknown()
        };
    };
    if opens(&vin, &salt, &commitment) {
        DomainCheck::pass(ID, Code::BatteryVinOk)
    } else {
        DomainCheck::fail(ID, Code::BatteryVinOther)
    }
}

fn odometer(input: &BatteryUsedCar, subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "odometer";
    /// How far the report stays good (credentials.md A.2).
    const FURTHER_KM: f64 = 3_000.0;
    let then = subject.and_then(|subject| number(subject.pointer("/vehicle/odometer")));
    let now = input.odometer_km.filter(|km| km.is_finite() && *km >= 0.0);
    let (Some(then), Some(now)) = (then, now) else {
        return DomainCheck::open(ID, Code::BatteryOdometerUnknown);
    };
    let detail = format!("{then} km at the assessment, {now} km now");
    if now < then {
        DomainCheck::fail(ID, Code::BatteryOdometerBackwards).with(detail)
    } else if now - then > FURTHER_KM {
        DomainCheck::fail(ID, Code::BatteryOdometerFar).with(detail)
    } else {
        DomainCheck::pass(ID, Code::BatteryOdometerOk).with(detail)
    }
}

/// HMAC-SHA-256 with the 32-byte salt as key over the VIN in upper case. Constant-time compare.
fn opens(vin: &str, salt: &[u8], commitment: &[u8]) -> bool {
    if salt.len() != 32 {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return false };
    mac.update(vin.as_bytes());
    mac.verify_slice(commitment).is_ok()
}

fn normal_vin(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

fn is_vin(vin: &str) -> bool {
    vin.len() == 17
        && vin.bytes().all(|byte| byte.is_ascii_alphanumeric() && !b"IOQ".contains(&byte))
}

/// base64url without padding, or hexadecimal.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > 128 {
        return None;
    }
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return hex::decode(text).ok();
    }
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
#[path = "battery_tests.rs"]
mod tests;
