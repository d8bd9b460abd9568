//! Status lists: opening, values, publication, archive.

use credential_issuance::audit::AuditEvent;
use credential_issuance::ids::ListId;
use credential_issuance::status::StatusValue;
use credential_issuance::status::{ListRecord, Publication};

use super::{Answer, EmbeddedIssuerStore, StoreError, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn write_new_list(&self, list: &ListRecord) -> Answer<()> {
        let _writer = self.database.exclusive();
        if self.get(tables::LISTS, list.id.as_str().as_bytes())?.is_some() {
            return Err(StoreError::Taken("list id"));
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::LISTS, list.id.as_str(), list)?;
        tables::LISTS_OPEN.put(&mut batch, list.class.prefix(), list.id.as_str());
        self.commit(batch)
    }

    pub(super) fn values(&self, id: &ListId) -> Answer<Vec<(u64, StatusValue)>> {
        let prefix = tables::member_key(id.as_str(), "");
        let damaged = || StoreError::Unreadable("a status value is damaged".to_owned());
        self.rows(tables::VALUES, &prefix, None, usize::MAX)?
            .into_iter()
            .map(|(key, value)| {
                let index: [u8; 8] = key[prefix.len()..].try_into().map_err(|_| damaged())?;
                let value = match value.as_slice() {
                    [1] => StatusValue::Suspended,
                    [2] => StatusValue::Revoked,
                    [3] => StatusValue::Superseded,
                    _ => return Err(damaged()),
                };
                Ok((u64::from_be_bytes(index), value))
            })
            .collect()
    }

    pub(super) fn write_publication(
        &self,
        publication: &Publication,
        audit: AuditEvent,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let list: ListRecord = self
            .record(tables::LISTS, publication.list.as_str())?
            .ok_or(StoreError::Missing("list"))?;
        let version = list.published.as_ref().map_or(0, |published| published.version);
        if publication.published.version != version + 1 {
            return Err(StoreError::Conflict);
        }
        let list = ListRecord { published: Some(publication.published.clone()), ..list };
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::LISTS, list.id.as_str(), &list)?;
        let forms = [("document", &publication.document), ("token", &publication.token)];
        for (form, bytes) in forms {
            tables::PUBLISHED.put(
                &mut batch,
                tables::member_key(list.id.as_str(), form),
                bytes.clone(),
            );
        }
        tables::ARCHIVE.put(
            &mut batch,
            publication.published.document.0,
            publication.document.clone(),
        );
        tables::ARCHIVE.put(&mut batch, publication.published.token.0, publication.token.clone());
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn published_bytes(&self, id: &ListId) -> Answer<Option<(Vec<u8>, Vec<u8>)>> {
        // Both forms are written in one batch; the place of the writer keeps a reader from
        // seeing one before and one after it.
        let _writer = self.database.exclusive();
        let document = self.get(tables::PUBLISHED, &tables::member_key(id.as_str(), "document"))?;
        let token = self.get(tables::PUBLISHED, &tables::member_key(id.as_str(), "token"))?;
        Ok(document.zip(token))
    }
}
