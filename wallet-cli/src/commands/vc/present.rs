//! `wallet vc present`: credentials in files to a presentation for one verifier.

use credential_model::ambient::Clock as _;
use credential_model::did::ProofPurpose;
use credential_proofs::data_integrity::{Engine, ProofOptions};
use credential_proofs::envelope::MediaType;
use credential_proofs::jwt_vc::Presentation;
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{cose, jwt_vc, presentation, selective, vc_sd_jwt};
use localized_text::Locale;
use serde_json::{Value, json};
use signing_keys::Signer;
use signing_keys::system::SystemClock;

use super::problem::Problem;
use super::secured::{Secured, is_presentation, to_base64};
use super::{MAX_SECURED, deliver};
use crate::cli::{Cli, PresentationFormat, VcPresentArgs};
use crate::failure::Failure;
use crate::keys::{self, OpenKey};
use crate::{Reply, input};

/// More credentials than anybody presents at once (the verifiers' limit as well).
const MAX_CREDENTIALS: usize = 64;
/// How long an enveloped presentation stands, seconds.
const LIFETIME: i64 = 300;

/// Makes a presentation.
pub(super) fn run(cli: &Cli, locale: Locale, args: &VcPresentArgs) -> Result<Reply, Failure> {
    super::check_purpose(args.proof_purpose.as_deref(), ProofPurpose::Authentication.as_str())?;
    if args.suite.is_some() && args.format != PresentationFormat::LdpVp {
        return Err(Failure::unable("settings", "--suite: of ldp-vp"));
    }
    let key = keys::open(cli, locale, &args.key)?;
    let shown = inputs(&args.files)?;
    let presented = match args.format {
        PresentationFormat::LdpVp => data_integrity(args, &shown, &key)?,
        PresentationFormat::DcSdJwt => Value::from(key_binding(args, &shown, key.signer()?)?),
        _ => Value::from(enveloped(args, &shown, &key)?),
    };
    let text = match &presented {
        Value::String(token) => token.clone(),
        other => format!("{other:#}"),
    };
    let json = json!({"ok": true, "verifiablePresentation": presented});
    deliver(args.output.as_deref(), &text, json)
}

fn inputs(files: &[String]) -> Result<Vec<Secured>, Failure> {
    let stdin = ["-".to_owned()];
    let files = if files.is_empty() { &stdin } else { files };
    if files.len() > MAX_CREDENTIALS {
        return Err(Failure::unable("settings", format!("more than {MAX_CREDENTIALS} files")));
    }
    files
        .iter()
        .map(|given| {
            let bytes = input::bytes(given, MAX_SECURED)?;
            Secured::read(&bytes).map_err(|problem| {
                Problem { detail: format!("{given}: {}", problem.detail), ..problem }.into_failure()
            })
        })
        .collect()
}

fn refused(code: &str, detail: impl Into<String>) -> Failure {
    Problem::new(code, detail).into_failure()
}

/// What may be shown: secured, and by no proof whose bearer can disclose everything.
fn credentials(shown: &[Secured]) -> Result<Vec<Value>, Failure> {
    shown
        .iter()
        .map(|one| {
            if let Secured::Json(document) = one {
                if is_presentation(document) {
                    return Err(refused("presentation_nested", "a presentation in a presentation"));
                }
                if document.get("proof").is_none() {
                    return Err(refused("credential_unsecured", "a credential without any proof"));
                }
                if selective::mandatory_pointers(document).is_ok() {
                    let detail = "a base proof discloses everything: `wallet vc derive` first";
                    return Err(refused("base_proof", detail));
                }
            }
            Ok(one.to_value())
        })
        .collect()
}

fn data_integrity(
    args: &VcPresentArgs,
    shown: &[Secured],
    key: &OpenKey,
) -> Result<Value, Failure> {
    let method = key.method(args.verification_method.as_deref())?;
    let suite = super::suite(args.suite.as_deref(), &key.public())?;
    let document = match shown {
        [Secured::Json(document)] if is_presentation(document) => {
            unsigned(document, method.did().as_str())?
        }
        _ => presentation::document(&credentials(shown)?, &method.did())
            .map_err(|error| refused(error.code(), error.to_string()))?,
    };
    let options = ProofOptions {
        cryptosuite: suite,
        proof_purpose: ProofPurpose::Authentication,
        challenge: args.challenge.clone(),
        domain: args.domain.clone(),
        ..ProofOptions::credential(method, SystemClock.now())
    };
    Engine::pinned()
        .secure(&document, &options, key.signer()?)
        .map_err(|error| refused(error.code(), error.to_string()))
}

/// A presentation somebody else wrote, to be signed as it is.
fn unsigned(document: &Value, holder: &str) -> Result<Value, Failure> {
    vc_api::rules::check_presentation(document)
        .map_err(|error| Problem::from(&error.problem()).into_failure())?;
    if document.get("proof").is_some() {
        return Err(refused("presentation_signed", "the presentation is signed already"));
    }
    let stated = document.get("holder").map(|stated| {
        stated.as_str().or_else(|| stated.get("id").and_then(Value::as_str)).unwrap_or_default()
    });
    if stated.is_some_and(|stated| stated != holder) {
        return Err(refused(
            "wrong_holder",
            format!("the holder is not {holder}, whose key signs"),
        ));
    }
    Ok(document.clone())
}

/// Who asks and for what: without both an enveloped presentation could be shown to anybody again.
fn binding(args: &VcPresentArgs) -> Result<(&str, &str), Failure> {
    match (&args.domain, &args.challenge) {
        (Some(domain), Some(challenge)) => Ok((domain, challenge)),
        _ => Err(Failure::unable(
            "settings",
            "--domain and --challenge: for whom and which request?",
        )),
    }
}

fn enveloped(args: &VcPresentArgs, shown: &[Secured], key: &OpenKey) -> Result<String, Failure> {
    let (audience, nonce) = binding(args)?;
    let method = key.method(args.verification_method.as_deref())?;
    let credentials = credentials(shown)?;
    let presentation = Presentation {
        credentials: &credentials,
        kid: &method,
        audience,
        nonce,
        issued_at: SystemClock.now(),
        lifetime_seconds: LIFETIME,
    };
    let signer = key.signer()?;
    let binary = |one: &Secured| one.format() == "vc+cose";
    if args.format == PresentationFormat::VpJwt && shown.iter().any(binary) {
        // Its reader (`jwt_vc`) opens tokens only.
        return Err(refused("vp_jwt_no_cose", "vp+jwt carries no COSE: use vp+cose or ldp-vp"));
    }
    match args.format {
        PresentationFormat::VpJwt => jwt_vc::present(&presentation, signer)
            .map_err(|error| refused(error.code(), error.to_string())),
        PresentationFormat::VpSdJwt => vc_sd_jwt::present(&presentation, signer)
            .map_err(|error| refused(error.code(), error.to_string())),
        _ => cose::present(&presentation, signer)
            .map(|bytes| to_base64(&bytes))
            .map_err(|error| refused(error.code(), error.to_string())),
    }
}

/// An SD-JWT VC is presented alone, with a key binding behind its disclosures.
fn key_binding(
    args: &VcPresentArgs,
    shown: &[Secured],
    signer: &dyn Signer,
) -> Result<String, Failure> {
    let (audience, nonce) = binding(args)?;
    let token = match shown {
        [Secured::Enveloped(inner)]
            if matches!(inner.media_type, MediaType::DcSdJwt | MediaType::VcSdJwt) =>
        {
            inner.token().unwrap_or_default()
        }
        _ => return Err(refused("not_one_sd_jwt", "one SD-JWT is bound at a time")),
    };
    SdJwt::parse(token)
        .and_then(|parsed| parsed.bind(audience, nonce, SystemClock.now(), &[], signer))
        .map_err(|error| refused(error.code(), error.to_string()))
}
