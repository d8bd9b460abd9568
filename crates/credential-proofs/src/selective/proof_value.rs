//! The four forms of `proofValue`: three bytes of header, then one CBOR array (vc-di-ecdsa 1.0, sections 3.5.2, 3.5.3,
//! 3.5.7 and 3.5.8; vc-di-bbs, section 3.3), in base64url behind the multibase prefix `u`.
//!
//! One proof has one text here: CBOR other than the shortest definite form, tags and trailing bytes are refused by
//! writing what was read and comparing.

use ciborium::Value as Cbor;

use super::labels::{LabelKey, from_digest, from_rank, to_digest, to_rank};
use super::{MAX_PROOF_VALUE, MAX_STATEMENTS};
use crate::base64url;
use crate::data_integrity::ProofError;

const ECDSA_BASE: [u8; 3] = [0xd9, 0x5d, 0x00];
const ECDSA_DERIVED: [u8; 3] = [0xd9, 0x5d, 0x01];
const BBS_BASE: [u8; 3] = [0xd9, 0x5d, 0x02];
const BBS_DERIVED: [u8; 3] = [0xd9, 0x5d, 0x03];
/// Holder binding, pseudonym, both: base and derived each.
const BBS_FEATURES: std::ops::RangeInclusive<u8> = 0x04..=0x09;

pub(super) const MAX_PRESENTATION_HEADER: usize = 1024;

/// A raw P-256 signature.
pub(super) type Signature = [u8; 64];

/// Any of the four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProofValue {
    EcdsaBase(EcdsaBase),
    EcdsaDerived(EcdsaDerived),
    BbsBase(BbsBase),
    BbsDerived(BbsDerived),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EcdsaBase {
    pub(super) base_signature: Signature,
    /// The Multikey bytes of the key that signed the statements.
    pub(super) public_key: Vec<u8>,
    pub(super) label_key: LabelKey,
    pub(super) signatures: Vec<Signature>,
    pub(super) mandatory_pointers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EcdsaDerived {
    pub(super) base_signature: Signature,
    pub(super) public_key: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
    /// The hidden label of each canonical one.
    pub(super) labels: Vec<String>,
    pub(super) mandatory: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BbsBase {
    pub(super) signature: [u8; 80],
    pub(super) header: [u8; 64],
    pub(super) public_key: [u8; 96],
    pub(super) label_key: LabelKey,
    pub(super) mandatory_pointers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BbsDerived {
    pub(super) proof: Vec<u8>,
    pub(super) labels: Vec<String>,
    pub(super) mandatory: Vec<usize>,
    /// Which of the statements that are not mandatory are disclosed.
    pub(super) selective: Vec<usize>,
    pub(super) presentation_header: Vec<u8>,
}

impl ProofValue {
    /// Reads a `proofValue`.
    pub(super) fn parse(text: &str) -> Result<Self, ProofError> {
        let malformed = || ProofError::Member("proofValue");
        if text.len() > MAX_PROOF_VALUE {
            return Err(malformed());
        }
        let bytes = text.strip_prefix('u').and_then(base64url::decode).ok_or_else(malformed)?;
        let (header, body) = bytes.split_first_chunk::<3>().ok_or_else(malformed)?;
        if header[..2] == ECDSA_BASE[..2] && BBS_FEATURES.contains(&header[2]) {
            return Err(ProofError::UnsupportedFeature);
        }
        let array = read(body).ok_or_else(malformed)?;
        let value = match *header {
            ECDSA_BASE => ecdsa_base(&array).map(Self::EcdsaBase),
            ECDSA_DERIVED => ecdsa_derived(&array).map(Self::EcdsaDerived),
            BBS_BASE => bbs_base(&array).map(Self::BbsBase),
            BBS_DERIVED => bbs_derived(&array).map(Self::BbsDerived),
            _ => None,
        };
        value.ok_or_else(malformed)
    }

    /// Writes a `proofValue`. `None` for labels of the wrong scheme.
    pub(super) fn to_text(&self) -> Option<String> {
        let (header, items) = match self {
            Self::EcdsaBase(value) => (
                ECDSA_BASE,
                vec![
                    bytes(&value.base_signature),
                    bytes(&value.public_key),
                    bytes(&value.label_key),
                    list(&value.signatures, |signature| bytes(signature)),
                    list(&value.mandatory_pointers, |pointer| Cbor::Text(pointer.clone())),
                ],
            ),
            Self::EcdsaDerived(value) => (
                ECDSA_DERIVED,
                vec![
                    bytes(&value.base_signature),
                    bytes(&value.public_key),
                    list(&value.signatures, |signature| bytes(signature)),
                    label_map(&value.labels, |label| Some(bytes(&to_digest(label)?)))?,
                    list(&value.mandatory, number),
                ],
            ),
            Self::BbsBase(value) => (
                BBS_BASE,
                vec![
                    bytes(&value.signature),
                    bytes(&value.header),
                    bytes(&value.public_key),
                    bytes(&value.label_key),
                    list(&value.mandatory_pointers, |pointer| Cbor::Text(pointer.clone())),
                ],
            ),
            Self::BbsDerived(value) => (
                BBS_DERIVED,
                vec![
                    bytes(&value.proof),
                    label_map(&value.labels, |label| Some(number(&to_rank(label)?)))?,
                    list(&value.mandatory, number),
                    list(&value.selective, number),
                    bytes(&value.presentation_header),
                ],
            ),
        };
        let mut out = header.to_vec();
        ciborium::into_writer(&Cbor::Array(items), &mut out).ok()?;
        Some(format!("u{}", base64url::encode(out)))
    }
}

fn bytes(bytes: &[u8]) -> Cbor {
    Cbor::Bytes(bytes.to_vec())
}

fn number(number: &usize) -> Cbor {
    Cbor::Integer((*number as u64).into())
}

fn list<T>(items: &[T], item: impl Fn(&T) -> Cbor) -> Cbor {
    Cbor::Array(items.iter().map(item).collect())
}

fn label_map(labels: &[String], short: impl Fn(&str) -> Option<Cbor>) -> Option<Cbor> {
    let pair = |(index, label): (usize, &String)| Some((number(&index), short(label)?));
    Some(Cbor::Map(labels.iter().enumerate().map(pair).collect::<Option<_>>()?))
}

/// Exactly one array of five, in the one form that we would write.
fn read(body: &[u8]) -> Option<[Cbor; 5]> {
    // The deepest of the four forms is array, array, bytes.
    let value: Cbor = ciborium::de::from_reader_with_recursion_limit(body, 4).ok()?;
    let mut again = Vec::with_capacity(body.len());
    ciborium::into_writer(&value, &mut again).ok()?;
    if again != body {
        return None;
    }
    value.into_array().ok()?.try_into().ok()
}

fn fixed<const N: usize>(value: &Cbor) -> Option<[u8; N]> {
    value.as_bytes()?.as_slice().try_into().ok()
}

fn items<T>(value: &Cbor, max: usize, item: impl Fn(&Cbor) -> Option<T>) -> Option<Vec<T>> {
    let items = value.as_array()?;
    if items.len() > max { None } else { items.iter().map(item).collect() }
}

fn small(value: &Cbor) -> Option<usize> {
    u32::try_from(value.as_integer()?).ok().map(|number| number as usize)
}

/// Ascending, so that none is there twice.
fn indexes(value: &Cbor) -> Option<Vec<usize>> {
    let indexes = items(value, 4 * MAX_STATEMENTS, small)?;
    indexes.is_sorted_by(|one, two| one < two).then_some(indexes)
}

/// For every canonical label from `c14n0` on exactly one hidden label, and each of these once: two blank nodes under one
/// label would be one.
fn labels(value: &Cbor, long: impl Fn(&Cbor) -> Option<String>) -> Option<Vec<String>> {
    let pairs = value.as_map()?;
    if pairs.len() > 4 * MAX_STATEMENTS {
        return None;
    }
    let mut labels = vec![String::new(); pairs.len()];
    for (number, short) in pairs {
        let slot = labels.get_mut(small(number)?)?;
        if !slot.is_empty() {
            return None;
        }
        *slot = long(short)?;
    }
    let mut sorted: Vec<&String> = labels.iter().collect();
    sorted.sort_unstable();
    sorted.is_sorted_by(|one, two| one < two).then_some(labels)
}

fn pointers(value: &Cbor) -> Option<Vec<String>> {
    items(value, super::MAX_POINTERS, |pointer| pointer.as_text().map(str::to_owned))
}

/// A P-256 Multikey: prefix and compressed point.
fn multikey(value: &Cbor) -> Option<Vec<u8>> {
    value.as_bytes().filter(|key| key.len() == 35).cloned()
}

fn ecdsa_base([signature, key, label_key, signatures, mandatory]: &[Cbor; 5]) -> Option<EcdsaBase> {
    Some(EcdsaBase {
        base_signature: fixed(signature)?,
        public_key: multikey(key)?,
        label_key: fixed(label_key)?,
        signatures: items(signatures, MAX_STATEMENTS, fixed)?,
        mandatory_pointers: pointers(mandatory)?,
    })
}

fn ecdsa_derived([signature, key, signatures, map, mandatory]: &[Cbor; 5]) -> Option<EcdsaDerived> {
    Some(EcdsaDerived {
        base_signature: fixed(signature)?,
        public_key: multikey(key)?,
        signatures: items(signatures, MAX_STATEMENTS, fixed)?,
        labels: labels(map, |label| Some(from_digest(&fixed(label)?)))?,
        mandatory: indexes(mandatory)?,
    })
}

fn bbs_base([signature, header, key, label_key, mandatory]: &[Cbor; 5]) -> Option<BbsBase> {
    Some(BbsBase {
        signature: fixed(signature)?,
        header: fixed(header)?,
        public_key: fixed(key)?,
        label_key: fixed(label_key)?,
        mandatory_pointers: pointers(mandatory)?,
    })
}

fn bbs_derived([proof, map, mandatory, selective, header]: &[Cbor; 5]) -> Option<BbsDerived> {
    Some(BbsDerived {
        proof: proof.as_bytes()?.clone(),
        labels: labels(map, |label| small(label).map(from_rank))?,
        mandatory: indexes(mandatory)?,
        selective: indexes(selective)?,
        presentation_header: header
            .as_bytes()
            .filter(|header| header.len() <= MAX_PRESENTATION_HEADER)?
            .clone(),
    })
}
