//! Telling others what happened: each entry of the audit trail that a receiver wants is POSTed to
//! it, signed as Standard Webhooks 1.0.0 say (`webhook-id`, `webhook-timestamp`,
//! `webhook-signature: v1,<base64 HMAC-SHA256>`).
//!
//! The trail is the queue: how far a receiver has come, and when it is asked next, is a note in the
//! store. So nothing is lost by a crash, an entry is delivered at least once and in order, and of
//! several replicas the one that wins the note goes on. Entries name ids only.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential_issuance::audit::AuditEntry;
use credential_issuance::store::{Note, StoreError};
use credential_model::ambient::Clock;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use web_fetch::{Fetch, FetchPolicy, FetchRequest, GuardedClient};
use web_kit::private_file;

use crate::config::{Config, Webhook};
use crate::state::App;

/// Entries looked at in one step.
const STEP: usize = 100;
/// Seconds to the second try, and the longest pause.
const FIRST_PAUSE: i64 = 2;
const LONGEST_PAUSE: i64 = 3_600;
/// A pause when there is nothing to do.
const REST: Duration = Duration::from_secs(2);
/// Shortest secret, characters.
const SECRET_LENGTH: usize = 24;
const MOST_BYTES: usize = 4096;

/// How far a receiver has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The last entry that is done with.
    after: u64,
    /// How often the next one failed.
    failed: u32,
    /// Not before this moment, Unix seconds.
    not_before: i64,
}

/// What delivery needs besides the service.
pub struct WebhookRun {
    receivers: Vec<Receiver>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
}

struct Receiver {
    config: Webhook,
    secret: Vec<u8>,
}

impl WebhookRun {
    /// Reads the secrets.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let policy = FetchPolicy {
            plain_http_origins: config.network.danger_plain_http_origins.clone(),
            ..FetchPolicy::default()
        };
        let mut receivers = Vec::new();
        for config in &config.webhooks {
            let secret = private_file::read(&config.secret_file, SECRET_LENGTH)
                .with_context(|| format!("the webhook {}", config.id))?;
            // Standard Webhooks write a secret as `whsec_` and base64; others are taken as they are.
            let secret = match secret.strip_prefix("whsec_") {
                Some(text) => STANDARD.decode(text).context("the secret is no base64")?,
                None => secret.into_bytes(),
            };
            receivers.push(Receiver { config: config.clone(), secret });
        }
        Ok(Self { receivers, fetch: Arc::new(GuardedClient::new(policy)?), clock })
    }

    /// Whether there is nobody to tell.
    pub fn is_empty(&self) -> bool {
        self.receivers.is_empty()
    }
}

/// Notes where new receivers begin: they hear what happens from now on.
///
/// # Errors
/// [`StoreError`].
pub async fn register_webhooks(app: &App, run: &WebhookRun) -> Result<(), StoreError> {
    for receiver in &run.receivers {
        let name = name(receiver);
        if app.issuer.note(&name).await?.is_none() {
            let place = Place { after: end_of_trail(app).await?, failed: 0, not_before: 0 };
            match app.issuer.put_note(&name, &write(1, &place)).await {
                // Another replica was faster.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Delivers until dropped; call [`register_webhooks`] before.
pub async fn run_webhooks(app: App, run: WebhookRun) {
    if run.is_empty() {
        return;
    }
    loop {
        for receiver in &run.receivers {
            if let Err(error) = serve_one(&app, &run, receiver).await {
                tracing::warn!(webhook = receiver.config.id, code = error.code(), "not now");
            }
        }
        tokio::time::sleep(REST).await;
    }
}

fn name(receiver: &Receiver) -> String {
    format!("webhook/{}", receiver.config.id)
}

/// Delivers what waits for one receiver, until it fails or nothing waits.
async fn serve_one(app: &App, run: &WebhookRun, receiver: &Receiver) -> Result<(), StoreError> {
    let name = name(receiver);
    let Some(mut note) = app.issuer.note(&name).await? else { return Ok(()) };
    loop {
        let place: Place = serde_json::from_str(&note.text)
            .map_err(|error| StoreError::Unreadable(format!("{name}: {error}")))?;
        if run.clock.now().unix() < place.not_before {
            return Ok(());
        }
        let entries = app.issuer.audit_trail(place.after, STEP).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        let next = match entries.iter().find(|entry| wanted(receiver, entry)) {
            None => Place { after: last.seq, failed: 0, not_before: 0 },
            Some(entry) => match deliver(run, receiver, entry).await {
                Ok(()) => Place { after: entry.seq, failed: 0, not_before: 0 },
                Err(reason) => {
                    let pause = pause(place.failed);
                    tracing::warn!(webhook = receiver.config.id, seq = entry.seq, reason, pause);
                    let not_before = run.clock.now().unix() + pause;
                    Place { failed: place.failed.saturating_add(1), not_before, ..place }
                }
            },
        };
        let failed = next.failed > 0;
        let written = write(note.revision + 1, &next);
        match app.issuer.put_note(&name, &written).await {
            Ok(()) => note = written,
            // Another replica delivers.
            Err(StoreError::Conflict) => return Ok(()),
            Err(error) => return Err(error),
        }
        let count = if failed { "webhook_failures" } else { "webhook_steps" };
        web_kit::metrics::counter(count, "Steps of webhook delivery").inc();
        if failed {
            return Ok(());
        }
    }
}

/// The sequence number of the trail's last entry.
async fn end_of_trail(app: &App) -> Result<u64, StoreError> {
    // Entries are numbered without gaps, so halving finds the last one.
    let (mut low, mut high) = (0_u64, 1_u64 << 62);
    while low < high {
        let middle = low + (high - low) / 2;
        if app.issuer.audit_trail(middle, 1).await?.is_empty() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

fn write(revision: u64, place: &Place) -> Note {
    Note { revision, text: serde_json::to_string(place).unwrap_or_default() }
}

fn wanted(receiver: &Receiver, entry: &AuditEntry) -> bool {
    let actions = &receiver.config.actions;
    actions.is_empty() || actions.contains(&action(entry))
}

fn action(entry: &AuditEntry) -> String {
    let value = serde_json::to_value(entry.event.action).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// 2, 4, 8, … seconds, an hour at most.
fn pause(failed: u32) -> i64 {
    FIRST_PAUSE.checked_shl(failed.min(20)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

async fn deliver(run: &WebhookRun, receiver: &Receiver, entry: &AuditEntry) -> Result<(), String> {
    let body = json!({
        "type": action(entry),
        "timestamp": entry.event.at.to_string(),
        // The officer's reason stays here: it is free text.
        "data": { "seq": entry.seq.to_string(), "subjects": entry.event.subjects },
    })
    .to_string();
    // The same at every try, so that a receiver knows what it has had.
    let id = format!("msg_{}", &entry.hash.to_string()[..32]);
    let now = run.clock.now().unix();
    let mut request = FetchRequest::post_json(receiver.config.url.clone(), body.as_bytes());
    request.max_bytes = Some(MOST_BYTES);
    request.headers.extend([
        ("webhook-id".to_owned(), id.clone()),
        ("webhook-timestamp".to_owned(), now.to_string()),
        ("webhook-signature".to_owned(), signature(&receiver.secret, &id, now, &body)),
    ]);
    let answer = run.fetch.fetch(request).await.map_err(|error| error.code().to_owned())?;
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(format!("status {}", answer.status))
    }
}

/// Standard Webhooks 1.0.0, "Signature scheme": over id, time and body, with dots between.
fn signature(secret: &[u8], id: &str, now: i64, body: &str) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{id}.{now}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of standardwebhooks.com's reference libraries (test_webhook).
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!([0, 1, 2, 5].map(pause), [2, 4, 8, 64]);
        assert_eq!(pause(11), LONGEST_PAUSE);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }
}
