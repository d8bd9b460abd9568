//! `wallet vc issue`

use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::json::{Limits, parse_strict};
use credential_proofs::envelope::Enveloped;
use credential_proofs::{cose, sd_jwt, vc_sd_jwt};
use localized_text::Locale;
use serde_json::{Value, json};
use signing_keys::PublicKey;
use signing_keys::system::SystemEntropy;
use vc_api::rules::{self, Extent, RuleError, Version};
use vc_api::{Contexts, Instance, IssueRequest, Securing};

use super::problem::Problem;
use super::{deliver, document, moment, secured};
use crate::Reply;
use crate::cli::{Cli, Format, VcIssueArgs};
use crate::failure::Failure;
use crate::keys::{self, OpenKey};

/// Secures a credential.
pub(super) fn run(cli: &Cli, locale: Locale, args: &VcIssueArgs) -> Result<Reply, Failure> {
    super::check_purpose(args.proof_purpose.as_deref(), ProofPurpose::AssertionMethod.as_str())?;
    let Some(given) = &args.harness.key else {
        return Err(Failure::unable("settings", "--key: with what is it signed?"));
    };
    check_options(args)?;
    let key = keys::open(cli, locale, given)?;
    let document = document(args.flow.given())?;
    let issued = match args.format {
        Format::LdpVc | Format::VcJwt => as_instance(args, document, &key)?,
        Format::DcSdJwt => sd_jwt_vc(cli, locale, args, document, &key)?,
        _ => enveloped(cli, locale, args, &document, &key)?,
    };
    let text = match &issued {
        Value::String(token) => token.clone(),
        other => format!("{other:#}"),
    };
    deliver(args.flow.output.as_deref(), &text, json!({"ok": true, "verifiableCredential": issued}))
}

/// An option that would go unheeded is refused: who hides a name wants it hidden.
fn check_options(args: &VcIssueArgs) -> Result<(), Failure> {
    let sd_jwt = matches!(args.format, Format::VcSdJwt | Format::DcSdJwt);
    let hides = !args.hide.is_empty() || args.sd.is_some() || args.decoys > 0;
    let unheeded = match args.format {
        _ if !sd_jwt && (hides || args.holder_key.is_some()) => {
            "--hide, --sd, --decoys and --holder-key: of SD-JWT"
        }
        Format::LdpVc => return Ok(()),
        _ if args.suite.is_some() || args.created.is_some() || !args.mandatory.is_empty() => {
            "--suite, --created and --mandatory: of Data Integrity"
        }
        _ => return Ok(()),
    };
    Err(Failure::unable("settings", unheeded))
}

/// As an issuer instance of VC-API does it.
fn as_instance(args: &VcIssueArgs, document: Value, key: &OpenKey) -> Result<Value, Failure> {
    let method = key.method(args.verification_method.as_deref())?;
    let securing = if args.format == Format::VcJwt {
        Securing::VcJwt
    } else {
        Securing::DataIntegrity(super::suite(args.suite.as_deref(), &key.public())?)
    };
    let instance = Instance::new("cli", method, securing, key.instance_key())
        .map_err(|error| Failure::unable("settings", error.to_string()))?;
    let mandatory = (!args.mandatory.is_empty()).then(|| args.mandatory.clone());
    let request = IssueRequest { credential: document, mandatory_pointers: mandatory };
    let created = moment(args.created.as_deref(), "--created")?;
    let issued = vc_api::issue(&instance, &request, created, &SystemEntropy)
        .map_err(|error| Problem::from(&error.problem()).into_failure())?;
    // The API answers with an envelope; a file holds what is inside.
    let token = Enveloped::read(&issued).ok().and_then(|inner| inner.token().map(Value::from));
    Ok(token.unwrap_or(issued))
}

fn refused(code: &str, detail: impl Into<String>) -> Failure {
    Problem::new(code, detail).into_failure()
}

/// The envelopes that VC-API has no instances for, under the same rules.
fn enveloped(
    cli: &Cli,
    locale: Locale,
    args: &VcIssueArgs,
    document: &Value,
    key: &OpenKey,
) -> Result<Value, Failure> {
    let method = key.method(args.verification_method.as_deref())?;
    let rule = |error: RuleError| Problem::from(&error.problem()).into_failure();
    if rules::check_credential(document, Extent::Whole).map_err(rule)? != Version::V2 {
        return Err(refused("credential_not_securable", "envelopes are for VCDM 2.0"));
    }
    rules::check_terms(document, Contexts::Pinned).map_err(rule)?;
    let signer = key.signer()?;
    if args.format == Format::VcCose {
        return cose::issue(document, &method, signer)
            .map(|bytes| Value::from(secured::to_base64(&bytes)))
            .map_err(|error| refused(error.code(), error.to_string()));
    }
    let holder = holder(cli, locale, args)?;
    let paths = hidden_paths(args)?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let credential = vc_sd_jwt::Credential {
        document,
        disclosable: &paths,
        kid: &method,
        holder: holder.as_ref(),
        decoys: args.decoys,
    };
    let token = vc_sd_jwt::issue(&credential, signer, &SystemEntropy)
        .map_err(|error| refused(error.code(), error.to_string()))?;
    all_hidden(&token, &paths)?;
    Ok(Value::from(token))
}

/// The input is the claims set: it has no contexts, and its rules are those of SD-JWT VC (`iss`, `vct`).
fn sd_jwt_vc(
    cli: &Cli,
    locale: Locale,
    args: &VcIssueArgs,
    payload: Value,
    key: &OpenKey,
) -> Result<Value, Failure> {
    let method = key.method(args.verification_method.as_deref())?;
    check_claims(&payload, &method)?;
    let holder = holder(cli, locale, args)?;
    let paths = hidden_paths(args)?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let issue = sd_jwt::Issue {
        payload,
        disclosable: &paths,
        kid: Some(&method),
        holder: holder.as_ref(),
        decoys: args.decoys,
    };
    let token = sd_jwt::issue(&issue, key.signer()?, &SystemEntropy)
        .map_err(|error| refused(error.code(), error.to_string()))?;
    all_hidden(&token, &paths)?;
    Ok(Value::from(token))
}

/// Issuers in bulk skip the paths that one credential does not have. Here a person typed them: a path that hid nothing
/// was mistyped, and would show what was to be hidden.
fn all_hidden(token: &str, paths: &[&str]) -> Result<(), Failure> {
    let parsed =
        sd_jwt::SdJwt::parse(token).map_err(|error| refused(error.code(), error.to_string()))?;
    let found: Vec<String> = parsed.disclosable_paths().iter().map(|path| pattern(path)).collect();
    let fits = |path: &str, found: &str| {
        let (mut path, mut found) = (path, found);
        // `[]` stands for every element, `[3]` for one.
        while let (Some((head, tail)), Some((other, rest))) =
            (path.split_once('['), found.split_once('['))
        {
            let (index, tail) = tail.split_once(']').unwrap_or((tail, ""));
            let (actual, rest) = rest.split_once(']').unwrap_or((rest, ""));
            if head != other || !(index.is_empty() || index == actual) {
                return false;
            }
            (path, found) = (tail, rest);
        }
        path == found
    };
    match paths.iter().find(|path| !found.iter().any(|found| fits(path, found))) {
        None => Ok(()),
        Some(path) => Err(refused("hide_path", format!("{path}: leads nowhere"))),
    }
}

/// A path of names and indices as people write it.
fn pattern(path: &[Value]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Value::String(name) if text.is_empty() => text.push_str(name),
            Value::String(name) => {
                text.push('.');
                text.push_str(name);
            }
            other => text.push_str(&format!("[{other}]")),
        }
    }
    text
}

fn holder(cli: &Cli, locale: Locale, args: &VcIssueArgs) -> Result<Option<PublicKey>, Failure> {
    let Some(given) = &args.holder_key else { return Ok(None) };
    let public = keys::open_public(cli, locale, given)?;
    match public.signature() {
        Some(
            key @ (PublicKey::Ed25519(_)
            | PublicKey::P256(_)
            | PublicKey::P384(_)
            | PublicKey::P521(_)),
        ) => Ok(Some(key.clone())),
        _ => Err(Failure::unable("key_refused", format!("{given}: binds no holder"))),
    }
}

/// `--hide` and `--sd` together.
pub(super) fn hidden_paths(args: &VcIssueArgs) -> Result<Vec<String>, Failure> {
    let mut paths = args.hide.clone();
    if let Some(text) = &args.sd {
        let bad = || Failure::unable("settings", "--sd: a JSON array of paths, as [\"a.b\"]");
        let list = parse_strict(text.as_bytes(), &Limits::default()).map_err(|_| bad())?;
        for path in list.as_array().ok_or_else(bad)? {
            paths.push(path.as_str().ok_or_else(bad)?.to_owned());
        }
    }
    Ok(paths)
}

/// What every SD-JWT VC must say (draft-ietf-oauth-sd-jwt-vc section 3.2.2), and of whom.
fn check_claims(payload: &Value, method: &DidUrl) -> Result<(), Failure> {
    let text =
        |name: &str| payload.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("vct").is_none() {
        return Err(Problem::malformed("vct: a type that is a text must be there").into_failure());
    }
    if text("iss") != Some(method.did().as_str()) {
        let detail = format!("iss: it must be {}, whose key signs", method.did());
        return Err(Problem::malformed(detail).into_failure());
    }
    for name in ["iat", "nbf", "exp"] {
        if payload.get(name).is_some_and(|date| date.as_i64().is_none()) {
            let detail = format!("{name}: whole seconds since 1970 as a number");
            return Err(Problem::malformed(detail).into_failure());
        }
    }
    Ok(())
}
