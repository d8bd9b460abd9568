//! Packing: the issuers' documents, keys and status packs, and who is accredited, as of now.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chain_proofs::PinsFile;
use credential_model::{did::Did, moment::Moment};
use credential_verification::{
    KeyBook, Tools,
    packs::{HeldPack, fetch::follow},
};
use did_resolution::{AnchorCheck, Resolution, ResolveError, did_web_url};
use evm_chain::{ChainError, KeyState};
use sha2::{Digest, Sha256};
use tokio::{sync::Mutex, task::JoinSet};
use wasm_verifier::{
    Accreditation, ChainKnowledge, LUGGAGE_VERSION, Luggage, MAX_LUGGAGE_BYTES, PinnedDocument,
    RootName, TrustKnowledge,
};
use web_kit::Problem;

use crate::state::App;

/// The address.
pub const PATH: &str = "/offline/bundle";
/// More issuers do not travel.
const MAX_ISSUERS: usize = 64;
/// Luggage packed this many seconds ago is handed out again.
const SAME_SECONDS: i64 = 60;
/// After this many seconds a desk does not use it any more. Status runs out far earlier, by the
/// types' own limits; this is for accreditations and keys.
const USABLE_SECONDS: i64 = 7 * 86_400;
/// What the packs in one luggage may come to; the rest is left out and so unknown.
const MAX_PACK_BYTES: usize = MAX_LUGGAGE_BYTES / 2;

/// What was packed last, and the packs it was made of.
#[derive(Default)]
pub struct Packing(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    packed: Option<(Moment, Packed)>,
    packs: BTreeMap<String, HeldPack>,
}

/// Luggage on its way out.
#[derive(Clone)]
struct Packed {
    body: Arc<[u8]>,
    tag: String,
}

/// `GET /offline/bundle`
pub(super) async fn answer(State(app): State<App>, headers: HeaderMap) -> Response {
    let packed = match packed(&app).await {
        Ok(packed) => packed,
        Err(problem) => return problem.into_response(),
    };
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|t| t == &*packed.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        packed.body.to_vec().into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&packed.tag) {
        out.insert(header::ETAG, tag);
    }
    response
}

async fn packed(app: &App) -> Result<Packed, Problem> {
    let now = app.now();
    // One at a time: whoever comes meanwhile gets what is being packed.
    let mut kept = app.offline.0.lock().await;
    if let Some((made, packed)) = &kept.packed
        && (0..SAME_SECONDS).contains(&now.seconds_since(*made))
    {
        return Ok(packed.clone());
    }
    let luggage = pack(app, &mut kept.packs, now).await;
    let body = serde_json::to_vec(&luggage).map_err(|error| {
        tracing::error!(%error, "luggage could not be written");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
    })?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
    let packed = Packed { body: body.into(), tag };
    kept.packed = Some((now, packed.clone()));
    Ok(packed)
}

/// Everything this verifier knows at the moment.
async fn pack(app: &App, packs: &mut BTreeMap<String, HeldPack>, now: Moment) -> Luggage {
    let list = app.trust.current(&*app.resolver, &*app.seen, now).await;
    let listed = list.iter().flat_map(|list| list.entries.iter().map(|entry| entry.issuer.clone()));
    let mut issuers: BTreeSet<Did> = listed.take(MAX_ISSUERS).collect();
    let booked = app.grounds.keys.iter().flat_map(|book| book.issuers.keys());
    issuers.extend(booked.filter_map(|did| Did::parse(did).ok()));
    let shelved = app.grounds.packs.all();
    issuers.extend(shelved.iter().filter_map(|held| Did::parse(held.issuer()).ok()));
    let issuers: BTreeSet<Did> = issuers.into_iter().take(MAX_ISSUERS).collect();

    let mut luggage = Luggage {
        v: LUGGAGE_VERSION,
        made: now,
        valid_until: now.plus_seconds(USABLE_SECONDS),
        documents: Vec::new(),
        deactivated: Vec::new(),
        trust: TrustKnowledge {
            list: list.as_ref().and_then(|list| serde_json::to_value(&**list).ok()),
            chain: accreditations(app, &issuers, now).await,
        },
        keys: KeyBook { as_of: now, issuers: BTreeMap::new() },
        pins: app.grounds.pinned.as_ref().map(|pinned| PinsFile::from((**pinned).clone())),
        policies: app.policies.clone(),
        packs: Vec::new(),
    };
    if let Some(book) = &app.grounds.keys {
        luggage.keys.issuers.clone_from(&book.issuers);
    }
    let mut asked = JoinSet::new();
    for did in issuers {
        let held = packs.remove(did.as_str()).or_else(|| {
            shelved.iter().find(|held| held.issuer() == did.as_str()).map(|held| (**held).clone())
        });
        asked.spawn(ask(Arc::clone(app), did, held, now));
    }
    let mut found: Vec<Found> = Vec::new();
    while let Some(done) = asked.join_next().await {
        found.extend(done.ok());
    }
    found.sort_by(|one, other| one.did.cmp(&other.did));
    let mut bytes = 0;
    for one in found {
        let file = one.pack.as_ref().map(HeldPack::to_file).unwrap_or_default();
        if let Some(pack) = one.pack {
            packs.insert(one.did.to_string(), pack);
        }
        bytes += file.len();
        if bytes <= MAX_PACK_BYTES
            && let Ok(file) = serde_json::from_slice(&file)
        {
            luggage.packs.push(file);
        }
        match one.document {
            Some(Ok(resolution)) => {
                luggage.keys.issuers.entry(one.did.to_string()).or_default().extend(one.keys);
                luggage.documents.push(pinned(resolution));
            }
            Some(Err(ResolveError::Deactivated)) => luggage.deactivated.push(one.did),
            // What could not be learned is not in the luggage, and so unknown to the desk.
            _ => tracing::warn!(did = %one.did, "an issuer could not be packed"),
        }
    }
    luggage
}

fn pinned(resolution: Resolution) -> PinnedDocument {
    PinnedDocument {
        document: resolution.document.json,
        source: resolution.source,
        anchored: resolution.anchored,
        anchor_check: resolution.anchor_check,
    }
}

/// What is known of one issuer.
struct Found {
    did: Did,
    document: Option<Result<Resolution, ResolveError>>,
    keys: Vec<KeyState>,
    pack: Option<HeldPack>,
}

async fn ask(app: App, did: Did, held: Option<HeldPack>, now: Moment) -> Found {
    let mut found = Found { did, document: None, keys: Vec::new(), pack: held };
    let resolution = match app.resolver.resolve(&found.did).await {
        // The chain was to be a witness and could not be asked: nothing is claimed.
        Ok(one) if matches!(one.anchor_check, AnchorCheck::Unreachable { .. }) => return found,
        Ok(one) => one,
        Err(error) => {
            found.document = Some(Err(error));
            return found;
        }
    };
    if let Some(chain) = app.chain.as_deref().filter(|_| resolution.anchored.is_some()) {
        match chain.key_states(found.did.as_str()).await {
            Ok(states) => found.keys = states,
            Err(ChainError::NotSupported(_)) => {}
            // A key may be known as stolen there: without that answer the document stays behind.
            Err(_) => return found,
        }
    }
    found.document = Some(Ok(resolution));
    let toolbox = app.toolbox().await;
    match newest_pack(&found.did, found.pack.as_ref(), &toolbox.tools(), now).await {
        Some(Ok(pack)) => found.pack = Some(pack),
        Some(Err(code)) => tracing::info!(did = %found.did, code, "no newer status pack"),
        None => {}
    }
    found
}

/// The issuer's pack lies beside its DID document's host: `/status/pack`.
async fn newest_pack(
    did: &Did,
    held: Option<&HeldPack>,
    tools: &Tools<'_>,
    now: Moment,
) -> Option<Result<HeldPack, &'static str>> {
    let document = did_web_url(did).ok()?;
    let path = document.path();
    let base = path
        .strip_suffix("/.well-known/did.json")
        .or_else(|| path.strip_suffix("/did.json"))
        .unwrap_or_default();
    let mut address = document.clone();
    address.set_path(&format!("{base}/status/pack"));
    Some(match follow(&address, held, tools, now).await {
        Ok((pack, _)) if pack.issuer() == did.as_str() => Ok(pack),
        Ok(_) => Err("status_pack_other_issuer"),
        Err(error) => Err(error.code()),
    })
}

/// What the chain holds about these issuers, where it is a source of trust.
async fn accreditations(app: &App, issuers: &BTreeSet<Did>, now: Moment) -> Option<ChainKnowledge> {
    let known = app.accreditations.as_ref()?;
    let (_, fresh) = known.snapshot(now);
    let missing: Vec<Did> =
        issuers.iter().filter(|did| fresh.iter().all(|one| one.did != **did)).cloned().collect();
    known.ask(missing, app.chain.as_deref(), now).await;
    let (roots, read) = known.snapshot(now);
    let roots = roots.into_iter().map(|root| RootName {
        did: root.did,
        name_ko: root.name_ko,
        name_en: root.name_en,
        named_only: root.named_only,
    });
    let issuers = read.into_iter().map(|one| Accreditation {
        did: one.did,
        block: one.block,
        as_of: one.as_of,
        chains: one.chains,
    });
    Some(ChainKnowledge { roots: roots.collect(), issuers: issuers.collect() })
}
