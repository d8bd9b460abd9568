//! Messages of OID4VCI and OID4VP.

use credential_model::catalogue::CredentialType;
use openid4vc_messages::dcql::{Candidate, DcqlQuery, evaluate, matches};
use openid4vc_messages::{
    AuthorizationRequest, ClientId, CredentialOffer, CredentialOfferUri, CredentialRequest,
    CredentialResponse, DeferredRequest, DirectPostForm, DirectPostResponse, IssuerMetadata,
    MAX_DEEP_LINK_BYTES, MessageError, NotificationRequest, RequestUri, RequestUriPost,
    TokenRequest, TransactionData, VpToken, issuer_metadata_url,
};
use serde_json::json;

use super::{lines, strict, text};
use crate::Seen;
use crate::samples::{NONCE, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "openid-credential-offer://?",
    "openid4vp://?",
    "credential_offer=",
    "credential_offer_uri=",
    "client_id=",
    "request_uri=",
    "request_uri_method=post",
    "request=",
    "&",
    "%",
    "%00",
    "%F0",
    "https://",
    "http://localhost:7001",
    "http://[::1]/",
    "javascript:",
    "@",
    "redirect_uri:",
    "x509_hash:",
    "decentralized_identifier:",
    "credential_issuer",
    "credential_configuration_ids",
    "grants",
    "urn:ietf:params:oauth:grant-type:pre-authorized_code",
    "pre-authorized_code",
    "tx_code",
    "length",
    "input_mode",
    "numeric",
    "response_type",
    "vp_token",
    "response_mode",
    "direct_post",
    "direct_post.jwt",
    "nonce",
    "state",
    "dcql_query",
    "credentials",
    "credential_sets",
    "options",
    "required",
    "claims",
    "claim_sets",
    "path",
    "values",
    "meta",
    "vct_values",
    "type_values",
    "format",
    "multiple",
    "trusted_authorities",
    "require_cryptographic_holder_binding",
    "id",
    "dc+sd-jwt",
    "ldp_vc",
    "client_metadata",
    "jwks",
    "keys",
    "transaction_data",
    "proofs",
    "jwt",
    "grant_type",
    "event",
    "null",
];

/// The code alone is coarse: the first words of the reason tell the branches apart.
fn told<T>(result: Result<T, MessageError>) -> Seen {
    Seen::of(
        result
            .err()
            .map(|error| (error.code.as_str(), error.detail.chars().take(40).collect::<String>())),
    )
}

pub(super) fn offer(input: &[u8]) -> Seen {
    let text = text(input);
    let uri = CredentialOfferUri::parse(&text);
    if let Ok(uri) = &uri {
        let written = uri.to_uri();
        // A link that was not escaped on arrival may only fit the limit unescaped.
        if written.len() <= MAX_DEEP_LINK_BYTES {
            let again = CredentialOfferUri::parse(&written);
            assert_eq!(again.ok().as_ref(), Some(uri), "parse, write, parse");
        }
    }
    let offer = strict(input).map(|json| CredentialOffer::parse(&json));
    if let Ok(Ok(offer)) = &offer {
        assert!(offer.validate().is_ok(), "a parsed offer is not valid");
        assert!(issuer_metadata_url(&offer.credential_issuer).is_ok());
    }
    told(uri).and(offer.ok().map(told))
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let text = &samples().request_object;
    let claims = credential_proofs::request_object::RequestObject::parse(text);
    lines(claims.iter().map(|request| request.claims().to_string()))
}

pub(super) fn request(input: &[u8]) -> Seen {
    let text = text(input);
    let uri = RequestUri::parse(&text);
    if let Ok(uri) = &uri {
        let again = RequestUri::parse(&uri.to_uri()).expect("a written request link is one");
        assert_eq!(again.client_id, uri.client_id);
    }
    let client = ClientId::parse(&text);
    if let Ok(client) = &client {
        assert!(client.as_str().ends_with(client.value()));
    }
    let request = strict(input).map(|json| AuthorizationRequest::parse(&json));
    if let Ok(Ok(request)) = &request {
        assert!(request.validate().is_ok(), "a parsed request is not valid");
    }
    let transactions = request
        .as_ref()
        .ok()
        .and_then(|request| request.as_ref().ok())
        .map(|request| told(request.transactions()));
    told(uri)
        .and(client.as_ref().ok().map(|client| client.prefix().as_str().len()))
        .and(told(client))
        .and(request.ok().map(told))
        .and(transactions)
        .and(told(TransactionData::parse(&text)))
}

pub(super) fn queries() -> Vec<Vec<u8>> {
    let vct = CredentialType::QualificationBadge.vct();
    lines([
        json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]},
            "claims": [{"id": "n", "path": ["person", "name"]}, {"id": "r", "path": ["records", null, 0]},
                {"id": "v", "path": ["licenseNumber"], "values": ["x", 1, true]}],
            "claim_sets": [["n", "v"], ["r"]]}],
            "credential_sets": [{"options": [["a"]], "required": false}]})
        .to_string(),
        json!({"credentials": [{"id": "b", "format": "ldp_vc", "multiple": true,
            "meta": {"type_values": [["VerifiableCredential"]]},
            "claims": [{"path": ["credentialSubject", null]}]}]})
        .to_string(),
    ])
}

pub(super) fn dcql(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let query = match DcqlQuery::parse(&json) {
        Ok(query) => query,
        Err(error) => return told::<()>(Err(error)),
    };
    let again = serde_json::to_value(&query).ok().and_then(|json| DcqlQuery::parse(&json).ok());
    assert_eq!(again.as_ref(), Some(&query), "parse, write, parse");
    let badge = CredentialType::QualificationBadge.example();
    let vcts = [CredentialType::QualificationBadge.vct()];
    let candidates: Vec<Candidate<'_>> = [("dc+sd-jwt", true), ("ldp_vc", false)]
        .into_iter()
        .map(|(format, holder_bound)| Candidate {
            format,
            vcts: &vcts,
            types: &["VerifiableCredential"],
            claims: &badge,
            holder_bound,
        })
        .collect();
    let mut seen = Seen::of(magnitude(query.credentials.len()));
    for asked in query.credentials.iter().take(4) {
        for candidate in &candidates {
            let outcome = matches(asked, candidate);
            seen = seen.and(outcome.is_match()).and(magnitude(outcome.disclosure_paths().len()));
        }
    }
    let evaluation = evaluate(&query, &candidates);
    seen.and(evaluation.satisfiable).and(evaluation.required_ids().is_some())
}

pub(super) fn vci(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let issuer = json["credential_issuer"].as_str().unwrap_or("https://issuer.example").to_owned();
    told(IssuerMetadata::parse(&json, &issuer))
        .and(told(CredentialRequest::parse(&json)))
        .and(told(CredentialResponse::parse(&json)))
        .and(told(DeferredRequest::parse(&json)))
        .and(told(NotificationRequest::parse(&json)))
        .and(told(VpToken::parse(&json)))
        .and(told(DirectPostResponse::parse(&json)))
}

pub(super) fn forms(input: &[u8]) -> Seen {
    let token = TokenRequest::from_form(input);
    if let Ok(token) = &token {
        assert_eq!(TokenRequest::from_form(&body(token.to_form())).ok().as_ref(), Some(token));
    }
    let post = DirectPostForm::from_form(input);
    if let Ok(post) = &post {
        assert!(DirectPostForm::from_form(&body(post.to_form())).is_ok());
    }
    let request = RequestUriPost::from_form(input);
    told(token).and(told(post)).and(told(request)).and(text(input).contains(NONCE))
}

fn body(pairs: Vec<(String, String)>) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}
