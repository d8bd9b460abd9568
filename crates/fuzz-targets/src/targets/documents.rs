//! Requests of the VC-API, badges in pictures, histories of did:webvh.

use badge_pictures::{Baked, bake_png, bake_svg, read};
use credential_model::did::Did;
use credential_model::jcs;
use credential_model::moment::Moment;
use did_resolution::SignedLog;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer};
use vc_api::{DeriveRequest, IssueRequest, VerifyPresentationRequest, VerifyRequest};

use super::strict;
use crate::Seen;
use crate::seen::magnitude;

pub(super) const REQUEST_WORDS: &[&str] = &[
    "credential",
    "verifiableCredential",
    "verifiablePresentation",
    "presentation",
    "options",
    "mandatoryPointers",
    "selectivePointers",
    "presentationHeader",
    "challenge",
    "domain",
    "returnProblemDetails",
    "/credentialSubject",
    "~0",
    "~1",
];

pub(super) fn requests() -> Vec<Vec<u8>> {
    let credential = json!({"type": ["VerifiableCredential"], "credentialSubject": {}});
    [
        json!({"credential": credential, "options": {"mandatoryPointers": ["/issuer"]}}),
        json!({"verifiableCredential": credential, "options": {"selectivePointers": ["/a~1b"]}}),
        json!({"verifiableCredential": credential, "options": {"challenge": "c", "domain": "d"}}),
        json!({"verifiablePresentation": credential, "options": {"challenge": "c"}}),
    ]
    .iter()
    .map(|request| request.to_string().into_bytes())
    .collect()
}

pub(super) fn request(input: &[u8]) -> Seen {
    let body = match strict(input) {
        Ok(body) => body,
        Err(seen) => return seen,
    };
    let code = |error: vc_api::RequestError| {
        assert!(!error.problem().title.is_empty());
        error.code()
    };
    Seen::of(IssueRequest::parse(&body).map(|it| it.mandatory_pointers.is_some()).map_err(code))
        .and(DeriveRequest::parse(&body).map(|it| it.selective_pointers.len()).map_err(code))
        .and(VerifyRequest::parse(&body).is_ok())
        .and(VerifyPresentationRequest::parse(&body).is_ok())
}

/// A PNG of one pixel: header, data, end, each with its checksum.
fn pixel() -> Vec<u8> {
    let hexadecimal = "89504e470d0a1a0a0000000d4948445200000001000000010800000000\
3a7e9b550000000a49444154789c636000000002000148afa4710000000049454e44ae426082";
    hex::decode(hexadecimal).unwrap_or_default()
}

const DRAWING: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>"#;

pub(super) fn pictures() -> Vec<Vec<u8>> {
    let json = Baked::Json(r#"{"type":["VerifiableCredential"]}"#.to_owned());
    let token = Baked::Jws("eyJhbGciOiJFUzI1NiJ9.e30.c2ln".to_owned());
    let mut made = vec![pixel(), DRAWING.into()];
    for credential in [&json, &token] {
        made.extend(bake_png(&pixel(), credential));
        made.extend(bake_svg(DRAWING.as_bytes(), credential));
    }
    made
}

/// What is read from a picture is read again from a picture that it is baked into.
pub(super) fn picture(input: &[u8]) -> Seen {
    match read(input) {
        Err(error) => Seen::of(error.code()),
        Ok(baked) => {
            let again = bake_png(&pixel(), &baked).map(|picture| read(&picture));
            assert_eq!(again.ok().and_then(Result::ok).as_ref(), Some(&baked));
            Seen::of(matches!(baked, Baked::Json(_))).and(magnitude(baked.text().len()))
        }
    }
}

pub(super) const LOG_WORDS: &[&str] = &[
    "versionId",
    "versionTime",
    "parameters",
    "state",
    "proof",
    "updateKeys",
    "nextKeyHashes",
    "witness",
    "threshold",
    "deactivated",
    "portable",
    "did:webvh:1.0",
    "1-",
    "2-",
    "{SCID}",
];

fn signer() -> Option<BareSigner> {
    BareSigner::from_bytes(Algorithm::EdDsa, &[1; 32]).ok()
}

fn hash(value: &Value) -> String {
    let text = jcs::canonicalize(value).unwrap_or_default();
    bs58::encode([&[0x12, 0x20][..], &Sha256::digest(text)].concat()).into_string()
}

/// Names, hashes and signs an entry as its controller would.
fn seal(mut entry: Value, before: &str, number: usize) -> Option<Value> {
    entry["versionId"] = json!(before);
    entry["versionId"] = json!(format!("{number}-{}", hash(&entry)));
    let signer = signer()?;
    let key = signer.public_key().to_multikey();
    let mut proof = json!({
        "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": format!("did:key:{key}#{key}"),
        "created": "2026-01-01T00:00:00Z", "proofPurpose": "assertionMethod",
    });
    let digest = |value: &Value| jcs::canonicalize(value).map(Sha256::digest);
    let message = [digest(&proof).ok()?, digest(&entry).ok()?].concat();
    let signature = bs58::encode(signer.sign(&message).ok()?).into_string();
    proof["proofValue"] = json!(format!("z{signature}"));
    entry["proof"] = json!([proof]);
    Some(entry)
}

fn state(scid: &str) -> Value {
    let did = format!("did:webvh:{scid}:issuer.example");
    json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did})
}

/// A history of two versions, and its SCID.
fn history() -> Option<(String, Vec<Value>)> {
    let key = signer()?.public_key().to_multikey();
    let first = json!({
        "versionId": "{SCID}", "versionTime": "2026-01-01T00:00:00Z",
        "parameters": {"method": "did:webvh:1.0", "scid": "{SCID}", "updateKeys": [key]},
        "state": state("{SCID}"),
    });
    let scid = hash(&first);
    let first = serde_json::from_str(&first.to_string().replace("{SCID}", &scid)).ok()?;
    let first = seal(first, &scid, 1)?;
    let second = json!({
        "versionId": "", "versionTime": "2026-01-02T00:00:00Z", "parameters": {},
        "state": state(&scid),
    });
    let second = seal(second, first["versionId"].as_str()?, 2)?;
    Some((scid, vec![first, second]))
}

pub(super) fn logs() -> Vec<Vec<u8>> {
    let lines = history().map(|(_, entries)| entries).unwrap_or_default();
    let text: String = lines.iter().map(|entry| format!("{entry}\n")).collect();
    let first = lines.first().map(|entry| format!("{entry}\n")).unwrap_or_default();
    vec![text.into_bytes(), first.into_bytes()]
}

/// Nobody without the key adds to a history or alters it: what verifies are the true versions.
pub(super) fn log(input: &[u8]) -> Seen {
    let Some((scid, entries)) = history() else { return Seen::of("nothing") };
    let did = Did::parse(&format!("did:webvh:{scid}:issuer.example"));
    let now = Moment::parse("2026-06-01T00:00:00Z");
    let (Ok(did), Ok(now)) = (did, now) else { return Seen::of("nothing") };
    let log = match SignedLog::verify(&did, input, now).and_then(|log| log.witnessed(None)) {
        Err(error) => return Seen::of(error.code()),
        Ok(log) => log,
    };
    for (found, entry) in log.versions().iter().zip(&entries) {
        assert_eq!(entry["versionId"], json!(found.version_id), "a version was forged");
    }
    assert!(log.versions().len() <= entries.len(), "a version was added");
    Seen::of("log").and(log.versions().len())
}
