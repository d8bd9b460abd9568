//! Many rows to signed credentials, on one thread, without waiting for anything.

use std::collections::HashMap;
use std::sync::Arc;

use credential_model::ambient::{Entropy, random_uuid_urn};
use credential_model::credential::json_digest;
use credential_model::did::ProofPurpose;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{BulkIssuer, Cryptosuite, ProofOptions};
use serde_json::Value;
use status_lists::{IndexAllocator, StatusEntry, StatusValue};

use super::chunk::{ChunkHead, Row, RowFinding, tally};
use super::document::{Cells, Maker, row_key};
use super::job::CHUNK_ROWS;
use super::names;
use super::store::RowKey;
use crate::credential::{Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued};
use crate::identity::Identity;
use crate::ids::{Digest, NotificationId};

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
    pub(super) records: Vec<CredentialRecord>,
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
        let mut bulk = BulkIssuer::new(options, signer.algorithm()).map_err(|e| e.to_string())?;
        let mut learned: Vec<(Option<String>, Vec<String>)> = Vec::new();
        let mut moulds = HashMap::new();
        let first = u64::from(head.number) * CHUNK_ROWS as u64;
        let mut pressed = Pressed {
            rows: Vec::with_capacity(rows.len()),
            records: Vec::with_capacity(rows.len()),
            keys: Vec::with_capacity(rows.len()),
            leaves: Vec::new(),
            head,
        };
        let mut counter = pressed.head.places.as_ref().map_or(0, |places| places.first);
        for (number, row) in (first..).zip(rows) {
            let Row::Ready(cells) = row else {
                pressed.rows.push(row);
                continue;
            };
            let index = self.allocator.at(counter).ok_or("the list has no such place")? as u64;
            counter += 1;
            let document = match self.fill(&mut moulds, &cells, index) {
                Ok(document) => document,
                Err(findings) => {
                    pressed.rows.push(Row::Refused(findings));
                    continue;
                }
            };
            let shape = (cells.get("kind").cloned(), cells.keys().cloned().collect());
            if !learned.contains(&shape) && learned.len() < 16 {
                // What cannot be learned goes the generic way, with the same result.
                let _ = bulk.learn(&document);
                learned.push(shape);
            }
            let Ok(proof) = bulk.prepare(&document) else {
                pressed.rows.push(Row::Held("cannot_secure".to_owned()));
                continue;
            };
            let signature = signer.sign(proof.signing_input()).map_err(|e| e.to_string())?;
            let credential: Value =
                serde_json::from_str(&proof.seal(&signature)).map_err(|e| e.to_string())?;
            let record = self.record(&pressed.head, number, index, document, credential)?;
            pressed.keys.push((row_key(&self.secret, &self.maker.plan, &cells), number));
            pressed.records.push(record);
            pressed.rows.push(Row::Issued);
        }
        self.close(&mut pressed);
        Ok(pressed)
    }

    /// Counts and builds the chunk's tree. Called again when rows fell out.
    pub(super) fn close(&self, pressed: &mut Pressed) {
        let (job, number) = (pressed.head.job.clone(), pressed.head.number);
        let leaves = pressed.records.iter().filter_map(|record| {
            let digest = record.issued()?.digest;
            Some(Digest(chain_anchors::issuance_leaf(&record.salt.0, &digest.0)))
        });
        pressed.leaves = super::root::pad(leaves.collect(), &self.secret, &job, number);
        pressed.head.root = super::root::chunk_root(&pressed.leaves);
        pressed.head.done = Some(tally(&pressed.rows));
    }

    /// The document of a row. Its like was built and checked before; only texts differ, and those
    /// were checked too.
    fn fill(
        &self,
        moulds: &mut HashMap<Vec<String>, (Value, Cells)>,
        cells: &Cells,
        index: u64,
    ) -> Result<Value, Vec<RowFinding>> {
        let place =
            StatusEntry::new(self.list_url.as_str(), usize::try_from(index).unwrap_or(usize::MAX));
        let id = random_uuid_urn(&*self.entropy);
        // The kind fills members of its own; everything else is the text of its cell.
        let mut shape: Vec<String> = cells.keys().cloned().collect();
        // A date is written as a moment, so each has a mould of its own.
        shape.extend(["kind", "awardedDate"].iter().filter_map(|field| cells.get(*field).cloned()));
        let (mould, of) = match moulds.get(&shape) {
            Some(mould) => mould,
            None => {
                let mould = self.maker.document(cells, &id, self.now, &place, None)?;
                if moulds.len() >= 256 {
                    moulds.clear();
                }
                moulds.insert(shape, (mould.clone(), cells.clone()));
                return Ok(mould);
            }
        };
        let mut document = mould.clone();
        let mut set = |pointer: &str, text: String| match document.pointer_mut(pointer) {
            Some(member) => {
                *member = Value::String(text);
                true
            }
            None => false,
        };
        let mut whole = set("/id", id.clone())
            && set("/credentialStatus/id", format!("{}#{index}", self.list_url))
            && set("/credentialStatus/statusListIndex", index.to_string());
        for (field, cell) in cells.iter().filter(|(field, cell)| of.get(*field) != Some(*cell)) {
            let pointer = format!("/credentialSubject/{}", field.replace('.', "/"));
            whole &= set(&pointer, cell.clone());
        }
        if whole {
            return Ok(document);
        }
        self.maker.document(cells, &id, self.now, &place, None)
    }

    fn record(
        &self,
        head: &ChunkHead,
        row: u64,
        index: u64,
        document: Value,
        credential: Value,
    ) -> Result<CredentialRecord, String> {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let named = |_| "a row has no name".to_owned();
        let mut salt = [0; 32];
        self.entropy.fill(&mut salt);
        let list = head.places.as_ref().map(|places| places.list.clone());
        Ok(CredentialRecord {
            id: names::credential_id(&head.job, row).map_err(named)?,
            revision: 1,
            document_id: text("/id").unwrap_or_default().to_owned(),
            offer: names::job_offer(&head.job).map_err(named)?,
            configuration: Configuration {
                credential_type: self.maker.plan.credential_type,
                format: CredentialFormat::LdpVc,
            },
            kind: text("/credentialSubject/achievement/humanCode").map(str::to_owned),
            // Nobody's key yet; the row number keeps the idempotency keys apart.
            holder: HolderBinding {
                did: String::new(),
                thumbprint: format!("row-{row}"),
                jwk: Value::Null,
            },
            list: list.ok_or("no places were reserved")?,
            index,
            status: StatusValue::Valid,
            history: Vec::new(),
            valid_from: self.now,
            valid_until: text("/validUntil").and_then(|until| Moment::parse(until).ok()),
            prepared_at: self.now,
            method: Some(self.identity.ed25519().1.to_string()),
            salt: Digest(salt),
            notification: NotificationId::parse(&format!("{}{}", names::PREFIX, head.job))
                .map_err(named)?,
            notified: None,
            batch: None,
            stage: CredentialStage::Issued(Issued {
                at: self.now,
                digest: Digest(json_digest(&credential)),
                credential,
            }),
        })
    }
}
