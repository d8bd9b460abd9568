//! Offer → wallet → request by QR → presentation → verdict → forgery and replay → revocation → verdict.

use anyhow::{Context, Result, bail};
use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};

use super::{Scene, answers, present, tell_verdict};
use crate::Town;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    let mut scenes = Vec::new();
    teller.title("demo-title-badge");
    let kinds = town.import_kinds().await?;
    teller.step("demo-badge-kinds", &[("count", &kinds.to_string())]);

    let subject = sample_subject(CredentialType::QualificationBadge);
    let person = subject["person"]["name"].as_str().unwrap_or("?").to_owned();
    let name = subject["achievement"]["name"].as_str().unwrap_or("?").to_owned();
    let offering = Offering {
        of: CredentialType::QualificationBadge,
        subject,
        kind: Some("1320"),
        formats: &["ldp_vc", "dc+sd-jwt"],
        tx_code: true,
    };
    let offer = town.offer(&offering).await?;
    let code = offer.tx_code.clone().context("the offer has no transaction code")?;
    let length = offer.link.chars().count().to_string();
    teller.step(
        "demo-badge-offer",
        &[("person", &person), ("name", &name), ("length", &length), ("code", &code)],
    );

    let pocket = town.citizen("badge")?;
    let thief = town.citizen("thief")?;
    let guess = if code == "000000" { "000001" } else { "000000" };
    let refused = thief.run(&["accept", &offer.link, "--tx-code", guess, "--yes"])?;
    if refused.code == 0 {
        bail!("a wrong transaction code was accepted");
    }
    let refusal = code_of(&refused.stdout, &refused.stderr);
    teller.step("demo-badge-guess", &[("code", &refusal)]);
    scenes.push(Scene::new("wrong transaction code", "refused", "refused"));

    let accepted = pocket.done(&["accept", &offer.link, "--tx-code", &code, "--yes"])?;
    let held = held(&pocket.done(&["list"])?)?;
    teller.step("demo-badge-accepted", &[("count", &held.len().to_string())]);
    if held.len() != 2 {
        bail!("two credentials were offered, {} are held: {accepted}", held.len());
    }

    let epoch = anchored_epoch(town).await?;
    teller.step("demo-badge-anchored", &[("epoch", &epoch)]);

    let (asked, presented, report) = present(town, &pocket, "badge-hiring", None).await?;
    let who = presented["consent"]["verifier"]["names"][teller.language()]
        .as_str()
        .unwrap_or("?")
        .to_owned();
    teller.step("demo-badge-asked", &[("who", &who)]);
    let claims = disclosed(&presented);
    teller.step("demo-badge-presented", &[("claims", &claims)]);
    tell_verdict(teller, &report);
    scenes.push(Scene::new("badge presented", "yes/yes/yes", answers(&report)));

    let photograph = town.photograph(&asked).await;
    let again = match photograph {
        Ok(path) => pocket.run(&["present", &path.display().to_string(), "--yes"])?,
        // An answered request may have taken its QR down: then the link is all that is left.
        Err(_) => pocket.run(&["present", &asked.link, "--yes"])?,
    };
    if again.code == 0 {
        bail!("an answered request took a second answer");
    }
    teller.step("demo-badge-replay", &[("code", &code_of(&again.stdout, &again.stderr))]);
    scenes.push(Scene::new("second answer to one request", "refused", "refused"));

    let whole = whole_badge(&pocket, &held)?;
    let mut forged = whole.clone();
    forged["credentialSubject"]["person"]["name"] = json!("임꺽정(가상인물)");
    let report = town.verify(&forged, None).await?;
    let answer = report["verdict"]["authentic"].as_str().unwrap_or("?").to_owned();
    teller.step("demo-badge-forged", &[("answer", &teller.word(&answer))]);
    scenes.push(Scene::new("forged badge", "no", answer));

    for credential in town.credentials().await? {
        let id = credential["id"].as_str().context("a credential without an id")?.to_owned();
        town.set_status(&id, "revoke", &teller.word("reason")).await?;
    }
    teller.step("demo-badge-revoked", &[("reason", &teller.word("reason"))]);
    let report = town.verify(&whole, None).await?;
    tell_verdict(teller, &report);
    scenes.push(Scene::new("revoked badge, shown whole", "yes/no/yes", answers(&report)));
    let (_, _, report) = present(town, &pocket, "badge-hiring", None).await?;
    scenes.push(Scene::new("revoked badge, presented", "yes/no/yes", answers(&report)));
    Ok(scenes)
}

/// The credentials in a wallet's list.
pub(super) fn held(listed: &Value) -> Result<Vec<Value>> {
    let rows = listed["credentials"].as_array().or(listed.as_array()).cloned();
    rows.with_context(|| format!("no list of credentials: {listed}"))
}

/// The stable code in a refusal's JSON, else the first line of what was said.
fn code_of(stdout: &str, stderr: &str) -> String {
    let said: Value = serde_json::from_str(stdout).unwrap_or_default();
    let code = said["error"]["code"].as_str().or(said["code"].as_str()).or(said["error"].as_str());
    code.map_or_else(|| stderr.lines().next().unwrap_or("?").to_owned(), str::to_owned)
}

/// Names of what the wallet says it disclosed.
fn disclosed(presented: &Value) -> String {
    let mut names: Vec<String> = Vec::new();
    for credential in presented["disclosed"].as_array().into_iter().flatten() {
        for claim in credential["claims"].as_array().into_iter().flatten() {
            let name = claim["label"].as_str().or(claim["path"].as_str()).or(claim.as_str());
            names.extend(name.map(str::to_owned));
        }
    }
    names.join(", ")
}

/// Waits (boundedly) until an epoch of the issuer is on the chain.
pub(super) async fn anchored_epoch(town: &Town) -> Result<String> {
    for _ in 0..50 {
        town.anchor_now().await?;
        let epoch = town.anchored_epoch().await?;
        if epoch > 0 {
            return Ok(epoch.to_string());
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    bail!("no epoch was anchored: {}", town.anchors().await?)
}

/// The badge in the format that is shown whole, as the wallet holds it.
fn whole_badge(pocket: &crate::pocket::Pocket, held: &[Value]) -> Result<Value> {
    let row = held.iter().find(|row| row["format"] == "ldp_vc").context("no ldp_vc is held")?;
    let id = row["id"].as_str().context("a held credential without an id")?;
    let shown = pocket.done(&["show", id, "--raw"])?;
    Ok(shown)
}
