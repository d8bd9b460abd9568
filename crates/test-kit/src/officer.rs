//! An officer at the issuer's desk: the admin API of issuer-service.

use anyhow::{Context, Result, bail};
use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};
use url::Url;
use web_fetch::FetchRequest;

use crate::Town;

/// What an officer offers.
pub struct Offering<'a> {
    pub of: CredentialType,
    pub subject: Value,
    pub kind: Option<&'a str>,
    pub formats: &'a [&'a str],
    pub tx_code: bool,
}

/// An offer as the officer hands it over.
pub struct Handed {
    pub id: String,
    /// The `openid-credential-offer://` link of the QR.
    pub link: String,
    pub tx_code: Option<String>,
}

impl Town {
    async fn admin(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.issuer_url);
        self.http.post_json(&url, body, Some(&self.admin_token)).await
    }

    async fn look(&self, path: &str) -> Result<Value> {
        self.http.get_json(&format!("{}{path}", self.issuer_url), Some(&self.admin_token)).await
    }

    /// Imports the sample list in the form of the Q-Net open API and gives how many kinds the
    /// issuer then knows.
    pub async fn import_kinds(&self) -> Result<usize> {
        let list = include_str!("../../../examples/kinds/qnet-list.xml");
        let url = format!("{}/admin/kinds/import", self.issuer_url);
        let request = FetchRequest::post(Url::parse(&url)?, "application/xml", list.into())
            .bearer(&self.admin_token);
        let response = self.http.send(request).await?;
        if !response.is_success() {
            bail!(
                "the import ended with {}: {}",
                response.status,
                String::from_utf8_lossy(&response.body)
            );
        }
        let known = self.look("/admin/kinds?limit=500").await?;
        Ok(known["kinds"].as_array().map_or(0, Vec::len))
    }

    pub async fn offer(&self, offering: &Offering<'_>) -> Result<Handed> {
        let mut body = json!({
            "type": offering.of.type_name(),
            "subject": offering.subject,
            "formats": offering.formats,
            "tx_code": offering.tx_code,
            "by_reference": true,
        });
        if let Some(kind) = offering.kind {
            body["kind"] = json!(kind);
        }
        if offering.of == CredentialType::QualificationBadge {
            body["awarded_date"] = offering.of.example()["awardedDate"].clone();
        }
        let made = self.admin("/admin/offers", &body).await?;
        let text = |key: &str| made[key].as_str().map(str::to_owned);
        Ok(Handed {
            id: text("offer_id").with_context(|| format!("no offer_id: {made}"))?,
            link: text("offer_uri").with_context(|| format!("no offer_uri: {made}"))?,
            tx_code: text("tx_code"),
        })
    }

    /// revoke, suspend, reinstate or supersede.
    pub async fn set_status(&self, credential: &str, action: &str, reason: &str) -> Result<Value> {
        let path = format!("/admin/credentials/{credential}/status");
        self.admin(&path, &json!({"action": action, "reason": reason})).await
    }

    pub async fn credentials(&self) -> Result<Vec<Value>> {
        let listed = self.look("/admin/credentials").await?;
        let rows = listed["credentials"].as_array().or(listed.as_array()).cloned();
        rows.with_context(|| format!("no list of credentials: {listed}"))
    }

    pub async fn anchor_now(&self) -> Result<Value> {
        self.admin("/admin/anchor", &json!({})).await
    }

    pub async fn anchors(&self) -> Result<Value> {
        self.look("/admin/anchors").await
    }

    /// The highest epoch of this issuer that is on the chain; 0 when there is none yet.
    pub async fn anchored_epoch(&self) -> Result<u64> {
        let anchors = self.anchors().await?;
        let batches = anchors["batches"].as_array().into_iter().flatten();
        let anchored = batches.filter(|batch| batch["stage"] == "anchored");
        let epochs = anchored.filter_map(|batch| batch["epoch"].as_str()?.parse().ok());
        Ok(epochs.max().unwrap_or(0))
    }

    pub async fn audit(&self) -> Result<Value> {
        self.look("/admin/audit").await
    }
}

/// The sample subject of a type, without the holder's id, as an officer would enter it.
pub fn sample_subject(of: CredentialType) -> Value {
    let mut subject = of.example()["credentialSubject"].clone();
    if let Some(members) = subject.as_object_mut() {
        members.remove("id");
    }
    subject
}
