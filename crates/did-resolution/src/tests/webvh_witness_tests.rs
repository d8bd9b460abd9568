//! did:webvh: who must stand by an entry, and what counts as standing by it.

use serde_json::{Value, json};

use super::logs::{Log, proof, witness};
use crate::VersionQuery;

#[test]
fn witnesses_are_heard() {
    let rule = json!({"threshold": 2, "witnesses": [witness(11), witness(12), witness(13)]});
    let mut log = Log::new(json!({"witness": rule}));
    log.add(json!({}), 1);
    let latest = |log: &Log, file: &Value| {
        log.check(Some(file)).and_then(|log| log.version(&VersionQuery::Latest).map(|v| v.number))
    };
    let code = |log: &Log, file: Value| latest(log, &file).unwrap_err().code();
    // Standing by the newest entry is standing by all before it.
    assert_eq!(latest(&log, &json!([log.witnessed(2, &[11, 13])])), Ok(2));
    assert_eq!(latest(&log, &json!([log.witnessed(2, &[11]), log.witnessed(2, &[12])])), Ok(2));
    assert_eq!(log.check(None).unwrap_err().code(), "did_log_not_witnessed");
    for file in [
        json!([]),
        json!([log.witnessed(2, &[11])]),
        json!([log.witnessed(2, &[11, 11])]),
        json!([log.witnessed(2, &[11, 1])]),
        json!([log.witnessed(2, &[11, 99])]),
    ] {
        assert_eq!(code(&log, file.clone()), "did_log_not_witnessed", "{file}");
    }
    // Only the first entry is witnessed: the second is not in force, the first is.
    let first = json!([log.witnessed(1, &[11, 12])]);
    assert_eq!(code(&log, first.clone()), "did_log_not_witnessed");
    assert!(log.check(Some(&first)).unwrap().version(&VersionQuery::Number(1)).is_ok());
    // A proof for an entry that was never published stands for nothing, nor one of another DID.
    let unpublished = json!({"versionId": "3-QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL"});
    let proofs: Vec<Value> = [11, 12].map(|one| proof(&unpublished, one)).into();
    let file = json!([{"versionId": unpublished["versionId"], "proof": proofs}]);
    assert_eq!(code(&log, file), "did_log_not_witnessed");
    let mut replayed = log.witnessed(2, &[11, 12]);
    replayed["versionId"] = json!(log.version_id(1));
    assert_eq!(code(&log, json!([replayed])), "did_log_not_witnessed");
    assert_eq!(code(&log, json!({})), "did_log_malformed");
}

#[test]
fn a_change_of_witnesses_is_witnessed_by_those_before() {
    let rule = |who: u8| json!({"threshold": 1, "witnesses": [witness(who)]});
    let mut log = Log::new(json!({"witness": rule(11)}));
    log.add(json!({"witness": rule(12)}), 1);
    let ok = |log: &Log, file: Value| {
        log.check(Some(&file)).is_ok_and(|log| log.version(&VersionQuery::Latest).is_ok())
    };
    assert!(ok(&log, json!([log.witnessed(2, &[11])])));
    assert!(!ok(&log, json!([log.witnessed(1, &[11]), log.witnessed(2, &[12])])));
    log.add(json!({"witness": {}}), 1);
    assert!(ok(&log, json!([log.witnessed(2, &[11]), log.witnessed(3, &[12])])));
    assert!(!ok(&log, json!([log.witnessed(3, &[11])])), "the end of witnessing is witnessed too");
    log.add(json!({}), 1);
    assert!(ok(&log, json!([log.witnessed(2, &[11]), log.witnessed(3, &[12])])));
    // Witnesses that come later are asked at once.
    let mut late = Log::new(json!({}));
    late.add(json!({"witness": rule(11)}), 1);
    assert!(!ok(&late, json!([])));
    assert!(ok(&late, json!([late.witnessed(2, &[11])])));
}

#[test]
fn witness_rules_that_cannot_hold_are_refused() {
    for rule in [
        json!({"threshold": 0, "witnesses": [witness(11)]}),
        json!({"threshold": 2, "witnesses": [witness(11)]}),
        json!({"threshold": 1, "witnesses": [witness(11), witness(11)]}),
        json!({"threshold": 1, "witnesses": []}),
        json!({"threshold": 1}),
        json!({"threshold": "1", "witnesses": [witness(11)]}),
        json!({"threshold": 1, "witnesses": [{"id": "did:web:witness.example"}]}),
        json!({"threshold": 1, "witnesses": ["x"]}),
        json!({"threshold": 1, "witnesses": [witness(11)], "more": 1}),
        json!("x"),
    ] {
        let log = Log::new(json!({"witness": rule}));
        assert_eq!(log.check(None).unwrap_err().code(), "did_log_malformed", "{rule}");
    }
}
