//! Offers and their look-ups by code and token.

use credential_issuance::audit::AuditEvent;
use credential_issuance::ids::Digest;
use credential_issuance::offer::{Offer, OfferStage};

use super::{Answer, EmbeddedIssuerStore, Page, StoreError, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn write_new_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        if self.get(tables::OFFERS, offer.id.as_str().as_bytes())?.is_some() {
            return Err(StoreError::Taken("offer id"));
        }
        let code = code(&offer.stage).ok_or(StoreError::Conflict)?;
        if offer.revision != 1 || self.get(tables::OFFERS_BY_CODE, &code.0)?.is_some() {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::OFFERS, offer.id.as_str(), offer)?;
        tables::OFFERS_BY_CODE.put(&mut batch, code.0, offer.id.as_str());
        tables::OFFERS_BY_TIME.put(&mut batch, time_key(offer), offer.id.as_str());
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn write_next_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        let before: Offer =
            self.record(tables::OFFERS, offer.id.as_str())?.ok_or(StoreError::Missing("offer"))?;
        if before.revision + 1 != offer.revision {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::OFFERS, offer.id.as_str(), offer)?;
        if let Some(token) = token(&before.stage) {
            tables::OFFERS_BY_TOKEN.delete(&mut batch, token.0);
        }
        // After the removal: a later change of the same key wins.
        if let Some(token) = token(&offer.stage) {
            tables::OFFERS_BY_TOKEN.put(&mut batch, token.0, offer.id.as_str());
        }
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn offers_in_time_order(&self, page: Page<'_>) -> Answer<Vec<Offer>> {
        let after = match page.after {
            None => None,
            Some(id) => {
                let offer: Option<Offer> = self.record(tables::OFFERS, id)?;
                Some(time_key(&offer.ok_or(StoreError::Missing("offer"))?))
            }
        };
        let mut offers = Vec::new();
        for (_, id) in self.rows(tables::OFFERS_BY_TIME, b"", after.as_deref(), page.limit)? {
            offers.extend(self.record::<Offer>(tables::OFFERS, id)?);
        }
        Ok(offers)
    }
}

pub(super) fn time_key(offer: &Offer) -> Vec<u8> {
    // Offset binary: moments before 1970 sort before later ones too.
    let seconds = offer.created_at.unix().wrapping_add(i64::MIN) as u64;
    [&seconds.to_be_bytes(), offer.id.as_str().as_bytes()].concat()
}

fn code(stage: &OfferStage) -> Option<&Digest> {
    match stage {
        OfferStage::Created(created) => Some(&created.code),
        _ => None,
    }
}

pub(super) fn token(stage: &OfferStage) -> Option<&Digest> {
    match stage {
        OfferStage::Redeemed(redeemed) => Some(&redeemed.token),
        _ => None,
    }
}
