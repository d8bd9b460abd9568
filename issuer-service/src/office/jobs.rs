//! Bulk jobs: upload, what the check found, a second officer's approval, progress, outcomes.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::bulk::{BulkError, Job, JobStage, JobStep, NewJob, PART_BYTES};
use credential_issuance::ids::{Digest, JobId};
use credential_model::catalogue::CredentialType;
use localized_text::{Locale, say};
use officer_access::Permission;
use serde_json::json;
use web_kit::page::escape;

use super::desk_gate::{Desk, Form};
use super::html::{
    Frame, chip, code, csrf, facts, file_fault, finding, input, moment, note, select, t, table,
    text, tw,
};
use crate::stalls::sentence;
use crate::state::App;

const PAGE: usize = 100;
/// Rows of the preview.
const PREVIEW: usize = 10;

fn refusal(locale: Locale, error: &BulkError) -> String {
    let id = format!("office-job-error-{}", error.code().replace('_', "-"));
    if localized_text::has(locale, &id) {
        note(false, &t(locale, &id))
    } else {
        note(false, &format!("{} {}", t(locale, "office-job-error"), code(error.code())))
    }
}

fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    }
}

pub(super) async fn list(State(app): State<App>, Extension(desk): Extension<Desk>) -> Response {
    page(&app, &desk, StatusCode::OK, "").await
}

async fn page(app: &App, desk: &Desk, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let mut jobs = match app.issuer.bulk_jobs(None, PAGE).await {
        Ok(jobs) => jobs,
        Err(error) => {
            let body = refusal(locale, &error);
            return Frame::of(desk).page(&say(locale, "office-nav-jobs"), &body);
        }
    };
    jobs.sort_by_key(|job| std::cmp::Reverse(job.created_at));
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|job| {
            let rows = job.totals.map_or(String::new(), |totals| totals.rows.to_string());
            vec![
                format!(
                    "<a href=\"/office/jobs/{0}\">{1}</a>",
                    job.id,
                    code(job.id.as_str().get(..12).unwrap_or_default())
                ),
                escape(&job.plan.credential_type.label(language(locale))),
                chip(locale, "job", job.stage.as_str()),
                rows,
                moment(job.created_at),
            ]
        })
        .collect();
    let upload = if desk.may(Permission::Issue) { upload_form(desk) } else { String::new() };
    let heads = ["office-id", "office-type", "office-stage", "office-job-rows", "office-made-at"];
    let body = format!(
        "{said}{upload}{}",
        table(locale, "office-nav-jobs", &heads, &rows, "office-jobs-nothing")
    );
    Frame::of(desk).page_with(status, &say(locale, "office-nav-jobs"), "", &body)
}

fn upload_form(desk: &Desk) -> String {
    let locale = desk.locale;
    let types: Vec<(String, String)> = CredentialType::ALL
        .iter()
        .map(|one| (one.type_name().to_owned(), one.label(language(locale))))
        .collect();
    format!(
        "<form class=\"card\" method=\"post\" action=\"/office/jobs\" enctype=\"multipart/form-data\">{}<h2>{}</h2><p class=\"soft\">{}</p>\
         <div class=\"fields\"><div>{}</div><div>{}</div></div><label for=\"file\">{}</label>\
         <input id=\"file\" type=\"file\" name=\"file\" accept=\".csv,text/csv\" required><p><button>{}</button></p></form>",
        csrf(desk),
        t(locale, "office-job-new"),
        t(locale, "office-job-new-lead"),
        select(locale, "type", "office-type", "", &types),
        input(locale, "kind", "office-job-kind", "", "maxlength=\"16\""),
        t(locale, "office-job-file"),
        t(locale, "office-job-upload"),
    )
}

/// Takes the file in the parts the flow wants, seals it and has it checked.
pub(super) async fn upload(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
) -> Response {
    let Some(file) = form.file("file") else {
        let said = note(false, &t(desk.locale, "office-kinds-no-file"));
        return page(&app, &desk, StatusCode::UNPROCESSABLE_ENTITY, &said).await;
    };
    match take(&app, &desk, &form, file).await {
        Ok(id) => Redirect::to(&format!("/office/jobs/{id}")).into_response(),
        Err(error) => {
            let said = refusal(desk.locale, &error);
            page(&app, &desk, StatusCode::UNPROCESSABLE_ENTITY, &said).await
        }
    }
}

async fn take(app: &App, desk: &Desk, form: &Form, file: &[u8]) -> Result<JobId, BulkError> {
    let mut wish = json!({
        "type": form.text("type"),
        "sha256": Digest::of(file).to_string(),
        "bytes": file.len(),
    });
    if !form.text("kind").is_empty() {
        wish["kind"] = json!(form.text("kind"));
    }
    let new: NewJob = serde_json::from_value(wish)
        .map_err(|_| BulkError::Malformed("the form is not complete"))?;
    let who = &desk.who().id;
    let announced = app.issuer.announce_job(new, who).await?;
    let id = announced.job.id.clone();
    if announced.job.stage != JobStage::Uploading {
        // The same file again is the same job.
        return Ok(id);
    }
    for (number, part) in (0..).zip(file.chunks(PART_BYTES)) {
        app.issuer.put_job_part(&id, number, part).await?;
    }
    app.issuer.step_job(&id, JobStep::Seal, who, None).await?;
    app.issuer.step_job(&id, JobStep::Check, who, None).await?;
    Ok(id)
}

pub(super) async fn one(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    show(&app, &desk, &id, StatusCode::OK, "").await
}

async fn show(app: &App, desk: &Desk, id: &str, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let unknown = || Frame::of(desk).trouble(StatusCode::NOT_FOUND, "office-job-unknown");
    let Ok(id) = JobId::parse(id) else { return unknown() };
    let (job, progress) = match (app.issuer.bulk_job(&id).await, app.issuer.job_progress(&id).await)
    {
        (Ok(job), Ok(progress)) => (job, progress),
        (Err(BulkError::Unknown), _) => return unknown(),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(code = error.code(), "a job could not be read");
            return Frame::of(desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let mut rows = vec![
        ("office-stage", chip(locale, "job", job.stage.as_str())),
        ("office-type", escape(&job.plan.credential_type.label(language(locale)))),
        ("office-kind", job.plan.kind.as_deref().map_or(String::new(), code)),
        ("office-made-at", moment(job.created_at)),
        ("office-job-uploaded-by", name_of(app, Some(&job.uploaded_by)).await),
        ("office-job-approved-by", name_of(app, job.approved_by.as_deref()).await),
        ("office-job-digest", code(&job.sha256.to_string())),
    ];
    if let Some(fault) = &job.fault {
        rows.push(("office-job-fault", file_fault(locale, fault)));
    }
    if let Some(totals) = job.totals {
        rows.push(("office-job-rows", totals.rows.to_string()));
        rows.push(("office-job-ready", totals.ready.to_string()));
        rows.push(("office-job-refused-rows", totals.refused.to_string()));
    }
    let stalled = app.stalls.of(&id).filter(|_| job.wants_work());
    let stalled =
        stalled.map_or(String::new(), |code| note(false, &escape(&sentence(locale, code))));
    let mut body = format!(
        "{said}{stalled}<div class=\"split\"><div class=\"card\">{}</div><div>{}",
        facts(locale, &rows),
        steps(desk, &job)
    );
    if let Some(totals) = job.totals {
        let done = progress.rows();
        let _ = write!(
            body,
            "<section class=\"card\"><h2>{}</h2><progress max=\"{}\" value=\"{done}\" aria-label=\"{}\"></progress><p>{}</p>{}</section>",
            t(locale, "office-job-progress"),
            totals.rows.max(1),
            t(locale, "office-job-progress"),
            tw(
                locale,
                "office-job-sum",
                &[
                    ("issued", &progress.issued.to_string()),
                    ("refused", &progress.refused.to_string()),
                    ("held", &progress.held.to_string()),
                    ("rows", &totals.rows.to_string()),
                ]
            ),
            if job.stage.is_over() && done == totals.rows {
                note(true, &t(locale, "office-job-adds-up"))
            } else {
                String::new()
            },
        );
    }
    if desk.may(Permission::Issue) && progress.issued > 0 {
        let _ = write!(
            body,
            "<p><a href=\"/office/jobs/{id}/sheets\">{}</a></p>",
            t(locale, "office-job-sheets")
        );
    }
    body.push_str("</div></div>");
    if let Ok(Some(outcomes)) = app.issuer.job_outcomes(&id, 0).await {
        let preview: Vec<Vec<String>> = outcomes
            .iter()
            .take(PREVIEW)
            .map(|row| {
                let mut findings: Vec<String> =
                    row.findings.iter().map(|one| finding(locale, one)).collect();
                findings.dedup();
                vec![
                    row.row.to_string(),
                    chip(locale, "outcome", row.outcome),
                    findings.join("<br>"),
                ]
            })
            .collect();
        let _ = write!(
            body,
            "<h2>{}</h2>{}",
            t(locale, "office-job-first-rows"),
            table(
                locale,
                "office-job-first-rows",
                &["office-row", "office-stage", "office-detail"],
                &preview,
                "office-job-no-rows"
            )
        );
    }
    let mut response =
        Frame::of(desk).page_with(status, &say(locale, "office-job-title"), "", &body);
    // Without a script: the browser asks again while something moves.
    if matches!(job.stage, JobStage::Checking | JobStage::Running) {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("3"));
    }
    response
}

/// The name of whoever took a step, where it is an officer of ours.
async fn name_of(app: &App, id: Option<&str>) -> String {
    let Some(id) = id else { return String::new() };
    let officers = app.access.officers(1_000).await.unwrap_or_default();
    let found = officers.iter().find(|officer| officer.principal().id == id);
    found.map_or_else(|| code(id), |officer| text(&officer.name))
}

fn steps(desk: &Desk, job: &Job) -> String {
    let locale = desk.locale;
    let own = job.uploaded_by == desk.who().id;
    let mut buttons = String::new();
    if job.stage == JobStage::Checked {
        if desk.may(Permission::Decide) && !own {
            let _ = write!(
                buttons,
                "<form method=\"post\" action=\"/office/jobs/{}/approve\">{}<button>{}</button></form>",
                job.id,
                csrf(desk),
                t(locale, "office-approval-approve")
            );
        } else {
            let _ =
                write!(buttons, "<p class=\"soft\">{}</p>", t(locale, "office-job-needs-second"));
        }
    }
    if desk.may(Permission::Issue) {
        for step in [JobStep::Check, JobStep::Run, JobStep::Pause, JobStep::Cancel] {
            if job.stage.after(step).is_none() {
                continue;
            }
            let class = match step {
                JobStep::Cancel => " class=\"danger\"",
                JobStep::Run => "",
                _ => " class=\"quiet\"",
            };
            let _ = write!(
                buttons,
                "<form method=\"post\" action=\"/office/jobs/{}/steps/{}\">{}<button{class}>{}</button></form>",
                job.id,
                step.as_str(),
                csrf(desk),
                t(locale, &format!("office-job-{}", step.as_str())),
            );
        }
    }
    if buttons.is_empty() {
        return buttons;
    }
    format!(
        "<section class=\"card\"><h2>{}</h2><div class=\"row\">{buttons}</div></section>",
        t(locale, "office-job-steps")
    )
}

pub(super) async fn step(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path((id, step)): Path<(String, String)>,
) -> Response {
    // Approving is the other route's, for whoever may decide.
    let steps = [JobStep::Seal, JobStep::Check, JobStep::Run, JobStep::Pause, JobStep::Cancel];
    match steps.into_iter().find(|known| known.as_str() == step) {
        Some(step) => taken(&app, &desk, &id, step).await,
        None => Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-job-unknown"),
    }
}

pub(super) async fn approve(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    taken(&app, &desk, &id, JobStep::Approve).await
}

async fn taken(app: &App, desk: &Desk, id: &str, step: JobStep) -> Response {
    let Ok(job) = JobId::parse(id) else {
        return Frame::of(desk).trouble(StatusCode::NOT_FOUND, "office-job-unknown");
    };
    match app.issuer.step_job(&job, step, &desk.who().id, None).await {
        Ok(_) => Redirect::to(&format!("/office/jobs/{job}")).into_response(),
        Err(error) => {
            let status = match error {
                BulkError::Unknown => StatusCode::NOT_FOUND,
                BulkError::SameOfficer => StatusCode::FORBIDDEN,
                _ => StatusCode::CONFLICT,
            };
            show(app, desk, id, status, &refusal(desk.locale, &error)).await
        }
    }
}
