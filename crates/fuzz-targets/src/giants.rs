//! Hostile inputs of the size a decoder admits, each against one way of growing work. None may cost more than
//! [`crate::driver::BUDGET`] of CPU time in a release build.

use std::fmt::Write as _;

use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};

/// What the services read at most of one document, with a little room.
const SIZE: usize = 250 * 1024;
const V2: &str = "https://www.w3.org/ns/credentials/v2";

/// One hostile input.
pub struct Giant {
    /// What grows.
    pub name: &'static str,
    /// The target that gets it.
    pub target: &'static str,
    /// Makes it.
    pub make: fn() -> Vec<u8>,
}

/// All of them.
pub static GIANTS: &[Giant] = &[
    giant("nested arrays", "json", || b"[".repeat(SIZE)),
    giant("ten megabytes of nested arrays", "json", || b"[".repeat(10_000_000)),
    giant("many members", "json", many_members),
    giant("many members, again as JCS", "jcs", many_members),
    giant("escapes", "json", || format!("\"{}\"", "\\u00e9".repeat(SIZE / 6)).into_bytes()),
    giant("digits", "forbidden", || "900101-".repeat(SIZE / 7).into_bytes()),
    giant("wide digits", "forbidden", || "９-".repeat(SIZE / 4).into_bytes()),
    giant("digits in many members", "forbidden", || {
        json!((0..SIZE / 20).map(|at| format!("900101 {at}")).collect::<Vec<_>>())
            .to_string()
            .into()
    }),
    giant("long subject, many values", "json-ld", || {
        document("urn:s:", SIZE / 2, "urn:p", values(SIZE / 2))
    }),
    giant("long predicate, many values", "json-ld", || {
        document("", 0, &format!("urn:p:{}", "p".repeat(SIZE / 2)), values(SIZE / 2))
    }),
    giant("many values", "json-ld", || document("urn:s", 0, "urn:p", values(SIZE - 1000))),
    giant("one long literal", "json-ld", || {
        document("urn:s", 0, "urn:p", json!("x".repeat(SIZE - 1000)))
    }),
    giant("clique", "json-ld", || clique(9, "urn:p")),
    giant("clique with a long predicate", "json-ld", || {
        clique(6, &format!("urn:p:{}", "p".repeat(SIZE / 7)))
    }),
    giant("clique of five with a long predicate", "json-ld", || {
        clique(5, &format!("urn:p:{}", "p".repeat(SIZE / 6)))
    }),
    giant("ring", "json-ld", || ring(500)),
    giant("long ring", "json-ld", || ring(4000)),
    giant("many small rings", "json-ld", || rings(4000)),
    giant("many equal leaves", "json-ld", || {
        document(
            "urn:s",
            0,
            "urn:p",
            json!((0..4000).map(|_| json!({"urn:q": "x"})).collect::<Vec<_>>()),
        )
    }),
    giant("long list", "json-ld", || {
        document("urn:s", 0, "urn:p", json!({"@list": vec!["a"; 4000]}))
    }),
    giant("one type many times", "json-ld", || types(&["VerifiableCredential"])),
    giant("two types many times", "json-ld", || {
        types(&["VerifiableCredential", "VerifiablePresentation"])
    }),
    giant("many typed nodes", "json-ld", || {
        let node = json!({"type": ["VerifiableCredential", "VerifiablePresentation", "DataIntegrityProof"], "urn:q": 1});
        document("urn:s", 0, "urn:p", Value::Array(vec![node; SIZE / 100]))
    }),
    giant("scoped properties and types in every order", "json-ld", scoped),
    giant("32 contexts, inline", "json-ld", inline_contexts),
    giant("chain of term definitions", "json-ld", term_chain),
    giant("large document, 8 proofs", "data-integrity", proofs),
    giant("chain of 8 proofs, each over much", "data-integrity", proof_chains),
    giant("long name over many disclosures", "sd-jwt-process", long_name),
    giant("many disclosures", "sd-jwt-process", many_disclosures),
    giant("deep disclosures", "sd-jwt-process", deep_disclosures),
    giant("50 volumes of 125 triangles", "drone-field", || triangles(50, 125)),
    giant("50 volumes of 125 triangles, as claims", "claims", triangle_claims),
    giant("125 triangles", "area", || triangle_area(125).to_string().into_bytes()),
    giant("one polygon, 124 holes", "area", holes),
    giant("many rows", "kinds-csv", csv_rows),
    giant("many columns", "kinds-csv", || "a,".repeat(SIZE / 2).into_bytes()),
    giant("nested elements", "kinds-xml", || b"<a>".repeat(SIZE / 3)),
    giant("many attributes", "kinds-xml", || {
        let mut text = String::from("<a");
        for at in 0..SIZE / 12 {
            let _ = write!(text, " a{at}=\"\"");
        }
        text.into_bytes()
    }),
    giant("many claims", "dcql", dcql),
    giant("long did", "did", || format!("did:web:{}", "a:".repeat(SIZE / 2)).into_bytes()),
    giant("long multikey", "multikey", || format!("z{}", "6".repeat(SIZE)).into_bytes()),
    giant("long did:key", "did", || format!("did:key:z{}", "6".repeat(1900)).into_bytes()),
    giant("inflates to 16 MiB", "status-list", inflating),
    giant("noise", "qr-grey", noise),
    giant("finder patterns", "qr-grey", finders),
];

const fn giant(name: &'static str, target: &'static str, make: fn() -> Vec<u8>) -> Giant {
    Giant { name, target, make }
}

fn many_members() -> Vec<u8> {
    let mut text = String::from("{");
    for at in 0..SIZE / 11 {
        let _ = write!(text, "\"{at:06x}\":1,");
    }
    text.push_str("\"z\":0}");
    text.into_bytes()
}

fn document(id: &str, filling: usize, property: &str, value: Value) -> Vec<u8> {
    let mut document = json!({"@context": V2, property: value});
    if !id.is_empty() {
        document["id"] = json!(format!("{id}{}", "s".repeat(filling)));
    }
    document.to_string().into_bytes()
}

fn values(bytes: usize) -> Value {
    (0..bytes / 8).map(|at| format!("{at:05x}")).collect()
}

fn clique(nodes: usize, predicate: &str) -> Vec<u8> {
    let name = |at: usize| format!("_:n{at}");
    let graph: Vec<Value> = (0..nodes)
        .map(|at| {
            let others = (0..nodes).filter(|other| *other != at);
            json!({"@id": name(at), predicate: others.map(|other| json!({"@id": name(other)})).collect::<Vec<_>>()})
        })
        .collect();
    json!({"@context": V2, "@graph": graph}).to_string().into_bytes()
}

fn ring(nodes: usize) -> Vec<u8> {
    let graph: Vec<Value> = (0..nodes)
        .map(|at| json!({"@id": format!("_:{at}"), "urn:p": {"@id": format!("_:{}", (at + 1) % nodes)}}))
        .collect();
    json!({"@context": V2, "@graph": graph}).to_string().into_bytes()
}

fn rings(nodes: usize) -> Vec<u8> {
    let graph: Vec<Value> = (0..nodes)
        .map(|at| json!({"@id": format!("_:{at}"), "urn:p": {"@id": format!("_:{}", at ^ 1)}}))
        .collect();
    json!({"@context": V2, "@graph": graph}).to_string().into_bytes()
}

fn types(names: &[&str]) -> Vec<u8> {
    let count = SIZE / (names.iter().map(|name| name.len() + 3).sum::<usize>() / names.len() + 1);
    let types: Vec<&str> = names.iter().copied().cycle().take(count).collect();
    json!({"@context": V2, "type": types, "urn:p": "x"}).to_string().into_bytes()
}

/// Nodes of every set of types at every depth below a property with a context: each is another active context.
fn scoped() -> Vec<u8> {
    const TYPES: [&str; 6] = [
        "VerifiableCredential",
        "VerifiablePresentation",
        "JsonSchema",
        "BitstringStatusList",
        "BitstringStatusListEntry",
        "DataIntegrityProof",
    ];
    let mut nodes = Vec::new();
    for depth in 1..=18 {
        for set in 0..64 {
            let types: Vec<&str> =
                (0..6).filter(|at| set >> at & 1 == 1).map(|at| TYPES[at]).collect();
            let leaf = json!({"type": types, "urn:q": 1});
            nodes.push((0..depth).fold(leaf, |node, _| json!({"cnf": node})));
        }
    }
    document("urn:s", 0, "urn:p", Value::Array(nodes))
}

/// As large as the byte limit of canonicalization lets through, eight times over: each proof names another one.
fn proof_chains() -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&proofs()).unwrap_or_default();
    document["urn:p"] = values(8000 * 8);
    document["id"] = json!(format!("urn:s:{}", "s".repeat(900)));
    for at in 0..8 {
        document["proof"][at]["id"] = json!(format!("urn:proof:{at}"));
        if at > 0 {
            document["proof"][at]["previousProof"] = json!(format!("urn:proof:{}", at - 1));
        }
    }
    document.to_string().into_bytes()
}

fn inline_contexts() -> Vec<u8> {
    let terms: serde_json::Map<String, Value> =
        (0..200).map(|at| (format!("t{at}"), json!(format!("urn:t:{at}")))).collect();
    let contexts: Vec<Value> = (0..32).map(|_| Value::Object(terms.clone())).collect();
    let inner: Vec<Value> =
        (0..20).map(|at| json!({"@context": {format!("x{at}"): "urn:x"}, "urn:q": at})).collect();
    json!({"@context": contexts, "urn:p": inner}).to_string().into_bytes()
}

fn term_chain() -> Vec<u8> {
    let terms: serde_json::Map<String, Value> =
        (0..8000).map(|at| (format!("t{at}"), json!(format!("t{}:x", at + 1)))).collect();
    json!({"@context": terms, "t0": "x"}).to_string().into_bytes()
}

fn proofs() -> Vec<u8> {
    let signer = &crate::samples::samples().signers[0];
    let (method, did) = crate::samples::names(signer);
    let mut text = document("urn:s", 0, "urn:p", values(SIZE / 2));
    let mut document: Value = serde_json::from_slice(&text).unwrap_or_default();
    document["type"] = json!(["VerifiableCredential"]);
    document["issuer"] = json!(did.as_str());
    let proof = json!({
        "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod",
        "verificationMethod": method.as_str(), "created": "2026-01-01T00:00:00Z",
        "proofValue": format!("z{}", "1".repeat(64)),
    });
    document["proof"] = Value::Array(vec![proof; 8]);
    text = document.to_string().into_bytes();
    text
}

/// Every disclosure lies below a member with a long name: a path that holds it is long, too.
fn long_name() -> Vec<u8> {
    let digests: Vec<String> = (0..1200).map(|at| format!("#{at}")).collect();
    let disclosures: Vec<Value> = (0..1200).map(|at| json!(["s", format!("n{at}"), 1])).collect();
    let name = "n".repeat(SIZE / 2);
    json!({"payload": {name: {"_sd": digests}}, "disclosures": disclosures})
        .to_string()
        .into_bytes()
}

fn many_disclosures() -> Vec<u8> {
    let digests: Vec<String> = (0..2000).map(|at| format!("#{at}")).collect();
    let disclosures: Vec<Value> = (0..2000).map(|at| json!(["s", format!("n{at}"), 1])).collect();
    json!({"payload": {"_sd": digests}, "disclosures": disclosures}).to_string().into_bytes()
}

fn deep_disclosures() -> Vec<u8> {
    let disclosures: Vec<Value> = (0..500)
        .map(|at| json!(["s", "n".repeat(100), {"_sd": [format!("#{}", at + 1)]}]))
        .collect();
    json!({"payload": {"_sd": ["#0"]}, "disclosures": disclosures}).to_string().into_bytes()
}

fn triangle_area(count: usize) -> Value {
    let part = |at: usize| {
        let (x, y) = (at % 12, at / 12);
        json!([[[x, y], [x, f64::from(y as u32) + 0.9], [f64::from(x as u32) + 0.9, y], [x, y]]])
    };
    json!({"type": "MultiPolygon", "coordinates": (0..count).map(part).collect::<Vec<_>>()})
}

fn triangles(volumes: usize, count: usize) -> Vec<u8> {
    let volume = json!({"geometry": triangle_area(count)});
    json!({
        "request": {"profile": "drone-field", "position": {"lon": 0.1, "lat": 0.1, "accuracy_m": 1.0}},
        "permit": {"volumes": vec![volume; volumes]},
    })
    .to_string()
    .into_bytes()
}

fn triangle_claims() -> Vec<u8> {
    let mut permit = CredentialType::DroneFlightPermit.example();
    let mut volume = permit["credentialSubject"]["volumes"][0].clone();
    volume["geometry"] = triangle_area(125);
    permit["credentialSubject"]["volumes"] = Value::Array(vec![volume; 35]);
    permit.to_string().into_bytes()
}

fn holes() -> Vec<u8> {
    let mut rings = vec![json!([[-1, -1], [-1, 50], [50, 50], [50, -1], [-1, -1]])];
    let all = triangle_area(123);
    rings.extend(all["coordinates"].as_array().into_iter().flatten().map(|part| part[0].clone()));
    json!({"type": "Polygon", "coordinates": rings}).to_string().into_bytes()
}

fn csv_rows() -> Vec<u8> {
    let mut text = String::from("jmcd,jmfldnm,qualgbcd,qualgbnm,seriescd,seriesnm\n");
    for at in 0..SIZE / 40 {
        let _ = writeln!(text, "{at:04},가상기사{at},T,국가기술자격,03,기사");
    }
    text.into_bytes()
}

fn dcql() -> Vec<u8> {
    let claims: Vec<Value> =
        (0..120).map(|at| json!({"id": format!("c{at}"), "path": ["type", null]})).collect();
    let ids: Vec<String> = (0..120).map(|at| format!("c{at}")).collect();
    let query = |at: usize| {
        json!({"id": format!("q{at}"), "format": "ldp_vc", "meta": {}, "claims": claims,
            "require_cryptographic_holder_binding": false, "claim_sets": [ids, ["c0"]]})
    };
    json!({"credentials": (0..28).map(query).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// The target repeats what follows the first byte.
fn inflating() -> Vec<u8> {
    let mut bytes = vec![0; 64 * 1024];
    bytes[0] = 253;
    bytes
}

fn noise() -> Vec<u8> {
    let mut random = crate::mutate::Random::new(1);
    std::iter::once(255).chain((0..SIZE).map(|_| (random.number() as u8 & 1) * 255)).collect()
}

fn finders() -> Vec<u8> {
    const ROW: [u8; 7] = [0, 1, 0, 0, 0, 1, 0];
    let pixel = |at: usize| {
        let (x, y) = (at % 255, at / 255);
        let (x, y) = (x % 9, y % 9);
        if x > 6 || y > 6 || ((x == 1 || x == 5 || y == 1 || y == 5) && ROW[x] == 1 | ROW[y]) {
            255
        } else {
            0
        }
    };
    std::iter::once(255).chain((0..SIZE).map(pixel)).collect()
}
