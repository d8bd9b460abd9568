//! Receipts at the desk: reading one that somebody brings, and making its verdict again.

use std::sync::Arc;

use verification_receipts::{Receipt, ReceiptError, ReplayError, Replayed, Signed, replay};

use crate::state::AppState;

/// What is found about a receipt that was brought.
pub struct Looked {
    /// The receipt.
    pub receipt: Receipt,
    /// Whether its verifier signed it.
    pub signed: Signed,
    /// The verdict made again, or why it could not be.
    pub replayed: Result<Replayed, ReplayError>,
}

/// Checks a receipt and makes its verdict again from what lies in it.
///
/// # Errors
/// [`ReceiptError`] when it is none, or altered.
pub async fn look(app: &AppState, bytes: &[u8]) -> Result<Looked, ReceiptError> {
    let receipt = Receipt::read(bytes)?;
    let signed = if receipt.statement.verifier.did == app.identity.did().as_str() {
        app.identity.with_key(|_, signer| receipt.verify_with(&signer.public_key()))?;
        Signed::ByVerifier
    } else {
        receipt.signed_by(&*app.resolver).await?
    };
    let replayed = replay(&receipt, &[], Arc::clone(&app.grounds)).await;
    Ok(Looked { receipt, signed, replayed })
}

/// Whether some bytes look like a receipt.
pub fn is_receipt(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4_096)];
    head.windows(verification_receipts::FORMAT.len())
        .any(|window| window == verification_receipts::FORMAT.as_bytes())
}
