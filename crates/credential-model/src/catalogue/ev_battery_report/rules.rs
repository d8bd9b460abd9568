//! Rules between the fields of a battery report, and the VIN commitment.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::catalogue::rules::Checker;

/// HMAC-SHA-256 of a VIN under a random 32-byte salt, base64url.
///
/// Lets a keeper open the VIN to a dealer (VIN and salt) while others see a value that
/// cannot be linked to the vehicle.
#[must_use]
pub fn vin_commitment(vin: &str, salt: &[u8; 32]) -> String {
    // RFC 2104 with a key shorter than the block; sha2 is here already, an HMAC crate is not.
    let mut inner = [0x36u8; 64];
    let mut outer = [0x5cu8; 64];
    for (index, byte) in salt.iter().enumerate() {
        inner[index] ^= byte;
        outer[index] ^= byte;
    }
    let hash = Sha256::new().chain_update(inner).chain_update(vin.as_bytes()).finalize();
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(outer).chain_update(hash).finalize())
}

/// ISO 3779: 17 capital letters and digits without I, O and Q.
fn is_vin(text: &str) -> bool {
    text.len() == 17
        && text.bytes().all(|b| {
            b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Q'))
        })
}

pub(super) fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/manufacturingDate", "/putIntoService"]);
    c.date_times(&["/assessedAt"]);
    c.dates_in_order("/manufacturingDate", "/putIntoService");
    c.decimal_positive("/ratedCapacity");
    c.decimal_positive("/ratedEnergy");
    c.decimal_between("/soh", 0.0, 110.0);
    for percent in ["/soc", "/internalResistance/atSoc", "/fastChargeShare", "/selfDischargeRate"] {
        c.decimal_between(percent, 0.0, 100.0);
    }
    for percent in ["/soce", "/socr"] {
        c.decimal_between(percent, 0.0, 110.0);
    }
    // A fade may be slightly negative (a battery a little better than rated).
    for percent in ["/capacityFade", "/powerFade"] {
        c.decimal_between(percent, -10.0, 100.0);
    }
    c.decimal_between("/temperature/test", -60.0, 120.0);
    c.decimal_between("/internalResistance/atTemperature", -60.0, 120.0);
    c.decimal_between("/rul/ciLevel", 0.5, 0.99);
    c.decimal_between("/rul/endOfLifeThreshold", 1.0, 100.0);
    c.decimal_between("/method/accuracy", 0.0, 100.0);
    c.decimals_not_negative(&[
        "/vehicle/odometer",
        "/remainingCapacity",
        "/remainingEnergy",
        "/energyThroughput",
        "/capacityThroughput",
        "/insulationResistance",
        "/cellVoltageSpread",
        "/internalResistance/value",
        "/internalResistance/pulseSeconds",
        "/temperature/exposureHigh",
        "/temperature/exposureLow",
        "/rul/value",
        "/rul/ciLow",
    ]);
    one_decimal_of_health(c);
    capacity(c);
    interval(c);
    vehicle(c);
    for event in c.items("/negativeEvents") {
        let date = format!("{event}/date");
        c.calendar_dates(&[&date]);
        if let (Some(day), Some(assessed)) = (c.text(&date), c.moment("/assessedAt"))
            && crate::moment::days_between(day, &assessed.date_kst()).is_some_and(|days| days < 0)
        {
            c.violation(&date, "event_after_assessment", "lies after the assessment");
        }
    }
    if c.text("/reuseSafety/result") == Some("PASS") {
        for member in ["certNo", "standard", "agency"] {
            let pointer = format!("/reuseSafety/{member}");
            if c.get(&pointer).is_none() {
                c.violation(&pointer, "reuse_evidence_missing", "a passed inspection names it");
            }
        }
    }
}

fn one_decimal_of_health(c: &Checker<'_>) {
    let fraction = c.text("/soh").and_then(|text| text.split_once('.')).map(|(_, f)| f.len());
    if fraction.is_some_and(|digits| digits > 1) {
        c.violation("/soh", "too_precise", "one decimal");
    }
}

fn capacity(c: &Checker<'_>) {
    let (Some(rated), Some(remaining)) =
        (c.decimal("/ratedCapacity"), c.decimal("/remainingCapacity"))
    else {
        return;
    };
    if remaining > rated * 1.1 {
        c.violation(
            "/remainingCapacity",
            "capacity_exceeds_rated",
            "more than 110 % of the rated capacity",
        );
    } else if rated > 0.0
        && c.text("/sohDefinition") == Some("CAPACITY")
        && c.decimal("/soh").is_some_and(|soh| (soh - remaining / rated * 100.0).abs() > 0.1)
    {
        c.violation("/soh", "soh_not_the_capacity_ratio", "is not remaining over rated capacity");
    }
}

fn interval(c: &Checker<'_>) {
    if let (Some(low), Some(value)) = (c.decimal("/rul/ciLow"), c.decimal("/rul/value"))
        && low > value
    {
        c.violation("/rul/ciLow", "interval_out_of_order", "the lower end lies above the estimate");
    }
    if let (Some(value), Some(high)) = (c.decimal("/rul/value"), c.decimal("/rul/ciHigh"))
        && value > high
    {
        c.violation(
            "/rul/ciHigh",
            "interval_out_of_order",
            "the upper end lies below the estimate",
        );
    }
    if let (Some(soh), Some(end), Some(life)) =
        (c.decimal("/soh"), c.decimal("/rul/endOfLifeThreshold"), c.decimal("/rul/value"))
        && soh <= end
        && life > 0.0
    {
        c.violation(
            "/rul/value",
            "life_after_end_of_life",
            "health is at the end-of-life threshold already",
        );
    }
}

fn vehicle(c: &Checker<'_>) {
    if c.is_whole() && c.get("/vehicle").is_some() && c.get("/vehicle/odometer").is_none() {
        c.violation(
            "/vehicle/odometer",
            "odometer_missing",
            "a battery in a vehicle has an odometer",
        );
    }
    let vin = c.text("/vehicle/vin");
    if vin.is_some_and(|vin| !is_vin(vin)) {
        c.violation("/vehicle/vin", "vin_invalid", "17 capital letters and digits without I, O, Q");
    }
    let salt: Option<Option<[u8; 32]>> = c
        .text("/vehicle/vinSalt")
        .map(|text| URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()));
    if salt == Some(None) {
        c.violation("/vehicle/vinSalt", "vin_salt_invalid", "32 bytes in base64url");
    }
    if let (Some(vin), Some(Some(salt)), Some(commitment)) =
        (vin, salt, c.text("/vehicle/vinCommitment"))
        && vin_commitment(vin, &salt) != commitment
    {
        c.violation(
            "/vehicle/vinCommitment",
            "vin_commitment_mismatch",
            "does not belong to VIN and salt",
        );
    }
}
