//! The rules between fields, one negative (or more) each.
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
fn envelope() {
    for credential_type in T::ALL {
        let codes = |change: &dyn Fn(&mut Value)| document_codes(credential_type, |d| change(d));
        assert!(
            codes(&|d| d["@context"].as_array_mut().unwrap().reverse())
                .contains(&"contexts_not_as_listed")
        );
        assert!(
            codes(&|d| d["@context"]
                .as_array_mut()
                .unwrap()
                .push(json!({"grade2": "https://sinpyo.example/vocab#qualificationGrade"})))
            .contains(&"contexts_not_as_listed")
        );
        assert!(
            codes(&|d| d["@context"] = json!("https://www.w3.org/ns/credentials/v2"))
                .contains(&"contexts_not_as_listed")
        );
        assert!(
            codes(&|d| d["type"].as_array_mut().unwrap().push(json!("KrTrainingHistory")))
                .contains(&"type_not_as_listed")
        );
        assert!(codes(&|d| remove(d, "validUntil")).contains(&"validity_missing"));
        assert!(codes(&|d| d["validFrom"] = json!("2026-01-05")).contains(&"validity_missing"));
        assert!(
            codes(&|d| d["validUntil"] = d["validFrom"].clone()).contains(&"validity_out_of_order")
        );
        assert!(codes(&|d| remove(d, "credentialSubject")).contains(&"subject_shape"));
        assert!(
            codes(&|d| d["credentialSubject"] = json!([d["credentialSubject"]]))
                .contains(&"subject_shape")
        );
        assert!(
            codes(&|d| d["name"] = json!("900101-1234567"))
                .contains(&"forbidden_resident_registration_number")
        );
        assert!(codes(&|d| d["issuer"]["passportNo"] = json!("M1")).contains(&"forbidden_field"));
        assert!(codes(&|d| d["name"] = json!("e\u{301}")).contains(&"not_nfc"));
    }
}

#[cfg(feature = "schema-check")]
#[test]
fn envelope_by_schema() {
    for credential_type in T::ALL {
        let codes = |change: &dyn Fn(&mut Value)| document_codes(credential_type, |d| change(d));
        for change in [
            &(|d: &mut Value| d["surprise"] = json!(1)) as &dyn Fn(&mut Value),
            &|d| d["@vocab"] = json!("https://evil.test/"),
            &|d| d["id"] = json!("https://issuer.test/credentials/17"),
            &|d| d["issuer"] = json!("did:web:issuer.test"),
            &|d| d["issuer"]["id"] = json!("https://issuer.test"),
            &|d| d["name"] = json!("two\nlines"),
            &|d| d["name"] = json!("right\u{202e}left"),
            &|d| d["credentialSchema"]["id"] = json!("https://evil.test/schema"),
            &|d| d["credentialSchema"]["digestSRI"] = json!("sha256-x"),
            &|d| d["credentialStatus"]["statusPurpose"] = json!("revocation"),
            &|d| d["credentialStatus"]["statusSize"] = json!(1),
            &|d| d["credentialStatus"]["statusListIndex"] = json!(7),
            &|d| d["credentialStatus"] = json!([d["credentialStatus"]]),
            &|d| d["refreshService"] = json!({ "id": "https://issuer.test/r", "type": "Other" }),
            &|d| d["proof"] = json!("x"),
        ] {
            assert!(codes(change).contains(&"schema"), "{credential_type:?}");
        }
        assert_eq!(
            codes(&|d| d["proof"] = json!({ "type": "DataIntegrityProof" })),
            Vec::<&str>::new()
        );
        assert_eq!(codes(&|d| remove(d, "credentialStatus")), Vec::<&str>::new());
        assert_eq!(
            codes(&|d| d["refreshService"] =
                json!({ "id": "https://issuer.test/r", "type": "KrCredentialRefresh" })),
            Vec::<&str>::new()
        );
    }
}

#[test]
fn badge() {
    let t = T::QualificationBadge;
    holds(t, |s| {
        s["achievement"]["alignment"] = json!([
        { "type": ["Alignment"], "targetName": "응용SW엔지니어링", "targetUrl": "https://www.ncs.go.kr/", "targetFramework": "NCS", "targetCode": "20010202" },
        { "type": ["Alignment"], "targetName": "KQF", "targetUrl": "https://issuer.test/kqf", "targetFramework": "KQF", "targetCode": "5" }])
    });
    for (framework, code) in
        [("NCS", "2001"), ("NCS", "2001020x"), ("KQF", "9"), ("EQF", "0"), ("EQF", "10")]
    {
        breaks(t, "/achievement/alignment/0/targetCode alignment_code_invalid", |s| {
            s["achievement"]["alignment"] = json!([{ "type": ["Alignment"], "targetName": "x", "targetUrl": "https://a.test", "targetFramework": framework, "targetCode": code }]);
        });
    }
    breaks(t, "/person/birthDate date_invalid", |s| s["person"]["birthDate"] = json!("1990-02-30"));
    breaks(t, "/certificateIssuedOn dates_out_of_order", |s| {
        s["certificateIssuedOn"] = json!("1989-12-31")
    });
    breaks(t, "/continuingEducation/dueDate date_invalid", |s| {
        s["continuingEducation"] = json!({ "dueDate": "soon" })
    });
    let image = |id: &str| json!({ "id": id, "type": "Image" });
    holds(t, |s| s["achievement"]["image"] = image("data:image/png;base64,iVBORw0KGgo="));
    breaks(t, "/achievement/image/id image_not_embedded", |s| {
        s["achievement"]["image"] = image("https://issuer.test/badge.png")
    });
    breaks(t, "/achievement/image/id image_not_embedded", |s| {
        s["achievement"]["image"] = image("data:text/html;base64,AAAA")
    });
    breaks(t, "/achievement/image/id image_too_large", |s| {
        s["achievement"]["image"] = image(&format!("data:image/png;base64,{}", "A".repeat(90_000)))
    });
    breaks(t, " subject_shape", |s| s["qualificationGrade"] = json!("BEST"));
    breaks(t, " subject_shape", |s| remove(s, "licenseNumber"));
    breaks(t, " subject_shape", |s| s["person"]["rrn"] = json!("x"));
    breaks(t, "/licenseNumber forbidden_resident_registration_number", |s| {
        s["licenseNumber"] = json!("9001011234567")
    });
}

#[cfg(feature = "schema-check")]
#[test]
fn badge_types_are_fixed_by_schema() {
    let t = T::QualificationBadge;
    // credentials.md A.7 (3): without AchievementSubject the OB terms lose their protection.
    for types in [
        json!(["KrQualificationHolder"]),
        json!("AchievementSubject"),
        json!(["AchievementSubject"]),
        json!(["AchievementSubject", "KrQualificationHolder", "X"]),
    ] {
        assert!(
            document_codes(t, |d| d["credentialSubject"]["type"] = types.clone())
                .contains(&"schema")
        );
    }
    assert!(
        document_codes(t, |d| d["credentialSubject"]["achievement"]["humanCode"] = json!("132"))
            .contains(&"schema")
    );
    assert!(
        document_codes(t, |d| remove(&mut d["credentialSubject"]["person"], "name"))
            .contains(&"schema")
    );
    assert!(document_codes(t, |d| remove(d, "awardedDate")).contains(&"schema"));
    assert!(document_codes(t, |d| d["issuer"]["otherIdentifier"] = json!([{ "type": ["IdentifierEntry"], "identifier": "1", "identifierType": "nationalIdentityNumber" }])).contains(&"schema"));
}

#[test]
fn training() {
    let t = T::TrainingHistory;
    breaks(t, "/records/0/endDate dates_out_of_order", |s| {
        s["records"][0]["endDate"] = json!("2024-03-03")
    });
    breaks(t, "/records/0/attendedHours hours_exceed_total", |s| {
        s["records"][0]["attendedHours"] = json!("960.5")
    });
    breaks(t, "/records/1/totalHours out_of_range", |s| s["records"][1]["totalHours"] = json!("0"));
    breaks(t, "/records/0/attendedHours out_of_range", |s| {
        s["records"][0]["attendedHours"] = json!("-1")
    });
    breaks(t, "/records/1/startDate record_after_as_of", |s| {
        s["asOf"] = json!("2025-02-01T00:00:00Z")
    });
    breaks(t, "/asOf date_time_invalid", |s| s["asOf"] = json!("2026-01-04"));
    breaks(t, " subject_shape", |s| s["records"][0]["totalHours"] = json!(960));
    breaks(t, " subject_shape", |s| s["records"][0]["completion"] = json!("PASSED"));
    breaks(t, " subject_shape", |s| remove(&mut s["records"][0], "provider"));
    holds(t, |s| s["records"][0]["attendedHours"] = json!("960"));
}

#[test]
fn battery() {
    let t = T::EvBatteryReport;
    breaks(t, "/remainingCapacity capacity_exceeds_rated", |s| {
        s["remainingCapacity"] = json!("198.1")
    });
    breaks(t, "/soh soh_not_the_capacity_ratio", |s| s["soh"] = json!("91.0"));
    holds(t, |s| {
        s["soh"] = json!("91.0");
        s["sohDefinition"] = json!("OEM_BMS");
    });
    breaks(t, "/soh too_precise", |s| s["soh"] = json!("88.01"));
    breaks(t, "/soh out_of_range", |s| {
        s["soh"] = json!("110.1");
        s["sohDefinition"] = json!("OEM_BMS");
    });
    breaks(t, "/soc out_of_range", |s| s["soc"] = json!("100.1"));
    breaks(t, "/rul/ciLow interval_out_of_order", |s| s["rul"]["ciLow"] = json!("96001"));
    breaks(t, "/rul/ciHigh interval_out_of_order", |s| s["rul"]["ciHigh"] = json!("95999"));
    holds(t, |s| {
        s["rul"]["ciLow"] = json!("96000");
        s["rul"]["ciHigh"] = json!("96000");
    });
    breaks(t, "/rul/ciLevel out_of_range", |s| s["rul"]["ciLevel"] = json!("0.995"));
    breaks(t, "/rul/ciLevel out_of_range", |s| s["rul"]["ciLevel"] = json!("90"));
    breaks(t, "/rul/value life_after_end_of_life", |s| {
        s["rul"]["endOfLifeThreshold"] = json!("88")
    });
    breaks(t, "/ratedCapacity out_of_range", |s| s["ratedCapacity"] = json!("0"));
    breaks(t, "/vehicle/odometer odometer_missing", |s| remove(&mut s["vehicle"], "odometer"));
    breaks(t, "/vehicle/odometer out_of_range", |s| s["vehicle"]["odometer"] = json!("-1"));
    for vin in [
        "ZZZ9999FCT000001",
        "ZZZ9999FCT00000010",
        "ZZZ9999FCT000000I",
        "ZZZ9999FCT000000O",
        "ZZZ9999FCT000000Q",
        "zzz9999fct0000001",
    ] {
        breaks(t, "/vehicle/vin vin_invalid", |s| s["vehicle"]["vin"] = json!(vin));
    }
    breaks(t, "/vehicle/vinCommitment vin_commitment_mismatch", |s| {
        s["vehicle"]["vin"] = json!("ZZZ9999FCT0000002")
    });
    breaks(t, "/vehicle/vinSalt vin_salt_invalid", |s| s["vehicle"]["vinSalt"] = json!("AAAA"));
    holds(t, |s| {
        remove(&mut s["vehicle"], "vin");
        remove(&mut s["vehicle"], "vinSalt");
    });
    breaks(t, "/putIntoService dates_out_of_order", |s| s["putIntoService"] = json!("2022-02-09"));
    breaks(t, "/negativeEvents/0/date event_after_assessment", |s| {
        s["negativeEvents"] = json!([{ "code": "ACCIDENT", "date": "2026-01-05" }])
    });
    breaks(t, "/reuseSafety/certNo reuse_evidence_missing", |s| {
        s["reuseSafety"] = json!({ "result": "PASS" })
    });
    holds(t, |s| s["reuseSafety"] = json!({ "result": "FAIL" }));
    breaks(t, " subject_shape", |s| s["soh"] = json!(88.0));
    breaks(t, " subject_shape", |s| s["soc"] = json!("1e2"));
    breaks(t, " subject_shape", |s| s["ratedCapacity"] = json!("NaN"));
    breaks(t, " subject_shape", |s| s["method"]["type"] = json!("FULL_DISCHARGE"));
    breaks(t, " subject_shape", |s| remove(s, "temperature"));
}

#[test]
fn vin_commitment_is_hmac_sha_256() {
    use credential_model::catalogue::ev_battery_report::vin_commitment;
    // Expected value computed with Python's hmac module over salt 00..1f.
    let salt: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
    let example = T::EvBatteryReport.example();
    let vehicle = &example["credentialSubject"]["vehicle"];
    assert_eq!(
        vin_commitment("ZZZ9999FCT0000001", &salt),
        vehicle["vinCommitment"].as_str().unwrap()
    );
    assert_ne!(
        vin_commitment("ZZZ9999FCT0000002", &salt),
        vehicle["vinCommitment"].as_str().unwrap()
    );
}

#[test]
fn competition() {
    let t = T::CompetitionResult;
    breaks(t, "/rank rank_missing", |s| remove(s, "rank"));
    breaks(t, "/rank rank_missing", |s| s["rank"] = Value::Null);
    breaks(t, "/rank rank_exceeds_participants", |s| {
        s["rank"] = json!(49);
        remove(s, "medal");
    });
    breaks(t, "/medal medal_rank_mismatch", |s| s["rank"] = json!(2));
    breaks(t, "/wind wind_missing", |s| remove(s, "wind"));
    for event in ["200", "100H", "110H"] {
        breaks(t, "/wind wind_missing", |s| {
            s["eventCode"] = json!(event);
            remove(s, "wind");
        });
    }
    holds(t, |s| {
        s["indoor"] = json!(true);
        remove(s, "wind");
    });
    holds(t, |s| {
        s["eventCode"] = json!("400");
        remove(s, "wind");
    });
    holds(t, |s| {
        s["sport"] = json!("SWM");
        remove(s, "wind");
    });
    breaks(t, "/wind out_of_range", |s| s["wind"] = json!("99"));
    breaks(t, "/timing timing_missing", |s| remove(s, "timing"));
    breaks(t, "/mark/value mark_precision", |s| s["timing"] = json!("HAND"));
    holds(t, |s| {
        s["timing"] = json!("HAND");
        s["mark"]["value"] = json!("10.5");
    });
    breaks(t, "/mark/value mark_precision", |s| s["mark"]["value"] = json!("10.5"));
    breaks(t, "/mark/unit unit_mismatch", |s| s["mark"]["unit"] = json!("m"));
    holds(t, |s| {
        s["eventCode"] = json!("LJ");
        s["mark"] = json!({ "value": "7.52", "unit": "m", "kind": "DISTANCE" });
        remove(s, "timing");
    });
    breaks(t, "/mark/value mark_precision", |s| {
        s["mark"] = json!({ "value": "7.5", "unit": "m", "kind": "DISTANCE" })
    });
    breaks(t, "/mark/value out_of_range", |s| s["mark"]["value"] = json!("-10.52"));
    breaks(t, "/rank result_despite_irm", |s| s["irm"] = json!("DQ"));
    holds(t, |s| {
        s["irm"] = json!("DQ");
        for member in ["rank", "medal", "mark", "recordFlags", "wind"] {
            remove(s, member);
        }
    });
    holds(t, |s| {
        s["irm"] = json!("DNS");
        s["rank"] = Value::Null;
        for member in ["medal", "mark", "recordFlags"] {
            remove(s, member);
        }
    });
    breaks(t, "/competition/end dates_out_of_order", |s| {
        s["competition"]["end"] = json!("2025-10-16")
    });
    breaks(t, "/confirmedBy federation_missing", |s| {
        s["confirmedBy"].as_array_mut().unwrap().remove(0);
    });
    breaks(t, " subject_shape", |s| s["mark"]["value"] = json!(10.52));
    breaks(t, " subject_shape", |s| s["irm"] = json!("LOST"));
    assert!(credential_model::catalogue::competition_result::wind_legal(
        &credential_model::catalogue::Decimal::parse("2.0").unwrap()
    ));
    assert!(!credential_model::catalogue::competition_result::wind_legal(
        &credential_model::catalogue::Decimal::parse("2.1").unwrap()
    ));
}

#[test]
fn status_rules_differ_by_type() {
    use credential_model::catalogue::StalePolicy;
    assert_eq!(T::DroneFlightPermit.status_max_age(), 900);
    assert_eq!(T::DroneFlightPermit.stale_policy(), StalePolicy::FailClosed);
    assert_eq!(T::QualificationBadge.status_max_age(), 86_400);
    assert_eq!(T::QualificationBadge.stale_policy(), StalePolicy::Warn);
    assert_eq!(T::TrainingHistory.validity().lifetime_seconds, 90 * 86_400);
    assert!(T::DroneFlightPermit.validity().bounded_by_subject);
    assert!(!T::DroneFlightPermit.validity().refreshable);
}

#[test]
fn a_missing_member_is_named_and_an_unknown_one_with_digits_is_not() {
    let mut badge = CredentialType::QualificationBadge.example();
    badge.as_object_mut().unwrap().remove("awardedDate");
    badge["ssn9001011234567"] = serde_json::json!("x");
    let broken = validate_document(CredentialType::QualificationBadge, &badge).unwrap_err();
    let details: Vec<&str> = broken.iter().map(|violation| violation.detail.as_str()).collect();
    assert!(details.iter().any(|detail| detail.contains("awardedDate is missing")), "{details:?}");
    assert!(!details.iter().any(|detail| detail.contains("9001011234567")), "{details:?}");
}
