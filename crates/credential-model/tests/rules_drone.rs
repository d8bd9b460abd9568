//! The rules of the three drone credentials, one negative (or more) each.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::catalogue::{CredentialType, validate_document, validate_subject};
use serde_json::{Value, json};

use CredentialType as T;

/// Codes found after changing a valid example subject.
fn codes(credential_type: T, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut subject = credential_type.example()["credentialSubject"].clone();
    change(&mut subject);
    match validate_subject(credential_type, &subject) {
        Ok(()) => Vec::new(),
        Err(violations) => {
            violations.into_iter().map(|v| format!("{} {}", v.pointer, v.code)).collect()
        }
    }
}

#[track_caller]
fn breaks(credential_type: T, expected: &str, change: impl FnOnce(&mut Value)) {
    let found = codes(credential_type, change);
    assert!(found.iter().any(|code| code == expected), "wanted {expected:?}, found {found:?}");
}

#[track_caller]
fn holds(credential_type: T, change: impl FnOnce(&mut Value)) {
    assert_eq!(codes(credential_type, change), Vec::<String>::new());
}

fn remove(value: &mut Value, member: &str) {
    value.as_object_mut().unwrap().remove(member);
}

/// Codes found after changing a valid example document.
fn document_codes(credential_type: T, change: impl FnOnce(&mut Value)) -> Vec<&'static str> {
    let mut document = credential_type.example();
    change(&mut document);
    validate_document(credential_type, &document)
        .map_or_else(|found| found.into_iter().map(|v| v.code).collect(), |()| Vec::new())
}

#[test]
fn pilot_licence() {
    use credential_model::catalogue::drone_pilot_licence::class_covers;
    let t = T::DronePilotLicence;
    breaks(t, "/class out_of_range", |s| s["class"] = json!(5));
    breaks(t, "/class out_of_range", |s| s["class"] = json!(0));
    breaks(t, "/medicalValidUntil dates_out_of_order", |s| {
        s["medicalValidUntil"] = json!("2020-01-01")
    });
    breaks(t, "/issuedOn too_young", |s| s["person"]["birthDate"] = json!("2007-05-15"));
    holds(t, |s| s["person"]["birthDate"] = json!("2007-05-14"));
    holds(t, |s| {
        s["person"]["birthDate"] = json!("2011-05-14");
        s["class"] = json!(4);
    });
    breaks(t, "/issuedOn too_young", |s| {
        s["person"]["birthDate"] = json!("2011-05-15");
        s["class"] = json!(4);
    });
    breaks(t, " subject_shape", |s| s["class"] = json!("2"));
    breaks(t, " subject_shape", |s| remove(s, "restrictions"));
    for (class, mass, covered) in [
        (1, 150.0, true),
        (2, 25.0, true),
        (2, 25.1, false),
        (3, 7.0, true),
        (3, 9.9, false),
        (4, 2.0, true),
        (4, 2.1, false),
        (5, 1.0, false),
        (0, 1.0, false),
        (1, 0.0, false),
        (1, f64::NAN, false),
    ] {
        assert_eq!(class_covers(class, mass), covered, "{class} {mass}");
    }
}

#[test]
fn registration() {
    use credential_model::catalogue::drone_registration::is_cta_2063_serial;
    let t = T::DroneRegistration;
    breaks(t, "/emptyMassKg mass_exceeds_mtow", |s| s["emptyMassKg"] = json!("10"));
    breaks(t, "/mtowKg out_of_range", |s| s["mtowKg"] = json!("0"));
    breaks(t, "/safetyCertNo safety_certificate_missing", |s| s["mtowKg"] = json!("25.1"));
    breaks(t, "/safetyCertValidUntil safety_certificate_incomplete", |s| {
        s["safetyCertNo"] = json!("FICT-1")
    });
    breaks(t, "/insuranceValidUntil date_invalid", |s| {
        s["insuranceValidUntil"] = json!("2027-02-29")
    });
    holds(t, |s| {
        s["mtowKg"] = json!("30");
        s["safetyCertNo"] = json!("FICT-1");
        s["safetyCertValidUntil"] = json!("2027-01-01");
    });
    breaks(t, " subject_shape", |s| s["use"] = json!("HOBBY"));
    for (serial, good) in [
        ("FCT17C0000X0", true),
        ("FCT1F0123456789ABCDE", true),
        ("FCT18C0000X0", false),
        ("FCTO7C0000X0", false),
        ("FCT17C0000I0", false),
        ("FCT10", false),
        ("FCT1", false),
        ("", false),
        ("fct17c0000x0", false),
        ("FCT1G0123456789ABCDEF", false),
    ] {
        assert_eq!(is_cta_2063_serial(serial), good, "{serial}");
    }
    breaks(t, "/serialNo serial_invalid", |s| s["serialNo"] = json!("FCT18C0000X0"));
}

#[test]
fn permit() {
    let t = T::DroneFlightPermit;
    breaks(t, "/operation/mode permit_type_missing", |s| s["operation"]["mode"] = json!("BVLOS"));
    holds(t, |s| {
        s["operation"]["mode"] = json!("BVLOS");
        s["permitTypes"] = json!(["FLIGHT", "AERIAL_PHOTO", "SPECIAL_BVLOS"]);
    });
    breaks(t, "/photo/permitted permit_type_missing", |s| s["permitTypes"] = json!(["FLIGHT"]));
    breaks(t, "/volumes/0/upper/value altitude_out_of_order", |s| {
        s["volumes"][0]["lower"]["value"] = json!("120")
    });
    breaks(t, "/volumes/0/upper/ref altitude_references_differ", |s| {
        s["volumes"][0]["upper"]["ref"] = json!("AMSL")
    });
    breaks(t, "/volumes/0/upper/value permit_type_missing", |s| {
        s["permitTypes"] = json!(["AERIAL_PHOTO"]);
        s["volumes"][0]["upper"]["value"] = json!("150.1");
    });
    holds(t, |s| s["volumes"][0]["upper"]["value"] = json!("300"));
    breaks(t, "/volumes/0/time/0/end window_out_of_order", |s| {
        s["volumes"][0]["time"][0]["end"] = json!("2026-05-04T00:00:00Z")
    });
    breaks(t, "/volumes/0/time/0/end window_too_long", |s| {
        s["volumes"][0]["time"][0]["end"] = json!("2027-05-06T00:00:00Z")
    });
    breaks(t, "/volumes/0/time/0/weekly window_out_of_order", |s| {
        s["volumes"][0]["time"][0]["weekly"] =
            json!({ "days": ["MO"], "opens": "18:00", "closes": "09:00" })
    });
    holds(t, |s| {
        s["volumes"][0]["time"][0]["weekly"] =
            json!({ "days": ["MO"], "opens": "09:00", "closes": "18:00" })
    });
    breaks(t, "/pilots/0/class out_of_range", |s| s["pilots"][0]["class"] = json!(5));
    breaks(t, "/aircraft/0/mtowKg out_of_range", |s| s["aircraft"][0]["mtowKg"] = json!("0"));
    breaks(t, "/insurance/validUntil date_invalid", |s| {
        s["insurance"]["validUntil"] = json!("never")
    });
    assert!(
        document_codes(t, |d| d["validUntil"] = json!("2026-05-04T09:00:01Z"))
            .contains(&"validity_exceeds_windows")
    );
}

#[test]
fn permit_geometry() {
    let t = T::DroneFlightPermit;
    let polygon = |rings: Value| json!({ "type": "Polygon", "coordinates": rings });
    let square = json!([[126.8, 37.1], [126.9, 37.1], [126.9, 37.2], [126.8, 37.2], [126.8, 37.1]]);
    let many = |count: u32| {
        let mut ring: Vec<Value> = (0..count)
            .map(|i| {
                let angle = f64::from(i) / f64::from(count) * std::f64::consts::TAU;
                json!([126.8 + angle.cos() / 100.0, 37.2 + angle.sin() / 100.0])
            })
            .collect();
        ring.push(ring[0].clone());
        json!(ring)
    };
    for (code, geometry) in [
        ("geometry_malformed", json!({ "type": "Point", "coordinates": [126.8, 37.1] })),
        ("geometry_malformed", json!("POLYGON((0 0))")),
        ("geometry_malformed", polygon(json!([]))),
        ("geometry_malformed", polygon(json!([[["126.8", "37.1"]]]))),
        (
            "geometry_malformed",
            json!({ "type": "Polygon", "coordinates": [square], "bbox": [0, 0, 1, 1] }),
        ),
        (
            "geometry_malformed",
            polygon(json!([[
                [126.8, 37.1, 10.0],
                [126.9, 37.1, 10.0],
                [126.9, 37.2, 10.0],
                [126.8, 37.1, 10.0]
            ]])),
        ),
        ("geometry_malformed", json!({ "type": "MultiPolygon", "coordinates": [] })),
        (
            "geometry_ring_not_closed",
            polygon(json!([[[126.8, 37.1], [126.9, 37.1], [126.9, 37.2], [126.8, 37.2]]])),
        ),
        (
            "geometry_ring_not_closed",
            polygon(json!([[[126.8, 37.1], [126.9, 37.1], [126.8, 37.1]]])),
        ),
        // Swapped coordinates: a latitude of 126.8.
        (
            "geometry_position_out_of_range",
            polygon(json!([[[37.1, 126.8], [37.1, 126.9], [37.2, 126.9], [37.1, 126.8]]])),
        ),
        // A bow tie.
        (
            "geometry_not_simple",
            polygon(json!([[
                [126.8, 37.1],
                [126.9, 37.2],
                [126.9, 37.1],
                [126.8, 37.2],
                [126.8, 37.1]
            ]])),
        ),
        // Touches itself in a vertex.
        (
            "geometry_not_simple",
            polygon(json!([[
                [126.8, 37.1],
                [126.9, 37.1],
                [126.85, 37.15],
                [126.9, 37.2],
                [126.8, 37.2],
                [126.85, 37.15],
                [126.8, 37.1]
            ]])),
        ),
        // A hole outside.
        (
            "geometry_not_simple",
            polygon(json!([square, [[127.8, 37.1], [127.9, 37.1], [127.9, 37.2], [127.8, 37.1]]])),
        ),
        (
            "geometry_antimeridian",
            polygon(json!([[[179.0, 37.1], [-179.0, 37.1], [-179.0, 37.2], [179.0, 37.1]]])),
        ),
        ("geometry_too_many_vertices", polygon(json!([many(500)]))),
        (
            "geometry_too_many_vertices",
            json!({ "type": "MultiPolygon", "coordinates": vec![json!([square]); 101] }),
        ),
        (
            "geometry_radius_out_of_range",
            json!({ "type": "Circle", "center": [126.8, 37.1], "radiusM": 0 }),
        ),
        (
            "geometry_radius_out_of_range",
            json!({ "type": "Circle", "center": [126.8, 37.1], "radiusM": -5 }),
        ),
        (
            "geometry_radius_out_of_range",
            json!({ "type": "Circle", "center": [126.8, 37.1], "radiusM": 1_000_000 }),
        ),
        ("geometry_malformed", json!({ "type": "Circle", "center": [126.8, 37.1] })),
        (
            "geometry_position_out_of_range",
            json!({ "type": "Circle", "center": [37.1, 126.8], "radiusM": 100 }),
        ),
    ] {
        breaks(t, &format!("/volumes/0/geometry {code}"), |s| {
            s["volumes"][0]["geometry"] = geometry
        });
    }
    let clockwise: Vec<Value> = square.as_array().unwrap().iter().rev().cloned().collect();
    for geometry in [
        polygon(json!([clockwise])),
        polygon(json!([many(499)])),
        polygon(json!([
            square,
            [[126.84, 37.14], [126.86, 37.14], [126.86, 37.16], [126.84, 37.14]]
        ])),
        json!({ "type": "MultiPolygon", "coordinates": [[square]] }),
        json!({ "type": "Circle", "center": [126.8, 37.1], "radiusM": 500 }),
    ] {
        holds(t, |s| s["volumes"][0]["geometry"] = geometry);
    }
}
