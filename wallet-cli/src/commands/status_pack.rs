//! `wallet status-pack`: an issuer's whole status in one file, for verifying without a net.

use std::sync::Arc;

use credential_model::ambient::Clock as _;
use credential_verification::packs::{HeldPack, MAX_FILE_BYTES, fetch};
use credential_verification::store::MemoryStore;
use credential_verification::{Grounds, Toolbox};
use localized_text::{Locale, say_with};
use serde_json::{Value, json};
use signing_keys::system::SystemClock;
use url::Url;

use crate::cli::{Cli, StatusPackCommand, StatusPackFetchArgs, StatusPackShowArgs};
use crate::failure::{Exit, Failure};
use crate::home::write_private;
use crate::progress::Progress;
use crate::resolving::{KnownDocuments, client};
use crate::{Reply, input};

/// Fetches or shows.
pub(super) async fn run(
    cli: &Cli,
    locale: Locale,
    command: &StatusPackCommand,
) -> Result<Reply, Failure> {
    match command {
        StatusPackCommand::Fetch(args) => fetched(cli, locale, args).await,
        StatusPackCommand::Show(args) => show(locale, args),
    }
}

async fn fetched(cli: &Cli, locale: Locale, args: &StatusPackFetchArgs) -> Result<Reply, Failure> {
    let held = match args.output.exists() {
        true => Some(read(&args.output)?),
        false => None,
    };
    let tools = Toolbox {
        resolver: Arc::new(KnownDocuments::plain(cli, true, &args.did_documents)?),
        fetch: client(cli, true),
        chain: None,
        trust: None,
        seen: Arc::new(MemoryStore::new()),
        offline: false,
        grounds: Arc::new(Grounds { mirrors: args.mirrors.clone(), ..Grounds::default() }),
    };
    let progress = Progress::wheel(cli, locale, "wallet-progress-issuer");
    let address = address(&args.address);
    let now = SystemClock.now();
    let found = fetch::follow(&address, held.as_ref(), &tools.tools(), now).await;
    drop(progress);
    let (pack, done) =
        found.map_err(|fault| Failure::unable(fault.code(), format!("{address}: {fault}")))?;
    let file = args.output.display().to_string();
    write_private(&args.output, &pack.to_file())
        .map_err(|error| Failure::unable("output_unwritable", format!("{file}: {error}")))?;
    let (bytes, deltas) = (done.bytes.to_string(), done.deltas.to_string());
    let names = [("file", file.as_str()), ("bytes", &bytes), ("deltas", &deltas)];
    let text =
        format!("{}\n{}", say_with(locale, "wallet-pack-fetched", &names), told(locale, &pack));
    let mut json = described(&pack);
    json["fetched_bytes"] = json!(done.bytes);
    json["deltas"] = json!(done.deltas);
    Ok(Reply { text, json, exit: Exit::Done })
}

/// An origin stands for the pack of an issuer of our kind there.
fn address(given: &Url) -> Url {
    match given.path() {
        "/" => given.join("/status/pack").unwrap_or_else(|_| given.clone()),
        _ => given.clone(),
    }
}

fn show(locale: Locale, args: &StatusPackShowArgs) -> Result<Reply, Failure> {
    let pack = read(&args.file)?;
    Ok(Reply { text: told(locale, &pack), json: described(&pack), exit: Exit::Done })
}

/// Reads a pack file; its signature is checked when a credential is verified with it.
pub(super) fn read(path: &std::path::Path) -> Result<HeldPack, Failure> {
    read_pinned(path, None)
}

/// The same; chain proofs in it are checked against the pinned chain.
pub(super) fn read_pinned(
    path: &std::path::Path,
    pinned: Option<&chain_proofs::PinnedChain>,
) -> Result<HeldPack, Failure> {
    let bytes = input::bytes(&path.to_string_lossy(), MAX_FILE_BYTES)?;
    HeldPack::read(&bytes, pinned)
        .map_err(|fault| Failure::unable(fault.code(), format!("{}: {fault}", path.display())))
}

fn told(locale: Locale, pack: &HeldPack) -> String {
    let index = pack.pack().index();
    let age = pack.pack().age(SystemClock.now());
    let (entries, set) = counts(pack);
    let values = [
        ("issuer", index.issuer.clone()),
        ("epoch", index.epoch.to_string()),
        ("issued", index.issued.to_kst_text()),
        ("until", index.valid_until.to_kst_text()),
        ("lists", index.lists.len().to_string()),
        ("entries", entries.to_string()),
        ("set", set.to_string()),
        ("bytes", pack.pack().content().bytes().len().to_string()),
    ];
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let mut lines = vec![say_with(locale, "wallet-pack-shown", &values)];
    if age.stale {
        lines.push(say_with(locale, "wallet-pack-stale", &values));
    }
    lines.join("\n")
}

fn counts(pack: &HeldPack) -> (usize, usize) {
    let content = pack.pack().content();
    let lists = 0..content.lists();
    lists.fold((0, 0), |(entries, set), list| {
        let size = content.geometry(list).map_or(0, |(size, _)| size);
        (entries + size, set + content.count_set(list))
    })
}

fn described(pack: &HeldPack) -> Value {
    let index = pack.pack().index();
    let age = pack.pack().age(SystemClock.now());
    let (entries, set) = counts(pack);
    json!({
        "issuer": index.issuer,
        "epoch": index.epoch.to_string(),
        "issued": index.issued.to_string(),
        "valid_until": index.valid_until.to_string(),
        "stale": age.stale,
        "lists": index.lists.iter().map(|list| &list.id).collect::<Vec<_>>(),
        "entries": entries,
        "not_valid": set,
        "bytes": pack.pack().content().bytes().len(),
    })
}
