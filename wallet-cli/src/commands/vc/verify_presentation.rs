//! `wallet vc verify-presentation`

use credential_model::did::{Did, ProofPurpose};
use credential_proofs::envelope::MediaType;
use credential_proofs::sd_jwt::{ExpectedBinding, SdJwt};
use localized_text::Locale;
use serde_json::{Value, json};
use vc_api::{VerifierPolicy, VerifyOptions, VerifyPresentationRequest};

use super::problem::Problem;
use super::secured::Secured;
use super::verify::{Bench, Judged, network_wheel, sd_jwt_vc, signed_by};
use super::{MAX_SECURED, deliver};
use crate::cli::{Cli, VcVerifyPresentationArgs};
use crate::failure::Failure;
use crate::{Reply, input};

/// How old a key binding may be, seconds.
const MAX_AGE: i64 = 300;

/// Verifies a presentation and every credential in it.
pub(super) async fn run(
    cli: &Cli,
    locale: Locale,
    args: &VcVerifyPresentationArgs,
) -> Result<Reply, Failure> {
    super::check_purpose(args.proof_purpose.as_deref(), ProofPurpose::Authentication.as_str())?;
    let bench = Bench::new(cli, &args.lookup)?;
    let place = args.flow.given();
    let bytes = input::bytes(place, MAX_SECURED)?;
    let progress = network_wheel(cli, locale, &args.lookup);
    let mut judged = Judged::new(place);
    let mut details = json!({});
    match Secured::read(&bytes) {
        Err(problem) => judged.problems.push(problem),
        Ok(secured) => {
            judged.format = Some(secured.format());
            let signer = args.verification_method.as_deref();
            match signer.map_or(Ok(()), |told| signed_by(&secured, told)) {
                Err(problem) => judged.problems.push(problem),
                Ok(()) => details = judge(&secured, args, &bench, &mut judged).await,
            }
        }
    }
    drop(progress);
    let mut json = judged.to_json();
    if let (Some(json), Value::Object(details)) = (json.as_object_mut(), details) {
        json.remove("credential");
        json.extend(details);
    }
    let reply = deliver(args.flow.output.as_deref(), &judged.to_text(locale), json)?;
    Ok(Reply { exit: judged.answer().exit(), ..reply })
}

async fn judge(
    secured: &Secured,
    args: &VcVerifyPresentationArgs,
    bench: &Bench,
    judged: &mut Judged,
) -> Value {
    if let Secured::Enveloped(inner) = secured
        && inner.media_type == MediaType::DcSdJwt
    {
        let token = inner.token().unwrap_or_default();
        sd_jwt_vc(token, false, bench, judged).await;
        let claims = judged.document.take();
        return match holder_binding(token, args, bench) {
            Ok(holder) => json!({"holder": holder, "credential": claims}),
            Err(problem) => {
                judged.problems.push(problem);
                json!({})
            }
        };
    }
    let request = VerifyPresentationRequest {
        presentation: secured.to_value(),
        unsigned: false,
        options: VerifyOptions {
            challenge: args.challenge.clone(),
            domain: args.domain.clone(),
            expected_purpose: Some(ProofPurpose::Authentication),
            ..VerifyOptions::default()
        },
    };
    let found =
        vc_api::verify_presentation(&request, VerifierPolicy::default(), &bench.tools()).await;
    judged.problems.extend(found.problems.iter().map(Problem::from));
    for credential in &found.credentials {
        judged.problems.extend(credential.problems.iter().map(Problem::from));
        judged.warnings.extend(credential.warnings.iter().map(Problem::from));
    }
    judged.issuer = None;
    let whole = found.to_json(&request.options);
    json!({
        "holder": whole["holder"],
        "presentationResult": whole["presentationResult"],
        "credentialResults": whole["credentialResults"],
    })
}

/// The holder's binding for this verifier and request; returns the holder's `did:key`.
fn holder_binding(
    token: &str,
    args: &VcVerifyPresentationArgs,
    bench: &Bench,
) -> Result<Did, Problem> {
    let (Some(audience), Some(nonce)) = (&args.domain, &args.challenge) else {
        let detail = "a key binding is checked against --domain and --challenge";
        return Err(Problem::new("challenge_missing", detail));
    };
    let expected = ExpectedBinding {
        audience,
        nonce,
        now: bench.now,
        max_age_seconds: MAX_AGE,
        transaction_data_hashes: &[],
    };
    SdJwt::parse(token)
        .and_then(|parsed| parsed.verify_key_binding(&expected))
        .map(|binding| binding.key.to_did_key())
        .map_err(|error| Problem::new(error.code(), error.to_string()))
}
