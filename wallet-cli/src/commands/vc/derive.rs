//! `wallet vc derive`: the holder shows a part.

use credential_proofs::envelope::MediaType;
use credential_proofs::sd_jwt::SdJwt;
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use vc_api::{Contexts, DeriveRequest};

use super::problem::Problem;
use super::secured::Secured;
use super::verify::Bench;
use super::{MAX_SECURED, deliver};
use crate::cli::{Cli, VcDeriveArgs};
use crate::failure::Failure;
use crate::{Reply, input};

/// Derives a credential that shows what was chosen, and nothing else that can be hidden.
pub(super) async fn run(cli: &Cli, args: &VcDeriveArgs) -> Result<Reply, Failure> {
    let bytes = input::bytes(args.flow.given(), MAX_SECURED)?;
    let secured = Secured::read(&bytes).map_err(Problem::into_failure)?;
    let derived = match secured {
        Secured::Json(credential) => {
            unheeded(!args.disclose.is_empty(), "--disclose: of SD-JWT; here --pointer")?;
            let request = DeriveRequest {
                credential,
                selective_pointers: args.pointers.clone(),
                presentation_header: args.presentation_header.clone(),
            };
            let bench = Bench::new(cli, &args.lookup)?;
            vc_api::derive(&request, Contexts::Pinned, &bench.tools(), &SystemEntropy)
                .await
                .map_err(|error| Problem::from(&error.problem()).into_failure())?
        }
        Secured::Enveloped(inner)
            if matches!(inner.media_type, MediaType::VcSdJwt | MediaType::DcSdJwt) =>
        {
            unheeded(!args.pointers.is_empty(), "--pointer: of Data Integrity; here --disclose")?;
            unheeded(args.presentation_header.is_some(), "--presentation-header: of bbs-2023")?;
            let token = inner.token().unwrap_or_default();
            Value::from(selected(token, &args.disclose).map_err(Problem::into_failure)?)
        }
        other => {
            let detail = format!("nothing can be left out of {}", other.format());
            return Err(Problem::new("not_selective", detail).into_failure());
        }
    };
    let text = match &derived {
        Value::String(token) => token.clone(),
        other => format!("{other:#}"),
    };
    let json = json!({"ok": true, "verifiableCredential": derived});
    deliver(args.flow.output.as_deref(), &text, json)
}

fn unheeded(given: bool, what: &str) -> Result<(), Failure> {
    if given { Err(Failure::unable("settings", what)) } else { Ok(()) }
}

/// The token with the disclosures of these paths and no others.
fn selected(token: &str, paths: &[String]) -> Result<String, Problem> {
    let refused = |error: credential_proofs::sd_jwt::SdJwtError| {
        Problem::new(error.code(), error.to_string())
    };
    let parsed = SdJwt::parse(token).map_err(refused)?;
    let paths = paths.iter().map(|path| steps(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(parsed.select(&paths).map_err(refused)?.as_str().to_owned())
}

/// `credentialSubject.phones[0].type` as a claims path pointer (OID4VP 1.0 section 7); `[]` is every element.
fn steps(path: &str) -> Result<Vec<Value>, Problem> {
    let malformed = || Problem::new("disclose_path", format!("{path:?}: such as a.b or a[0].b"));
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let (name, mut rest) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
        if name.is_empty() {
            return Err(malformed());
        }
        steps.push(Value::from(name));
        while !rest.is_empty() {
            let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let (index, after) = inside.ok_or_else(malformed)?;
            steps.push(match index {
                "" => Value::Null,
                digits => Value::from(digits.parse::<u32>().map_err(|_| malformed())?),
            });
            rest = after;
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_rubbish_is_not() {
        assert_eq!(Value::from(steps("a.b").unwrap()), json!(["a", "b"]));
        assert_eq!(Value::from(steps("a[0][].b").unwrap()), json!(["a", 0, null, "b"]));
        for bad in ["", ".", "a.", "[0]", "a[", "a[x]", "a[-1]", "a[0]b", "a]b["] {
            assert!(steps(bad).is_err(), "{bad}");
        }
    }
}
