//! What a chain's nodes hand over: block headers, seals. Status packs.

use chain_proofs::{BlockHeader, QbftExtra};
use status_lists::{PackContent, PackDelta};

use crate::Seen;
use crate::seen::magnitude;

/// An RLP string or list of what is encoded already.
pub(super) fn rlp(list: bool, payload: &[u8]) -> Vec<u8> {
    let base = if list { 0xc0 } else { 0x80 };
    match payload {
        [single @ 0..=0x7f] if !list => vec![*single],
        short if short.len() < 56 => [&[base + short.len() as u8][..], short].concat(),
        long => {
            let length = (long.len() as u64).to_be_bytes();
            let start = length.iter().position(|byte| *byte != 0).unwrap_or(7);
            let width = (8 - start) as u8;
            [&[base + 55 + width][..], &length[start..], long].concat()
        }
    }
}

fn extra() -> Vec<u8> {
    let validators: Vec<u8> = (1..=4_u8).flat_map(|at| rlp(false, &[at; 20])).collect();
    let seals: Vec<u8> = (1..=3_u8).flat_map(|at| rlp(false, &[at; 65])).collect();
    let parts = [
        rlp(false, &[0; 32]),
        rlp(true, &validators),
        rlp(true, &[]),
        rlp(false, &[]),
        rlp(true, &seals),
    ];
    rlp(true, &parts.concat())
}

pub(super) fn headers() -> Vec<Vec<u8>> {
    vec![header_with_state(&[4; 32])]
}

/// A header whose state root is this.
pub(super) fn header_with_state(root: &[u8; 32]) -> Vec<u8> {
    let extra = extra();
    let members: [&[u8]; 15] = [
        &[1; 32],
        &[2; 32],
        &[3; 20],
        root,
        &[5; 32],
        &[6; 32],
        &[0; 256],
        &[1],
        &[9],
        &[200, 1],
        &[],
        &[100, 1, 2, 3],
        &extra,
        &[7; 32],
        &[0; 8],
    ];
    let body: Vec<u8> = members.iter().flat_map(|member| rlp(false, member)).collect();
    rlp(true, &body)
}

pub(super) fn header(input: &[u8]) -> Seen {
    match BlockHeader::parse(input) {
        Err(error) => Seen::of(format!("{error:?}")),
        Ok(header) => {
            assert_eq!(
                header.hash(),
                BlockHeader::parse(input).map(|it| it.hash()).unwrap_or_default()
            );
            Seen::of("header").and(magnitude(input.len()))
        }
    }
}

pub(super) fn seals() -> Vec<Vec<u8>> {
    vec![extra()]
}

pub(super) fn seal(input: &[u8]) -> Seen {
    match QbftExtra::parse(input) {
        Err(error) => Seen::of(format!("{error:?}")),
        Ok(extra) => Seen::of("extra").and(magnitude(extra.without_seals(0).len())),
    }
}

pub(super) fn packs() -> Vec<Vec<u8>> {
    let list = status_lists::Bitstring::new(131_072, 1);
    let made = list.ok().and_then(|list| PackContent::encode(&[&list]).ok());
    made.into_iter().map(|pack| pack.bytes().to_vec()).collect()
}

pub(super) fn pack(input: &[u8]) -> Seen {
    let content = PackContent::decode(input.to_vec());
    let delta = PackDelta::decode(input.to_vec());
    let read = content.as_ref().map(|content| {
        let first = content.code(0, 0).is_ok();
        (magnitude(content.lists()), first, content.bitstring(0).is_ok())
    });
    Seen::of(read.map_err(|error| error.code()))
        .and(delta.map(|delta| magnitude(delta.changes())).map_err(|error| error.code()))
}
