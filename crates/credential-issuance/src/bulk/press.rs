//! Many rows to signed credentials, on one thread, without waiting for anything.

use std::sync::Arc;

use credential_model::ambient::{Entropy, random_uuid_urn};
use credential_model::credential::json_digest;
use credential_model::did::ProofPurpose;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{BulkIssuer, Cryptosuite, ProofOptions};
use serde_json::Value;
use status_lists::{IndexAllocator, StatusEntry, StatusValue};

use super::chunk::{ChunkHead, Row, tally};
use super::document::{Cells, Maker, row_key};
use super::job::CHUNK_ROWS;
use super::mould::{Moulds, Own};
use super::names;
use super::store::{RowKey, SealedRecord};
use crate::credential::{Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued};
use crate::identity::Identity;
use crate::ids::{Digest, JobId, NotificationId};

/// What a thread needs; cheap to clone.
#[derive(Clone)]
pub(super) struct Press {
    pub(super) maker: Arc<Maker>,
    pub(super) identity: Identity,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) now: Moment,
    /// Key of row identities and of padding.
    pub(super) secret: [u8; 32],
    /// The list of the chunk's places, and its order.
    pub(super) list_url: String,
    pub(super) allocator: IndexAllocator,
}

/// A chunk as it will be committed.
pub(super) struct Pressed {
    pub(super) head: ChunkHead,
    pub(super) rows: Vec<Row>,
    pub(super) records: Vec<SealedRecord>,
    pub(super) keys: Vec<(RowKey, u64)>,
    pub(super) leaves: Vec<Digest>,
}

impl Press {
    /// Signs the ready rows of a chunk.
    pub(super) fn print(&self, head: ChunkHead, rows: Vec<Row>) -> Result<Pressed, String> {
        let (signer, method) = self.identity.ed25519();
        let options = ProofOptions {
            cryptosuite: Cryptosuite::EddsaRdfc2022,
            verification_method: method.clone(),
            proof_purpose: ProofPurpose::AssertionMethod,
            created: Some(self.now),
            expires: None,
            challenge: None,
            domain: None,
        };
        let bulk = BulkIssuer::new(options, signer.algorithm()).map_err(|e| e.to_string())?;
        let mut line = Line { press: self, bulk, learned: Vec::new(), moulds: Moulds::default() };
        let first = u64::from(head.number) * CHUNK_ROWS as u64;
        let mut pressed = Pressed {
            rows: Vec::with_capacity(rows.len()),
            records: Vec::with_capacity(rows.len()),
            keys: Vec::with_capacity(rows.len()),
            leaves: Vec::new(),
            head,
        };
        let frame = Frame::new(self, &pressed.head)?;
        let mut counter = pressed.head.places.as_ref().map_or(0, |places| places.first);
        for (number, row) in (first..).zip(rows) {
            let Row::Ready(cells) = row else {
                pressed.rows.push(row);
                continue;
            };
            let index = self.allocator.at(counter).ok_or("the list has no such place")? as u64;
            counter += 1;
            match line.row(&frame, number, index, &cells)? {
                Ok(record) => {
                    pressed.keys.push((row_key(&self.secret, &self.maker.plan, &cells), number));
                    pressed.records.push(record);
                    pressed.rows.push(Row::Issued);
                }
                Err(row) => pressed.rows.push(row),
            }
        }
        self.close(&mut pressed);
        Ok(pressed)
    }

    /// Counts and builds the chunk's tree. Called again when rows fell out.
    pub(super) fn close(&self, pressed: &mut Pressed) {
        let (job, number) = (pressed.head.job.clone(), pressed.head.number);
        let leaves = pressed.records.iter().filter_map(|record| {
            let digest = record.record.issued()?.digest;
            Some(Digest(chain_anchors::issuance_leaf(&record.record.salt.0, &digest.0)))
        });
        pressed.leaves = super::root::pad(leaves.collect(), &self.secret, &job, number);
        pressed.head.root = super::root::chunk_root(&pressed.leaves);
        pressed.head.done = Some(tally(&pressed.rows));
    }
}

/// What all records of a chunk have in common.
struct Frame {
    record: CredentialRecord,
    job: JobId,
}

impl Frame {
    fn new(press: &Press, head: &ChunkHead) -> Result<Self, String> {
        let named = |_| "a row has no name".to_owned();
        let list = head.places.as_ref().map(|places| places.list.clone());
        let record = CredentialRecord {
            id: names::credential_id(&head.job, 0).map_err(named)?,
            revision: 1,
            document_id: String::new(),
            offer: names::job_offer(&head.job).map_err(named)?,
            configuration: Configuration {
                credential_type: press.maker.plan.credential_type,
                format: CredentialFormat::LdpVc,
            },
            kind: None,
            // Nobody's key yet; the row number keeps the idempotency keys apart.
            holder: HolderBinding {
                did: String::new(),
                thumbprint: String::new(),
                jwk: Value::Null,
            },
            list: list.ok_or("no places were reserved")?,
            index: 0,
            status: StatusValue::Valid,
            history: Vec::new(),
            valid_from: press.now,
            valid_until: None,
            prepared_at: press.now,
            method: Some(press.identity.ed25519().1.to_string()),
            salt: Digest::ZERO,
            notification: NotificationId::parse(&format!("{}{}", names::PREFIX, head.job))
                .map_err(named)?,
            notified: None,
            batch: None,
            stage: CredentialStage::Issued(Issued {
                at: press.now,
                credential: Value::Null,
                digest: Digest::ZERO,
            }),
        };
        Ok(Self { record, job: head.job.clone() })
    }
}

/// One thread's work on a chunk.
struct Line<'p> {
    press: &'p Press,
    bulk: BulkIssuer<'static>,
    learned: Vec<Vec<String>>,
    moulds: Moulds,
}

/// A signed document: its text, its digest, and what the record shows of it.
struct Signed {
    text: String,
    digest: [u8; 32],
    kind: Option<String>,
    valid_until: Option<Moment>,
}

impl Line<'_> {
    /// A ready row as a record, or what else becomes of it.
    fn row(
        &mut self,
        frame: &Frame,
        number: u64,
        index: u64,
        cells: &Cells,
    ) -> Result<Result<SealedRecord, Row>, String> {
        let id = random_uuid_urn(&*self.press.entropy);
        let (entry, place) = (format!("{}#{index}", self.press.list_url), index.to_string());
        let own = Own { id: &id, entry: &entry, index: &place };
        let signed = match self.moulded(&own, cells)? {
            Some(signed) => signed,
            None => match self.single(&own, index, cells)? {
                Ok(signed) => signed,
                Err(row) => return Ok(Err(row)),
            },
        };
        let mut salt = [0; 32];
        self.press.entropy.fill(&mut salt);
        let name = names::credential_id(&frame.job, number);
        let mut record = CredentialRecord {
            id: name.map_err(|_| "a row has no name".to_owned())?,
            document_id: id,
            kind: signed.kind,
            index,
            valid_until: signed.valid_until,
            salt: Digest(salt),
            ..frame.record.clone()
        };
        record.holder.thumbprint = format!("row-{number}");
        if let CredentialStage::Issued(issued) = &mut record.stage {
            issued.digest = Digest(signed.digest);
        }
        let sealed = SealedRecord::with_credential(record, &signed.text);
        sealed.map(Ok).ok_or_else(|| "a record has no place for its credential".to_owned())
    }

    /// The quick way: texts into the holes of a mould.
    fn moulded(&self, own: &Own<'_>, cells: &Cells) -> Result<Option<Signed>, String> {
        let Some(mould) = self.moulds.find(cells) else { return Ok(None) };
        let Some(filled) = mould.fill(own, cells) else { return Ok(None) };
        let (signer, _) = self.press.identity.ed25519();
        let signature = signer.sign(filled.signing_input()).map_err(|e| e.to_string())?;
        let mut text = String::with_capacity(4096);
        let digest = filled.seal_into(&signature, &mut text);
        let (kind, valid_until) = (mould.kind.clone(), mould.valid_until);
        Ok(Some(Signed { text, digest, kind, valid_until }))
    }

    /// The generic way: the document is built and checked. Its form is learned for those after it.
    fn single(
        &mut self,
        own: &Own<'_>,
        index: u64,
        cells: &Cells,
    ) -> Result<Result<Signed, Row>, String> {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let place = StatusEntry::new(self.press.list_url.as_str(), at);
        let maker = &self.press.maker;
        let document = match maker.document(cells, own.id, self.press.now, &place, None) {
            Ok(document) => document,
            Err(findings) => return Ok(Err(Row::Refused(findings))),
        };
        if self.moulds.note(&self.bulk, own, cells, &document) {
            let shape: Vec<String> = cells.keys().cloned().collect();
            if self.learned.len() < 16 && !self.learned.contains(&shape) {
                // What cannot be learned goes the generic way, with the same result.
                let _ = self.bulk.learn(&document);
                self.learned.push(shape);
            }
        }
        let Ok(proof) = self.bulk.prepare(&document) else {
            return Ok(Err(Row::Held("cannot_secure".to_owned())));
        };
        let (signer, _) = self.press.identity.ed25519();
        let signature = signer.sign(proof.signing_input()).map_err(|e| e.to_string())?;
        let text = proof.seal(&signature);
        let credential: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let member = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        Ok(Ok(Signed {
            digest: json_digest(&credential),
            kind: member("/credentialSubject/achievement/humanCode").map(str::to_owned),
            valid_until: member("/validUntil").and_then(|until| Moment::parse(until).ok()),
            text,
        }))
    }
}
