//! Documents: the examples of our seven types, and credentials of VCDM 1.1 and 2.0 that use what JSON-LD has.

use credential_model::catalogue::CredentialType;
use credential_model::contexts;
use serde_json::{Map, Value, json};

use crate::dice::Dice;

const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";
const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

pub(crate) const TEXTS: [&str; 20] = [
    "",
    "홍길동(가상인물)",
    "tab\there",
    "line\nbreak\r",
    "quote\"and\\slash",
    "\u{0}\u{1f}\u{7f}\u{85}",
    "e\u{301} \u{1f600} \u{feff}",
    "did:example:a",
    "_:b0",
    "relative/iri",
    "https://a.example/<x>",
    "https://a.example/길?q=ü#f",
    "urn:uuid:1",
    "@id",
    "@none",
    "@unknown",
    "10.0",
    "schema:name",
    "a b",
    "2026-11-23",
];

/// Terms that use the containers and types of JSON-LD 1.1; some of what we refuse is among them.
fn inline_context(dice: &mut Dice) -> Value {
    let mut terms = json!({
        "list": {"@id": "urn:t:list", "@container": "@list"},
        "set": {"@id": "urn:t:set", "@container": "@set"},
        "words": {"@id": "urn:t:words", "@container": "@language"},
        "said": {"@id": "urn:t:said", "@language": "ko"},
        "raw": {"@id": "urn:t:raw", "@type": "@json"},
        "graph": {"@id": "urn:t:graph", "@container": "@graph"},
        "ref": {"@id": "urn:t:ref", "@type": "@id"},
        "kind": {"@id": "urn:t:kind", "@type": "@vocab"},
        "date": {"@id": "urn:t:date", "@type": "http://www.w3.org/2001/XMLSchema#date"},
        "number": {"@id": "urn:t:number", "@type": "http://www.w3.org/2001/XMLSchema#double"},
        "word": "urn:t:word",
        "Thing": "urn:t:Thing",
        "Scoped": {"@id": "urn:t:Scoped", "@context": {"own": "urn:t:own", "word": "urn:t:scoped-word"}},
        "Lasting": {"@id": "urn:t:Lasting", "@context": {"@propagate": true, "own": "urn:t:lasting"}},
        "inner": {"@id": "urn:t:inner", "@context": {"own": "urn:t:inner-own", "word": {"@id": "urn:t:inner-word", "@type": "@id"}}},
        "gone": null,
        "pre": "urn:pre:",
    });
    // Rarer: what one of us may refuse.
    for (name, definition) in [
        ("index", json!({"@id": "urn:t:index", "@container": "@index"})),
        ("byId", json!({"@id": "urn:t:byId", "@container": "@id"})),
        ("byType", json!({"@id": "urn:t:byType", "@container": "@type"})),
        ("back", json!({"@reverse": "urn:t:forth"})),
        ("nested", json!("@nest")),
        ("graphs", json!({"@id": "urn:t:graphs", "@container": ["@graph", "@id"]})),
        ("toLeft", json!({"@id": "urn:t:toLeft", "@direction": "rtl"})),
        ("@vocab", json!("urn:vocab:")),
        ("@language", json!("en")),
        ("@version", json!(1.1)),
        ("@protected", json!(true)),
    ] {
        if dice.once_in(8) {
            terms[name] = definition;
        }
    }
    terms
}

/// Any JSON value that may stand in a credential.
pub(crate) fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 9 } else { 13 }) {
        0..=2 => json!(dice.pick(&TEXTS)),
        3 => json!(dice.pick(&[0, 1, -1, 10, 4_294_967_296, 9_007_199_254_740_991_i64])),
        4 => json!(dice.pick(&[0.5, -0.0, 10.0, 1e21, 1e-7, 123_456.789, 5e-324, 1.0e15])),
        5 => json!(dice.once_in(2)),
        6 => {
            json!({"@value": dice.pick(&TEXTS), "@language": dice.pick(&["ko", "en", "en-US", "not_a_tag"])})
        }
        7 => {
            json!({"@value": dice.pick(&["1", "x", "2026-11-23"]), "@type": dice.pick(&["urn:t:type", "http://www.w3.org/2001/XMLSchema#integer", "http://www.w3.org/2001/XMLSchema#string"])})
        }
        8 => json!({"id": dice.pick(&["urn:uuid:1", "did:example:a", "https://a.example/길"])}),
        9 | 10 => node(dice, depth - 1),
        11 => (0..dice.roll(4)).map(|_| value(dice, depth - 1)).collect(),
        _ => {
            let items: Vec<Value> = (0..dice.roll(3)).map(|_| value(dice, depth - 1)).collect();
            json!({*dice.pick(&["@list", "@set"]): items})
        }
    }
}

fn json_literal(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 3 } else { 6 }) {
        0 => Value::Null,
        1 => json!(dice.pick(&TEXTS)),
        2 => json!(dice.pick(&[1.5, 1e21, 0.0, 100.0])),
        3 => (0..dice.roll(3)).map(|_| json_literal(dice, depth - 1)).collect(),
        _ => {
            json!({*dice.pick(&["b", "a", "é", "\u{1f600}", "@id"]): json_literal(dice, depth - 1), "z": 1})
        }
    }
}

/// A node, with or without an id.
fn node(dice: &mut Dice, depth: usize) -> Value {
    let mut members = Map::new();
    if dice.once_in(4) {
        members
            .insert("id".into(), json!(dice.pick(&["urn:uuid:2", "did:example:b", "urn:uuid:1"])));
    }
    match dice.roll(5) {
        0 => drop(members.insert(
            "type".into(),
            json!(dice.pick(&["Thing", "Scoped", "Lasting", "urn:t:Other"])),
        )),
        1 => drop(members.insert(
            "type".into(),
            json!([dice.pick(&["Thing", "urn:t:Other"]), dice.pick(&["Scoped", "Lasting"])]),
        )),
        _ => {}
    }
    for _ in 0..=dice.roll(4) {
        let (name, value) = member(dice, depth);
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}

fn member(dice: &mut Dice, depth: usize) -> (&'static str, Value) {
    let some = |dice: &mut Dice| value(dice, depth);
    match dice.roll(24) {
        0 => ("list", (0..dice.roll(4)).map(|_| some(dice)).collect()),
        1 => ("set", (0..dice.roll(3)).map(|_| some(dice)).collect()),
        2 => ("words", json!({"ko": "가", "en": ["a", "b"], "@none": "c"})),
        3 => ("words", json!({"ko": dice.pick(&TEXTS)})),
        4 => ("said", some(dice)),
        5 => ("raw", json_literal(dice, 2)),
        6 => ("graph", node(dice, depth.saturating_sub(1))),
        7 => ("ref", json!(dice.pick(&["urn:uuid:1", "did:example:a", "pre:x", "relative"]))),
        8 => ("kind", json!(dice.pick(&["word", "urn:t:x", "Thing", "unknown"]))),
        9 => ("date", json!(dice.pick(&["2026-11-23", "x"]))),
        10 => ("number", json!(dice.pick(&[1.0, 0.1, 1e30, 7.0]))),
        11 => ("inner", node(dice, depth.saturating_sub(1))),
        12 => ("own", some(dice)),
        13 => ("pre:suffix", some(dice)),
        14 => ("urn:p:full", some(dice)),
        15 => ("index", json!({"a": "x", "b": ["y"]})),
        16 => ("byId", json!({"urn:uuid:3": {"word": "x"}})),
        17 => ("evidence", node(dice, depth.saturating_sub(1))),
        18 => ("free", some(dice)),
        _ => ("word", some(dice)),
    }
}

/// A credential of VCDM 1.1 or 2.0, unsigned.
#[must_use]
pub fn credential(dice: &mut Dice) -> Value {
    let first = dice.once_in(3);
    let mut list = vec![json!(if first { V1 } else { V2 })];
    if dice.once_in(2) {
        list.push(json!(EXAMPLES));
    }
    for _ in 0..dice.roll(3) {
        let url = dice.pick(contexts::all()).url;
        if url != V1 && url != V2 {
            list.push(json!(url));
        }
    }
    if dice.roll(4) != 0 {
        list.push(inline_context(dice));
    }
    let subject = match dice.roll(4) {
        0 => json!([node(dice, 2), node(dice, 1)]),
        _ => node(dice, 3),
    };
    let mut document = json!({
        "@context": list,
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": subject,
    });
    if dice.once_in(2) {
        document["id"] = json!("urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f");
    }
    if first {
        document["issuanceDate"] = json!("2026-01-01T00:00:00Z");
    } else if dice.once_in(2) {
        document["validFrom"] = json!("2026-01-01T00:00:00Z");
        document["name"] = value(dice, 0);
    }
    document
}

/// The examples of our types, unsigned.
#[must_use]
pub fn examples() -> Vec<Value> {
    CredentialType::ALL
        .iter()
        .map(|kind| {
            let mut document = kind.example();
            if let Some(members) = document.as_object_mut() {
                members.remove("proof");
            }
            document
        })
        .collect()
}

/// The document of a seed: half of them our types changed, half generated and, mostly, changed.
#[must_use]
pub fn document(dice: &mut Dice, material: &[Value]) -> Value {
    let (mut document, changes) = if dice.once_in(2) {
        (dice.pick(material).clone(), 1 + dice.roll(3))
    } else {
        (credential(dice), dice.roll(3))
    };
    for _ in 0..changes {
        crate::mutate::mutate(&mut document, dice, material);
    }
    document
}
