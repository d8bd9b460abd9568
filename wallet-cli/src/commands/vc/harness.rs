//! `wallet vc issue|verify --feature F`: what outside test harnesses drive (the W3C `vc-jose-cose-test-suite`). The
//! result file is written whatever happens, and the exit code is 0 when it was.

use std::path::Path;

use credential_proofs::harness::{self, Outcome};
use serde_json::Value;
use signing_keys::system::SystemEntropy;
use zeroize::Zeroizing;

use crate::cli::{VcIssueArgs, VcVerifyArgs};
use crate::failure::Failure;
use crate::{Reply, input};

/// What the harness module reads at most, and a bit more, so that it is the one to refuse.
const MAX_INPUT: usize = 4 * 1024 * 1024;
const MAX_KEY: usize = 64 * 1024;

pub(super) fn issue(args: &VcIssueArgs, feature: &str) -> Result<Reply, Failure> {
    let outcome = prepared(args.flow.given(), args.harness.key.as_deref()).and_then(|files| {
        let paths = super::issue::hidden_paths(args).map_err(|failure| failure.detail)?;
        Ok(harness::issue(feature, &files.input, &files.key, &paths, &SystemEntropy))
    });
    write(outcome, args.flow.output.as_deref())
}

pub(super) fn verify(args: &VcVerifyArgs, feature: &str) -> Result<Reply, Failure> {
    let given = match (&args.input, args.files.as_slice()) {
        (Some(input), _) => Ok(input.as_str()),
        (None, [one]) => Ok(one.as_str()),
        (None, []) => Ok("-"),
        _ => Err("one input at a time".to_owned()),
    };
    let outcome = given
        .and_then(|given| prepared(given, args.harness.key.as_deref()))
        .map(|files| harness::verify(feature, &files.input, &files.key));
    write(outcome, args.output.as_deref())
}

struct Files {
    input: String,
    key: Zeroizing<String>,
}

fn prepared(given: &str, key: Option<&str>) -> Result<Files, String> {
    let text = |given: &str, limit: usize| {
        let bytes = input::bytes(given, limit).map_err(|failure| failure.detail)?;
        String::from_utf8(bytes).map_err(|_| format!("{given}: not UTF-8"))
    };
    let key = key.ok_or("no key")?;
    let key = Zeroizing::new(text(key, MAX_KEY)?);
    Ok(Files { input: text(given, MAX_INPUT)?, key })
}

fn write(outcome: Result<Outcome, String>, output: Option<&Path>) -> Result<Reply, Failure> {
    let outcome = outcome.unwrap_or_else(Outcome::failure);
    let json = serde_json::to_value(&outcome).unwrap_or(Value::Null);
    super::deliver(output, &json.to_string(), json)
}
