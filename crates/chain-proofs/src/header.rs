//! A block header as RLP (Yellow Paper section 4.4.3; later members follow in the order of their
//! EIPs and are carried along unread).

use alloy_primitives::keccak256;
use alloy_rlp::{Decodable, Header as RlpHeader};

use crate::ChainProofError;

/// Larger headers are not read. 100 QBFT validators and their seals take about 9 kB.
pub const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Members every header has had since the first block.
const LEAST_MEMBERS: usize = 15;
/// Members no chain has reached yet.
const MOST_MEMBERS: usize = 32;
const STATE_ROOT: usize = 3;
const NUMBER: usize = 8;
const TIMESTAMP: usize = 11;
const EXTRA_DATA: usize = 12;

/// A header that was read, not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockHeader {
    /// Each member with its RLP prefix.
    members: Vec<Vec<u8>>,
    /// Root of the state trie.
    pub state_root: [u8; 32],
    /// Height.
    pub number: u64,
    /// Unix seconds.
    pub time: i64,
    /// The extra data, prefix taken off.
    pub extra: Vec<u8>,
}

impl BlockHeader {
    /// Reads exactly one header.
    ///
    /// # Errors
    /// [`ChainProofError::Header`] or [`ChainProofError::HeaderTooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ChainProofError> {
        let bad = ChainProofError::Header;
        if bytes.len() > MAX_HEADER_BYTES {
            return Err(ChainProofError::HeaderTooLarge);
        }
        let members = members(bytes).ok_or(bad("no RLP list"))?;
        if !(LEAST_MEMBERS..=MOST_MEMBERS).contains(&members.len()) {
            return Err(bad("number of members"));
        }
        let state_root =
            text(members[STATE_ROOT]).and_then(|root| root.try_into().ok()).ok_or(bad("root"))?;
        let number = scalar(members[NUMBER]).ok_or(bad("number"))?;
        let time = scalar(members[TIMESTAMP])
            .and_then(|time| i64::try_from(time).ok())
            .ok_or(bad("timestamp"))?;
        let extra = text(members[EXTRA_DATA]).ok_or(bad("extra data"))?.to_vec();
        let members = members.into_iter().map(<[u8]>::to_vec).collect();
        Ok(Self { members, state_root, number, time, extra })
    }

    /// The hash of the header as it is.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash_list(self.members.iter().map(Vec::as_slice))
    }

    /// The hash this header would have with other extra data (QBFT hashes it without the seals).
    #[must_use]
    pub fn hash_with_extra(&self, extra: &[u8]) -> [u8; 32] {
        let mut encoded = Vec::with_capacity(extra.len() + 9);
        alloy_rlp::Encodable::encode(extra, &mut encoded);
        hash_list(
            self.members.iter().enumerate().map(|(index, member)| {
                if index == EXTRA_DATA { encoded.as_slice() } else { member }
            }),
        )
    }
}

fn hash_list<'a>(members: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let payload: Vec<u8> = members.flatten().copied().collect();
    let mut out = Vec::with_capacity(payload.len() + 9);
    RlpHeader { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend_from_slice(&payload);
    keccak256(&out).0
}

/// The items of one RLP list, each with its prefix; nothing may follow the list. `None` for
/// anything else, non-canonical lengths included.
pub(crate) fn members(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = bytes;
    let mut payload = RlpHeader::decode_bytes(&mut rest, true).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    while !payload.is_empty() {
        let whole = payload;
        let header = RlpHeader::decode(&mut payload).ok()?;
        if header.payload_length > payload.len() {
            return None;
        }
        payload = &payload[header.payload_length..];
        items.push(&whole[..whole.len() - payload.len()]);
    }
    Some(items)
}

/// The bytes of one RLP string; nothing may follow it.
pub(crate) fn text(item: &[u8]) -> Option<&[u8]> {
    let mut rest = item;
    let bytes = RlpHeader::decode_bytes(&mut rest, false).ok()?;
    rest.is_empty().then_some(bytes)
}

/// A canonical unsigned number of at most 64 bits.
pub(crate) fn scalar(item: &[u8]) -> Option<u64> {
    let mut rest = item;
    let number = u64::decode(&mut rest).ok()?;
    rest.is_empty().then_some(number)
}
