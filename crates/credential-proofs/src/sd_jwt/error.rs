use crate::jose::JoseError;
use crate::key_check::KeyRefusal;

/// Why an SD-JWT was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SdJwtError {
    /// Not `<issuer JWS>~<disclosures>~[<key binding JWT>]`, or too long.
    #[error("not an SD-JWT in compact form")]
    NotSdJwt,
    /// The issuer-signed token, or the key binding token, is not acceptable.
    #[error("a token in the SD-JWT is not acceptable")]
    Jose(#[from] JoseError),
    /// The key may not make this signature.
    #[error("the issuer key is not acceptable")]
    Key(#[from] KeyRefusal),
    /// The header names no key by DID URL.
    #[error("the header names no verification method")]
    NoVerificationMethod,
    /// `iss` is missing, or is not the controller of the key.
    #[error("the issuer is missing or does not control the key")]
    WrongIssuer,
    /// `_sd_alg` is not `sha-256`.
    #[error("the digest algorithm of the disclosures is not supported")]
    UnsupportedDigest,
    /// A disclosure is not a canonical array of two or three members.
    #[error("a disclosure is malformed")]
    MalformedDisclosure,
    /// A disclosed name is reserved (`_sd`, `...`), or a claim that must never be hidden.
    #[error("a disclosure carries a reserved or registered name")]
    ReservedName,
    /// The same digest occurs more than once.
    #[error("a digest occurs more than once")]
    DuplicateDigest,
    /// The same disclosure occurs more than once.
    #[error("a disclosure occurs more than once")]
    DuplicateDisclosure,
    /// No digest refers to a disclosure.
    #[error("a disclosure is referred to by no digest")]
    UnreferencedDisclosure,
    /// A disclosed name exists already at its level.
    #[error("a disclosed name exists already")]
    NameCollision,
    /// `_sd` or `...` stand where they must not, or have the wrong form.
    #[error("the digests of hidden claims are malformed")]
    MalformedDigests,
    /// The paths to the disclosed claims are too long in total.
    #[error("the disclosed claims lie too deep, below too long names")]
    TooLarge,
    /// A required claim is missing or has the wrong type.
    #[error("the claim {0:?} is missing or malformed")]
    Claim(&'static str),
    /// Before `nbf` or `iat`.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// After `exp`.
    #[error("the token has expired")]
    Expired,
    /// A path to make disclosable, or to select, is malformed or leads nowhere.
    #[error("the path {0:?} leads to no claim")]
    UnknownPath(String),
    /// The key binding JWT is missing.
    #[error("the key binding is missing")]
    NoKeyBinding,
    /// A key binding JWT is there where none may be (a credential at rest).
    #[error("a key binding is there already")]
    AlreadyBound,
    /// The credential names no holder key.
    #[error("the credential is bound to no holder key")]
    NoHolderKey,
    /// The signer is not the key the credential is bound to.
    #[error("the credential is bound to another key")]
    WrongHolderKey,
    /// Made for another verifier.
    #[error("the key binding was made for another verifier")]
    WrongAudience,
    /// Made for another request.
    #[error("the key binding repeats another nonce")]
    WrongNonce,
    /// The presented disclosures are not the ones the holder bound.
    #[error("the disclosures are not those the holder signed")]
    WrongDigest,
    /// The transaction data is not what the holder signed.
    #[error("the transaction data is not what the holder signed")]
    WrongTransactionData,
    /// The key binding is older than allowed.
    #[error("the key binding is too old")]
    BindingTooOld,
    /// The key binding is from the future.
    #[error("the key binding was issued in the future")]
    BindingFromFuture,
}

impl SdJwtError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSdJwt => "sd_jwt_malformed",
            Self::Jose(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::NoVerificationMethod => "sd_jwt_no_verification_method",
            Self::WrongIssuer => "sd_jwt_wrong_issuer",
            Self::UnsupportedDigest => "sd_jwt_unsupported_digest",
            Self::MalformedDisclosure => "sd_jwt_malformed_disclosure",
            Self::ReservedName => "sd_jwt_reserved_name",
            Self::DuplicateDigest => "sd_jwt_duplicate_digest",
            Self::DuplicateDisclosure => "sd_jwt_duplicate_disclosure",
            Self::UnreferencedDisclosure => "sd_jwt_unreferenced_disclosure",
            Self::NameCollision => "sd_jwt_name_collision",
            Self::MalformedDigests => "sd_jwt_malformed_digests",
            Self::TooLarge => "sd_jwt_too_large",
            Self::Claim(_) => "sd_jwt_claim",
            Self::NotYetValid => "sd_jwt_not_yet_valid",
            Self::Expired => "sd_jwt_expired",
            Self::UnknownPath(_) => "sd_jwt_unknown_path",
            Self::NoKeyBinding => "key_binding_missing",
            Self::AlreadyBound => "key_binding_unexpected",
            Self::NoHolderKey => "key_binding_no_holder_key",
            Self::WrongHolderKey => "key_binding_wrong_holder_key",
            Self::WrongAudience => "key_binding_wrong_audience",
            Self::WrongNonce => "key_binding_wrong_nonce",
            Self::WrongDigest => "key_binding_wrong_sd_hash",
            Self::WrongTransactionData => "key_binding_wrong_transaction_data",
            Self::BindingTooOld => "key_binding_too_old",
            Self::BindingFromFuture => "key_binding_from_future",
        }
    }
}
