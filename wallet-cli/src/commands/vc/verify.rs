//! `wallet vc verify`: what VC-API calls verified, from the same code as the verifier service. Entitlement is not its
//! business: that is `wallet verify`.

use async_trait::async_trait;
use credential_model::credential::UnverifiedCredential;
use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::Expected;
use credential_proofs::data_integrity::{self, Engine};
use credential_proofs::envelope::MediaType;
use credential_proofs::{cose, jwt_vc, sd_jwt::SdJwt, vc_sd_jwt};
use credential_verification::Code;
use credential_verification::checks::status;
use credential_verification::content::Content;
use credential_verification::evidence::Evidence;
use credential_verification::grounds::Grounds;
use credential_verification::outcome::OutcomeKind;
use credential_verification::store::MemoryStore;
use did_resolution::{Resolve, resolve_verification_key};
use localized_text::{Locale, say, say_with};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signing_keys::KeyRing;
use vc_api::rules::{self, Extent};
use vc_api::{StatusAnswer, StatusCheck, Tools, VerifierPolicy, VerifyOptions};
use web_fetch::Fetch;

use super::problem::Problem;
use super::secured::Secured;
use super::{MAX_SECURED, batch, deliver, moment};
use crate::cli::{Cli, Lookup, VcVerifyArgs};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::resolving::{KnownDocuments, client};
use crate::{Reply, input};

/// The answer about one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Verified = 0,
    Refused = 1,
    Unknown = 2,
}

impl Answer {
    /// The id of its word.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Verified => "wallet-vc-verified",
            Self::Refused => "wallet-vc-refused",
            Self::Unknown => "wallet-vc-unknown",
        }
    }

    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Verified => Exit::Done,
            Self::Refused => Exit::No,
            Self::Unknown => Exit::Unable,
        }
    }
}

/// One document and what is to be said of it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) place: String,
    pub(super) format: Option<&'static str>,
    pub(super) issuer: Option<String>,
    /// What it says, where it is verified.
    pub(super) document: Option<Value>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    /// Names the content, so that the same document twice is noticed.
    pub(super) digest: Option<[u8; 32]>,
}

impl Judged {
    pub(super) fn new(place: &str) -> Self {
        Self {
            place: place.to_owned(),
            format: None,
            issuer: None,
            document: None,
            problems: Vec::new(),
            warnings: Vec::new(),
            digest: None,
        }
    }

    /// One finding against it outweighs everything that could not be looked at.
    pub(super) fn answer(&self) -> Answer {
        match self.problems.as_slice() {
            [] => Answer::Verified,
            all if all.iter().all(|problem| problem.inconclusive) => Answer::Unknown,
            _ => Answer::Refused,
        }
    }

    /// The answer of VC-API, with ours beside it.
    pub(super) fn to_json(&self) -> Value {
        let details = |all: &[Problem]| all.iter().map(Problem::to_json).collect::<Vec<_>>();
        json!({
            "ok": self.answer() == Answer::Verified,
            "verified": self.answer() == Answer::Verified,
            "result": match self.answer() {
                Answer::Verified => "verified",
                Answer::Refused => "refused",
                Answer::Unknown => "unknown",
            },
            "file": self.place,
            "format": self.format,
            "issuer": self.issuer,
            "checks": ["proof", "data_model", "validity", "status"],
            "problemDetails": details(&self.problems),
            "warnings": details(&self.warnings),
            "errors": details(&self.problems),
            "credential": self.document,
        })
    }

    /// For people.
    pub(super) fn to_text(&self, locale: Locale) -> String {
        let sentence = match self.answer() {
            Answer::Verified => "wallet-vc-is-verified",
            Answer::Refused => "wallet-vc-is-refused",
            Answer::Unknown => "wallet-vc-is-unknown",
        };
        let mut lines = vec![say(locale, sentence)];
        for problem in &self.problems {
            lines.push(format!(
                "  {}: {}",
                problem.code,
                localized_text::harmless(&problem.detail)
            ));
        }
        for warning in &self.warnings {
            let text = format!("{}: {}", warning.code, warning.detail);
            lines.push(say_with(locale, "wallet-vc-warning", &[("text", &text)]));
        }
        if self.answer() == Answer::Verified {
            lines.push(say(locale, "wallet-vc-entitlement"));
        }
        lines.join("\n")
    }
}

/// What judging needs, made once for all files of a command.
pub(super) struct Bench {
    resolver: KnownDocuments,
    fetch: std::sync::Arc<dyn Fetch>,
    seen: MemoryStore,
    grounds: Grounds,
    offline: bool,
    pub(super) now: Moment,
}

impl Bench {
    pub(super) fn new(cli: &Cli, lookup: &Lookup) -> Result<Self, Failure> {
        Ok(Self {
            resolver: KnownDocuments::plain(cli, !lookup.offline, &lookup.did_documents)?,
            fetch: client(cli, !lookup.offline),
            seen: MemoryStore::new(),
            grounds: Grounds::default(),
            offline: lookup.offline,
            now: moment(lookup.at.as_deref(), "--at")?,
        })
    }

    pub(super) fn tools(&self) -> Tools<'_> {
        Tools { resolver: &self.resolver, status: Some(self), now: self.now }
    }
}

/// The status lists, read by the house's one verifier.
#[async_trait]
impl StatusCheck for Bench {
    async fn status(&self, credential: &Value, issuer: &Did, now: Moment) -> StatusAnswer {
        let content = match UnverifiedCredential::from_value(credential) {
            Ok(credential) => Content::unverified(&credential),
            Err(error) => {
                let (code, detail) = (error.code().to_owned(), error.to_string());
                return StatusAnswer::Unknown { code, detail };
            }
        };
        let tools = credential_verification::Tools {
            resolver: &self.resolver,
            fetch: &*self.fetch,
            chain: None,
            trust: None,
            seen: &self.seen,
            offline: self.offline,
            grounds: &self.grounds,
        };
        // What was stapled to a credential travels beside it: `wallet verify` reads it, VC-API has no place for it.
        let evidence = Evidence::default();
        let outcome =
            status::check_at(&content, issuer, &tools, &evidence, (now, now)).await.outcome;
        let code = outcome.code().as_str().to_owned();
        let detail = outcome.detail().unwrap_or_default().to_owned();
        match outcome.kind() {
            OutcomeKind::Passed => StatusAnswer::Valid,
            OutcomeKind::Failed => StatusAnswer::NotValid { code, detail },
            OutcomeKind::Skipped if outcome.code() == Code::StatusAbsent => StatusAnswer::NoEntry,
            _ => StatusAnswer::Unknown { code, detail },
        }
    }
}

/// Verifies one file, or many.
pub(super) async fn run(cli: &Cli, locale: Locale, args: &VcVerifyArgs) -> Result<Reply, Failure> {
    super::check_purpose(args.proof_purpose.as_deref(), ProofPurpose::AssertionMethod.as_str())?;
    if args.harness.key.is_some() {
        return Err(Failure::unable("settings", "--key: of --feature; else the DID tells the key"));
    }
    let bench = Bench::new(cli, &args.lookup)?;
    let named = match &args.input {
        Some(input) => std::slice::from_ref(input),
        None => args.files.as_slice(),
    };
    let single = match named {
        [] => Some("-"),
        [one] if one == "-" || !std::path::Path::new(one).is_dir() => Some(one.as_str()),
        _ => None,
    };
    if let Some(place) = single {
        let progress = network_wheel(cli, locale, &args.lookup);
        let judged = judge(place, args, &bench).await;
        drop(progress);
        let reply = deliver(args.output.as_deref(), &judged.to_text(locale), judged.to_json())?;
        return Ok(Reply { exit: judged.answer().exit(), ..reply });
    }
    let files = batch::files(named)?;
    let progress = Progress::bar(cli, locale, "wallet-progress-checking", files.len());
    let mut judged = Vec::with_capacity(files.len());
    for place in &files {
        judged.push(judge(place, args, &bench).await);
        progress.step();
    }
    drop(progress);
    let Reply { text, json, exit } = batch::reply(locale, &judged);
    let reply = deliver(args.output.as_deref(), &text, json)?;
    Ok(Reply { exit, ..reply })
}

/// Offline there is nothing to wait for.
pub(super) fn network_wheel(cli: &Cli, locale: Locale, lookup: &Lookup) -> Option<Progress> {
    (!lookup.offline).then(|| Progress::wheel(cli, locale, "wallet-progress-checking"))
}

/// A file that cannot even be read is a finding of its own: the others are still looked at.
async fn judge(place: &str, args: &VcVerifyArgs, bench: &Bench) -> Judged {
    let mut judged = Judged::new(place);
    match secured_bytes(place) {
        Err(failure) => {
            judged.problems.push(Problem::unknown(failure.code, failure.detail));
        }
        Ok(bytes) => match Secured::read(&bytes) {
            Err(problem) => judged.problems.push(problem),
            Ok(secured) => {
                judged.digest = Some(Sha256::digest(secured.to_value().to_string()).into());
                judge_secured(&secured, args, bench, &mut judged).await;
            }
        },
    }
    judged
}

/// A secured credential as it is, or out of a baked picture, PDF or QR that carries it.
fn secured_bytes(place: &str) -> Result<Vec<u8>, Failure> {
    let bytes = input::bytes(place, qr_code::MAX_IMAGE_BYTES.max(MAX_SECURED))?;
    let bytes = input::credential(bytes)?;
    // A picture may be longer than what it carries.
    if bytes.len() > MAX_SECURED {
        let what = format!("{place}: longer than {MAX_SECURED} bytes");
        return Err(Failure::unable("input_unreadable", what));
    }
    Ok(bytes)
}

async fn judge_secured(secured: &Secured, args: &VcVerifyArgs, bench: &Bench, judged: &mut Judged) {
    judged.format = Some(secured.format());
    judged.issuer = stated_issuer(secured);
    if let Some(told) = &args.verification_method
        && let Err(problem) = signed_by(secured, told)
    {
        judged.problems.push(problem);
        return;
    }
    let mut options = VerifyOptions::default();
    if args.without_status {
        options.checks = Some(vec!["proof".to_owned()]);
    }
    let policy =
        VerifierPolicy { danger_proof_only: args.danger_proof_only, ..VerifierPolicy::default() };
    match secured {
        Secured::Json(document) if args.as_holder => match as_holder(document, bench).await {
            Ok(()) => judged.document = Some(document.clone()),
            Err(problem) => judged.problems.push(problem),
        },
        Secured::Enveloped(inner) if inner.media_type == MediaType::DcSdJwt => {
            let token = inner.token().unwrap_or_default();
            sd_jwt_vc(token, args.without_status, bench, judged).await;
        }
        other => {
            let found =
                vc_api::verify_credential(&other.to_value(), &options, policy, &bench.tools())
                    .await;
            judged.problems.extend(found.problems.iter().map(Problem::from));
            judged.warnings.extend(found.warnings.iter().map(Problem::from));
            judged.document = found.credential;
        }
    }
}

/// The issuer as the document states it; unverified.
fn stated_issuer(secured: &Secured) -> Option<String> {
    let document = match secured {
        Secured::Json(document) => document.clone(),
        Secured::Enveloped(inner) => match inner.token() {
            Some(token) => UnverifiedCredential::parse_str(token).ok()?.claims_unverified(),
            None => cose::document_unverified(inner.bytes()).ok()?,
        },
        Secured::Legacy(token) => UnverifiedCredential::parse_str(token).ok()?.claims_unverified(),
    };
    let issuer = document.get("issuer").or_else(|| document.get("iss"))?;
    issuer.as_str().or_else(|| issuer.get("id")?.as_str()).map(str::to_owned)
}

/// The methods that a document says it is signed with.
pub(super) fn methods(secured: &Secured) -> Result<Vec<DidUrl>, Problem> {
    macro_rules! told {
        ($result:expr) => {
            $result.map_err(|error| Problem::new(error.code(), error.to_string()))
        };
    }
    Ok(match secured {
        Secured::Json(document) => told!(data_integrity::verification_methods(document))?,
        Secured::Legacy(token) => vec![told!(jwt_vc::verification_method(token))?],
        Secured::Enveloped(inner) => vec![match (inner.media_type, inner.token()) {
            (MediaType::DcSdJwt, Some(token)) => {
                told!(SdJwt::parse(token).and_then(|token| token.issuer_method()))?
            }
            (MediaType::VcSdJwt | MediaType::VpSdJwt, Some(token)) => {
                told!(vc_sd_jwt::presentation_method(token))?
            }
            (_, Some(token)) => told!(jwt_vc::verification_method(token))?,
            (_, None) => told!(cose::verification_method(inner.bytes()))?,
        }],
    })
}

/// All proofs are of this method, or of a method of this DID.
pub(super) fn signed_by(secured: &Secured, told: &str) -> Result<(), Problem> {
    let wanted = DidUrl::parse(told)
        .map_err(|error| Problem::new("verification_method", format!("{told}: {error}")))?;
    let fits = |method: &DidUrl| match wanted.fragment() {
        Some(_) => *method == wanted,
        None => method.did() == wanted.did(),
    };
    match methods(secured)?.iter().find(|method| !fits(method)) {
        None => Ok(()),
        Some(other) => {
            let detail = format!("signed with {other}, not with {told}");
            Err(Problem::new("verification_method", detail)
                .of_kind(vc_api::problem::PROOF_VERIFICATION_ERROR))
        }
    }
}

/// The keys of these methods, resolved.
async fn ring(methods: &[DidUrl], resolver: &dyn Resolve) -> Result<KeyRing, Problem> {
    let mut ring = KeyRing::new();
    for method in methods {
        let key = resolve_verification_key(resolver, method).await.map_err(|error| Problem {
            inconclusive: error.is_inconclusive(),
            ..Problem::new(error.code(), error.to_string())
        })?;
        ring.insert(key);
    }
    Ok(ring)
}

/// As the holder checks what it received: base proofs count.
async fn as_holder(document: &Value, bench: &Bench) -> Result<(), Problem> {
    let rule = |error: rules::RuleError| Problem::from(&error.problem());
    rules::check_credential(document, Extent::Whole).map_err(rule)?;
    let of_proof = |error: data_integrity::ProofError| {
        Problem::new(error.code(), error.to_string()).of_kind(error.problem_type())
    };
    let methods = data_integrity::verification_methods(document).map_err(of_proof)?;
    let ring = ring(&methods, &bench.resolver).await?;
    Engine::pinned()
        .verify_base(document, &Expected::credential(None, bench.now), &ring)
        .map_err(of_proof)?;
    rules::check_validity(document, bench.now).map_err(rule)
}

/// SD-JWT VC is no document of the data model: issuer, key, signature, disclosures, dates, status.
pub(super) async fn sd_jwt_vc(
    token: &str,
    without_status: bool,
    bench: &Bench,
    judged: &mut Judged,
) {
    let checked = check_sd_jwt_vc(token, bench).await;
    let (claims, issuer) = match checked {
        Ok(good) => good,
        Err(problem) => return judged.problems.push(problem),
    };
    if claims.get("status").is_some() {
        let answer = if without_status {
            let detail = "the status was not asked for".to_owned();
            StatusAnswer::Unknown { code: "status_not_looked_up".to_owned(), detail }
        } else {
            bench.status(&Value::from(token), &issuer, bench.now).await
        };
        match answer {
            StatusAnswer::NotValid { code, detail } => {
                judged.problems.push(Problem::new(code, detail));
            }
            StatusAnswer::Unknown { code, detail } if without_status => {
                judged.warnings.push(Problem::unknown(code, detail));
            }
            StatusAnswer::Unknown { code, detail } => {
                judged.problems.push(Problem::unknown(code, detail));
            }
            _ => {}
        }
    }
    if judged.problems.is_empty() {
        judged.document = Some(claims);
    }
}

async fn check_sd_jwt_vc(token: &str, bench: &Bench) -> Result<(Value, Did), Problem> {
    let refused = |error: credential_proofs::sd_jwt::SdJwtError| {
        Problem::new(error.code(), error.to_string())
    };
    let parsed = SdJwt::parse(token).map_err(refused)?;
    let method = parsed.issuer_method().map_err(refused)?;
    let ring = ring(&[method], &bench.resolver).await?;
    let disclosed =
        parsed.verify(&ring, &Expected::credential(None, bench.now)).map_err(refused)?;
    disclosed.check_in_force(bench.now).map_err(refused)?;
    Ok((disclosed.claims, disclosed.issuer))
}
