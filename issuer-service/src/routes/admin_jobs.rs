//! `POST /admin/jobs`, `GET /admin/jobs`, `GET /admin/jobs/{id}`

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use credential_issuance::bulk::{BulkError, Job, NewJob, PART_BYTES, Progress};
use credential_issuance::ids::JobId;
use localized_text::Locale;
use officer_access::Principal;
use serde::Deserialize;
use serde_json::{Value, json};
use web_kit::{Problem, StrictJson};

use super::{Endpoint, page_size};
use crate::errors::refusal;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::stalls::sentence;
use crate::state::App;

/// The header that names the officer behind the admin token.
pub(crate) const OFFICER: &str = "sinpyo-officer";

/// An officer with a name: bulk jobs are agreed by two.
pub(crate) struct NamedOfficer(pub(crate) String);

impl FromRequestParts<App> for NamedOfficer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        Officer::from_request_parts(parts, app).await?;
        // An API key has a name of its own; only the admin token speaks for others.
        if let Some(key) = parts.extensions.get::<Principal>().filter(|key| key.id != "service") {
            return Ok(Self(key.id.clone()));
        }
        // Where officers have accounts of their own, a word in a header is nobody: whoever holds the
        // admin token is one person, whatever they call themselves.
        let accounts = app.access.officers(1).await.map_err(|error| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.code()).into_response()
        })?;
        if !accounts.is_empty() {
            return Ok(Self(Principal::service().id));
        }
        let name = parts.headers.get(OFFICER).and_then(|value| value.to_str().ok());
        match name {
            Some(name) if !name.trim().is_empty() => Ok(Self(name.to_owned())),
            _ => Err(Problem::new(StatusCode::BAD_REQUEST, "officer_required")
                .detail("Bulk jobs record who took each step.")
                .hint("Send the header `Sinpyo-Officer` with the officer's name.")
                .into_response()),
        }
    }
}

pub(super) fn create_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["type", "sha256", "bytes"],
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "description": "KrQualificationBadge and the like" },
            "kind": { "type": "string", "description": "of all rows; a column names it when absent" },
            "sha256": { "type": "string", "description": "of the file, hexadecimal" },
            "bytes": { "type": "integer", "maximum": 1_073_741_824 },
            "claim_seconds": { "type": "integer", "description": "how long offers can be claimed" }
        }
    });
    Endpoint::post(
        "/admin/jobs",
        post(create),
        Operation::new("admin", "Announces the file of a bulk job; the same file is the same job")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(201, "application/json", "The job, and how long its parts are")
            .answers(200, "application/json", "The job that was there")
            .problem(401, "admin_token_required")
            .problem(422, "unknown_type, unknown_kind, kind_not_entitled, invalid_job"),
    )
}

pub(super) fn list_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/jobs",
        get(list),
        Operation::new("admin", "Bulk jobs in id order")
            .by(Caller::Officer)
            .query("after", "Begin after this job id")
            .query("limit", "1 to 500, 100 when absent")
            .answers(200, "application/json", "Jobs")
            .problem(401, "admin_token_required"),
    )
}

pub(super) fn one_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/jobs/{id}",
        get(one),
        Operation::new("admin", "A bulk job and how far it has come")
            .by(Caller::Officer)
            .answers(200, "application/json", "The job")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job"),
    )
}

async fn create(
    State(app): State<App>,
    officer: NamedOfficer,
    StrictJson(new): StrictJson<NewJob>,
) -> Result<Response, Problem> {
    let announced =
        app.issuer.announce_job(new, &officer.0).await.map_err(|error| job_problem(&error))?;
    let status = if announced.known { StatusCode::OK } else { StatusCode::CREATED };
    Ok(fresh_json(status, &view_of(&app, &announced.job).await?))
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let after = query.after.as_deref().map(job_id).transpose()?;
    let jobs = app
        .issuer
        .bulk_jobs(after.as_ref(), page_size(query.limit))
        .await
        .map_err(|error| job_problem(&error))?;
    let mut views = Vec::with_capacity(jobs.len());
    for job in &jobs {
        views.push(view_of(&app, job).await?);
    }
    Ok(fresh_json(StatusCode::OK, &json!({ "jobs": views })))
}

async fn one(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = app.issuer.bulk_job(&job_id(&id)?).await.map_err(|error| job_problem(&error))?;
    Ok(fresh_json(StatusCode::OK, &view_of(&app, &job).await?))
}

/// Reads a job id of a path or query.
#[allow(clippy::result_large_err, reason = "a problem is the answer itself, made once a request")]
pub(super) fn job_id(text: &str) -> Result<JobId, Problem> {
    JobId::parse(text).map_err(|_| job_problem(&BulkError::Unknown))
}

/// A refusal with the status that fits.
pub(super) fn job_problem(error: &BulkError) -> Problem {
    match error {
        BulkError::Unknown => with_status(StatusCode::NOT_FOUND, error),
        BulkError::NotAllowed { .. }
        | BulkError::OrderRunning
        | BulkError::PartMissing(_)
        | BulkError::WrongFile => with_status(StatusCode::CONFLICT, error),
        BulkError::SameOfficer => with_status(StatusCode::FORBIDDEN, error)
            .hint("Four eyes: let another officer approve the job."),
        other => refusal(other.code(), other.to_string()),
    }
}

fn with_status(status: StatusCode, error: &BulkError) -> Problem {
    Problem::new(status, error.code()).detail(error.to_string())
}

/// A job as officers see it.
pub(super) async fn view_of(app: &App, job: &Job) -> Result<Value, Problem> {
    let progress = app.issuer.job_progress(&job.id).await.map_err(|error| job_problem(&error))?;
    let epoch = app.issuer.job_epoch(job).await.map_err(|error| job_problem(&error))?;
    let mut view = view(job, progress);
    view["anchor_epoch"] = json!(epoch.map(|epoch| epoch.to_string()));
    let stalled = app.stalls.of(&job.id).filter(|_| job.wants_work());
    view["stalled"] = json!(
        stalled.map(|code| { json!({ "code": code, "message": sentence(Locale::En, code) }) })
    );
    Ok(view)
}

fn view(job: &Job, progress: Progress) -> Value {
    let sums = |progress: &Progress| {
        json!({
            "issued": progress.issued,
            "refused": progress.refused,
            "held": progress.held,
            "chunks": progress.chunks,
        })
    };
    json!({
        "id": job.id,
        "stage": job.stage.as_str(),
        "type": job.plan.credential_type.type_name(),
        "kind": job.plan.kind,
        "sha256": job.sha256,
        "bytes": job.bytes,
        "encoding": job.encoding,
        "part_bytes": PART_BYTES,
        "parts": job.parts(),
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "uploaded_by": job.uploaded_by,
        "approved_by": job.approved_by,
        "rate": job.rate,
        "fault": job.fault,
        "rows": job.totals.map(|totals| totals.rows),
        "ready": job.totals.map(|totals| totals.ready),
        "chunks": job.totals.map(|totals| totals.chunks),
        "refused_by_check": job.totals.map(|totals| totals.refused),
        "progress": sums(&progress),
        "outcome": job.outcome.as_ref().map(sums),
        "root": job.root,
        "batch": job.batch.map(|batch| batch.to_string()),
        "claim_until": job.claim_until(),
        "order": job.order,
    })
}
