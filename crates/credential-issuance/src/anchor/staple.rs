//! The evidence that a holder takes along: see [`Staple`].

use chain_anchors::{Staple, StapledList, StapledProof};
use evm_chain::{HeadOf, key_id_hash};

use super::{AnchorChain, issuance_inclusion, list_inclusion};
use crate::Issuer;
use crate::credential::CredentialRecord;
use crate::ids::{Digest, ListId};
use crate::store::StoreError;

/// How many epochs back the list's own epoch is looked for.
const LOOK_BACK: usize = 16;

impl Issuer {
    /// Proof of the issuance root at the chain's head; none when the chain gives none, which costs
    /// the epoch nothing.
    pub(super) async fn prove_issuance(&self, chain: &dyn AnchorChain) -> Option<StapledProof> {
        let did = self.identity.did().to_string();
        chain
            .prove(HeadOf::Issuance(&did))
            .await
            .inspect_err(|error| tracing::warn!(code = error.code(), "no proof of this epoch"))
            .ok()
    }

    /// The evidence for the credential at a place of a list, if its digest is this one: who asks
    /// must have the credential, so nobody collects evidence by counting through a list.
    /// What the chain cannot give now is left out; the rest serves all the same.
    pub async fn staple(
        &self,
        list: &ListId,
        index: u64,
        digest: &Digest,
    ) -> Result<Option<Staple>, StoreError> {
        let record = self.store.credential_at(list, index).await?;
        let issued = |record: &CredentialRecord| {
            record.issued().is_some_and(|issued| issued.digest == *digest)
        };
        let Some(record) = record.filter(issued) else { return Ok(None) };
        let mut staple = Staple::of(&digest.0);
        if let Some((batch, inclusion)) = crate::bulk::bulk_inclusion(self, &record).await? {
            staple.issuance = Some(inclusion);
            staple.chain.extend(batch.proof);
        } else if let Some(number) = record.batch
            && let Some(batch) = self.store.batch(number).await?
            && batch.is_anchored()
        {
            staple.issuance = issuance_inclusion(&batch, &record.id);
            staple.chain.extend(batch.proof);
        }
        staple.status = self.stapled_lists(&record).await?;
        let document = self.identity.did_document_bytes();
        staple.did.extend(String::from_utf8(document).ok());
        if let Some(chain) = self.chain.as_deref() {
            staple.chain.extend(self.current_proofs(chain, &record).await);
        }
        Ok(Some(staple))
    }

    /// The list as published in the newest anchored epoch, in the form that goes with the credential.
    async fn stapled_lists(
        &self,
        record: &CredentialRecord,
    ) -> Result<Vec<StapledList>, StoreError> {
        let url = self.settings.list_url(&record.list);
        let batches = self.store.last_batches(LOOK_BACK).await?;
        let Some(batch) = batches.iter().find(|batch| batch.is_anchored()) else {
            return Ok(Vec::new());
        };
        let mut lists = Vec::new();
        for id in [url.clone(), chain_anchors::token_list_id(&url)] {
            let Some(leaf) = batch.lists.iter().find(|leaf| leaf.list == id) else { continue };
            let Some(bytes) = self.store.archived(&leaf.sha256).await? else { continue };
            let (Ok(list), Some(inclusion)) =
                (String::from_utf8(bytes), list_inclusion(batch, &id))
            else {
                continue;
            };
            lists.push(StapledList { list, inclusion });
        }
        let token =
            record.configuration.format == credential_model::format::CredentialFormat::SdJwtVc;
        // One form is enough; the other would double the staple.
        lists.retain(|list| list.inclusion.list.ends_with("#statuslist+jwt") == token);
        Ok(lists)
    }

    async fn current_proofs(
        &self,
        chain: &dyn AnchorChain,
        record: &CredentialRecord,
    ) -> Vec<StapledProof> {
        let did = self.identity.did().to_string();
        let keys: Vec<[u8; 32]> = record.method.iter().map(|method| key_id_hash(method)).collect();
        let mut proofs = Vec::new();
        for head in [HeadOf::Did(&did), HeadOf::Status(&did), HeadOf::Keys(&did, &keys)] {
            match chain.prove(head).await {
                Ok(proof) => proofs.push(proof),
                Err(error) => {
                    tracing::warn!(code = error.code(), "a staple goes out without a proof");
                    // The others would wait for the same node.
                    break;
                }
            }
        }
        proofs
    }
}
