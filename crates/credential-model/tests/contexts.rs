//! The closed list of contexts: digests, strict JSON, one truth in DIGESTS.json and in the program.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::path::Path;

use credential_model::catalogue::CredentialType;
use credential_model::contexts;
use credential_model::json::{Limits, parse_strict};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn digests() -> Vec<Value> {
    let file = include_str!("../../../schemas/contexts/DIGESTS.json");
    serde_json::from_str::<Value>(file).unwrap().as_array().unwrap().clone()
}

#[test]
fn every_embedded_context_has_its_digest_and_is_strict_json() {
    let limits = Limits { max_bytes: 1 << 20, max_depth: 32 };
    for context in contexts::all() {
        assert!(context.is_intact(), "{}", context.url);
        let json = parse_strict(context.json.as_bytes(), &limits).expect(context.url);
        assert!(json.get("@context").is_some(), "{}", context.url);
    }
}

#[test]
fn the_table_and_the_program_agree() {
    let table = digests();
    assert_eq!(table.len(), contexts::all().len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/contexts");
    for row in table {
        let text =
            |member: &str| row[member].as_str().unwrap_or_else(|| panic!("{member}")).to_owned();
        let context = contexts::lookup(&text("url")).expect("listed and intact");
        assert_eq!(context.sha256, text("sha256"));
        let bytes = std::fs::read(folder.join(text("file"))).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), text("sha256"), "{}", text("file"));
        let canonical =
            credential_model::jcs::canonicalize(&serde_json::from_slice(&bytes).unwrap()).unwrap();
        assert_eq!(hex::encode(Sha256::digest(canonical.as_bytes())), text("jcs_sha256"));
        assert!(!text("source").is_empty() && !text("licence").is_empty());
    }
}

#[test]
fn published_w3c_and_1edtech_digests_are_met_where_the_bytes_are_theirs() {
    // credentials.md A.6 and A.1.
    for (url, published) in [
        (
            "https://w3id.org/security/data-integrity/v2",
            "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        ),
        (
            "https://w3id.org/security/multikey/v1",
            "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        ),
        (
            "https://w3id.org/security/jwk/v1",
            "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece",
        ),
        (
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761",
        ),
    ] {
        assert_eq!(contexts::lookup(url).unwrap().sha256, published, "{url}");
    }
}

#[test]
fn every_context_of_every_type_is_listed_and_ours_are_protected() {
    for credential_type in CredentialType::ALL {
        for url in credential_type.contexts() {
            assert!(contexts::lookup(url).is_some(), "{url}");
        }
        let own: Value =
            serde_json::from_str(contexts::lookup(credential_type.context_url()).unwrap().json)
                .unwrap();
        assert_eq!(own["@context"]["@protected"], true);
        assert!(own["@context"].get("@vocab").is_none());
        assert!(own["@context"][credential_type.type_name()].is_string());
    }
    assert!(contexts::lookup(contexts::STATUS_LIST_V1).is_some());
}

#[test]
fn our_contexts_redefine_nothing_of_the_contexts_before_them() {
    for credential_type in CredentialType::ALL {
        let mut known: Vec<String> = Vec::new();
        for url in credential_type.contexts() {
            let context: Value = serde_json::from_str(contexts::lookup(url).unwrap().json).unwrap();
            let terms: Vec<String> = context["@context"]
                .as_object()
                .unwrap()
                .keys()
                .filter(|k| !k.starts_with('@'))
                .cloned()
                .collect();
            if url == credential_type.context_url() {
                for term in &terms {
                    assert!(!known.contains(term), "{url} redefines {term}");
                }
            }
            known.extend(terms);
        }
    }
}

#[test]
fn unknown_contexts_stay_unknown() {
    for url in [
        "",
        "https://www.w3.org/ns/credentials/v3",
        "http://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2/",
        "https://www.w3.org/ns/credentials/v2#",
        "HTTPS://www.w3.org/ns/credentials/v2",
    ] {
        assert!(contexts::lookup(url).is_none(), "{url}");
    }
}
