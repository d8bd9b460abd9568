//! Errors for people: a stable code, a sentence, and what to do next.

use credential_wallet::accept::AcceptError;
use credential_wallet::backup::BackupError;
use credential_wallet::ledger::LedgerError;
use credential_wallet::present::PresentError;
use credential_wallet::{PickError, TransportError};
use localized_text::{Locale, say, say_with};
use signing_keys::KeyStoreError;
use signing_keys::sealed::SealError;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: the answer is no.
    No,
    /// 2: could not do.
    Unable,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0u8,
            Exit::No => 1,
            Exit::Unable => 2,
        })
    }
}

/// Why a command came to nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// The stable code, for programs.
    pub(crate) code: String,
    /// English, for developers.
    pub(crate) detail: String,
    /// What was probably meant.
    pub(crate) near: Option<String>,
}

impl Failure {
    /// The answer is no.
    pub(crate) fn no(code: &str, detail: impl Into<String>) -> Self {
        Self { exit: Exit::No, code: code.to_owned(), detail: detail.into(), near: None }
    }

    /// Could not do.
    pub(crate) fn unable(code: &str, detail: impl Into<String>) -> Self {
        Self { exit: Exit::Unable, code: code.to_owned(), detail: detail.into(), near: None }
    }

    /// With what was probably meant.
    pub(crate) fn near(self, near: Option<String>) -> Self {
        Self { near, ..self }
    }

    /// Sentence and hint.
    pub(crate) fn sentences(&self, locale: Locale) -> (String, String) {
        let family = family(&self.code).replace('_', "-");
        // Families gather many codes; the code itself says which it was.
        let detail = if self.detail.is_empty() { self.code.clone() } else { self.detail.clone() };
        let message = say_with(locale, &format!("wallet-error-{family}"), &[("detail", &detail)]);
        let hint = say(locale, &format!("wallet-hint-{family}"));
        match &self.near {
            Some(near) => {
                let meant = say_with(locale, "wallet-did-you-mean", &[("near", near)]);
                (message, format!("{meant} {hint}"))
            }
            None => (message, hint),
        }
    }
}

/// Which sentence a code is told by.
fn family(code: &str) -> &str {
    match code {
        "too_many_redirects" | "bad_redirect" => "forbidden_address",
        "dns_failed"
        | "connect_failed"
        | "timed_out"
        | "exchange_failed"
        | "unexpected_status"
        | "did_unreachable"
        | "issuer_key_unreachable" => "unreachable",
        "wrong_media_type"
        | "bad_json"
        | "bad_url"
        | "response_too_large"
        | "unexpected_encoding"
        | "decryption_failed" => "bad_answer",
        "proof_type_not_supported"
        | "key_attestation_required"
        | "algorithm_not_supported"
        | "binding_method_not_supported"
        | "token_type_not_supported"
        | "encryption_not_supported"
        | "no_token_endpoint" => "key_not_supported",
        "invalid_request"
        | "invalid_scope"
        | "invalid_transaction_data"
        | "invalid_request_uri_method"
        | "invalid_document" => "request_invalid",
        "request_object_invalid"
        | "request_key_foreign"
        | "request_key_over"
        | "wallet_nonce_mismatch" => "request_untrusted",
        // A key of the holder's own, not one of the wallet's records.
        "key_label_taken" | "key_label_invalid" => "key_label",
        "key_store_missing" => "wallet_missing",
        "key_store_exists" => "wallet_exists",
        "key_store_permissions" => "wallet_permissions",
        "key_store_rolled_back" => "store_rolled_back",
        "store_failed" | "store_unavailable" | "store_conflict" => "wallet_busy",
        "passphrase_empty" => "passphrase_short",
        "key_store_damaged"
        | "key_store_io"
        | "vault_damaged"
        | "kdf_parameters_refused"
        | "vault_of_other_purpose"
        | "sealed_item_tampered"
        | "store_tampered"
        | "store_record_unreadable"
        | "store_record_newer"
        | "unknown_key" => "wallet_damaged",
        "qr_no_code" | "qr_unreadable" => "no_qr_code",
        "qr_link_too_long"
        | "qr_not_a_link"
        | "qr_scheme_not_allowed"
        | "qr_control_characters" => "link_refused",
        "qr_file_too_large" | "qr_too_many_pixels" | "qr_not_a_picture" => "input_unreadable",
        "qr_text_too_long" | "qr_empty" | "qr_scale" => "qr_text",
        "status_pack_fetch" => "unreachable",
        _ if code.starts_with("status_pack_") => "status_pack",
        _ if code.starts_with("picture_") => "picture",
        _ if code.starts_with("paper_") && code != "paper_format" => "paper",
        _ if code.starts_with("forbidden_") => "forbidden_address",
        _ if code.starts_with("certificate_") || code.starts_with("did_") => "request_untrusted",
        _ if code.starts_with("credential_") => "credential_refused",
        known if is_known(known) => known,
        _ => "other",
    }
}

fn is_known(code: &str) -> bool {
    let id = format!("wallet-error-{}", code.replace('_', "-"));
    localized_text::ids(Locale::En).contains(&id)
}

fn passing(error: &TransportError) -> Exit {
    if error.is_passing() { Exit::Unable } else { Exit::No }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        let exit = match &error {
            AcceptError::Transport(inner) => passing(inner),
            AcceptError::Receive(inner) if inner.is_passing() => Exit::Unable,
            AcceptError::Keys(_)
            | AcceptError::Ledger(_)
            | AcceptError::KeyProof(_)
            | AcceptError::TxCodeRequired
            | AcceptError::TxCodeUnexpected
            | AcceptError::TxCodeShape { .. }
            | AcceptError::NoSuchSession => Exit::Unable,
            _ => Exit::No,
        };
        // The family's sentence says "not an offer"; only the reason is new.
        let detail = match &error {
            AcceptError::Offer(inner) => inner.to_string(),
            AcceptError::TxCodeRefused { tries } => tries.to_string(),
            AcceptError::TxCodeShape { length, .. } => length.clone(),
            other => other.to_string(),
        };
        Self { exit, code: error.code().to_owned(), detail, near: None }
    }
}

impl From<PresentError> for Failure {
    fn from(error: PresentError) -> Self {
        let exit = if error.is_finding() { Exit::No } else { Exit::Unable };
        let detail = match &error {
            PresentError::NothingFits { queries } => queries.join(", "),
            PresentError::Request(inner) => inner.to_string(),
            other => other.to_string(),
        };
        Self { exit, code: error.code().to_owned(), detail, near: None }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<PickError> for Failure {
    fn from(error: PickError) -> Self {
        match &error {
            PickError::Ledger(_) => Self::unable(error.code(), error.to_string()),
            _ => Self::no(error.code(), error.to_string()),
        }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<KeyStoreError> for Failure {
    fn from(error: KeyStoreError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<paper_badges::PaperError> for Failure {
    fn from(error: paper_badges::PaperError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<badge_pictures::PictureError> for Failure {
    fn from(error: badge_pictures::PictureError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

impl From<qr_code::QrError> for Failure {
    fn from(error: qr_code::QrError) -> Self {
        Self::unable(error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_sentences_in_both_languages() {
        let codes = [
            "other",
            "forbidden_address",
            "forbidden_port",
            "dns_failed",
            "bad_json",
            "key_attestation_required",
            "invalid_request",
            "request_object_invalid",
            "certificate_dates",
            "did_not_found",
            "credential_wrong_binding",
            "offer_spent",
            "tx_code_refused",
            "already_accepted",
            "wrong_passphrase",
            "key_store_permissions",
            "store_rolled_back",
            "qr_scheme_not_allowed",
            "qr_no_code",
            "backup_damaged",
            "nothing_fits",
            "never_heard_of",
            "wallet_missing",
            "consent_needed",
            "declined",
        ];
        for code in codes {
            for locale in Locale::ALL {
                let (message, hint) = Failure::no(code, "x").sentences(locale);
                assert!(
                    !message.contains('⟦') && !hint.contains('⟦'),
                    "{code}: {message} / {hint}"
                );
            }
        }
    }

    #[test]
    fn foreign_text_cannot_turn_a_sentence_around() {
        let failure = Failure::no("issuer_refused", "\u{202e}evil\u{1b}[31m");
        let (message, _) = failure.sentences(Locale::En);
        assert!(!message.contains('\u{202e}') && !message.contains('\u{1b}'));
    }
}
