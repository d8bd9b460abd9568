//! Credentials before any proof is looked at: parsing, typed rules, forbidden numbers, moments.

use credential_model::catalogue::{
    CredentialType, sd_jwt_claims, validate_claims, validate_document,
};
use credential_model::credential::UnverifiedCredential;
use credential_model::moment::Moment;

use super::{lines, strict, text};
use crate::Seen;
use crate::samples::samples;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "@context",
    "type",
    "issuer",
    "credentialSubject",
    "proof",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "credentialSchema",
    "id",
    "name",
    "VerifiableCredential",
    "EnvelopedVerifiableCredential",
    "data:application/vc+jwt,",
    "KrQualificationBadge",
    "https://www.w3.org/ns/credentials/v2",
    "vct",
    "iss",
    "_sd",
    "...",
    "0.0",
    "-1",
    "2026-02-30",
    "2026-11-23T12:00:00Z",
    "2026-11-23",
    "urn:uuid:",
    "https://sinpyo.example/",
    "coordinates",
    "volumes",
    "geometry",
    "person",
    "records",
    "licenseNumber",
    "000000-0000000",
    "９００１０１",
];

/// The examples of every type.
pub(super) fn examples() -> Vec<Vec<u8>> {
    lines(CredentialType::ALL.into_iter().map(|kind| kind.example().to_string()))
}

pub(super) fn credentials() -> Vec<Vec<u8>> {
    let samples = samples();
    let mut seeds = lines(samples.secured.iter().map(ToString::to_string));
    seeds.extend(lines(samples.tokens.iter().chain(&samples.sd_jwts).cloned()));
    seeds
}

pub(super) fn credential(input: &[u8]) -> Seen {
    let credential = match UnverifiedCredential::parse(input) {
        Ok(credential) => credential,
        Err(error) => return Seen::of(error.code()),
    };
    let wire = credential.to_wire();
    let again = UnverifiedCredential::from_value(&wire).expect("what was read can be read again");
    assert_eq!(again.digest(), credential.digest(), "the digest changed on the way");
    assert_eq!(again.format, credential.format);
    Seen::of(credential.format.as_str())
        .and(credential.issuer_unverified().is_some())
        .and(credential.credential_type_unverified().map(CredentialType::type_name))
        .and(credential.claims_unverified().as_object().map(serde_json::Map::len))
}

/// Schema and typed rules, over the document and over the flattened claims of every type.
pub(super) fn claims(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let named = document["type"].as_array().and_then(|types| {
        types.iter().filter_map(|kind| CredentialType::from_type_name(kind.as_str()?)).next()
    });
    let kind = named.unwrap_or(CredentialType::DroneFlightPermit);
    let violations = validate_document(kind, &document).err().unwrap_or_default();
    let claims = sd_jwt_claims(kind, &document);
    let hidden = validate_claims(kind, &claims).err().unwrap_or_default();
    let mut codes: Vec<&str> =
        violations.iter().chain(&hidden).take(40).map(|violation| violation.code).collect();
    codes.dedup();
    Seen::of(kind.type_name()).and(codes)
}

pub(super) fn forbidden(input: &[u8]) -> Seen {
    let text = text(input);
    let found = credential_model::forbidden::find_in_text(&text).map(|finding| finding.kind.code());
    let value = strict(input)
        .ok()
        .and_then(|value| credential_model::forbidden::find_in_value(&value))
        .map(|finding| (finding.kind.code(), magnitude(finding.pointer.len())));
    Seen::of(found).and(value)
}

pub(super) fn moment(input: &[u8]) -> Seen {
    let text = text(input);
    let moment = match Moment::parse(&text) {
        Ok(moment) => moment,
        Err(error) => return Seen::of(error.code()),
    };
    assert_eq!(Moment::parse(&moment.to_string()), Ok(moment), "parse, write, parse");
    assert_eq!(Moment::from_unix(moment.unix()), moment);
    let _ = (moment.to_kst_text(), moment.date_kst());
    let _ = moment.plus_seconds(i64::MAX).minus_seconds(i64::MIN).to_kst_text();
    Seen::of("moment").and(magnitude(text.len()))
}
