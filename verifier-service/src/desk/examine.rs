//! From found documents to examinations, everything asked through one recording.

use credential_model::{credential::UnverifiedCredential, moment::Moment};
use credential_verification::{
    Examination, Exhibit,
    examine::examine_exhibit,
    report::{Asked, AskedKind},
};
use verification_receipts::{Made, Receipt, Recorder, VerifierName};

use super::intake::{self, Found, Refusal};
use crate::state::{App, AppState};

impl Found {
    /// As a receipt keeps it.
    pub fn made(&self) -> Made {
        let staple = self.staple.as_ref().and_then(|staple| serde_json::to_value(staple).ok());
        Made::new(&self.bytes, staple)
    }
}

/// Reads a document on a thread of its own: pictures take their time, and a defect in a decoder
/// ends that thread's work only.
pub async fn take_in(app: &App, bytes: Vec<u8>) -> Result<Found, Refusal> {
    let Ok(_place) = app.desk.decoders.acquire().await else { return Err(Refusal::UnknownFile) };
    let read = tokio::task::spawn_blocking(move || intake::read(&bytes)).await;
    read.unwrap_or(Err(Refusal::UnknownFile))
}

/// A recording around what the service may ask now.
pub async fn recorder(app: &AppState) -> Recorder {
    Recorder::around(app.toolbox().await)
}

/// Examines one document.
pub async fn one(recorder: &Recorder, found: &Found, moment: Moment, now: Moment) -> Examination {
    match UnverifiedCredential::parse(&found.bytes) {
        Ok(credential) => {
            let exhibit = Exhibit { staple: found.staple.as_ref(), ..Exhibit::shown() };
            let tools = recorder.toolbox().tools();
            examine_exhibit(&credential, exhibit.about(moment, now), &tools, now).await
        }
        Err(error) => Examination::unreadable(error.code(), moment),
    }
}

/// What a report says was asked of documents that were handed in.
pub fn documents() -> Asked {
    Asked { kind: AskedKind::Document, ..Asked::default() }
}

/// Signs the receipt; `None`, logged, when the key cannot sign: a verdict is not withheld for it.
pub fn receipt(
    app: &AppState,
    report: &credential_verification::Report,
    documents: &[Made],
    recorder: &Recorder,
) -> Option<Receipt> {
    let verifier = VerifierName {
        did: app.identity.did().to_string(),
        name: app.identity.name().clone(),
        build: format!("sinpyo verifier-service {}", env!("CARGO_PKG_VERSION")),
    };
    let made = app.identity.with_key(|kid, signer| {
        Receipt::make(report, documents, recorder.answers(), verifier, (kid, signer))
    });
    made.map_err(|error| tracing::error!(%error, "a receipt was not made")).ok()
}
