//! One edition of the pack: what the lists of an anchored batch say, coded.

use std::sync::Arc;

use chain_anchors::pack_list_id;
use credential_model::moment::Moment;
use serde_json::Value;
use status_lists::{
    Bitstring, DeltaLink, PackContent, PackError, PackListing, SnapshotLink, StatusPackIndex,
};

use crate::Issuer;
use crate::anchor::{AnchorBatch, ListLeaf};
use crate::ids::Digest;
use crate::store::StoreError;

/// Bits of an entry in our lists.
const ENTRY_BITS: u8 = 2;
/// `statusPurpose` of our lists.
const PURPOSE: &str = "message";

/// Lists and their content. It follows from a batch and the archive, so every replica and every
/// restart makes the very same one.
pub(super) struct Edition {
    pub(super) content: Arc<PackContent>,
    pub(super) listings: Vec<PackListing>,
}

/// Why there is no edition of a batch.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Pack(#[from] PackError),
    #[error("a list of the batch is not in the archive, or cannot be read")]
    Archive,
}

impl EditionError {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Pack(error) => error.code(),
            Self::Archive => "status_pack_archive",
        }
    }
}

impl Edition {
    /// The index of this edition; addresses are below `base`.
    pub(super) fn index(
        &self,
        issuer: &str,
        base: &str,
        (issued, valid_until): (Moment, Moment),
        epoch: u64,
    ) -> StatusPackIndex {
        let address = format!("{base}/{}", hex::encode(self.content.digest()));
        StatusPackIndex {
            issuer: issuer.to_owned(),
            issued,
            valid_until,
            epoch,
            lists: self.listings.clone(),
            snapshot: SnapshotLink::new(address, &self.content),
            deltas: Vec::<DeltaLink>::new(),
        }
    }

    /// Its leaf in the status tree: dates and addresses are not in it, so it changes only with a list.
    pub(super) fn leaf(&self, issuer: &str) -> ListLeaf {
        let index = self.index(issuer, "", (Moment::from_unix(0), Moment::from_unix(0)), 0);
        let sha256 = Digest(index.commitment());
        ListLeaf { list: pack_list_id(issuer), version: index.version(), sha256 }
    }
}

/// The leaf of the pack in a batch, where it has one.
pub(super) fn leaf_of<'a>(batch: &'a AnchorBatch, issuer: &str) -> Option<&'a ListLeaf> {
    let id = pack_list_id(issuer);
    batch.lists.iter().find(|leaf| leaf.list == id)
}

impl Issuer {
    /// The Bitstring lists among these leaves in pack order: as they were opened, because deltas
    /// only ever append.
    pub(super) async fn in_pack_order(
        &self,
        leaves: &[ListLeaf],
    ) -> Result<Vec<ListLeaf>, StoreError> {
        let mut lists = self.store.lists().await?;
        lists.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        let find = |url: String| leaves.iter().find(|leaf| leaf.list == url).cloned();
        Ok(lists.iter().filter_map(|list| find(self.settings.list_url(&list.id))).collect())
    }

    /// Reads the lists from the archive and codes them.
    pub(super) async fn edition(&self, ordered: &[ListLeaf]) -> Result<Edition, EditionError> {
        let mut lists = Vec::with_capacity(ordered.len());
        let mut listings = Vec::with_capacity(ordered.len());
        for leaf in ordered {
            let bytes = self.store.archived(&leaf.sha256).await?.ok_or(EditionError::Archive)?;
            lists.push(bits(&bytes).ok_or(EditionError::Archive)?);
            listings.push(PackListing {
                id: leaf.list.clone(),
                purpose: PURPOSE.to_owned(),
                version: leaf.version,
                sha256: leaf.sha256.0,
            });
        }
        let content = PackContent::encode(&lists.iter().collect::<Vec<_>>())?;
        Ok(Edition { content: Arc::new(content), listings })
    }
}

/// The bits of a list of ours; it was signed here, so nothing else is checked.
fn bits(document: &[u8]) -> Option<Bitstring> {
    let document: Value = serde_json::from_slice(document).ok()?;
    let encoded = document.pointer("/credentialSubject/encodedList")?.as_str()?;
    Bitstring::decode(encoded, ENTRY_BITS).ok()
}
