//! Status packs as an issuer makes them, and lies about them.
#![allow(dead_code, missing_docs, unreachable_pub)]

use credential_model::{did::DidUrl, moment::Moment};
use credential_proofs::jose;
use credential_verification::packs::HeldPack;
use serde_json::json;
use sha2::{Digest, Sha256};
use signing_keys::StoreSigner;
use status_lists::{
    Bitstring, DeltaLink, PackContent, PackDelta, PackListing, STATUS_PACK_TYP, SnapshotLink,
    StatusPackIndex, index_payload,
};

use super::harness::{Issuer, Reply, World};

/// A pack of the issuer's one list.
pub struct Made {
    pub index: StatusPackIndex,
    pub content: PackContent,
}

/// What the list says in this edition; `list` is the digest of the signed list credential.
pub fn pack(
    issuer: &Issuer,
    values: &[(usize, u8)],
    (epoch, version): (u64, u64),
    list: [u8; 32],
    issued: Moment,
) -> Made {
    let mut bits = Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
    for (index, value) in values {
        bits.set(*index, *value).unwrap();
    }
    let content = PackContent::encode(&[&bits]).unwrap();
    let listing =
        PackListing { id: issuer.list_url(), purpose: "message".to_owned(), version, sha256: list };
    let index = StatusPackIndex {
        issuer: issuer.did.to_string(),
        issued,
        valid_until: issued.plus_seconds(86_400),
        epoch,
        lists: vec![listing],
        snapshot: SnapshotLink::new(part_url(issuer, &content.digest()), &content),
        deltas: Vec::new(),
    };
    Made { index, content }
}

pub fn part_url(issuer: &Issuer, sha256: &[u8; 32]) -> String {
    format!("https://{}/status/pack/{}", issuer.host, hex::encode(sha256))
}

impl Made {
    /// With the step that leads here from another edition.
    pub fn after(mut self, issuer: &Issuer, before: &Made, world: &World) -> Self {
        let delta = PackDelta::between(&before.content, &self.content).unwrap();
        let sha256: [u8; 32] = Sha256::digest(delta.bytes()).into();
        let url = part_url(issuer, &sha256);
        world.put(&url, Reply::Page { media_type: "x/y".into(), body: delta.bytes().to_vec() });
        self.index.deltas = before.index.deltas.clone();
        self.index.deltas.push(DeltaLink::new(url, &delta));
        self
    }

    pub fn sign(&self, issuer: &Issuer) -> String {
        self.sign_as(&issuer.kid("ed"), &issuer.ed25519)
    }

    pub fn sign_as(&self, kid: &DidUrl, signer: &StoreSigner) -> String {
        let header = json!({"typ": STATUS_PACK_TYP, "kid": kid.as_str()});
        jose::sign(header, index_payload(&self.index).to_string().as_bytes(), signer).unwrap()
    }

    pub fn held(&self, issuer: &Issuer) -> HeldPack {
        HeldPack::open(&self.sign(issuer), self.content.bytes().to_vec(), None, None).unwrap()
    }

    /// Puts index and snapshot on the network.
    pub fn publish(&self, issuer: &Issuer, world: &World) {
        let page = |body: Vec<u8>| Reply::Page { media_type: "x/y".into(), body };
        let index = format!("https://{}/status/pack", issuer.host);
        world.put(&index, page(self.sign(issuer).into_bytes()));
        let snapshot = part_url(issuer, &self.content.digest());
        world.put(&snapshot, page(self.content.bytes().to_vec()));
    }
}
