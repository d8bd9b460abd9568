use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn query(json: Value) -> DcqlQuery {
    DcqlQuery::parse(&json).unwrap_or_else(|e| panic!("{e}"))
}

fn one(claims: Value) -> CredentialQuery {
    let mut credential = json!({"id": "q", "format": "dc+sd-jwt", "meta": {}});
    for (name, value) in claims.as_object().unwrap() {
        credential[name] = value.clone();
    }
    query(json!({"credentials": [credential]})).credentials.remove(0)
}

/// Example credential of OID4VP 1.0 §7.3, with a fictitious person.
fn claims() -> Value {
    json!({
        "name": "홍길동(가상인물)",
        "address": {"street_address": "가상로 42", "locality": "가상시", "postal_code": "12345"},
        "degrees": [
            {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
            {"type": "Master of Science", "university": "University of Betelgeuse"}
        ],
        "nationalities": ["KR", "BG"],
        "level": 3,
        "over18": true
    })
}

fn candidate(claims: &Value) -> Candidate<'_> {
    Candidate {
        format: "dc+sd-jwt",
        vcts: &["https://a.test/vct"],
        types: &[],
        claims,
        holder_bound: true,
    }
}

fn paths(outcome: &MatchOutcome) -> Vec<Value> {
    outcome.disclosure_paths().into_iter().map(Value::Array).collect()
}

#[test]
fn claims_paths_select_as_the_standard_says() {
    let claims = claims();
    let select = |path: Value| ClaimPath::parse(&path).unwrap().select(&claims);
    let values =
        |path: Value| select(path).unwrap().into_iter().map(|(_, v)| v.clone()).collect::<Vec<_>>();
    assert_eq!(values(json!(["name"])), [json!("홍길동(가상인물)")]);
    assert_eq!(values(json!(["address", "locality"])), [json!("가상시")]);
    assert_eq!(values(json!(["nationalities", 1])), [json!("BG")]);
    assert_eq!(
        values(json!(["degrees", null, "type"])),
        [json!("Bachelor of Science"), json!("Master of Science")]
    );
    assert_eq!(values(json!(["degrees", 0])).len(), 1);
    assert_eq!(values(json!(["address"])), [claims["address"].clone()]);
    for (path, miss) in [
        (json!(["absent"]), PathMiss::Absent),
        (json!(["nationalities", 2]), PathMiss::Absent),
        (json!(["name", "first"]), PathMiss::WrongKind),
        (json!(["address", 0]), PathMiss::WrongKind),
        (json!(["address", null]), PathMiss::WrongKind),
        (json!(["nationalities", "KR"]), PathMiss::WrongKind),
        (json!([null]), PathMiss::WrongKind),
    ] {
        assert_eq!(select(path.clone()).unwrap_err(), miss, "{path}");
    }
    // A member that only some elements have: the others drop out, the path still selects.
    let uneven = json!({"records": [{"a": 1}, {"b": 2}]});
    let found = ClaimPath::parse(&json!(["records", null, "b"])).unwrap();
    assert_eq!(found.select(&uneven).unwrap()[0].0.to_string(), "records[1].b");
}

#[test]
fn malformed_paths_are_refused() {
    for bad in [
        json!([]),
        json!("a"),
        json!([-1]),
        json!([1.5]),
        json!([true]),
        json!([["a"]]),
        json!([{}]),
        Value::Array(vec![json!("a"); 17]),
    ] {
        assert!(ClaimPath::parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn a_path_that_multiplies_is_stopped() {
    let row = Value::Array(vec![json!(1); 200]);
    let grid = json!({"rows": vec![row; 200]});
    let path = ClaimPath::parse(&json!(["rows", null, null])).unwrap();
    assert_eq!(path.select(&grid).unwrap_err(), PathMiss::TooMany);
}

#[test]
fn asked_claims_become_disclosure_paths() {
    let claims = claims();
    let asked = one(json!({"claims": [
        {"path": ["degrees", null, "type"]}, {"path": ["address", "locality"]}, {"path": ["address", "locality"]}
    ]}));
    let outcome = matches(&asked, &candidate(&claims));
    assert_eq!(
        paths(&outcome),
        [
            json!(["address", "locality"]),
            json!(["degrees", 0, "type"]),
            json!(["degrees", 1, "type"])
        ]
    );
    // No claims: a match that discloses nothing beyond what is always shown.
    let outcome = matches(&one(json!({})), &candidate(&claims));
    assert!(outcome.is_match() && paths(&outcome).is_empty());
}

#[test]
fn values_narrow_what_is_disclosed() {
    let claims = claims();
    let ask = |path: Value, values: Value| {
        matches(&one(json!({"claims": [{"path": path, "values": values}]})), &candidate(&claims))
    };
    assert_eq!(
        paths(&ask(json!(["nationalities", null]), json!(["KR", "JP"]))),
        [json!(["nationalities", 0])]
    );
    assert!(ask(json!(["level"]), json!([2, 3])).is_match());
    assert!(ask(json!(["over18"]), json!([true])).is_match());
    for (path, values) in [
        (json!(["nationalities", null]), json!(["JP"])),
        (json!(["level"]), json!(["3"])),
        (json!(["level"]), json!([4])),
        (json!(["over18"]), json!(["true"])),
        (json!(["name"]), json!(["홍길동"])),
    ] {
        assert!(matches!(ask(path, values), MatchOutcome::NoMatch(Mismatch::ClaimValue(_))));
    }
}

#[test]
fn the_first_claim_set_that_can_be_met_is_taken() {
    let claims = claims();
    let asked = |sets: Value| {
        one(json!({
            "claims": [
                {"id": "a", "path": ["name"]}, {"id": "b", "path": ["passport"]},
                {"id": "c", "path": ["over18"], "values": [true]}
            ],
            "claim_sets": sets
        }))
    };
    let MatchOutcome::Match { claims: chosen, claim_set } =
        matches(&asked(json!([["a", "b"], ["c"], ["a"]])), &candidate(&claims))
    else {
        panic!("no match")
    };
    assert_eq!((chosen.len(), chosen[0].id.as_deref(), claim_set), (1, Some("c"), Some(1)));
    let none = matches(&asked(json!([["b"], ["a", "b"]])), &candidate(&claims));
    assert_eq!(none, MatchOutcome::NoMatch(Mismatch::NoClaimSet));
}

#[test]
fn format_type_and_binding_must_fit() {
    let claims = claims();
    let good = candidate(&claims);
    let by_vct = one(json!({"meta": {"vct_values": ["https://b.test/vct", "https://a.test/vct"]}}));
    assert!(matches(&by_vct, &good).is_match());
    assert!(
        matches(&by_vct, &Candidate { vcts: &["https://own.test", "https://b.test/vct"], ..good })
            .is_match()
    );
    let miss = |q: &CredentialQuery, c: Candidate<'_>| match matches(q, &c) {
        MatchOutcome::NoMatch(why) => why,
        MatchOutcome::Match { .. } => panic!("matched"),
    };
    assert_eq!(miss(&by_vct, Candidate { vcts: &["https://c.test"], ..good }), Mismatch::Type);
    assert_eq!(miss(&by_vct, Candidate { format: "ldp_vc", ..good }), Mismatch::Format);
    assert_eq!(miss(&by_vct, Candidate { holder_bound: false, ..good }), Mismatch::HolderBinding);
    let unbound = one(json!({"require_cryptographic_holder_binding": false}));
    assert!(matches(&unbound, &Candidate { holder_bound: false, ..good }).is_match());

    // Types are compared as fully expanded IRIs; all of one inner array must be there.
    let vc = "https://www.w3.org/2018/credentials#VerifiableCredential";
    let badge = "https://sinpyo.example/vocab#KrQualificationBadge";
    let by_type = one(
        json!({"format": "ldp_vc", "meta": {"type_values": [["https://other.test/T"], [vc, badge]]}}),
    );
    let types = [vc, badge];
    let w3c = Candidate { format: "ldp_vc", vcts: &[], types: &types, ..good };
    assert!(matches(&by_type, &w3c).is_match());
    assert_eq!(miss(&by_type, Candidate { types: &[vc], ..w3c }), Mismatch::Type);
    assert_eq!(
        miss(
            &by_type,
            Candidate { types: &["VerifiableCredential", "KrQualificationBadge"], ..w3c }
        ),
        Mismatch::Type
    );
    // A vct constraint says nothing about W3C formats, nor types about SD-JWT VC.
    let mdoc =
        one(json!({"format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"}}));
    assert_eq!(miss(&mdoc, Candidate { format: "mso_mdoc", ..good }), Mismatch::Type);
}

fn sets_query() -> DcqlQuery {
    // Shape of the example in OID4VP 1.0 Appendix D.
    query(json!({
        "credentials": [
            {"id": "badge", "format": "dc+sd-jwt", "meta": {"vct_values": ["badge"]}},
            {"id": "licence", "format": "dc+sd-jwt", "meta": {"vct_values": ["licence"]}},
            {"id": "training", "format": "dc+sd-jwt", "meta": {"vct_values": ["training"]}, "multiple": true},
            {"id": "nice", "format": "dc+sd-jwt", "meta": {"vct_values": ["nice"]}}
        ],
        "credential_sets": [
            {"options": [["badge", "training"], ["licence"]]},
            {"options": [["nice"]], "required": false}
        ]
    }))
}

#[test]
fn a_wallet_is_evaluated_against_credential_sets() {
    let claims = claims();
    let own = |vct: &'static [&'static str]| Candidate { vcts: vct, ..candidate(&claims) };
    let outcome = evaluate(
        &sets_query(),
        &[own(&["licence"]), own(&["training"]), own(&["training"]), own(&["nice"])],
    );
    assert!(outcome.satisfiable);
    assert_eq!(outcome.required_ids().unwrap(), ["licence"]);
    assert_eq!(outcome.optional_ids(), [["nice"]]);
    assert_eq!(
        outcome.candidates("training").iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [1, 2]
    );
    // The first option is preferred when it can be met.
    let outcome =
        evaluate(&sets_query(), &[own(&["licence"]), own(&["training"]), own(&["badge"])]);
    assert_eq!(outcome.required_ids().unwrap(), ["badge", "training"]);
    assert!(outcome.optional_ids().is_empty());
    // Optional alone is not enough.
    let outcome = evaluate(&sets_query(), &[own(&["nice"]), own(&["training"])]);
    assert!(!outcome.satisfiable && outcome.required_ids().is_none());
}

#[test]
fn without_sets_every_credential_is_required() {
    let claims = claims();
    let both = query(json!({"credentials": [
        {"id": "a", "format": "dc+sd-jwt", "meta": {}}, {"id": "b", "format": "ldp_vc", "meta": {}}
    ]}));
    assert!(!evaluate(&both, &[candidate(&claims)]).satisfiable);
    let w3c = Candidate { format: "ldp_vc", ..candidate(&claims) };
    let outcome = evaluate(&both, &[candidate(&claims), w3c]);
    assert_eq!(outcome.required_ids().unwrap(), ["a", "b"]);
    assert!(both.is_answered_by(&["a", "b"]) && !both.is_answered_by(&["a"]));
    assert!(
        sets_query().is_answered_by(&["licence"])
            && !sets_query().is_answered_by(&["badge", "nice"])
    );
}

#[test]
fn malformed_queries_are_refused() {
    let q = |extra: Value| {
        let mut credential = json!({"id": "q", "format": "dc+sd-jwt", "meta": {}});
        for (name, value) in extra.as_object().unwrap() {
            credential[name] = value.clone();
        }
        json!({"credentials": [credential]})
    };
    let mut no_meta = q(json!({}));
    no_meta["credentials"][0].as_object_mut().unwrap().remove("meta");
    let set = |sets: Value| {
        let mut with = q(json!({}));
        with["credential_sets"] = sets;
        with
    };
    let twice =
        json!({"credentials": [q(json!({}))["credentials"][0], q(json!({}))["credentials"][0]]});
    let many: Vec<Value> =
        (0..33).map(|i| json!({"id": format!("q{i}"), "format": "f", "meta": {}})).collect();
    for bad in [
        json!({}),
        json!({"credentials": []}),
        json!({"credentials": many}),
        no_meta,
        twice,
        q(json!({"id": ""})),
        q(json!({"id": "has space"})),
        q(json!({"id": "점"})),
        q(json!({"format": ""})),
        q(json!({"meta": []})),
        q(json!({"meta": {"vct_values": []}})),
        q(json!({"meta": {"type_values": [[]]}})),
        q(json!({"multiple": "yes"})),
        json!([[]]),
        json!({"credentials": [["q", "dc+sd-jwt", false, {}]]}),
        q(json!({"claims": [["a", ["a"]]]})),
        q(json!({"claims": []})),
        q(json!({"claims": [{"path": []}]})),
        q(json!({"claims": [{"path": ["a"], "values": []}]})),
        q(json!({"claims": [{"path": ["a"], "values": [1.5]}]})),
        q(json!({"claims": [{"path": ["a"], "values": [null]}]})),
        q(json!({"claims": [{"path": ["a"], "values": [{}]}]})),
        q(json!({"claims": [{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}]})),
        q(json!({"claims": [{"path": ["a"]}], "claim_sets": [["a"]]})),
        q(json!({"claims": [{"id": "a", "path": ["a"]}], "claim_sets": [["b"]]})),
        q(json!({"claims": [{"id": "a", "path": ["a"]}], "claim_sets": []})),
        q(json!({"claims": [{"id": "a", "path": ["a"]}], "claim_sets": [[]]})),
        q(json!({"claim_sets": [["a"]]})),
        q(json!({"trusted_authorities": []})),
        q(json!({"trusted_authorities": [{"type": "aki", "values": []}]})),
        set(json!([])),
        set(json!([{"options": []}])),
        set(json!([{"options": [[]]}])),
        set(json!([{"options": [["other"]]}])),
    ] {
        assert_eq!(DcqlQuery::parse(&bad).unwrap_err().code(), "invalid_request", "{bad}");
    }
}

#[test]
fn queries_are_written_back_as_read() {
    let text = json!({
        "credentials": [{
            "id": "badge", "format": "ldp_vc", "multiple": true,
            "meta": {"type_values": [["https://sinpyo.example/vocab#KrQualificationBadge"]]},
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
            "require_cryptographic_holder_binding": false,
            "claims": [{"id": "a", "path": ["credentialSubject", "records", null, 0], "values": ["x", 18_446_744_073_709_551_615_u64, -3, false]}],
            "claim_sets": [["a"]]
        }],
        "credential_sets": [{"options": [["badge"]], "required": false}]
    });
    let parsed = query(text.clone());
    assert_eq!(serde_json::to_value(&parsed).unwrap(), text);
    let again: DcqlQuery = serde_json::from_str(&serde_json::to_string(&parsed).unwrap()).unwrap();
    assert_eq!(again, parsed);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn anything_may_be_offered_as_a_query_or_path(json in any_json()) {
        let _ = DcqlQuery::parse(&json);
        let _ = ClaimPath::parse(&json);
    }

    /// Whatever a path selects is found again under the concrete path reported for it.
    #[test]
    fn reported_places_hold_the_selected_values(
        json in any_json(),
        steps in prop::collection::vec(prop_oneof![
            "[a-c]".prop_map(Value::from), (0_u64..3).prop_map(Value::from), Just(Value::Null)
        ], 1..4),
    ) {
        let path = ClaimPath::parse(&Value::Array(steps)).unwrap();
        for (place, value) in path.select(&json).unwrap_or_default() {
            prop_assert!(!place.elements().contains(&PathElement::All));
            let again = place.select(&json).unwrap();
            prop_assert_eq!(again.len(), 1);
            prop_assert_eq!(again[0].1, value);
        }
    }
}
