//! A dependency goes to a lower floor, and each foreign library has one owner.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Breach;

/// Foreign libraries that only the named rooms may use. Tests and the workshop are free.
const OWNERS: &[(&str, &[&str])] = &[
    ("alloy", &["evm-chain"]),
    ("alloy-primitives", &["chain-proofs"]),
    ("alloy-rlp", &["chain-proofs"]),
    ("alloy-trie", &["chain-proofs"]),
    ("argon2", &["signing-keys", "officer-access"]),
    ("aws-lc-rs", &["signing-keys", "officer-access"]),
    ("axum", &["web-kit", "issuer-service", "verifier-service"]),
    ("bls12_381_plus", &["credential-proofs"]),
    ("chacha20poly1305", &["signing-keys"]),
    ("ciborium", &["credential-proofs"]),
    ("clap", &["wallet-cli", "issuer-service", "verifier-service"]),
    ("coset", &["credential-proofs"]),
    ("cryptoki", &["signing-keys"]),
    ("csv", &["credential-model"]),
    ("csv-core", &["credential-issuance"]),
    ("curve25519-dalek", &["signing-keys"]),
    ("ed25519-dalek", &["signing-keys"]),
    ("encoding_rs", &["credential-model", "credential-issuance"]),
    ("fjall", &["storage-embedded"]),
    ("flate2", &["status-lists", "verifier-service"]),
    ("fluent", &["localized-text"]),
    ("getrandom", &["signing-keys"]),
    ("icu_normalizer", &["credential-model"]),
    ("image", &["qr-code"]),
    ("josekit", &["credential-proofs"]),
    ("jsonschema", &["credential-model"]),
    ("krilla", &["wallet-cli"]),
    ("p256", &["signing-keys"]),
    ("p384", &["signing-keys"]),
    ("p521", &["signing-keys"]),
    ("png", &[]),
    ("prometheus-client", &["web-kit"]),
    ("qrcode", &["qr-code"]),
    ("quick-xml", &["credential-model", "badge-pictures"]),
    ("reqwest", &["web-fetch"]),
    ("revm", &[]),
    ("rqrr", &["qr-code"]),
    ("schemars", &["web-kit", "issuer-service", "verifier-service"]),
    ("sled", &["storage-embedded"]),
    ("sqlx", &["storage-postgres"]),
    ("ssi", &["credential-proofs"]),
    ("tokio-rustls", &["web-kit"]),
    ("toml", &["web-kit", "wallet-cli", "issuer-service", "verifier-service"]),
];

const WORKSHOP: u64 = 100;

pub(super) fn check(packages: &[Value]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut floors = BTreeMap::new();
    for package in packages {
        let name = text(&package["name"]);
        match floor(package) {
            Some(floor) => drop(floors.insert(name, floor)),
            None => breaches.push(format!("{name}: the manifest names no floor")),
        }
    }
    for package in packages {
        let name = text(&package["name"]);
        let Some(&own) = floors.get(name) else { continue };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = text(&dependency["name"]);
            let for_tests = dependency["kind"] == "dev";
            if let Some(&floor) = floors.get(used) {
                if !for_tests && floor >= own && own != WORKSHOP {
                    breaches.push(format!(
                        "{name} (floor {own}) uses {used} (floor {floor}): dependencies go down"
                    ));
                }
                continue;
            }
            let owners = OWNERS.iter().find(|(library, _)| *library == used);
            let free = for_tests || own == WORKSHOP;
            if let Some((_, owners)) = owners
                && !free
                && !owners.contains(&name)
            {
                breaches.push(format!("{name} names {used}, which belongs to {owners:?}"));
            }
        }
    }
    breaches
}

fn floor(package: &Value) -> Option<u64> {
    match &package["metadata"]["house"]["floor"] {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(word) if word == "workshop" => Some(WORKSHOP),
        _ => None,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, floor: Value, uses: &[(&str, &str)]) -> Value {
        let dependencies: Vec<Value> = uses
            .iter()
            .map(|(name, kind)| json!({"name": name, "kind": if *kind == "dev" { json!("dev") } else { Value::Null }}))
            .collect();
        json!({"name": name, "metadata": {"house": {"floor": floor}}, "dependencies": dependencies})
    }

    #[test]
    fn down_is_allowed_and_up_or_sideways_is_not() {
        let packages = [
            package("low", json!(0), &[]),
            package("mid", json!(2), &[("low", "")]),
            package("side", json!(2), &[("mid", ""), ("mid", "dev")]),
            package("up", json!(0), &[("mid", "")]),
        ];
        let breaches = check(&packages);
        assert_eq!(breaches.len(), 2, "{breaches:?}");
        assert!(breaches[0].starts_with("side") && breaches[1].starts_with("up"));
    }

    #[test]
    fn a_library_is_named_by_its_owner_tests_and_the_workshop_only() {
        let packages = [
            package("web-fetch", json!(1), &[("reqwest", "")]),
            package("did-resolution", json!(2), &[("reqwest", "")]),
            package("model", json!(0), &[("reqwest", "dev")]),
            package("kit", json!("workshop"), &[("reqwest", ""), ("revm", "")]),
        ];
        assert_eq!(check(&packages).len(), 1);
    }

    #[test]
    fn a_manifest_without_a_floor_is_told() {
        let mut nameless = package("x", json!(1), &[]);
        nameless["metadata"] = Value::Null;
        assert_eq!(check(&[nameless]), ["x: the manifest names no floor"]);
    }
}
