//! Bulk jobs by people with accounts: whose name a step carries, and the printed sheets.

use axum::body::Body;
use axum::http::{Request, header};
use credential_issuance::bulk::{ChunkWork, JobStage, JobStep, NewJob};
use credential_issuance::ids::{Digest, JobId};
use officer_access::Role;

use super::desk::{Browser, person, text};
use super::harness::{ADMIN, Answer, TestIssuer, issuer};

async fn checked(issuer: &TestIssuer, rows: usize, officer: &str) -> JobId {
    let mut file = "성명,생년월일,자격번호,합격일,종목코드\n".to_owned();
    for row in 0..rows {
        file += &format!("홍길동(가상인물),1990-01-01,{row:011}Z,2025-06-18,1320\n");
    }
    checked_file(issuer, &file, officer).await
}

async fn checked_file(issuer: &TestIssuer, file: &str, officer: &str) -> JobId {
    let flow = &issuer.app.issuer;
    let new = NewJob {
        credential_type: "KrQualificationBadge".to_owned(),
        kind: None,
        sha256: Digest::of(file.as_bytes()).to_string(),
        bytes: file.len() as u64,
        claim_seconds: Some(86_400),
    };
    let id = flow.announce_job(new, officer).await.unwrap().job.id;
    flow.put_job_part(&id, 0, file.as_bytes()).await.unwrap();
    flow.step_job(&id, JobStep::Seal, officer, None).await.unwrap();
    flow.step_job(&id, JobStep::Check, officer, None).await.unwrap();
    flow.check_job(&id).await.unwrap();
    id
}

/// A step by the admin token, in the name of whomever its header claims.
async fn by_token(issuer: &TestIssuer, id: &JobId, step: &str, claims: &str) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/admin/jobs/{id}/steps/{step}"))
        .header(header::AUTHORIZATION, format!("Bearer {ADMIN}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("sinpyo-officer", claims);
    issuer.send(request.body(Body::from("{}")).unwrap()).await
}

#[tokio::test]
async fn four_eyes_are_two_people_and_a_word_in_a_header_is_nobody() {
    let issuer = issuer().await;
    // Before anybody has an account, the admin token speaks for whom it names.
    let early = checked(&issuer, 1, "kim").await;
    assert_eq!(by_token(&issuer, &early, "approve", "kim").await.json()["code"], "same_officer");
    assert_eq!(by_token(&issuer, &early, "approve", "lee").await.status, 200);

    let both = person(&issuer, "kim.damdang", &[Role::Officer, Role::Approver]).await;
    let id = checked(&issuer, 2, &both.id).await;
    let mut browser = Browser::of(&issuer, &both).await;
    let refused = browser.post(&format!("/office/jobs/{id}/approve"), &[]).await;
    assert_eq!(refused.status, 403, "whoever uploaded it, with every role there is");
    for claims in ["lee", both.id.as_str(), "kim.damdang"] {
        let refused = by_token(&issuer, &id, "approve", claims).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["code"]),
            (403, &"officer_required".into())
        );
    }
    assert_eq!(issuer.app.issuer.bulk_job(&id).await.unwrap().stage, JobStage::Checked);

    let second = person(&issuer, "lee.seungin", &[Role::Approver]).await;
    issuer.clock.advance(31);
    let mut browser = Browser::of(&issuer, &second).await;
    assert_eq!(browser.post(&format!("/office/jobs/{id}/approve"), &[]).await.status, 303);
    // Other steps of the token are recorded as the token's.
    assert_eq!(by_token(&issuer, &id, "run", "choi").await.status, 200);
    let job = issuer.app.issuer.bulk_job(&id).await.unwrap();
    assert_eq!(job.approved_by.as_deref(), Some(second.id.as_str()));
}

#[tokio::test]
async fn offers_are_printed_by_pages_while_they_can_be_claimed() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim.damdang", &[Role::Officer]).await;
    let id = checked(&issuer, 70, &kim.id).await;
    let flow = &issuer.app.issuer;
    flow.step_job(&id, JobStep::Approve, "officer:another", None).await.unwrap();
    flow.step_job(&id, JobStep::Run, &kim.id, None).await.unwrap();
    while !matches!(flow.issue_chunk(&id).await.unwrap(), ChunkWork::Finished) {}

    let mut browser = Browser::of(&issuer, &kim).await;
    let sheets = |wish: &str| format!("/office/jobs/{id}/sheets{wish}");
    let first = text(&browser.get(&sheets("")).await.ok(200));
    assert_eq!(first.matches("class=\"slip\"").count(), 64);
    assert_eq!(first.matches("class=\"sheet\"").count(), 8, "eight an A4 page");
    assert_eq!(first.matches("class=\"qr\"><svg").count(), 64);
    assert!(!first.contains("홍길동"), "numbers alone, unless names are wished");
    assert!(first.contains("page=1") && !first.contains("<?xml"));
    let second = text(&browser.get(&sheets("?page=1&names=yes")).await.ok(200));
    assert_eq!(second.matches("class=\"slip\"").count(), 6);
    assert_eq!(second.matches("홍길동(가상인물)").count(), 6);
    assert!(!second.contains("page=2"), "there is nothing after it");
    for (path, status) in [("?page=16", 404), ("?page=99999999999999", 404), ("?page=-1", 400)] {
        assert_eq!(browser.get(&sheets(path)).await.status, status, "{path}");
    }
    assert_eq!(browser.get("/office/jobs/0/sheets").await.status, 404);

    let claims = |wish: &str| {
        let request = Request::builder()
            .uri(format!("/admin/jobs/{id}/claims{wish}"))
            .header(header::AUTHORIZATION, format!("Bearer {ADMIN}"));
        issuer.send(request.body(Body::empty()).unwrap())
    };
    let counts = claims("").await.json();
    assert_eq!((&counts["unclaimed"], &counts["next"]), (&70.into(), &1.into()), "{counts}");
    assert!(claims("?chunk=1").await.json()["next"].is_null());

    issuer.clock.advance(86_401);
    let mut browser = Browser::of(&issuer, &kim).await;
    let late = text(&browser.get(&sheets("")).await.ok(200));
    assert!(!late.contains("<svg class=\"slip\"") && !late.contains("class=\"slip\""), "{late}");
    let counts = claims("").await.json();
    assert_eq!((&counts["unclaimed"], &counts["expired"]), (&0.into(), &70.into()), "{counts}");
}

#[tokio::test]
async fn a_resident_number_in_free_text_sinks_its_row_and_is_shown_nowhere() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim.damdang", &[Role::Officer]).await;
    let rows = [
        "홍길동(가상인물),00000000001Z,2025-06-18,1320,정보통신",
        "홍길동(가상인물),00000000002Z,2025-06-18,1320,문의는 900101-1234567 으로",
        "홍길동 900101-1234567,00000000003Z,2025-06-18,1320,정보통신",
    ];
    let file = format!("성명,자격번호,합격일,종목코드,직무분야\n{}\n", rows.join("\n"));
    let id = checked_file(&issuer, &file, &kim.id).await;
    let job = issuer.app.issuer.bulk_job(&id).await.unwrap();
    let totals = job.totals.unwrap_or_else(|| panic!("{:?}", job.fault));
    assert_eq!((totals.ready, totals.refused), (1, 2));
    let mut browser = Browser::of(&issuer, &kim).await;
    let page = text(&browser.get(&format!("/office/jobs/{id}")).await.ok(200));
    let outcomes = text(&issuer.admin_get(&format!("/admin/jobs/{id}/outcomes")).await);
    assert_eq!(outcomes.matches("cell_forbidden_number").count(), 2, "{outcomes}");
    for told in [page, outcomes] {
        assert!(told.contains("직무분야") && told.contains("성명"), "named by column: {told}");
        assert!(!told.contains("1234567"), "{told}");
    }
}
