//! Domain checks: what an officer sends, and the areas in a permit.

use credential_model::catalogue::CredentialType;
use credential_verification::Overall;
use credential_verification::domain::drone::geometry::{Area, Place, Position};
use credential_verification::domain::{DomainRequest, Presented, run};
use credential_verification::query_guard;
use credential_verification::report::Words;
use serde_json::json;

use super::{lines, strict};
use crate::Seen;
use crate::samples::now;

pub(super) const WORDS: &[&str] = &[
    "type",
    "Polygon",
    "MultiPolygon",
    "Point",
    "Feature",
    "coordinates",
    "geometry",
    "circle",
    "center",
    "radiusM",
    "lon",
    "lat",
    "volumes",
    "lower",
    "upper",
    "value",
    "ref",
    "AGL",
    "AMSL",
    "WGS84",
    "time",
    "start",
    "end",
    "profile",
    "drone-field",
    "badge-hiring",
    "battery-insurance",
    "battery-used-car",
    "athlete-admission",
    "training",
    "position",
    "altitude",
    "accuracy_m",
    "permit",
    "licence",
    "registration",
    "permitTypes",
    "SPECIAL_NIGHT",
    "conditions",
    "180",
    "-180",
    "90",
    "NaN",
    "1e308",
    "-0.0",
    "126.81",
    "37.21",
    "aircraft",
    "mtowKg",
    "serialNo",
    "registrationNo",
    "insurance",
];

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let subject = |kind: CredentialType| kind.example()["credentialSubject"].clone();
    lines([json!({
        "request": {"profile": "drone-field",
            "position": {"lon": 126.81, "lat": 37.21, "accuracy_m": 5.0},
            "altitude": {"value": 100.0, "ref": "AGL", "accuracy_m": 5.0}},
        "permit": subject(CredentialType::DroneFlightPermit),
        "licence": subject(CredentialType::DronePilotLicence),
        "registration": subject(CredentialType::DroneRegistration),
    })
    .to_string()])
}

/// `{"request": the officer's input, "permit": …, "licence": …, "registration": …}`.
pub(super) fn field(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let request = match DomainRequest::from_value(&json["request"]) {
        Ok(request) => request,
        Err(error) => return Seen::of(error.code()),
    };
    let presented: Vec<Presented<'_>> = [
        ("permit", CredentialType::DroneFlightPermit),
        ("licence", CredentialType::DronePilotLicence),
        ("registration", CredentialType::DroneRegistration),
        ("badge", CredentialType::QualificationBadge),
        ("battery", CredentialType::EvBatteryReport),
        ("result", CredentialType::CompetitionResult),
    ]
    .into_iter()
    .filter_map(|(name, credential_type)| {
        Some(Presented {
            credential_type,
            overall: Overall::Accept,
            subject: json.get(name)?,
            subject_id: json["subject"].as_str(),
            holder: None,
            proven: false,
            awarded: json["awarded"].as_str(),
        })
    })
    .collect();
    let report = run(&request, &presented, now());
    let worst = report.checks.iter().map(|check| check.outcome).min();
    assert!(worst.is_none_or(|worst| report.outcome == worst), "the weakest line decides");
    let lines: Vec<_> =
        report.checks.iter().map(|check| (check.outcome, check.code.as_str())).collect();
    Seen::of(lines)
}

pub(super) fn areas() -> Vec<Vec<u8>> {
    lines([
        r#"{"type":"Polygon","coordinates":[[[126.80,37.20],[126.82,37.20],[126.82,37.22],[126.80,37.22],[126.80,37.20]],[[126.805,37.205],[126.805,37.21],[126.81,37.21],[126.805,37.205]]]}"#,
        r#"{"type":"MultiPolygon","coordinates":[[[[1,1],[1,2],[2,2],[1,1]]],[[[3,3],[3,4],[4,4],[3,3]]]]}"#,
        r#"{"circle":{"center":[126.81,37.21],"radiusM":"150"}}"#,
    ])
}

pub(super) fn area(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let area = match Area::parse(&json) {
        Ok(area) => area,
        Err(error) => return Seen::of(std::mem::discriminant(&error)),
    };
    let mut seen = Seen::of("area");
    for (lon, lat, accuracy) in
        [(126.81, 37.21, 0.0), (1.5, 1.6, 5.0), (180.0, 90.0, 1e6), (0.0, 0.0, 1.0)]
    {
        let Ok(position) = Position::new(lon, lat, accuracy) else { continue };
        let place = area.locate(&position);
        if let Ok(surer) = Position::new(lon, lat, 0.0) {
            // More accuracy never turns inside into outside.
            let exact = area.locate(&surer);
            assert!(!matches!(
                (&place, &exact),
                (Place::Inside, Place::Outside) | (Place::Outside, Place::Inside)
            ));
        }
        seen = seen.and(std::mem::discriminant(&place));
    }
    seen
}

pub(super) fn guard(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let purpose = Words::same(json["purpose"].as_str().unwrap_or("test"));
    Seen::of(query_guard::check(&json, &purpose).is_ok())
}
