use serde_json::json;

use super::*;
use crate::{domain::DomainOutcome, verdict::Overall};

/// Monday noon in Korea, inside the permit's window.
fn noon() -> Moment {
    Moment::parse("2026-05-04T03:30:00Z").unwrap()
}

fn permit() -> Value {
    json!({
        "permitNo": "FICTITIOUS-1", "permitTypes": ["FLIGHT"],
        "aircraft": [{"registrationNo": "C1-FICT-0001", "serialNo": "1596FICT0001", "mtowKg": "9.9"}],
        "operation": {"purpose": "SURVEY", "mode": "VLOS"},
        "volumes": [{
            "geometry": {"type": "Polygon", "coordinates": [[
                [126.80, 37.20], [126.82, 37.20], [126.82, 37.22], [126.80, 37.22], [126.80, 37.20]
            ]]},
            "lower": {"value": 0, "ref": "AGL"}, "upper": {"value": "120", "ref": "AGL"},
            "time": [{"start": "2026-05-04T00:00:00Z", "end": "2026-05-04T09:00:00Z"}]
        }],
        "conditions": [{"code": "OBSERVER", "text": "관찰자 1명 배치"}],
        "insurance": {"validUntil": "2026-12-31"}
    })
}

fn licence() -> Value {
    json!({"class": "2", "category": "MULTICOPTER"})
}

fn registration() -> Value {
    json!({"registrationNo": "C1-FICT-0001", "serialNo": "1596FICT0001", "mtowKg": "9.9"})
}

fn input() -> DroneField {
    DroneField {
        position: Some(MeasuredPosition { lon: 126.81, lat: 37.21, accuracy_m: Some(5.0) }),
        altitude: Some(MeasuredAltitude { value: 100.0, reference: "AGL".into(), accuracy_m: 5.0 }),
        remote_id_serial: Some("1596FICT0001".into()),
        ..DroneField::default()
    }
}

struct Case {
    permit: Option<Value>,
    licence: Option<Value>,
    registration: Option<Value>,
    holders: [Option<&'static str>; 2],
    proven: [bool; 2],
    overall: Overall,
    input: DroneField,
    now: Moment,
}

impl Case {
    fn good() -> Self {
        Case {
            permit: Some(permit()),
            licence: Some(licence()),
            registration: Some(registration()),
            holders: [Some("key-a"), Some("key-a")],
            proven: [false, false],
            overall: Overall::Accept,
            input: input(),
            now: noon(),
        }
    }

    fn run(&self) -> DomainReport {
        let item = |credential_type, subject, holder, proven, overall| Presented {
            credential_type,
            overall,
            subject,
            subject_id: None,
            holder,
            proven,
            awarded: None,
        };
        let mut presented = Vec::new();
        if let Some(subject) = &self.permit {
            presented.push(item(
                CredentialType::DroneFlightPermit,
                subject,
                self.holders[0],
                self.proven[0],
                self.overall,
            ));
        }
        if let Some(subject) = &self.licence {
            presented.push(item(
                CredentialType::DronePilotLicence,
                subject,
                self.holders[1],
                self.proven[1],
                Overall::Accept,
            ));
        }
        if let Some(subject) = &self.registration {
            presented.push(item(
                CredentialType::DroneRegistration,
                subject,
                None,
                false,
                Overall::Accept,
            ));
        }
        field(&self.input, &presented, self.now)
    }

    fn line(&self, id: &str) -> (DomainOutcome, Code) {
        let report = self.run();
        let check = report.checks.iter().find(|check| check.id == id).unwrap();
        (check.outcome, check.code)
    }
}

use DomainOutcome::{Fail, Indeterminate, Pass};

#[test]
fn a_flight_in_order_passes_and_lists_its_conditions() {
    let report = Case::good().run();
    assert_eq!(report.outcome, Pass, "{report:#?}");
    assert_eq!(report.checklist, ["OBSERVER: 관찰자 1명 배치"]);
}

#[test]
fn each_missing_document_leaves_it_open() {
    for (which, id, code) in [
        (0, "permit", Code::DronePermitMissing),
        (1, "licence", Code::DroneLicenceMissing),
        (2, "registration", Code::DroneRegistrationMissing),
    ] {
        let mut case = Case::good();
        match which {
            0 => case.permit = None,
            1 => case.licence = None,
            _ => case.registration = None,
        }
        assert_eq!(case.line(id), (Indeterminate, code));
        assert_eq!(case.run().outcome, Indeterminate);
    }
    assert_eq!(field(&DroneField::default(), &[], noon()).outcome, Indeterminate);
}

#[test]
fn documents_must_have_been_accepted() {
    let mut case = Case::good();
    case.overall = Overall::Reject;
    assert_eq!(case.line("permit"), (Fail, Code::DroneDocumentRejected));
    case.overall = Overall::Unknown;
    assert_eq!(case.line("permit"), (Indeterminate, Code::DroneDocumentUnknown));
}

#[test]
fn permit_and_licence_belong_to_one_holder() {
    let mut case = Case::good();
    assert_eq!(case.line("holder"), (Pass, Code::DroneHolderOk));
    case.holders = [Some("key-a"), Some("key-b")];
    assert_eq!(case.line("holder"), (Indeterminate, Code::DroneHolderUnknown), "nothing proven");
    case.proven = [true, false];
    assert_eq!(case.line("holder"), (Fail, Code::DroneHolderOther), "only one key is theirs");
    case.proven = [true, true];
    assert_eq!(case.line("holder"), (Pass, Code::DroneHolderOk), "a key for each credential");
    case.holders = [Some("key-a"), None];
    case.proven = [true, false];
    assert_eq!(case.line("holder"), (Indeterminate, Code::DroneHolderUnknown));
}

#[test]
fn class_against_mass() {
    let with = |class: Value, mass: &str| {
        let mut case = Case::good();
        case.licence = Some(json!({"class": class}));
        case.registration = Some(
            json!({"registrationNo": "C1-FICT-0001", "serialNo": "1596FICT0001", "mtowKg": mass}),
        );
        case.line("class")
    };
    assert_eq!(with(json!("1"), "30").0, Pass);
    assert_eq!(with(json!("2"), "25.1"), (Fail, Code::DroneClassLow));
    assert_eq!(with(json!("2"), "25").0, Pass);
    assert_eq!(with(json!("2"), "7.1").0, Pass);
    assert_eq!(with(json!("3"), "7.1").0, Fail);
    assert_eq!(with(json!(3), "7").0, Pass);
    assert_eq!(with(json!("CLASS_4"), "2.1").0, Fail);
    assert_eq!(with(json!("4종"), "2").0, Pass);
    assert_eq!(with(json!("9"), "2"), (Indeterminate, Code::DroneClassUnknown));
    assert_eq!(with(json!("1"), "-3"), (Indeterminate, Code::DroneClassUnknown));
}

#[test]
fn aircraft_and_serial() {
    let mut case = Case::good();
    case.registration = Some(
        json!({"registrationNo": "C1-FICT-0002", "serialNo": "1596FICT0001", "mtowKg": "9.9"}),
    );
    assert_eq!(case.line("aircraft"), (Fail, Code::DroneAircraftOther));

    let mut case = Case::good();
    case.input.remote_id_serial = Some("1596FICT0009".into());
    assert_eq!(case.line("serial"), (Fail, Code::DroneSerialOther));
    case.input.remote_id_serial = None;
    assert_eq!(case.line("serial"), (Indeterminate, Code::DroneSerialUnknown));

    let mut case = Case::good();
    case.registration =
        Some(json!({"registrationNo": "C1-FICT-0001", "serialNo": "OTHER", "mtowKg": "9.9"}));
    case.input.remote_id_serial = Some("OTHER".into());
    assert_eq!(case.line("serial"), (Fail, Code::DroneSerialOther), "permit names another serial");
}

#[test]
fn masses() {
    let mut case = Case::good();
    case.input.takeoff_mass_kg = Some(9.9);
    assert_eq!(case.line("mass").0, Pass);
    case.input.takeoff_mass_kg = Some(10.0);
    assert_eq!(case.line("mass"), (Fail, Code::DroneMassHigh));
    case.input.takeoff_mass_kg = Some(f64::NAN);
    assert_eq!(case.line("mass"), (Indeterminate, Code::DroneMassUnknown));
    let mut case = Case::good();
    case.registration = Some(json!({"registrationNo": "C1-FICT-0001", "serialNo": "1596FICT0001"}));
    assert_eq!(case.line("mass"), (Indeterminate, Code::DroneMassUnknown));
}

#[test]
fn insurance_counts_its_last_day_in_korea() {
    let until = |date: Value, now: &str| {
        let mut case = Case::good();
        case.permit.as_mut().unwrap()["insurance"]["validUntil"] = date;
        case.now = Moment::parse(now).unwrap();
        case.line("insurance")
    };
    assert_eq!(until(json!("2026-05-04"), "2026-05-04T14:59:59Z").0, Pass);
    assert_eq!(
        until(json!("2026-05-04"), "2026-05-04T15:00:00Z"),
        (Fail, Code::DroneInsuranceExpired)
    );
    assert_eq!(
        until(json!("soon"), "2026-05-04T03:00:00Z"),
        (Indeterminate, Code::DroneInsuranceUnknown)
    );
    assert_eq!(until(json!("2028-02-29"), "2028-02-29T03:00:00Z").0, Pass, "leap day");
    assert_eq!(until(json!("2027-02-29"), "2026-05-04T03:00:00Z").0, Indeterminate, "no leap day");
}

#[test]
fn time_windows_forgive_one_minute() {
    let at = |text: &str| {
        let mut case = Case::good();
        case.now = Moment::parse(text).unwrap();
        case.line("time")
    };
    assert_eq!(at("2026-05-04T09:01:00Z").0, Pass);
    assert_eq!(at("2026-05-04T09:01:01Z"), (Fail, Code::DroneTimeOutside));
    assert_eq!(at("2026-05-03T23:59:00Z").0, Pass);
    assert_eq!(at("2026-05-03T23:58:59Z").0, Fail);
    // The same instant written with Korean offset.
    assert_eq!(at("2026-05-04T18:00:00+09:00").0, Pass);
}

#[test]
fn unreadable_windows_stay_open() {
    for time in [
        json!([]),
        json!(null),
        json!([{"start": "x", "end": "y"}]),
        json!([{"start": "2026-05-04T09:00:00Z", "end": "2026-05-04T00:00:00Z"}]),
        json!([{"start": "2026-05-04T00:00:00Z", "end": "2026-05-04T09:00:00Z", "weekly": {"days": ["XX"], "opens": "09:00", "closes": "18:00"}}]),
    ] {
        let mut case = Case::good();
        case.permit.as_mut().unwrap()["volumes"][0]["time"] = time;
        assert_eq!(case.line("time"), (Indeterminate, Code::DroneTimeUnknown));
        assert_eq!(case.run().outcome, Indeterminate);
    }
}

#[test]
fn weekly_hours_are_korean_hours() {
    let with = |days: Value, opens: &str, closes: &str| {
        let mut case = Case::good();
        case.permit.as_mut().unwrap()["volumes"][0]["time"][0]["weekly"] =
            json!({"days": days, "opens": opens, "closes": closes});
        case.line("time")
    };
    // 03:30 UTC on Monday 4 May 2026 is 12:30 in Korea.
    assert_eq!(with(json!(["MO"]), "12:00", "13:00").0, Pass);
    assert_eq!(with(json!(["MO"]), "12:31", "13:00").0, Pass, "a minute of skew");
    assert_eq!(with(json!(["MO"]), "12:32", "13:00"), (Fail, Code::DroneTimeOutside));
    assert_eq!(with(json!(["TU", "SU"]), "12:00", "13:00").0, Fail);
    assert_eq!(with(json!(["MO"]), "13:00", "12:00").0, Indeterminate);
}

#[test]
fn night_needs_its_own_permission() {
    let at = |text: &str, types: Value| {
        let mut case = Case::good();
        case.permit.as_mut().unwrap()["permitTypes"] = types;
        case.now = Moment::parse(text).unwrap();
        case.line("night")
    };
    let flight = || json!(["FLIGHT"]);
    assert_eq!(at("2026-05-04T03:30:00Z", flight()).1, Code::DroneDaylight);
    assert_eq!(at("2026-05-04T13:00:00Z", flight()), (Fail, Code::DroneNightForbidden));
    assert_eq!(
        at("2026-05-04T13:00:00Z", json!(["FLIGHT", "SPECIAL_NIGHT"])),
        (Pass, Code::DroneNightOk)
    );
}

#[test]
fn around_sunset_nothing_is_claimed() {
    // Search the minute of sunset at the position, then look just before, at, and after it.
    let noon = noon();
    let sunset = (0..36_000)
        .map(|second| noon.plus_seconds(second))
        .find(|moment| sun::is_down(*moment, 37.21, 126.81))
        .unwrap();
    let at = |seconds: i64| {
        let mut case = Case::good();
        case.now = sunset.plus_seconds(seconds);
        case.line("night")
    };
    assert_eq!(at(-62).1, Code::DroneDaylight);
    assert_eq!(at(-30), (Indeterminate, Code::DroneNightUnknown));
    assert_eq!(at(30), (Indeterminate, Code::DroneNightUnknown));
    assert_eq!(at(62), (Fail, Code::DroneNightForbidden));
}

#[test]
fn area_lines() {
    let at = |lon: f64, lat: f64, accuracy: Option<f64>| {
        let mut case = Case::good();
        case.input.position = Some(MeasuredPosition { lon, lat, accuracy_m: accuracy });
        case.line("area")
    };
    assert_eq!(at(126.81, 37.21, Some(5.0)).1, Code::DroneAreaInside);
    assert_eq!(at(126.83, 37.21, Some(5.0)), (Fail, Code::DroneAreaOutside));
    assert_eq!(at(126.80001, 37.21, Some(5.0)), (Indeterminate, Code::DroneAreaUncertain));
    assert_eq!(at(126.81, 37.21, None), (Indeterminate, Code::DronePositionInvalid));
    assert_eq!(at(37.21, 126.81, Some(5.0)), (Indeterminate, Code::DronePositionInvalid));
    assert_eq!(at(f64::NAN, 37.21, Some(5.0)), (Indeterminate, Code::DronePositionInvalid));
    let mut case = Case::good();
    case.input.position = None;
    assert_eq!(case.line("area"), (Indeterminate, Code::DronePositionMissing));
    assert_eq!(case.line("night"), (Indeterminate, Code::DroneNightUnknown));
    let mut case = Case::good();
    case.permit.as_mut().unwrap()["volumes"][0]["geometry"] =
        json!({"type": "Polygon", "coordinates": []});
    assert_eq!(case.line("area"), (Indeterminate, Code::DroneAreaInvalid));
}

#[test]
fn height_references_are_never_mixed() {
    let at = |value: f64, reference: &str, accuracy_m: f64| {
        let mut case = Case::good();
        case.input.altitude =
            Some(MeasuredAltitude { value, reference: reference.into(), accuracy_m });
        case.line("altitude")
    };
    assert_eq!(at(100.0, "AGL", 5.0).0, Pass);
    assert_eq!(at(120.0, "AGL", 0.0).0, Pass);
    assert_eq!(at(126.0, "AGL", 5.0), (Fail, Code::DroneAltitudeOutside));
    assert_eq!(at(118.0, "AGL", 5.0), (Indeterminate, Code::DroneAltitudeUncertain));
    assert_eq!(at(100.0, "AMSL", 5.0), (Indeterminate, Code::DroneAltitudeReference));
    assert_eq!(at(100.0, "WGS84", 5.0), (Indeterminate, Code::DroneAltitudeReference));
    assert_eq!(at(f64::NAN, "AGL", 5.0).0, Indeterminate);
    assert_eq!(at(100.0, "AGL", -1.0).0, Indeterminate);
    let mut case = Case::good();
    case.input.altitude = None;
    assert_eq!(case.line("altitude"), (Indeterminate, Code::DroneAltitudeMissing));
}

#[test]
fn one_volume_must_fit_place_height_and_time() {
    let mut case = Case::good();
    let permit = case.permit.as_mut().unwrap();
    let mut second = permit["volumes"][0].clone();
    // First volume: here, but tomorrow. Second: now, but elsewhere.
    permit["volumes"][0]["time"] =
        json!([{"start": "2026-05-05T00:00:00Z", "end": "2026-05-05T09:00:00Z"}]);
    second["geometry"] = json!({"center": [127.5, 37.5], "radiusM": 300});
    permit["volumes"].as_array_mut().unwrap().push(second);
    assert_eq!(case.line("area").0, Pass);
    assert_eq!(case.line("time").0, Pass);
    assert_eq!(case.line("volume"), (Fail, Code::DroneVolumeNone));
    assert_eq!(case.run().outcome, Fail);
}

#[test]
fn a_second_volume_may_be_the_fitting_one() {
    let mut case = Case::good();
    let permit = case.permit.as_mut().unwrap();
    let good = permit["volumes"][0].clone();
    permit["volumes"][0]["geometry"] = json!({"center": [127.5, 37.5], "radiusM": 300});
    permit["volumes"].as_array_mut().unwrap().push(good);
    assert_eq!(case.run().outcome, Pass);
}

#[test]
fn photography_and_sight() {
    let mut case = Case::good();
    case.input.photo = true;
    assert_eq!(case.line("mode"), (Fail, Code::DronePhotoForbidden));
    case.permit.as_mut().unwrap()["permitTypes"] = json!(["FLIGHT", "AERIAL_PHOTO"]);
    assert_eq!(case.line("mode").0, Pass);
    case.input.beyond_line_of_sight = true;
    assert_eq!(case.line("mode"), (Fail, Code::DroneBvlosForbidden));
}
