//! Signing and serving status lists.

use credential_model::did::ProofPurpose;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::jose;
use serde_json::json;
use status_lists::{Bitstring, ListDocument, StatusError, TOKEN_LIST_TYP, TokenListDocument};

use super::{ListRecord, Publication, PublishedList};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::{Digest, ListId};
use crate::store::StoreError;

/// How far `validFrom` may run ahead of the clock when lists follow each other within a second.
const AHEAD: i64 = 5;

/// Why a list was not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is no such list.
    #[error("there is no status list with this id")]
    Unknown,
    /// The bits could not be put together.
    #[error("the status list could not be built")]
    Bits(#[from] StatusError),
    /// The list could not be signed.
    #[error("the status list could not be signed: {0}")]
    Signing(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PublishError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_status_list",
            Self::Bits(_) => "status_list_unbuildable",
            Self::Signing(_) => "signing_failed",
            Self::Store(error) => error.code(),
        }
    }
}

/// A signed list as the status endpoint serves it.
#[derive(Debug, Clone)]
pub struct ServedList {
    /// Its version.
    pub version: u64,
    /// When the next one will be there.
    pub valid_until: Moment,
    /// The Bitstring Status List credential.
    pub document: Vec<u8>,
    /// The Token Status List.
    pub token: Vec<u8>,
    /// SHA-256 of `document`.
    pub document_digest: Digest,
    /// SHA-256 of `token`.
    pub token_digest: Digest,
}

/// How a list came to be current.
enum Published {
    /// It was signed for this.
    Now(Box<Publication>),
    /// It was already.
    Before(Box<ListRecord>),
}

impl Issuer {
    /// The list as published; published anew first when it changed, ages or is new.
    pub async fn status_list(&self, id: &ListId) -> Result<ServedList, PublishError> {
        let list = self.store.list(id).await?.ok_or(PublishError::Unknown)?;
        if list.wants_publishing(self.now()) {
            self.publish_list(id).await
        } else {
            self.served(&list).await
        }
    }

    /// Signs and publishes what is true now; does nothing when that is published already.
    pub async fn publish_list(&self, id: &ListId) -> Result<ServedList, PublishError> {
        match self.publish(id).await? {
            Published::Now(publication) => Ok(served(*publication)),
            Published::Before(list) => self.served(&list).await,
        }
    }

    /// The same, for who needs no more than the version: of many who wait for one publication each
    /// would read the whole list again.
    pub(super) async fn publish_version(&self, id: &ListId) -> Result<u64, PublishError> {
        match self.publish(id).await? {
            Published::Now(publication) => Ok(publication.published.version),
            Published::Before(list) => Ok(list.published.ok_or(PublishError::Unknown)?.version),
        }
    }

    async fn publish(&self, id: &ListId) -> Result<Published, PublishError> {
        let _one_at_a_time = self.publishing.lock().await;
        for _ in 0..4 {
            let list = self.store.list(id).await?.ok_or(PublishError::Unknown)?;
            if !list.wants_publishing(self.now()) {
                return Ok(Published::Before(Box::new(list)));
            }
            let publication = self.sign_list(&list).await?;
            let event = self
                .event("service", AuditAction::ListPublished)
                .about("list", &list.id)
                .about("version", publication.published.version)
                .about("sha256", publication.published.document);
            match self.store.publish(&publication, event).await {
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(Published::Now(Box::new(publication))),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn served(&self, list: &ListRecord) -> Result<ServedList, PublishError> {
        let published = list.published.clone().ok_or(PublishError::Unknown)?;
        let (document, token) =
            self.store.published(&list.id).await?.ok_or(PublishError::Unknown)?;
        Ok(served(Publication { list: list.id.clone(), published, document, token }))
    }

    async fn sign_list(&self, list: &ListRecord) -> Result<Publication, PublishError> {
        // `changes` was read before the values: a change in between is published once more, never missed.
        let mut bits = Bitstring::new(usize::try_from(list.capacity).unwrap_or(usize::MAX), 2)?;
        for (index, value) in self.store.list_values(&list.id).await? {
            bits.set(usize::try_from(index).unwrap_or(usize::MAX), value.code())?;
        }
        let now = self.now();
        let (version, valid_from) = match &list.published {
            None => (1, now),
            Some(last) => {
                let next = last.valid_from.plus_seconds(1).max(now);
                (last.version + 1, next.min(now.plus_seconds(AHEAD)).max(last.valid_from))
            }
        };
        let valid_until = valid_from.plus_seconds(list.class.lifetime());
        let url = self.settings.list_url(&list.id);
        let issuer = self.identity.did().as_str();
        // Who caches longer than half a lifetime reads old news.
        let ttl_seconds = u64::try_from(list.class.lifetime() / 2).unwrap_or(450);
        let document = status_lists::list_credential(&ListDocument {
            url: &url,
            issuer,
            purpose: "message",
            bits: &bits,
            valid_from,
            valid_until,
            version,
            ttl_ms: ttl_seconds * 1000,
        });
        let (signer, method) = self.identity.ed25519();
        let options = ProofOptions {
            cryptosuite: Cryptosuite::EddsaRdfc2022,
            verification_method: method.clone(),
            proof_purpose: ProofPurpose::AssertionMethod,
            created: Some(valid_from.min(now)),
            expires: None,
            challenge: None,
            domain: None,
        };
        let signed = data_integrity::secure(&document, &options, signer)
            .map_err(|error| PublishError::Signing(error.to_string()))?;
        let document = signed.to_string().into_bytes();

        let payload = status_lists::token_list_payload(&TokenListDocument {
            url: &url,
            issuer,
            bits: &bits,
            issued: valid_from.min(now),
            expires: valid_until,
            ttl_seconds,
            version,
        })?;
        let (signer, method) = self.identity.p256();
        let header = json!({ "typ": TOKEN_LIST_TYP, "kid": method.as_str() });
        let token = jose::sign(header, payload.to_string().as_bytes(), signer)
            .map_err(|error| PublishError::Signing(error.to_string()))?
            .into_bytes();
        let published = PublishedList {
            version,
            changes: list.changes,
            valid_from,
            valid_until,
            document: Digest::of(&document),
            token: Digest::of(&token),
        };
        Ok(Publication { list: list.id.clone(), published, document, token })
    }

    /// What must happen from time to time and after a crash: lists that changed or age are
    /// published, spent nonces are forgotten. Answers how many lists were published.
    pub async fn maintain(&self) -> Result<usize, PublishError> {
        // Each call forgets a bounded number; more may have expired than one call takes.
        let now = self.now();
        while self.store.forget_nonces(now).await? > 0 {}
        let mut published = 0;
        for list in self.store.lists().await? {
            if list.wants_publishing(self.now()) {
                self.publish_list(&list.id).await?;
                published += 1;
            }
        }
        Ok(published)
    }

    /// A list as it once was, by the SHA-256 of its bytes.
    pub async fn archived_list(&self, sha256: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.archived(sha256).await
    }
}

fn served(publication: Publication) -> ServedList {
    ServedList {
        version: publication.published.version,
        valid_until: publication.published.valid_until,
        document_digest: publication.published.document,
        token_digest: publication.published.token,
        document: publication.document,
        token: publication.token,
    }
}
