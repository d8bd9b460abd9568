//! `wallet verify`: the one verifier of the house, at a terminal. Computes nothing of its own.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chain_anchors::{MAX_STAPLE_BYTES, Staple};
use chain_proofs::PinnedChain;
use credential_model::ambient::Clock as _;
use credential_model::credential::{MAX_BYTES, UnverifiedCredential};
use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use credential_proofs::jose::{self, CompactJws};
use credential_verification::bundle;
use credential_verification::domain::{self, DomainRequest};
use credential_verification::examine::{Exhibit, examine_exhibit};
use credential_verification::packs::PackShelf;
use credential_verification::report::Asked;
use credential_verification::store::MemoryStore;
use credential_verification::{Examination, Grounds, KeyBook, Overall, Report, Toolbox};
use did_resolution::{
    Address, DidAnchors, ForeignDids, Resolve, UniversalResolver, resolve_verification_key,
};
use evm_chain::{ChainReader, ChainSettings, ReadChain};
use localized_text::{Locale, say};
use serde_json::Value;
use signing_keys::system::SystemClock;
use trust_registry::{TrustList, TrustSource};

use super::status_pack;
use crate::cli::{Cli, VerifyArgs};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::resolving::{KnownDocuments, client};
use crate::{Reply, input};

/// Most bytes of a trust list.
const MAX_TRUST_LIST_BYTES: usize = 16 * 1024 * 1024;
/// `typ` values under which a signed trust list is accepted.
const TRUST_LIST_TYPES: [&str; 2] = ["trust-list+jwt", "JWT"];

/// Verifies one or several credentials and reports.
pub(super) async fn run(cli: &Cli, locale: Locale, args: &VerifyArgs) -> Result<Reply, Failure> {
    if let Some(path) = &args.replay {
        return super::replay::run(cli, locale, args, path).await;
    }
    let now = SystemClock.now();
    let at = args.at.as_deref().map_or(Ok(now), |text| moment(text, now))?;
    let context = args.context.as_deref().map(domain_request).transpose()?;
    let shown = credentials(cli, locale, args)?;
    let progress =
        (!args.offline).then(|| Progress::wheel(cli, locale, "wallet-progress-checking"));
    let tools = toolbox(cli, args, now).await?;

    let mut examinations = Vec::with_capacity(shown.len());
    for one in &shown {
        examinations.push(match UnverifiedCredential::parse(&one.bytes) {
            Ok(credential) => {
                let staple = one.staple.as_ref();
                let exhibit = Exhibit { staple, ..Exhibit::shown() }.about(at, now);
                examine_exhibit(&credential, exhibit, &tools.tools(), now).await
            }
            Err(error) => Examination::unreadable(&error.to_string(), at),
        });
    }
    drop(progress);
    let domain = context.map(|request| {
        let presented: Vec<_> = examinations.iter().filter_map(Examination::presented).collect();
        domain::run(&request, &presented, at)
    });
    let report = Report::new(&examinations, domain, Asked::default(), at);
    let mut text = report.to_text(locale).trim_end().to_owned();
    if args.offline {
        text.push('\n');
        text.push_str(&say(locale, "wallet-verify-offline"));
    }
    let exit = match report.overall {
        Overall::Accept => Exit::Done,
        Overall::Reject => Exit::No,
        Overall::Unknown => Exit::Unable,
    };
    let json = serde_json::to_value(&report)
        .map_err(|error| Failure::unable("other", error.to_string()))?;
    Ok(Reply { text, json, exit })
}

/// A credential with the evidence that lies beside it.
pub(super) struct Shown {
    pub(super) bytes: Vec<u8>,
    pub(super) staple: Option<Staple>,
}

/// Each credential: a file (with or without evidence), standard input, or an id of the wallet.
pub(super) fn credentials(
    cli: &Cli,
    locale: Locale,
    args: &VerifyArgs,
) -> Result<Vec<Shown>, Failure> {
    let mut wallet = None;
    let mut shown = Vec::with_capacity(args.credentials.len());
    for given in &args.credentials {
        if paper_badges::is_paper_text(given) {
            let bytes = paper_badges::from_text(given)?.into_bytes();
            shown.push(Shown { bytes, staple: None });
            continue;
        }
        if given == "-" || Path::new(given).is_file() {
            shown.push(from_file(given)?);
            continue;
        }
        if given.contains(['/', '.']) {
            return Err(Failure::unable("verify_input", format!("{given}: no such file")));
        }
        if wallet.is_none() {
            wallet = Some(super::open(cli, locale)?);
        }
        let Some(open) = &wallet else { continue };
        let held = super::held(open, given)?;
        let copy = held.copies.into_iter().next();
        let (wire, kept) = copy.map_or((Value::Null, None), |copy| (copy.wire, copy.evidence));
        shown.push(Shown { bytes: bytes_of(&wire), staple: kept.map(|kept| kept.staple) });
    }
    if let Some(path) = &args.staple {
        attach(&mut shown, read_staple(path)?);
    }
    Ok(shown)
}

fn bytes_of(wire: &Value) -> Vec<u8> {
    wire.as_str().map_or_else(|| wire.to_string(), str::to_owned).into_bytes()
}

/// A credential as it is, in an envelope with its staple, on paper or in a picture.
fn from_file(given: &str) -> Result<Shown, Failure> {
    let bytes = input::credential(input::bytes(given, qr_code::MAX_IMAGE_BYTES)?)?;
    if bytes.len() > bundle::MAX_BUNDLE_BYTES {
        let what = format!("{given}: longer than {} bytes", bundle::MAX_BUNDLE_BYTES);
        return Err(Failure::unable("input_unreadable", what));
    }
    let unpacked = bundle::unpack_bytes(&bytes)
        .map_err(|error| Failure::unable("verify_input", format!("{given}: {error}")))?;
    match unpacked {
        Some((wire, staple)) => Ok(Shown { bytes: bytes_of(&wire), staple }),
        None if bytes.len() > MAX_BYTES => {
            let what = format!("{given}: longer than {MAX_BYTES} bytes");
            Err(Failure::unable("input_unreadable", what))
        }
        None => Ok(Shown { bytes, staple: None }),
    }
}

fn read_staple(path: &Path) -> Result<Staple, Failure> {
    let bytes = input::bytes(&path.to_string_lossy(), 2 * MAX_STAPLE_BYTES)?;
    bundle::parse_staple(&bytes).map_err(|error| settings(format!("{}: {error}", path.display())))
}

/// To the credential it names; to the only one in any case, so that the report says what is wrong.
fn attach(shown: &mut [Shown], staple: Staple) {
    let named = |one: &Shown| {
        UnverifiedCredential::parse(&one.bytes)
            .is_ok_and(|credential| staple.check(&credential.digest()).is_ok())
    };
    let at = if shown.len() == 1 { Some(0) } else { shown.iter().position(named) };
    if let Some(one) = at.and_then(|at| shown.get_mut(at)) {
        one.staple = Some(staple);
    }
}

/// What is held before anybody is asked.
pub(super) fn grounds(args: &VerifyArgs) -> Result<Grounds, Failure> {
    let pinned: Option<PinnedChain> = args.pins.as_deref().map(read_json).transpose()?;
    let keys: Option<KeyBook> = args.key_book.as_deref().map(read_json).transpose()?;
    let packs = PackShelf::default();
    for path in &args.status_packs {
        let held = status_pack::read_pinned(path, pinned.as_ref())?;
        packs.put(held).map_err(|fault| Failure::unable(fault.code(), fault.to_string()))?;
    }
    Ok(Grounds {
        packs: Arc::new(packs),
        chain_tip_max_age: args.chain_config.as_deref().map(tip_max_age).transpose()?.flatten(),
        pinned: pinned.map(Arc::new),
        keys: keys.map(Arc::new),
        mirrors: args.mirrors.clone(),
        ..Grounds::default()
    })
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let bad = |what: String| settings(format!("{}: {what}", path.display()));
    let bytes = input::bytes(&path.to_string_lossy(), MAX_TRUST_LIST_BYTES)?;
    let json = parse_strict(&bytes, &Limits::with_max_bytes(MAX_TRUST_LIST_BYTES))
        .map_err(|error| bad(error.to_string()))?;
    serde_json::from_value(json).map_err(|error| bad(error.to_string()))
}

async fn toolbox(cli: &Cli, args: &VerifyArgs, now: Moment) -> Result<Toolbox, Failure> {
    let fetch = client(cli, !args.offline);
    let chain = match &args.chain_config {
        Some(path) if !args.offline => Some(chain(path)?),
        _ => None,
    };
    let anchors = chain.clone().map(|chain| Arc::new(chain) as Arc<dyn DidAnchors>);
    // The list is read through the resolver and then says which accounts to believe.
    let listed: Arc<OnceLock<Arc<dyn TrustSource>>> = Arc::default();
    let pins = Arc::clone(&listed);
    let pinned = move |did: &Did| {
        let account = pins.get()?.chain_controller(did.as_str())?;
        Some(Address::from_bytes(*account.as_bytes()))
    };
    let others = UniversalResolver::new(Arc::clone(&fetch), anchors).with_pins(Arc::new(pinned));
    let foreign = match &args.chain_config {
        Some(path) if !args.offline => foreign_dids(path)?,
        _ => ForeignDids::default(),
    };
    let others = foreign
        .apply(others, Arc::new(SystemClock))
        .map_err(|error| settings(format!("[dids]: {error}")))?;
    let resolver: Arc<dyn Resolve> = Arc::new(KnownDocuments::new(&args.did_documents, others)?);
    let trust = match &args.trust_list {
        Some(path) => Some(trust_list(path, args, &*resolver, now).await?),
        None => None,
    };
    if let Some(list) = &trust {
        // Set once: this is the only place, and the command runs once.
        let _ = listed.set(Arc::clone(list));
    }
    Ok(Toolbox {
        resolver,
        fetch,
        chain,
        trust,
        seen: Arc::new(MemoryStore::new()),
        offline: args.offline,
        grounds: Arc::new(grounds(args)?),
    })
}

fn settings(what: impl std::fmt::Display) -> Failure {
    Failure::unable("settings", what.to_string())
}

/// RFC 3339, or a date: the end of that day in Korean time, and never later than now.
fn moment(text: &str, now: Moment) -> Result<Moment, Failure> {
    let is_date = text.len() == 10 && !text.contains('T');
    let full = if is_date { format!("{text}T23:59:59+09:00") } else { text.to_owned() };
    let parsed = Moment::parse(&full).map_err(|error| settings(format!("--at: {error}")))?;
    Ok(if is_date && text == now.date_kst() { now } else { parsed })
}

fn domain_request(text: &str) -> Result<DomainRequest, Failure> {
    let bytes = match text.strip_prefix('@') {
        Some(path) => input::bytes(path, Limits::default().max_bytes)?,
        None => text.as_bytes().to_vec(),
    };
    let json = parse_strict(&bytes, &Limits::default())
        .map_err(|error| settings(format!("--context: {error}")))?;
    DomainRequest::from_value(&json).map_err(|error| settings(format!("--context: {error}")))
}

fn table(path: &Path) -> Result<toml::Table, Failure> {
    let bad = |what: String| settings(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| bad(error.to_string()))
}

/// How steadily the chain makes blocks, where the configuration says so.
fn tip_max_age(path: &Path) -> Result<Option<i64>, Failure> {
    let table = table(path)?;
    let network = table.get("network").and_then(toml::Value::as_table);
    let age = network.and_then(|network| network.get("chain_tip_max_age_seconds"));
    Ok(age.and_then(toml::Value::as_integer))
}

/// The DIDs of other makers that the configuration knows (`[dids]`).
fn foreign_dids(path: &Path) -> Result<ForeignDids, Failure> {
    match table(path)?.remove("dids") {
        Some(section) => section
            .try_into()
            .map_err(|error| settings(format!("{}: [dids]: {error}", path.display()))),
        None => Ok(ForeignDids::default()),
    }
}

/// A whole service configuration, or just its `[chain]` section.
fn chain(path: &Path) -> Result<Arc<dyn ReadChain>, Failure> {
    let bad = |what: String| settings(format!("{}: {what}", path.display()));
    let mut table = table(path)?;
    let section = table.remove("chain").unwrap_or(toml::Value::Table(table));
    let chain: ChainSettings = section.try_into().map_err(|error| bad(error.to_string()))?;
    let reader = ChainReader::new(chain).map_err(|error| bad(error.to_string()))?;
    Ok(Arc::new(reader))
}

/// A list in a file the holder names is trusted as that file is; a signed one must be
/// signed by the operator it names, and by the one the holder expects.
async fn trust_list(
    path: &Path,
    args: &VerifyArgs,
    resolver: &dyn Resolve,
    now: Moment,
) -> Result<Arc<dyn TrustSource>, Failure> {
    let bad = |what: String| settings(format!("{}: {what}", path.display()));
    let bytes = input::bytes(&path.to_string_lossy(), MAX_TRUST_LIST_BYTES)?;
    let limits = Limits::with_max_bytes(MAX_TRUST_LIST_BYTES);
    let is_json = bytes.trim_ascii().starts_with(b"{");
    let json = if is_json {
        if args.trust_operator.is_some() {
            return Err(bad("the list is not signed".to_owned()));
        }
        parse_strict(&bytes, &limits).map_err(|error| bad(error.to_string()))?
    } else {
        let text = std::str::from_utf8(&bytes).map_err(|error| bad(error.to_string()))?;
        let jws = CompactJws::parse(text.trim()).map_err(|error| bad(error.to_string()))?;
        let kid = jws.kid().and_then(|kid| DidUrl::parse(kid).ok());
        let kid = kid.ok_or_else(|| bad("the signature names no key".to_owned()))?;
        let key = resolve_verification_key(resolver, &kid)
            .await
            .map_err(|error| bad(error.to_string()))?;
        if !key.is_listed_for(ProofPurpose::AssertionMethod) {
            return Err(bad("the operator's key is not for assertions".to_owned()));
        }
        if !key.is_usable_at(now) {
            return Err(bad("the operator's key is over".to_owned()));
        }
        jose::verify(&jws, &key.key, &TRUST_LIST_TYPES).map_err(|error| bad(error.to_string()))?;
        let json = parse_strict(jws.payload(), &limits).map_err(|error| bad(error.to_string()))?;
        let signer = kid.did();
        if json.get("operator").and_then(Value::as_str) != Some(signer.as_str()) {
            return Err(bad("the list is signed by somebody else than its operator".to_owned()));
        }
        json
    };
    let list = TrustList::parse(&json).map_err(|error| bad(error.to_string()))?;
    if args.trust_operator.as_deref().is_some_and(|wanted| wanted != list.operator.as_str()) {
        return Err(bad("the list is of another operator".to_owned()));
    }
    Ok(Arc::new(list))
}
