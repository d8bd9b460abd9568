//! The compromise drill: three rotations, a stolen key, back-dated forgeries, the issuer's host
//! off. Honest old badges verify, forged ones are refused with a reason of their own, all offline.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use credential_model::ambient::Clock as _;
use credential_model::catalogue::CredentialType;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

use super::badge::{anchored_epoch, held};
use super::{Scene, answers, tell_verdict};
use crate::Town;
use crate::chain::call;
use crate::officer::{Offering, sample_subject};
use crate::pocket::Pocket;
use crate::teller::Teller;
use crate::thief::Thief;

/// A holder with a badge, the badge as issued, and the key it was signed with.
struct Holder {
    pocket: Pocket,
    id: String,
    badge: Value,
    method: String,
}

/// Plays the drill.
pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    let mut scenes = Vec::new();
    teller.title("demo-title-drill");
    town.import_kinds().await?;
    let mut holders = Vec::new();
    let mut thief = None;
    for generation in 1..=4 {
        if generation > 1 {
            rotate(town, teller).await?;
        }
        if generation == 2 {
            thief = Some(Thief::break_in(town)?);
        }
        let holder = issue(town, &format!("drill-{generation}")).await?;
        teller.step("demo-drill-issued", &[("key", fragment(&holder.method))]);
        holders.push(holder);
    }
    let thief = thief.context("nobody broke in")?;
    let stolen = holders[1].method.clone();
    ensure!(stolen.ends_with("assertion-ed25519-2"), "the second key is {stolen}");
    // The block that anchored the honest badge must lie before the theft, by whole seconds.
    let since = after_the_newest_block(town).await?;
    teller.step("demo-drill-stolen", &[("key", fragment(&stolen)), ("since", &since.to_string())]);

    let dated = signed_at(&holders[1].badge)?;
    let forged = thief.forge(&holders[1].badge, "임꺽정(가상인물)", &stolen, dated)?;
    let report = town.verify(&forged, None).await?;
    scenes.push(Scene::new(
        "forged, nobody knows of the theft yet",
        "yes/yes/yes",
        answers(&report),
    ));
    teller.step("demo-drill-forged", &[]);

    town.stop_issuer();
    let label = fragment(&stolen).to_owned();
    town.issuer_command(&["keys", "compromised", &label, "--since", &since.to_string()])?;
    town.start_issuer()?;
    anchor(town).await?;
    teller.step("demo-drill-stated", &[("key", &label)]);

    let report = town.verify(&forged, None).await?;
    scenes.push(Scene::new("forged, online", "reject", overall(&report)));
    scenes.push(Scene::new("its reason", "proof-key-compromised-unproven", proof_code(&report)));
    for holder in &holders {
        let fetched = holder.pocket.done(&["evidence", "fetch", "--all"])?;
        ensure!(fetched["fetched"].as_u64() == Some(1), "no evidence was fetched: {fetched}");
    }
    teller.step("demo-drill-evidence", &[("count", &holders.len().to_string())]);
    let pins = pins(town)?;

    // From here on there is nobody to ask: no issuer, no verifier, no chain.
    town.stop_issuer();
    town.verifier = None;
    town.chain = None;
    teller.step("demo-drill-off", &[]);
    for (holder, name) in holders.iter().zip(NAMES) {
        let report = offline(town, &holder.pocket, &holder.id, &pins)?;
        tell_verdict(teller, &report);
        scenes.push(Scene::new(name, "yes/yes/yes", answers(&report)));
    }
    let report = offline(town, &holders[1].pocket, &holders[1].id, &pins)?;
    scenes.push(Scene::new("why the honest one counts", "proof-ok-anchored", proof_code(&report)));

    let with_staple = attach(&holders[1], &forged)?;
    let path = town.folder.join("forged.json");
    std::fs::write(&path, with_staple.to_string())?;
    let report = offline(town, &holders[0].pocket, &path.display().to_string(), &pins)?;
    tell_verdict(teller, &report);
    scenes.push(Scene::new("forged, offline", "reject", overall(&report)));
    scenes.push(Scene::new(
        "its reason, offline",
        "proof-key-compromised-unproven",
        proof_code(&report),
    ));
    teller.step("demo-drill-refused", &[("code", &proof_code(&report))]);
    Ok(scenes)
}

const NAMES: [&str; 4] = [
    "first key (retired), offline",
    "second key (stolen later), honest badge, offline",
    "third key (retired), offline",
    "fourth key (in use), offline",
];

/// Stops the issuer, changes both keys, starts it again.
async fn rotate(town: &mut Town, teller: Teller) -> Result<()> {
    // Two rotations in one second would retire a key in the second of its first use.
    next_second().await;
    town.stop_issuer();
    let made = town.issuer_command(&["keys", "rotate"])?;
    let count = made["keys"].as_array().map_or(0, Vec::len).to_string();
    town.start_issuer()?;
    anchor(town).await?;
    teller.step("demo-drill-rotated", &[("count", &count)]);
    Ok(())
}

async fn issue(town: &Town, owner: &str) -> Result<Holder> {
    let offering = Offering {
        of: CredentialType::QualificationBadge,
        subject: sample_subject(CredentialType::QualificationBadge),
        kind: Some("1320"),
        formats: &["ldp_vc"],
        tx_code: false,
    };
    let offer = town.offer(&offering).await?;
    let pocket = town.citizen(owner)?;
    pocket.done(&["accept", &offer.link, "--yes"])?;
    anchor(town).await?;
    let rows = held(&pocket.done(&["list"])?)?;
    let id = rows[0]["id"].as_str().context("a held credential without an id")?.to_owned();
    let badge = pocket.done(&["show", &id, "--raw"])?;
    let method = badge["proof"]["verificationMethod"].as_str().context("no method")?.to_owned();
    Ok(Holder { pocket, id, badge, method })
}

/// One round of anchoring; it ends when the chain has what was issued and stated.
async fn anchor(town: &Town) -> Result<()> {
    let mut last = town.anchor_now().await;
    for _ in 0..20 {
        if last.is_ok() {
            anchored_epoch(town).await?;
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        last = town.anchor_now().await;
    }
    last.map(drop).context("nothing was anchored")
}

pub(super) async fn next_second() -> Moment {
    let begun = SystemClock.now();
    while SystemClock.now().unix() < begun.unix() + 2 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    SystemClock.now()
}

/// A moment when our clock is past the newest block. A chain that makes a block of each transaction
/// gives each a later second, so after many of them its time runs ahead of ours.
async fn after_the_newest_block(town: &Town) -> Result<Moment> {
    let newest = json!(["latest", false]);
    let block = call(&town.http, &town.rpc, "eth_getBlockByNumber", newest).await?;
    let time = block["timestamp"].as_str().and_then(|text| text.strip_prefix("0x"));
    let time = i64::from_str_radix(time.context("a block without a time")?, 16)?;
    while SystemClock.now().unix() <= time {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    Ok(next_second().await)
}

/// The pinned chain of the drill: one witness, the verifier of this town.
fn pins(town: &Town) -> Result<PathBuf> {
    let chain = town.chain_settings()?;
    let made = town.verifier_command(&["init"])?;
    let key = made["witness_key"].as_str().context("the verifier is no witness")?;
    let pins = json!({
        "chain_id": chain["chain_id"],
        "did_registry": chain["did_registry"],
        "status_registry": chain["status_registry"],
        "witnesses": [key],
        "threshold": 1,
    });
    let path = town.folder.join("pins.json");
    std::fs::write(&path, pins.to_string())?;
    Ok(path)
}

fn offline(town: &Town, pocket: &Pocket, what: &str, pins: &std::path::Path) -> Result<Value> {
    let list = town.folder.join("verifier/trust-list.jwt");
    let ended = pocket.run(&[
        "verify",
        what,
        "--offline",
        "--pins",
        &pins.display().to_string(),
        "--trust-list",
        &list.display().to_string(),
    ])?;
    ended.json()
}

/// What a thief hands over: the forged badge with all public evidence of the honest one, save the
/// proof of issuance, which is about another credential.
fn attach(honest: &Holder, forged: &Value) -> Result<Value> {
    use credential_model::credential::UnverifiedCredential;
    let exported = honest.pocket.done(&["evidence", "show", &honest.id])?;
    let mut staple = exported["staple"].clone();
    let members = staple.as_object_mut().context("the wallet has no evidence")?;
    members.remove("issuance");
    let digest = UnverifiedCredential::from_value(forged)?.digest();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    members.insert("credential".to_owned(), json!(digest));
    Ok(json!({ "credential": forged, "staple": staple }))
}

fn signed_at(badge: &Value) -> Result<Moment> {
    let created = badge["proof"]["created"].as_str().context("a proof without a date")?;
    Ok(Moment::parse(created)?)
}

fn overall(report: &Value) -> String {
    report["overall"].as_str().unwrap_or("?").to_owned()
}

/// The code of the proof check.
fn proof_code(report: &Value) -> String {
    let checks = report["checks"].as_array();
    let proof = checks.and_then(|checks| checks.iter().find(|check| check["id"] == "proof"));
    proof.and_then(|check| check["code"].as_str()).unwrap_or("?").to_owned()
}

fn fragment(method: &str) -> &str {
    method.split_once('#').map_or(method, |(_, fragment)| fragment)
}
