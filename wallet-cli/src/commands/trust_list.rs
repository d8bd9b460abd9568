//! `wallet trust-list`: the operator's signature, so that verifiers who pin the operator's DID take
//! the list.

use credential_model::ambient::Clock as _;
use credential_model::json::{Limits, parse_strict};
use credential_proofs::jose;
use localized_text::Locale;
use serde_json::json;
use signing_keys::system::SystemClock;
use trust_registry::TrustList;

use crate::cli::{Cli, TrustListCommand, TrustListSignArgs};
use crate::failure::Failure;
use crate::{Reply, input, keys};

/// Most bytes of a list, as verifiers read it.
const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;

/// Signs.
pub(super) fn run(cli: &Cli, locale: Locale, command: &TrustListCommand) -> Result<Reply, Failure> {
    match command {
        TrustListCommand::Sign(args) => sign(cli, locale, args),
    }
}

/// Nothing is signed that a verifier would refuse.
fn sign(cli: &Cli, locale: Locale, args: &TrustListSignArgs) -> Result<Reply, Failure> {
    let bad = |what: String| Failure::unable("settings", format!("{}: {what}", args.list));
    let bytes = input::bytes(&args.list, MAX_LIST_BYTES)?;
    let document = parse_strict(bytes.trim_ascii(), &Limits::with_max_bytes(MAX_LIST_BYTES))
        .map_err(|error| bad(error.to_string()))?;
    let list = TrustList::parse(&document).map_err(|error| bad(error.to_string()))?;
    if list.expires <= SystemClock.now() {
        return Err(bad("it has expired".to_owned()));
    }
    let key = keys::open(cli, locale, &args.key)?;
    let method = key.method(args.verification_method.as_deref())?;
    if method.did() != list.operator {
        return Err(bad(format!(
            "its operator is {}, the key is of {}",
            list.operator,
            method.did()
        )));
    }
    let header = json!({"typ": "trust-list+jwt", "kid": method.as_str()});
    let signed = jose::sign(header, document.to_string().as_bytes(), key.signer()?)
        .map_err(|error| Failure::unable("settings", error.to_string()))?;
    let answer = json!({
        "ok": true, "operator": list.operator, "version": list.version.to_string(),
        "entries": list.entries.len(), "trust_list": signed,
    });
    let Some(path) = &args.output else { return Ok(Reply::done(signed, answer)) };
    std::fs::write(path, format!("{signed}\n")).map_err(|error| {
        Failure::unable("output_unwritable", format!("{}: {error}", path.display()))
    })?;
    Ok(Reply::done(String::new(), answer))
}
