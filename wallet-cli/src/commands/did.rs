//! `wallet did`: keys, their DIDs, and the documents of DIDs.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use credential_model::did::{Did, DidUrl};
use did_resolution::{Resolution, Resolve as _, ResolveError};
use localized_text::{Locale, say_with};
use serde_json::{Value, json};
use signing_keys::KeyStore as _;

use crate::Reply;
use crate::cli::{Cli, DidCommand, FromKeyArgs, KeygenArgs, ResolveArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::keys::{self, DidMethod, KeyForm, KeyType, NewKey, PublicHalf};
use crate::resolving::KnownDocuments;

/// Runs the command.
pub(super) async fn run(cli: &Cli, locale: Locale, command: &DidCommand) -> Result<Reply, Failure> {
    match command {
        DidCommand::Keygen(args) => keygen(cli, locale, args),
        DidCommand::FromKey(args) => from_key(cli, locale, args),
        DidCommand::VerificationMethod(args) => verification_method(cli, locale, args),
        DidCommand::Resolve(args) => resolve(cli, args).await,
    }
}

/// Makes a key.
pub(super) fn keygen(cli: &Cli, locale: Locale, args: &KeygenArgs) -> Result<Reply, Failure> {
    if let Some(label) = &args.store {
        return keygen_in_store(cli, locale, args.kind, label);
    }
    let form = args.form.unwrap_or_else(|| args.kind.usual_form());
    if args.kind == KeyType::Secp256k1 && form == KeyForm::Multikey {
        return Err(Failure::unable("settings", "--form: a secp256k1 key is written as JWK"));
    }
    let key = NewKey::make(args.kind)?;
    let text = key.to_file(form);
    let Some(path) = &args.output else {
        // Asked for by the option that has its danger in its name.
        let value = serde_json::from_str(&text).unwrap_or_default();
        return Ok(Reply::done(text.trim_end(), value));
    };
    write_new(path, text.as_bytes())?;
    let place = path.display().to_string();
    let text = say_with(locale, "wallet-did-key-written", &[("file", &place)]);
    Ok(made(&key.public, &text, json!({"file": place})))
}

fn keygen_in_store(
    cli: &Cli,
    locale: Locale,
    kind: KeyType,
    label: &str,
) -> Result<Reply, Failure> {
    let Some(algorithm) = kind.algorithm() else {
        return Err(Failure::unable("settings", "--type: the key store keeps no BBS keys"));
    };
    let (store, _) = Home::of(cli)?.open_keys(cli, locale)?;
    let handle = store.generate(algorithm, label)?;
    let public = if kind == KeyType::Secp256k1 {
        PublicHalf::Chain(store.secp256k1_public(&handle)?)
    } else {
        PublicHalf::Signature(store.public_key(&handle)?)
    };
    let text = say_with(locale, "wallet-did-key-stored", &[("label", label)]);
    Ok(made(&public, &text, json!({"label": label, "handle": handle})))
}

/// The DID goes to standard output, so that scripts can take it; where the key went, to standard error.
fn made(public: &PublicHalf, talk: &str, mut json: Value) -> Reply {
    let did = public.did(DidMethod::Key).unwrap_or_default();
    json["ok"] = Value::Bool(true);
    json["did"] = Value::from(did.as_str());
    json["verificationMethod"] = json!(public.verification_method(DidMethod::Key));
    json["publicKeyJwk"] = public.jwk();
    crate::terminal::talk(talk);
    Reply::done(did, json)
}

/// Writes a file that must not exist yet and that only its owner may read.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let place = path.display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::unable("file_exists", place.clone()),
        _ => Failure::unable("output_unwritable", format!("{place}: {error}")),
    };
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// Prints the DID of a key.
pub(super) fn from_key(cli: &Cli, locale: Locale, args: &FromKeyArgs) -> Result<Reply, Failure> {
    let public = keys::open_public(cli, locale, &args.key)?;
    let did = public.did(args.method).ok_or_else(|| no_did(&args.key))?;
    let json = json!({"ok": true, "did": did});
    Ok(Reply::done(did, json))
}

/// Prints the verification method of a key.
pub(super) fn verification_method(
    cli: &Cli,
    locale: Locale,
    args: &FromKeyArgs,
) -> Result<Reply, Failure> {
    let public = keys::open_public(cli, locale, &args.key)?;
    let method = public.verification_method(args.method).ok_or_else(|| no_did(&args.key))?;
    let json = json!({"ok": true, "verificationMethod": method});
    Ok(Reply::done(method.as_str(), json))
}

fn no_did(key: &str) -> Failure {
    Failure::unable("key_refused", format!("{key}: a BBS key has no did:jwk"))
}

/// Prints the document of a DID (DID Resolution section 5: `resolve`).
pub(super) async fn resolve(cli: &Cli, args: &ResolveArgs) -> Result<Reply, Failure> {
    let bad = |error: credential_model::did::DidError| {
        Failure::no("malformed_did", format!("{}: {error}", args.did))
    };
    let did = match Did::parse(&args.did) {
        Ok(did) => did,
        Err(_) => DidUrl::parse(&args.did).map_err(bad)?.did(),
    };
    let resolver = KnownDocuments::plain(cli, args.network, &[])?;
    let resolution = resolver.resolve(&did).await.map_err(|error| unresolved(&did, &error))?;
    let whole = result(&resolution);
    let document = &whole["didDocument"];
    let shown = if args.with_metadata { &whole } else { document };
    Ok(Reply::done(format!("{shown:#}"), whole.clone()))
}

fn result(resolution: &Resolution) -> Value {
    let mut metadata = json!({});
    if let Some(version) = &resolution.anchored {
        metadata["versionId"] = Value::from(version.version.to_string());
        metadata["updated"] = json!(version.anchored_at);
    }
    json!({
        "didDocument": resolution.document.json,
        "didDocumentMetadata": metadata,
        "didResolutionMetadata": {
            "contentType": "application/did",
            "anchor": resolution.anchor_check.code(),
        },
    })
}

fn unresolved(did: &Did, error: &ResolveError) -> Failure {
    let detail = format!("{did}: {} ({})", error, error.did_resolution_name());
    if error.is_inconclusive() {
        Failure::unable("unresolved_did", detail)
    } else {
        Failure::no("unresolved_did", detail)
    }
}
