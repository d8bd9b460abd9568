//! What files hold, what officers try, and what breaks, over the embedded store.

use credential_issuance::bulk::{BulkError, BulkSettings, ChunkWork, JobStage, JobStep, NewJob};
use credential_issuance::ids::CredentialId;
use credential_issuance::offer::TokenGrant;
use credential_issuance::status::{StatusAction, StatusValue};
use credential_model::did::Did;
use credential_model::did::DidDocument;
use credential_proofs::data_integrity;
use signing_keys::KeyRing;

use crate::desk::{
    HEADER, World, announcement, checked, codes, embedded, file, finish, outcomes, running, upload,
};

#[tokio::test]
async fn a_file_becomes_credentials_that_verify() {
    let world = World::new();
    let issuer = world.issuer(embedded()).await;
    let job = running(&issuer, file(1030).as_bytes()).await;
    let job = finish(&issuer, &job.id).await;
    let outcome = job.outcome.unwrap();
    assert_eq!((job.stage, outcome.issued, outcome.rows()), (JobStage::Done, 1030, 1030));
    assert!(job.root.is_some(), "one root over all of it");

    let lines = outcomes(&issuer, &job.id).await;
    let rows: Vec<u64> = lines.iter().map(|line| line.row).collect();
    assert_eq!(rows, (2..1032).collect::<Vec<u64>>(), "no gap, as spreadsheets count");
    let did = Did::parse("did:web:issuer.test").unwrap();
    let document = DidDocument::parse(&issuer.identity().did_document()).unwrap();
    let mut ring = KeyRing::new();
    for method in document.methods() {
        ring.insert(did_resolution::verification_key(&document, &method.id).unwrap());
    }
    let now = credential_model::moment::Moment::parse("2026-11-23T06:00:00Z").unwrap();
    let expected = data_integrity::Expected::credential(Some(&did), now);
    let mut places = std::collections::BTreeSet::new();
    for line in &lines {
        let id = CredentialId::parse(line.credential.as_deref().unwrap()).unwrap();
        let record = issuer.credential(&id).await.unwrap().unwrap();
        assert!(places.insert((record.list.clone(), record.index)), "a status place twice");
        if line.row % 100 == 2 {
            let credential = &record.issued().unwrap().credential;
            data_integrity::verify(credential, &expected, &ring).unwrap();
            let number = credential.pointer("/credentialSubject/licenseNumber").unwrap();
            assert_eq!(number, &format!("{:011}Z", line.row - 2));
        }
    }
}

#[tokio::test]
async fn each_mistake_of_a_row_is_found_and_sinks_that_row_only() {
    let issuer = World::new().issuer(embedded()).await;
    let rows = [
        ("홍길동(가상인물),1990-01-01,1,2025-06-18,1320", "ready"),
        ("\"홍길동\n(가상인물)\",1990-01-01,2,2025-06-18,1320", "ready"),
        ("홍길동(가상인물),1990-01-01,900101-1234567,2025-06-18,1320", "cell_forbidden_number"),
        ("=SUM(A1),1990-01-01,3,2025-06-18,1320", "cell_formula"),
        ("홍\0길동,1990-01-01,4,2025-06-18,1320", "cell_nul"),
        ("홍길동(가상인물),1990-01-01,5,2025-06-18", "row_malformed"),
        ("홍길동(가상인물),1990-01-01,6,2025-06-18,ZZZZ", "kind_unknown"),
        ("홍길동(가상인물),1990-01-01,7,2025-06-18,", "kind_missing"),
        ("홍길동(가상인물),1990-01-01,8,18.06.2025,1320", "date_malformed"),
        ("홍길동(가상인물),1990-01-01,9,,1320", "date_missing"),
        ("홍길동(가상인물),1990-01-01,1,2025-06-18,1320", "row_twice"),
    ];
    let text = HEADER.to_owned() + &rows.map(|(row, _)| row).join("\n");
    let job = checked(&issuer, text.as_bytes()).await;
    assert_eq!(job.stage, JobStage::Checked);
    let wanted: Vec<&str> = rows.iter().map(|(_, code)| *code).collect();
    assert_eq!(codes(&issuer, &job.id).await, wanted);
    let totals = job.totals.unwrap();
    assert_eq!((totals.rows, totals.ready, totals.refused), (11, 2, 9));

    // A schema's own rule is named by the file's column.
    let text = HEADER.to_owned() + "홍길동(가상인물),어제,1,2025-06-18,1320\n";
    let job = checked(&issuer, text.as_bytes()).await;
    let line = outcomes(&issuer, &job.id).await.remove(0);
    assert_eq!(line.outcome, "refused");
    assert_eq!(line.findings[0].column.as_deref(), Some("생년월일"), "{:?}", line.findings);
}

#[tokio::test]
async fn files_come_in_every_encoding_and_some_are_no_tables() {
    let issuer = World::new().issuer(embedded()).await;
    let with_mark = format!("\u{feff}{}", file(2));
    let job = checked(&issuer, with_mark.as_bytes()).await;
    assert_eq!(job.totals.unwrap().ready, 2, "{:?}", job.fault);
    let (cp949, _, lost) = encoding_rs::EUC_KR
        .encode("성명,자격번호,합격일,종목코드\n똠방각하(가상인물),1,2025-06-18,1320\n");
    assert!(!lost);
    let job = running(&issuer, &cp949).await;
    assert_eq!(finish(&issuer, &job.id).await.outcome.unwrap().issued, 1);
    let line = outcomes(&issuer, &job.id).await.remove(0);
    let id = CredentialId::parse(&line.credential.unwrap()).unwrap();
    let record = issuer.credential(&id).await.unwrap().unwrap();
    let name = record.issued().unwrap().credential.pointer("/credentialSubject/person/name");
    assert_eq!(name.unwrap(), "똠방각하(가상인물)");

    let wide = [vec![b','; 1_000_000], b"\n".to_vec()].concat();
    let million = [b"a,b".to_vec(), wide].concat();
    let faults: [(&[u8], &str); 5] = [
        (b"\xff\xff\xff,\xfe\n1,2\n", "not_text"),
        ("홍길동(가상인물),1990-01-01,1,2025-06-18,1320\n".as_bytes(), "missing_header"),
        ("성명,주민등록번호,합격일,종목코드\n".as_bytes(), "forbidden_column"),
        ("성명,생년월일\n홍길동(가상인물),1990-01-01\n".as_bytes(), "missing_column"),
        (&million, "too_many_columns"),
    ];
    for (bytes, code) in faults {
        let job = checked(&issuer, bytes).await;
        assert_eq!(job.stage, JobStage::Refused);
        assert_eq!(job.fault.unwrap().code, code);
        let refused = issuer.step_job(&job.id, JobStep::Approve, "lee", None).await;
        assert_eq!(refused.unwrap_err().code(), "job_step_not_allowed");
    }
}

#[tokio::test]
async fn four_eyes_and_no_step_out_of_order() {
    let issuer = World::new().issuer(embedded()).await;
    let text = file(3);
    let id = issuer.announce_job(announcement(text.as_bytes()), "kim").await.unwrap().job.id;
    fn code<T>(result: Result<T, BulkError>) -> &'static str {
        result.map(drop).unwrap_err().code()
    }
    let step = |step, officer: &'static str| issuer.step_job(&id, step, officer, None);
    assert_eq!(code(step(JobStep::Seal, "kim").await), "part_missing");
    assert_eq!(code(issuer.put_job_part(&id, 0, b"short").await), "invalid_part");
    assert_eq!(code(issuer.put_job_part(&id, 1, b"x").await), "invalid_part");
    let wrong = "x".repeat(text.len());
    issuer.put_job_part(&id, 0, wrong.as_bytes()).await.unwrap();
    assert_eq!(code(step(JobStep::Seal, "kim").await), "wrong_file");
    issuer.put_job_part(&id, 0, text.as_bytes()).await.unwrap();
    step(JobStep::Seal, "kim").await.unwrap();
    assert_eq!(code(step(JobStep::Approve, "lee").await), "job_step_not_allowed");
    step(JobStep::Check, "kim").await.unwrap();
    issuer.check_job(&id).await.unwrap();
    assert_eq!(code(step(JobStep::Run, "kim").await), "job_step_not_allowed");
    assert_eq!(code(step(JobStep::Approve, "kim").await), "same_officer");
    for officer in ["", " lee", "900101-1234567", "a\nb"] {
        assert_eq!(code(step(JobStep::Approve, officer).await), "invalid_officer");
    }
    let approved = step(JobStep::Approve, "lee").await.unwrap();
    assert_eq!(approved.approved_by.as_deref(), Some("lee"));
    let strange = |kind: Option<&str>, sha256: &str, bytes| NewJob {
        kind: kind.map(str::to_owned),
        sha256: sha256.to_owned(),
        bytes,
        ..announcement(b"x")
    };
    let good = credential_issuance::ids::Digest::of(b"x").to_string();
    for (new, wanted) in [
        (strange(None, "12", 1), "invalid_job"),
        (strange(None, &good, 0), "invalid_job"),
        (strange(None, &good, 2 << 30), "invalid_job"),
        (strange(Some("ZZZZ"), &good, 1), "unknown_kind"),
        (NewJob { credential_type: "Nothing".to_owned(), ..announcement(b"x") }, "unknown_type"),
    ] {
        assert_eq!(issuer.announce_job(new, "kim").await.unwrap_err().code(), wanted);
    }
    let unknown = credential_issuance::ids::JobId::parse("0").unwrap();
    assert_eq!(issuer.bulk_job(&unknown).await.unwrap_err().code(), "unknown_job");
}

#[tokio::test]
async fn a_kind_that_is_not_ours_to_give_is_refused() {
    let world = World::new();
    let store = std::sync::Arc::new(embedded());
    let settings = BulkSettings { kinds: Some(vec!["1320".to_owned()]), ..BulkSettings::default() };
    let issuer = world.issuer_with(store.clone(), store, settings).await;
    let text = format!(
        "{HEADER}가상인물,1990-01-01,1,2025-06-18,1320\n가상인물,1990-01-01,2,2025-06-18,1040\n"
    );
    let job = checked(&issuer, text.as_bytes()).await;
    assert_eq!(codes(&issuer, &job.id).await, ["ready", "kind_not_entitled"]);
    let whole = NewJob { kind: Some("1040".to_owned()), ..announcement(b"x") };
    assert_eq!(issuer.announce_job(whole, "kim").await.unwrap_err().code(), "kind_not_entitled");
}

#[tokio::test]
async fn what_was_issued_is_not_issued_again_by_another_file() {
    let issuer = World::new().issuer(embedded()).await;
    let job = running(&issuer, file(3).as_bytes()).await;
    finish(&issuer, &job.id).await;
    // The same rows and one more, in another file with other columns first.
    let again = checked(&issuer, file(4).as_bytes()).await;
    let wanted = ["row_issued_before", "row_issued_before", "row_issued_before", "ready"];
    assert_eq!(codes(&issuer, &again.id).await, wanted);
    // The same file is the same job, and it is over.
    assert_eq!(upload(&issuer, file(3).as_bytes(), "lee").await, job.id);
    assert_eq!(issuer.bulk_job(&job.id).await.unwrap().stage, JobStage::Done);
    // Two jobs checked before either ran: the second finds out when it commits.
    let one = running(&issuer, format!("{}\n", file(6)).as_bytes()).await;
    let two = running(&issuer, file(7).as_bytes()).await;
    finish(&issuer, &one.id).await;
    let two = finish(&issuer, &two.id).await;
    let outcome = two.outcome.unwrap();
    assert_eq!((outcome.issued, outcome.refused, outcome.rows()), (1, 6, 7));
}

#[tokio::test]
async fn a_restart_goes_on_and_a_cancelled_job_adds_up() {
    let world = World::new();
    let store = embedded();
    let issuer = world.issuer(store.clone()).await;
    let job = running(&issuer, file(3000).as_bytes()).await;
    let first = issuer.issue_chunk(&job.id).await.unwrap();
    assert!(matches!(first, ChunkWork::Committed(done) if done.issued == 1024), "{first:?}");
    issuer.step_job(&job.id, JobStep::Pause, "lee", None).await.unwrap();
    assert_eq!(issuer.issue_chunk(&job.id).await.unwrap(), ChunkWork::Stopped);
    drop(issuer);
    // A new run over the same store: nothing but the store tells it where it was.
    let issuer = world.issuer(store).await;
    issuer.step_job(&job.id, JobStep::Run, "kim", Some(7)).await.unwrap();
    issuer.issue_chunk(&job.id).await.unwrap();
    issuer.step_job(&job.id, JobStep::Cancel, "lee", None).await.unwrap();
    assert_eq!(issuer.close_cancelled(&job.id).await.unwrap(), ChunkWork::Finished);
    let job = issuer.bulk_job(&job.id).await.unwrap();
    let outcome = job.outcome.unwrap();
    assert_eq!((outcome.issued, outcome.held, outcome.rows()), (2048, 952, 3000));
    assert!(!job.wants_work() && job.wants_anchor());
    let codes = codes(&issuer, &job.id).await;
    assert_eq!(codes.iter().filter(|code| *code == "job_cancelled").count(), 952);
}

#[tokio::test]
async fn one_order_revokes_everything_and_what_holders_claimed() {
    let world = World::new();
    let issuer = world.issuer(embedded()).await;
    let job = running(&issuer, file(5).as_bytes()).await;
    let early = issuer.order_job_status(&job.id, StatusAction::Revoke, "시험", "kim").await;
    assert_eq!(early.unwrap_err().code(), "job_step_not_allowed");
    finish(&issuer, &job.id).await;
    let lines = outcomes(&issuer, &job.id).await;

    // A holder asks for the offer of the third row: an ordinary offer, single use.
    let url = lines[2].offer_url.as_deref().unwrap();
    let id = credential_issuance::ids::OfferId::parse(url.rsplit('/').next().unwrap()).unwrap();
    let offer = issuer.open_offer(&id).await.unwrap();
    let document = serde_json::to_value(issuer.offer_document(&offer)).unwrap();
    let grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
    let code = document["grants"][grant]["pre-authorized_code"].as_str().unwrap().to_owned();
    let redeem = |code: &str| TokenGrant { code: code.to_owned(), tx_code: None, details: None };
    for forged in [code.replace("-00000002-", "-00000003-"), format!("{code}x"), "bulk-x.y".into()]
    {
        assert_eq!(issuer.redeem(redeem(&forged)).await.err().unwrap().code(), "invalid_grant");
    }
    issuer.redeem(redeem(&code)).await.unwrap();
    assert_eq!(issuer.redeem(redeem(&code)).await.err().unwrap().code(), "invalid_grant");
    let claims: Vec<String> =
        outcomes(&issuer, &job.id).await.iter().map(|line| format!("{:?}", line.claim)).collect();
    assert!(claims[2].contains("Claimed") && claims[1].contains("Unclaimed"), "{claims:?}");

    let reasonless = issuer.order_job_status(&job.id, StatusAction::Revoke, " ", "kim").await;
    assert_eq!(reasonless.unwrap_err().code(), "invalid_reason");
    issuer.order_job_status(&job.id, StatusAction::Revoke, "시험 부정", "kim").await.unwrap();
    let twice = issuer.order_job_status(&job.id, StatusAction::Revoke, "시험 부정", "kim").await;
    assert_eq!(twice.unwrap_err().code(), "order_running");
    while !issuer.carry_out_order(&job.id).await.unwrap() {}
    let order = issuer.bulk_job(&job.id).await.unwrap().order.unwrap();
    assert_eq!((order.changed, order.passed_over, order.done), (5, 0, true));
    for line in &lines {
        let id = CredentialId::parse(line.credential.as_deref().unwrap()).unwrap();
        let record = issuer.credential(&id).await.unwrap().unwrap();
        assert_eq!(record.status, StatusValue::Revoked);
    }
    // Nobody claims a revoked row, and time ends the others.
    let url = lines[0].offer_url.as_deref().unwrap();
    let id = credential_issuance::ids::OfferId::parse(url.rsplit('/').next().unwrap()).unwrap();
    assert_eq!(issuer.open_offer(&id).await.unwrap_err().code(), "unknown_offer");
}

#[tokio::test]
async fn an_offer_ends_with_its_time() {
    let world = World::new();
    let issuer = world.issuer(embedded()).await;
    let job = running(&issuer, file(1).as_bytes()).await;
    finish(&issuer, &job.id).await;
    let url = outcomes(&issuer, &job.id).await.remove(0).offer_url.unwrap();
    let id = credential_issuance::ids::OfferId::parse(url.rsplit('/').next().unwrap()).unwrap();
    world.clock.advance(181 * 86_400);
    assert_eq!(issuer.open_offer(&id).await.unwrap_err().code(), "offer_expired");
    let line = outcomes(&issuer, &job.id).await.remove(0);
    assert!(line.offer_url.is_none() && line.offer_uri.is_none());
}
