//! Status lists, trust lists, inclusion proofs.

use std::io::Write as _;

use chain_anchors::InclusionProof;
use credential_model::moment::Moment;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::{Value, json};
use status_lists::{
    Bitstring, ListDocument, StatusEntry, TokenListDocument, list_credential, read, read_token,
    token_list_payload,
};
use trust_registry::TrustList;

use super::{answer, lines, strict, text};
use crate::Seen;
use crate::samples::now;
use crate::seen::magnitude;

const LIST: &str = "https://issuer.example/status/1";

pub(super) const WORDS: &[&str] = &[
    "encodedList",
    "statusPurpose",
    "statusSize",
    "statusMessage",
    "ttl",
    "sub",
    "iss",
    "iat",
    "exp",
    "status_list",
    "bits",
    "lst",
    "idx",
    "uri",
    "status",
    "credentialStatus",
    "statusListIndex",
    "statusListCredential",
    "BitstringStatusListEntry",
    "BitstringStatusListCredential",
    "BitstringStatusList",
    "message",
    "revocation",
    "validFrom",
    "validUntil",
    "credentialSubject",
    "-1",
    "131071",
    "99999999999999999999",
    "0",
    "01",
    "+1",
    "version",
    "issued",
    "expires",
    "operator",
    "entries",
    "issuer",
    "types",
    "kinds",
    "from",
    "until",
    "authority",
    "name_ko",
    "name_en",
    "did:web:issuer.example",
    "2026-11-23T12:00:00Z",
];

fn sample() -> Bitstring {
    let mut bits = Bitstring::new(131_072, 2).expect("an honest size");
    for (index, code) in [(0, 2), (7, 1), (131_071, 3)] {
        bits.set(index, code).expect("an honest entry");
    }
    bits
}

pub(super) fn encoded() -> Vec<Vec<u8>> {
    let mut seeds = lines([format!("\u{2}{}", sample().encode())]);
    seeds.push(b"\x01packed by the target itself".to_vec());
    seeds
}

/// First byte: the size of an entry. The rest: the text of a list, and bytes to be packed into one.
pub(super) fn bitstring(input: &[u8]) -> Seen {
    let Some((size, rest)) = input.split_first() else { return Seen::of("empty") };
    let mut seen = Seen::of(size);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let repeated = rest.repeat(1 + usize::from(*size));
    let packed = gzip.write_all(&repeated).and_then(|()| gzip.finish()).unwrap_or_default();
    let packed = format!("u{}", base64url(&packed));
    for list in [text(rest).as_ref(), packed.as_str()] {
        seen = seen.and(match Bitstring::decode(list, size % 12) {
            Err(error) => answer::<()>(Err(error.code())),
            Ok(bits) => {
                let again = Bitstring::decode(&bits.encode(), size % 12);
                assert_eq!(again.as_ref().ok(), Some(&bits), "decode, encode, decode");
                let last = bits.entries() - 1;
                assert!(bits.get(last).is_ok() && bits.get(last + 1).is_err());
                assert!(bits.get(usize::MAX).is_err());
                Seen::of(magnitude(bits.count_set()))
            }
        });
    }
    seen
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn payloads() -> Vec<Vec<u8>> {
    let bits = sample();
    let document = TokenListDocument {
        url: LIST,
        issuer: "did:web:issuer.example",
        bits: &bits,
        issued: now(),
        expires: now().plus_seconds(900),
        ttl_seconds: 900,
        version: 3,
    };
    lines(token_list_payload(&document).ok().map(|payload| payload.to_string()))
}

pub(super) fn token(input: &[u8]) -> Seen {
    let claims = match strict(input) {
        Ok(claims) => claims,
        Err(seen) => return seen,
    };
    let entry = StatusEntry::from_token_status(&claims);
    let own = StatusEntry::from_token_status(
        &json!({"status": {"status_list": {"idx": 7, "uri": LIST}}}),
    );
    let mut seen = answer(entry.as_ref().map_err(|error| error.code()));
    for entry in [entry, own].into_iter().flatten().flatten() {
        seen = seen
            .and(read_token(&entry, &claims, now()).map(|said| said.code).map_err(|e| e.code()));
    }
    let lst = claims["status_list"]["lst"].as_str().unwrap_or_default();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = zlib.write_all(lst.as_bytes()).and_then(|()| zlib.finish()).unwrap_or_default();
    let bits = Bitstring::decode_token(&base64url(&packed), 2);
    seen.and(bits.map(|bits| magnitude(bits.count_set())).map_err(|error| error.code()))
}

pub(super) fn documents() -> Vec<Vec<u8>> {
    let bits = sample();
    let document = |ttl_ms| {
        list_credential(&ListDocument {
            url: LIST,
            issuer: "did:web:issuer.example",
            purpose: "message",
            bits: &bits,
            valid_from: now(),
            valid_until: now().plus_seconds(900),
            version: 3,
            ttl_ms,
        })
    };
    let mut with_entry = document(900_000);
    with_entry["credentialStatus"] =
        StatusEntry::new(LIST, 7).to_credential_status("https://issuer.example/status/1#7");
    lines([document(1).to_string(), with_entry.to_string()])
}

pub(super) fn credential(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let entries = StatusEntry::from_credential_status(&document["credentialStatus"]);
    let mut seen = answer(entries.as_ref().map_err(|error| error.code()));
    let own = vec![StatusEntry::new(LIST, 7), StatusEntry::new(LIST, usize::MAX)];
    for entry in entries.unwrap_or_default().iter().chain(&own) {
        let said = read(entry, &document, now());
        if let Ok(said) = &said {
            assert!(said.code != 0 || said.value == Some(status_lists::StatusValue::Valid));
        }
        seen = seen.and(said.map(|said| said.code).map_err(|error| error.code()));
        if let Ok(again) =
            StatusEntry::from_credential_status(&entry.to_credential_status("urn:e:1"))
        {
            assert_eq!((again[0].index, &again[0].list), (entry.index, &entry.list));
        }
    }
    seen
}

pub(super) fn trust(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let list = match TrustList::parse(&json) {
        Ok(list) => list,
        Err(error) => return Seen::of(error.code()),
    };
    let again = serde_json::to_value(&list).ok().and_then(|json| TrustList::parse(&json).ok());
    assert_eq!(again.as_ref(), Some(&list), "parse, write, parse");
    assert_eq!(list.digest().ok(), again.and_then(|list| list.digest().ok()));
    let late =
        list.authorised("did:web:issuer.example", "KrQualificationBadge", None, list.expires);
    assert!(!late.is_entitled(), "an expired list entitles");
    let entry = list.entries.first();
    let asked = entry.map(|entry| {
        list.authorised(entry.issuer.as_str(), &entry.types[0], Some("1320"), entry.from).code()
    });
    Seen::of(asked).and(magnitude(list.entries.len()))
}

pub(super) fn inclusion(input: &[u8]) -> Seen {
    let proof = match strict(input).map(serde_json::from_value::<InclusionProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(_)) => return Seen::of("shape"),
        Err(seen) => return seen,
    };
    let held = proof.verify(&[7; 32], &[9; 32]);
    assert!(held.is_err(), "an inclusion proof leads to an invented root");
    let _: Value = json!({"index": proof.index, "path": proof.path, "at": Moment::from_unix(0)});
    answer(held.map_err(|error| error.code())).and(magnitude(proof.path.len()))
}
