//! Hiding: what the paths mean, and what they must not reach. Keys and envelopes are tried in `tests/vc_jose_cose.rs`.

use credential_model::ambient::PredictableEntropy;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::sd_jwt::SdJwt;
use crate::test_keys::ed25519;

fn document() -> Value {
    json!({
        "a": {"b": "1", "c": {"d": "2", "e": "3"}},
        "list": [{"x": "4"}, {"x": "5"}, "6"],
        "nested": [["7", "8"], ["9"]],
    })
}

fn concealed(paths: &[&str], decoys: u8) -> Result<Concealed, VcSdJwtError> {
    conceal(&document(), paths, &["type"], decoys, &PredictableEntropy::new(1))
}

fn sealed(concealed: &Concealed) -> String {
    let payload = concealed.payload.to_string();
    let token =
        crate::jose::sign(json!({"typ": "vc+sd-jwt"}), payload.as_bytes(), &ed25519(1)).unwrap();
    let mut text = format!("{token}~");
    for disclosure in &concealed.disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    text
}

/// What is hidden does not show, and comes back with the disclosures.
#[test]
fn paths_mean_places() {
    for (paths, count, gone) in [
        (&["a.b"][..], 1, &["\"1\""][..]),
        (&["a"], 1, &["\"1\"", "\"2\"", "\"3\""]),
        (&["a", "a.c", "a.c.d"], 3, &["\"1\"", "\"2\"", "\"3\""]),
        (&["list[]"], 3, &["\"4\"", "\"5\"", "\"6\""]),
        (&["list[1]"], 1, &["\"5\""]),
        (&["list[1].x", "list[1]"], 2, &["\"5\""]),
        (&["list[0]", "list[]"], 3, &["\"4\"", "\"5\"", "\"6\""]),
        (&["list[].x"], 2, &["\"4\"", "\"5\""]),
        (&["nested[0][1]"], 1, &["\"8\""]),
        (&["nested[][]", "nested[]", "nested"], 6, &["\"7\"", "\"8\"", "\"9\""]),
        (&["a.b", "a.b"], 1, &["\"1\""]),
    ] {
        let concealed = concealed(paths, 2).unwrap();
        assert_eq!(concealed.disclosures.len(), count, "{paths:?}");
        assert!(concealed.missed.is_empty(), "{paths:?}");
        let shown = concealed.payload.to_string();
        for text in gone {
            assert!(!shown.contains(text), "{paths:?} shows {text}");
        }
        let read = SdJwt::parse(&sealed(&concealed)).unwrap();
        assert_eq!(read.claims_unverified(), &document(), "{paths:?}");
    }
}

#[test]
fn bad_paths_and_names() {
    for bad in [
        "", ".", "a.", ".a", "a..b", "[0]", "a[", "a]", "a[x]", "a[01]", "a[+1]", "a[0]x", "a[0",
        "a.[0]",
    ] {
        let error = concealed(&[bad], 0).unwrap_err();
        assert_eq!(error.code(), "vc_sd_jwt_malformed_path", "{bad:?}");
    }
    assert_eq!(concealed(&["type"], 0).unwrap_err().code(), "vc_sd_jwt_must_be_visible");
    assert_eq!(concealed(&["type.x[0]"], 0).unwrap_err().code(), "vc_sd_jwt_must_be_visible");
    for nowhere in ["z", "a.z", "a[0]", "list.x", "list[3]", "list[2].x", "a.b.c"] {
        let concealed = concealed(&[nowhere], 0).unwrap();
        assert_eq!(concealed.missed, [nowhere]);
        assert_eq!(concealed.payload, document());
    }
    for reserved in [json!({"_sd": []}), json!({"x": [{"...": "y"}]}), json!({"x": {"_sd_alg": 1}})]
    {
        let error = conceal(&reserved, &[], &[], 0, &PredictableEntropy::new(1)).unwrap_err();
        assert_eq!(error.code(), "vc_sd_jwt_reserved_name");
    }
}

#[test]
fn digests_are_sorted_and_decoys_added() {
    let concealed = concealed(&["a.b", "a.c"], 3).unwrap();
    let digests: Vec<&str> = concealed.payload["a"]["_sd"]
        .as_array()
        .unwrap()
        .iter()
        .map(|digest| digest.as_str().unwrap())
        .collect();
    assert_eq!(digests.len(), 5);
    assert!(digests.is_sorted());
    assert_eq!(concealed.payload["_sd_alg"], "sha-256");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any choice of paths, in any order: all disclosures give the document back, none gives no hidden text.
    #[test]
    fn any_choice_leads_back(
        chosen in prop::sample::subsequence(
            vec!["a", "a.b", "a.c", "a.c.d", "a.c.e", "list", "list[]", "list[0]", "list[0].x", "list[].x", "nested[][]", "nested[1]"],
            0..12,
        ).prop_shuffle(),
        decoys in 0u8..4,
    ) {
        let concealed = concealed(&chosen, decoys).unwrap();
        let read = SdJwt::parse(&sealed(&concealed)).unwrap();
        prop_assert_eq!(read.claims_unverified(), &document());
    }

    #[test]
    fn no_path_makes_the_reader_panic(path in ".{0,40}") {
        let _ = concealed(&[&path], 0);
    }
}
