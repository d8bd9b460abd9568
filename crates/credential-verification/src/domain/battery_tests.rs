use serde_json::json;

use super::*;
use crate::{domain::DomainOutcome, verdict::Overall};

const VIN: &str = "KMHFCT0000F000001";

fn now() -> Moment {
    Moment::parse("2026-11-23T05:00:00Z").unwrap()
}

fn shown(subject: &Value) -> [Presented<'_>; 1] {
    [Presented {
        credential_type: CredentialType::EvBatteryReport,
        overall: Overall::Accept,
        subject,
        subject_id: None,
        holder: None,
        proven: false,
        awarded: None,
    }]
}

fn good() -> Value {
    let salt = [7u8; 32];
    let mut mac = Hmac::<Sha256>::new_from_slice(&salt).unwrap();
    mac.update(VIN.as_bytes());
    let commitment = mac.finalize().into_bytes();
    json!({
        "soh": "88.0", "sohDefinition": "CAPACITY",
        "method": {"kind": "FULL_DISCHARGE"},
        "assessedAt": "2026-11-10T05:00:00Z",
        "vehicle": {
            "odometer": 61204,
            "vinCommitment": URL_SAFE_NO_PAD.encode(commitment),
            "vinSalt": URL_SAFE_NO_PAD.encode(salt),
        }
    })
}

fn insurer() -> BatteryInsurance {
    BatteryInsurance { soh_threshold: 80.0, soh_definition: "CAPACITY".into(), max_age_days: 30 }
}

fn dealer() -> BatteryUsedCar {
    BatteryUsedCar { vin: Some(VIN.into()), odometer_km: Some(62_000.0) }
}

fn with(pointer: &str, value: Value) -> Value {
    let mut subject = good();
    *subject.pointer_mut(pointer).unwrap() = value;
    subject
}

fn without(object: &str, member: &str) -> Value {
    let mut subject = good();
    subject.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(member);
    subject
}

fn code_of(report: &DomainReport, id: &str) -> Code {
    report.checks.iter().find(|check| check.id == id).unwrap().code
}

#[test]
fn insurer_accepts_a_recent_measured_report() {
    let subject = good();
    assert_eq!(insurance(&insurer(), &shown(&subject), now()).outcome, DomainOutcome::Pass);
}

#[test]
fn threshold_itself_passes_and_a_tenth_below_fails() {
    let at = with("/soh", json!("80.0"));
    assert_eq!(insurance(&insurer(), &shown(&at), now()).outcome, DomainOutcome::Pass);
    let below = with("/soh", json!("79.9"));
    let report = insurance(&insurer(), &shown(&below), now());
    assert_eq!(report.outcome, DomainOutcome::Fail);
    assert_eq!(code_of(&report, "soh"), Code::BatterySohLow);
}

#[test]
fn definitions_are_never_compared_with_each_other() {
    let subject = with("/sohDefinition", json!("OEM_BMS"));
    let report = insurance(&insurer(), &shown(&subject), now());
    assert_eq!(report.outcome, DomainOutcome::Indeterminate);
    assert_eq!(code_of(&report, "soh"), Code::BatterySohDefinition);
}

#[test]
fn modelled_reports_fail_and_unknown_methods_stay_open() {
    let report = insurance(&insurer(), &shown(&with("/method/kind", json!("MODEL"))), now());
    assert_eq!(report.outcome, DomainOutcome::Fail);
    let report = insurance(&insurer(), &shown(&with("/method/kind", json!("GUESS"))), now());
    assert_eq!(report.outcome, DomainOutcome::Indeterminate);
}

#[test]
fn thirty_days_pass_a_second_more_fails() {
    let edge = with("/assessedAt", json!("2026-10-24T05:00:00Z"));
    assert_eq!(insurance(&insurer(), &shown(&edge), now()).outcome, DomainOutcome::Pass);
    let over = with("/assessedAt", json!("2026-10-24T04:59:59Z"));
    assert_eq!(code_of(&insurance(&insurer(), &shown(&over), now()), "age"), Code::BatteryOld);
    let future = with("/assessedAt", json!("2026-11-23T05:02:00Z"));
    assert_eq!(code_of(&insurance(&insurer(), &shown(&future), now()), "age"), Code::BatteryFuture);
}

#[test]
fn missing_input_is_never_a_pass() {
    for member in ["soh", "sohDefinition", "method", "assessedAt"] {
        let subject = without("", member);
        assert_eq!(
            insurance(&insurer(), &shown(&subject), now()).outcome,
            DomainOutcome::Indeterminate,
            "{member}"
        );
    }
    assert_eq!(insurance(&insurer(), &[], now()).outcome, DomainOutcome::Indeterminate);
    assert_eq!(used_car(&dealer(), &[], now()).outcome, DomainOutcome::Indeterminate);
    let mut odd = insurer();
    odd.soh_threshold = f64::NAN;
    let subject = good();
    assert_eq!(insurance(&odd, &shown(&subject), now()).outcome, DomainOutcome::Indeterminate);
}

#[test]
fn dealer_opens_the_commitment() {
    let subject = good();
    let report = used_car(&dealer(), &shown(&subject), now());
    assert_eq!(report.outcome, DomainOutcome::Pass, "{report:?}");
    let lower = BatteryUsedCar { vin: Some(VIN.to_lowercase()), ..dealer() };
    assert_eq!(used_car(&lower, &shown(&subject), now()).outcome, DomainOutcome::Pass);
}

#[test]
fn another_car_or_another_salt_fails() {
    let subject = good();
    let other = BatteryUsedCar { vin: Some("KMHFCT0000F000002".into()), ..dealer() };
    assert_eq!(code_of(&used_car(&other, &shown(&subject), now()), "vin"), Code::BatteryVinOther);
    let salt = with("/vehicle/vinSalt", json!(URL_SAFE_NO_PAD.encode([8u8; 32])));
    assert_eq!(code_of(&used_car(&dealer(), &shown(&salt), now()), "vin"), Code::BatteryVinOther);
    let short = with("/vehicle/vinSalt", json!(URL_SAFE_NO_PAD.encode([7u8; 16])));
    assert_eq!(code_of(&used_car(&dealer(), &shown(&short), now()), "vin"), Code::BatteryVinOther);
}

#[test]
fn hidden_salt_or_odd_vin_stays_open() {
    let hidden = without("/vehicle", "vinSalt");
    assert_eq!(
        code_of(&used_car(&dealer(), &shown(&hidden), now()), "vin"),
        Code::BatteryVinUnknown
    );
    let subject = good();
    for vin in [None, Some("SHORT".to_owned()), Some("KMHFCT0000F00000O".to_owned())] {
        let input = BatteryUsedCar { vin, ..dealer() };
        assert_eq!(
            code_of(&used_car(&input, &shown(&subject), now()), "vin"),
            Code::BatteryVinUnknown
        );
    }
}

#[test]
fn odometer_is_monotone_and_at_most_three_thousand_further() {
    let subject = good();
    let at = |km: f64| {
        let input = BatteryUsedCar { odometer_km: Some(km), ..dealer() };
        code_of(&used_car(&input, &shown(&subject), now()), "odometer")
    };
    assert_eq!(at(61_204.0), Code::BatteryOdometerOk);
    assert_eq!(at(64_204.0), Code::BatteryOdometerOk);
    assert_eq!(at(64_204.5), Code::BatteryOdometerFar);
    assert_eq!(at(61_203.0), Code::BatteryOdometerBackwards);
    assert_eq!(at(f64::INFINITY), Code::BatteryOdometerUnknown);
    assert_eq!(at(-1.0), Code::BatteryOdometerUnknown);
}
