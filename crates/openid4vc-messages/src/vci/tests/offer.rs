use serde_json::json;

use super::{offer, with};
use crate::*;

fn grant_pointer(member: &str) -> String {
    format!("/grants/{PRE_AUTHORIZED_CODE_GRANT}/{member}")
}

#[test]
fn an_offer_is_read_and_travels_in_both_links() {
    let parsed = CredentialOffer::parse(&offer()).unwrap();
    assert!(parsed.tx_code_required());
    let grant = parsed.pre_authorized_code().unwrap();
    assert_eq!(grant.tx_code.as_ref().unwrap().input_mode, Some(InputMode::Numeric));
    assert_eq!(serde_json::to_value(&parsed).unwrap(), offer());

    let by_value = parsed.to_uri();
    assert!(by_value.starts_with("openid-credential-offer://?credential_offer=%7B"));
    assert!(!by_value.contains('+'));
    assert_eq!(
        CredentialOfferUri::parse(&by_value).unwrap(),
        CredentialOfferUri::ByValue(Box::new(parsed))
    );

    let link =
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test%2Foffers%2Fab12";
    let reference = CredentialOfferUri::parse(link).unwrap();
    assert_eq!(reference.to_uri(), link);
    assert!(
        matches!(reference, CredentialOfferUri::ByReference(url) if url.path() == "/offers/ab12")
    );
    // Some wallets' systems hand the scheme over in capitals, some write a host.
    assert!(
        CredentialOfferUri::parse(
            "OPENID-CREDENTIAL-OFFER://host/?credential_offer_uri=https://issuer.test/o"
        )
        .is_ok()
    );
}

#[test]
fn an_address_counts_as_it_is_written_out() {
    // 700 quotes fit the limit as they came, not once they are escaped; we could not read our own link.
    let grows = format!("https://issuer.test/{}", "\"".repeat(700));
    let link = |at: &str| format!("openid-credential-offer://?credential_offer_uri={at}");
    assert!(CredentialOfferUri::parse(&link(&grows)).is_err());
    let fits = format!("https://issuer.test/{}", "\"".repeat(600));
    let read = CredentialOfferUri::parse(&link(&fits)).unwrap();
    assert_eq!(CredentialOfferUri::parse(&read.to_uri()).unwrap(), read);
}

#[test]
fn an_empty_tx_code_object_still_means_required() {
    let parsed =
        CredentialOffer::parse(&with(&offer(), &grant_pointer("tx_code"), json!({}))).unwrap();
    assert!(parsed.tx_code_required());
}

#[test]
fn unknown_members_and_grants_of_an_offer_are_ignored() {
    let mut changed = with(&offer(), "/grants/urn:example:new-grant", json!({"x": 1}));
    changed["extension"] = json!({"n": 1.5});
    assert!(CredentialOffer::parse(&changed).is_ok());
    let mut without_grants = offer();
    without_grants.as_object_mut().unwrap().remove("grants");
    assert!(!CredentialOffer::parse(&without_grants).unwrap().tx_code_required());
}

#[test]
fn malformed_offers_are_refused() {
    let bad = [
        with(&offer(), "/credential_configuration_ids", json!([])),
        with(&offer(), "/credential_configuration_ids", json!(["a", "a"])),
        with(&offer(), "/credential_configuration_ids", json!([""])),
        with(&offer(), "/credential_configuration_ids", json!("a")),
        with(&offer(), "/credential_issuer", json!("ftp://issuer.test")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test?x=1")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test#f")),
        with(&offer(), "/credential_issuer", json!("https://user@issuer.test")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test/\n")),
        with(&offer(), &grant_pointer("pre-authorized_code"), json!("")),
        with(&offer(), &grant_pointer("tx_code"), json!({"input_mode": "emoji"})),
        with(&offer(), &grant_pointer("tx_code"), json!({"length": 0})),
        with(&offer(), &grant_pointer("tx_code"), json!([])),
        with(&offer(), "/grants", json!([])),
        with(&offer(), &grant_pointer("tx_code"), json!({"length": -1})),
        with(&offer(), &grant_pointer("tx_code"), json!({"description": "x".repeat(301)})),
        json!([]),
        json!({"credential_issuer": "https://issuer.test"}),
    ];
    for offer in bad {
        let error = CredentialOffer::parse(&offer).unwrap_err();
        assert_eq!(error.code(), "invalid_document", "{offer}");
    }
}

#[test]
fn malformed_offer_links_are_refused() {
    let both = "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fa.test";
    let long = format!(
        "openid-credential-offer://?credential_offer_uri=https://a.test/{}",
        "x".repeat(MAX_DEEP_LINK_BYTES)
    );
    for link in [
        both,
        "openid-credential-offer://?other=1",
        "openid-credential-offer://",
        "openid-credential-offer:credential_offer_uri=https://a.test",
        "https://a.test/?credential_offer_uri=https://b.test",
        "openid-credential-offer://?credential_offer_uri=https://a.test&credential_offer_uri=https://b.test",
        "openid-credential-offer://?credential_offer_uri=https://a.test\u{a}",
        "openid-credential-offer://?credential_offer_uri=%FF%FE",
        &long,
    ] {
        assert_eq!(
            CredentialOfferUri::parse(link).unwrap_err().code(),
            "invalid_request",
            "{link}"
        );
    }
    for link in [
        "openid-credential-offer://?credential_offer=not-json",
        "openid-credential-offer://?credential_offer_uri=javascript:alert(1)",
        "openid-credential-offer://?credential_offer_uri=file:///etc/passwd",
        "openid-credential-offer://?credential_offer_uri=https:a.test",
        "openid-credential-offer://?credential_offer_uri=https:%5C%5Ca.test",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.test%2F%0A",
    ] {
        assert_eq!(
            CredentialOfferUri::parse(link).unwrap_err().code(),
            "invalid_document",
            "{link}"
        );
    }
}
