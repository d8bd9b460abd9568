//! Small inputs that would grow large or slow, and members renamed under a signature. Found by the fuzz targets.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::catalogue::CredentialType;
use credential_proofs::data_integrity::{Expected, ProofOptions, secure, verify};
use credential_proofs::json_ld::{JsonLdError, Library, Options, to_dataset};
use credential_proofs::rdf_canon::{Dataset, HashAlgorithm, Limits, canonicalize};
use credential_proofs::sd_jwt::{SdJwt, SdJwtError};
use credential_proofs::{base64url, jose};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use support::{did, ed25519, method, now, ring};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const INLINE: Options = Options { inline_contexts: true, nested_contexts: true };

fn read(document: &Value, options: Options) -> Result<Dataset, JsonLdError> {
    to_dataset(document, Library::pinned(), options)
}

fn canonical_code(dataset: &Dataset, limits: &Limits) -> &'static str {
    canonicalize(dataset, HashAlgorithm::Sha256, limits)
        .map_or_else(|error| error.code(), |_| "accepted")
}

fn many_values() -> Value {
    (0..16_000).map(|at| format!("{at:05x}")).collect()
}

#[test]
fn a_long_term_over_many_quads_is_too_large() {
    let long = format!("urn:p:{}", "p".repeat(125_000));
    let predicate = json!({"@context": V2, "id": "urn:s", &long: many_values()});
    let subject = json!({"@context": V2, "id": &long, "urn:p": many_values()});
    let short = json!({"@context": V2, "id": "urn:s", "urn:p": many_values()});
    let code = |document| {
        canonical_code(&read(&document, Options::default()).unwrap(), &Limits::default())
    };
    assert_eq!(code(predicate), "rdf_too_large");
    assert_eq!(code(subject), "rdf_too_large");
    assert_eq!(code(short), "accepted");
}

#[test]
fn the_byte_limit_is_exact_and_counts_distinct_quads() {
    // One blank node: written once and hashed once. `<urn:p>` and `"value"` have 7 bytes each.
    let line = "_:a <urn:p> \"value\" .\n";
    let dataset = Dataset::from_nquads(&line.repeat(10)).unwrap();
    let limits = |max_bytes| Limits { max_bytes, ..Limits::default() };
    assert_eq!(canonical_code(&dataset, &limits(28)), "accepted");
    assert_eq!(canonical_code(&dataset, &limits(27)), "rdf_too_large");
}

#[test]
fn a_long_predicate_costs_the_budget_of_the_n_degree_path() {
    let clique = |predicate: &str| {
        let mut text = String::new();
        for from in 0..4 {
            for to in (0..4).filter(|to| *to != from) {
                text.push_str(&format!("_:n{from} <{predicate}> _:n{to} .\n"));
            }
        }
        canonical_code(&Dataset::from_nquads(&text).unwrap(), &Limits::default())
    };
    assert_eq!(clique("urn:p"), "accepted");
    assert_eq!(clique(&format!("urn:p:{}", "p".repeat(100_000))), "rdf_too_much_work");
}

#[test]
fn iris_in_nquads_are_iris_after_unescaping_too() {
    for bad in [
        "<urn:s> <urn:p> <urn:a\\u003E> .",
        "<urn:s> <urn:p\\u0020> <urn:o> .",
        "<urn:s> <urn:p> \"x\"^^<urn:t\\u003e\\u0020.\\u000A> .",
        "<relative> <urn:p> <urn:o> .",
        "<> <urn:p> <urn:o> .",
        "<urn:s> <urn:p> <urn:o> <graph> .",
        "<urn:s> <urn:p> \"x\"@ .",
        "<urn:s> <urn:p> \"x\"@-ko .",
        "<urn:s> <urn:p> \"\\u+123\" .",
    ] {
        assert!(Dataset::from_nquads(bad).is_err(), "{bad}");
    }
    Dataset::from_nquads("<urn:s> <urn:p> <https://a.example/\\u00e9> .").unwrap();
}

#[test]
fn types_are_counted_once_and_bounded() {
    let typed = |types: Vec<String>| {
        read(&json!({"@context": V2, "id": "urn:s", "type": types}), Options::default())
    };
    let canonical = |types| {
        let dataset = typed(types).unwrap();
        canonicalize(&dataset, HashAlgorithm::Sha256, &Limits::default()).unwrap().nquads
    };
    let once = canonical(vec!["VerifiableCredential".to_owned()]);
    assert_eq!(canonical(vec!["VerifiableCredential".to_owned(); 10_000]), once);
    let different = |count: usize| (0..count).map(|at| format!("urn:t:{at}")).collect::<Vec<_>>();
    typed(different(64)).unwrap();
    assert_eq!(typed(different(65)).unwrap_err().code(), "json_ld_too_complex");
}

/// Nodes of every set of types at every depth below a property with a context: each is another combination of contexts.
fn combinations(depths: usize, sets: usize) -> Value {
    const TYPES: [&str; 6] = [
        "VerifiableCredential",
        "VerifiablePresentation",
        "JsonSchema",
        "BitstringStatusList",
        "BitstringStatusListEntry",
        "DataIntegrityProof",
    ];
    let node = |depth: usize, set: usize| {
        let types: Vec<&str> = (0..6).filter(|at| set >> at & 1 == 1).map(|at| TYPES[at]).collect();
        (0..depth).fold(json!({"type": types, "urn:q": 1}), |node, _| json!({"cnf": node}))
    };
    let nodes: Vec<Value> =
        (1..=depths).flat_map(|depth| (0..sets).map(move |set| node(depth, set))).collect();
    json!({"@context": V2, "id": "urn:s", "urn:p": nodes})
}

#[test]
fn too_many_combinations_of_contexts_are_refused_every_time() {
    // A library of its own: what others of these tests compiled must not count.
    let library = Library::with_extra([]);
    let code = |document: &Value| {
        to_dataset(document, &library, Options::default())
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    let (many, few) = (combinations(15, 64), combinations(3, 8));
    for _ in 0..20 {
        // The part that is remembered must not let more of it through the next time.
        assert_eq!(code(&many), "json_ld_too_complex");
        assert_eq!(code(&few), "accepted");
    }
}

#[test]
fn long_vocabularies_and_names_are_refused_before_they_multiply() {
    let members: Map<String, Value> = (0..1000).map(|at| (format!("m{at}"), json!(at))).collect();
    let mut document = Value::Object(members);
    document["@context"] = json!({"@vocab": format!("urn:{}", "v".repeat(50_000))});
    assert_eq!(read(&document, INLINE).unwrap_err().code(), "json_ld_too_complex");
    let datatype = format!("urn:{}", "d".repeat(50_000));
    let document =
        json!({"@context": {"p": {"@id": "urn:p", "@type": datatype}}, "p": many_values()});
    assert_eq!(read(&document, INLINE).unwrap_err().code(), "json_ld_too_complex");
    let document = json!({"@context": {"n".repeat(1025): "urn:p"}, "urn:q": 1});
    assert_eq!(read(&document, INLINE).unwrap_err().code(), "json_ld_too_complex");
}

#[test]
fn members_renamed_under_a_signature_are_refused() {
    let signer = ed25519(1);
    let mut badge = CredentialType::QualificationBadge.example();
    badge.as_object_mut().unwrap().remove("proof");
    badge["issuer"]["id"] = json!(did(&signer).as_str());
    let options = ProofOptions::credential(method(&signer), now());
    let secured = secure(&badge, &options, &signer).unwrap();
    let code = |document: &Value| {
        verify(document, &Expected::credential(None, now()), &ring(&[&signer]))
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    assert_eq!(code(&secured), "accepted");
    let renamed = |pointer: &str, from: &str, to: &str| {
        let mut document = secured.clone();
        let members = document.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        let value = members.remove(from).unwrap();
        members.insert(to.to_owned(), value);
        code(&document)
    };
    for (pointer, from, to) in [
        ("/credentialSubject/person", "name", "https://schema.org/name"),
        ("", "validFrom", "https://www.w3.org/2018/credentials#validFrom"),
        ("", "credentialStatus", "https://www.w3.org/2018/credentials#credentialStatus"),
        ("", "id", "@id"),
        ("", "type", "@type"),
        ("/credentialSubject", "type", "@type"),
        ("/credentialSubject/achievement", "id", "@id"),
    ] {
        assert_eq!(renamed(pointer, from, to), "json_ld_renamed_term", "{pointer}/{from}");
    }
    let mut retyped = secured.clone();
    for kind in retyped["type"].as_array_mut().unwrap() {
        if kind == "VerifiableCredential" {
            *kind = json!("https://www.w3.org/2018/credentials#VerifiableCredential");
        }
    }
    // Its context is gone with the term: undefined terms, or renamed, but never accepted.
    assert!(["json_ld_renamed_term", "json_ld_undefined_term"].contains(&code(&retyped)));
    // Where no term has that meaning, an IRI is an honest name.
    let honest = json!({"@context": V2, "id": "urn:s", "https://a.example/p": "x"});
    read(&honest, Options::default()).unwrap();
    // A compact IRI, and an IRI under a vocabulary that completes bare names.
    let library = Library::with_extra([(
        "https://a.example/context".to_owned(),
        json!({"@context": {"v": "urn:v:", "name": "urn:v:name", "@vocab": "urn:w:"}}),
    )]);
    let read = |members: Value| {
        let mut document = members;
        document["@context"] = json!("https://a.example/context");
        to_dataset(&document, &library, Options::default())
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    assert_eq!(read(json!({"name": 1, "v:other": 1, "bare": 1, "@id": "urn:s"})), "accepted");
    for name in ["v:name", "urn:v:name", "urn:w:bare"] {
        assert_eq!(read(json!({name: 1})), "json_ld_renamed_term", "{name}");
    }
    assert_eq!(read(json!({"@type": "urn:v:name"})), "json_ld_renamed_term");
    assert_eq!(read(json!({"@type": ["name", "urn:v:other"]})), "accepted");
    // In a value object the keywords are the names that readers know.
    assert_eq!(read(json!({"name": {"@value": "x", "@type": "urn:t"}})), "accepted");
}

fn disclosure(members: &Value) -> (String, String) {
    let text = base64url::encode(members.to_string());
    let digest = base64url::encode(Sha256::digest(&text));
    (text, digest)
}

fn token(payload: &Value, disclosures: &[String]) -> Result<SdJwt, SdJwtError> {
    let issuer = ed25519(1);
    let header = json!({"typ": "dc+sd-jwt", "kid": method(&issuer).as_str()});
    let issuer_signed = jose::sign(header, payload.to_string().as_bytes(), &issuer).unwrap();
    SdJwt::parse(&format!("{issuer_signed}~{}~", disclosures.join("~")))
}

#[test]
fn a_long_name_over_many_disclosures_is_too_large() {
    let (texts, digests): (Vec<String>, Vec<String>) =
        (0..1200).map(|at| disclosure(&json!(["s", format!("n{at}"), 1]))).unzip();
    let below = |name: &str| token(&json!({name: {"_sd": digests}}), &texts);
    assert_eq!(below(&"n".repeat(100_000)).unwrap_err().code(), "sd_jwt_too_large");
    assert_eq!(below("short").unwrap().disclosable_paths().len(), 1200);
    // The names of disclosures count like names in the payload.
    let (outer, digest) = disclosure(&json!(["s", "n".repeat(100_000), {"_sd": digests}]));
    let mut all = texts.clone();
    all.push(outer);
    assert_eq!(token(&json!({"_sd": [digest]}), &all).unwrap_err().code(), "sd_jwt_too_large");
    // A long name without disclosures below it multiplies nothing.
    token(&json!({"n".repeat(100_000): 1, "_sd": digests}), &texts).unwrap();
}

#[test]
fn choosing_among_many_disclosures_is_right() {
    let (hidden, hidden_digests): (Vec<String>, Vec<String>) =
        (0..500).map(|at| disclosure(&json!(["s", format!("n{at}"), at]))).unzip();
    let (elements, element_digests): (Vec<String>, Vec<String>) =
        (0..4).map(|at| disclosure(&json!([format!("s{at}"), {"name": at, "list": [at]}]))).unzip();
    let list: Vec<Value> = element_digests.iter().map(|digest| json!({"...": digest})).collect();
    let (outer, outer_digest) =
        disclosure(&json!(["s", "outer", {"_sd": hidden_digests, "list": list}]));
    let all: Vec<String> = hidden.into_iter().chain(elements).chain([outer]).collect();
    let parsed = token(&json!({"_sd": [outer_digest], "shown": 1}), &all).unwrap();
    let count = |paths: &[Vec<Value>]| parsed.select(paths).unwrap().disclosable_paths().len();
    assert_eq!(count(&[vec![json!("outer")]]), 505);
    assert_eq!(count(parsed.disclosable_paths()), 505);
    assert_eq!(count(&[vec![json!("shown")]]), 0);
    assert_eq!(count(&[vec![json!("outer"), json!("n7")]]), 2);
    assert_eq!(count(&[vec![json!("outer"), json!("n7")], vec![json!("outer"), json!("n8")]]), 3);
    assert_eq!(count(&[vec![json!("outer"), json!("list")]]), 5);
    assert_eq!(count(&[vec![json!("outer"), json!("list"), Value::Null, json!("name")]]), 5);
    assert_eq!(count(&[vec![json!("outer"), json!("list"), json!(2), json!("list"), json!(0)]]), 2);
    let one = parsed.select(&[vec![json!("outer"), json!("list"), json!(3)]]).unwrap();
    assert_eq!(
        one.claims_unverified(),
        &json!({"shown": 1, "outer": {"list": [{"name": 3, "list": [3]}]}})
    );
}
