//! The fixed points that messages are committed to. Each depends on the ones before it only, so they are computed once,
//! in blocks, and kept with their tables.

use std::sync::OnceLock;

use bls12_381_plus::G1Projective;
use bls12_381_plus::elliptic_curve::hash2curve::ExpandMsgXmd;
use sha2::Sha256;

use super::curve::{Table, read_g1, write_g1};
use super::scalars::expand;
use super::tag;
use crate::selective::MAX_BBS_STATEMENTS;

const BLOCK: usize = 64;
/// One generator more than messages: the first stands for the domain.
const BLOCKS: usize = (MAX_BBS_STATEMENTS + 1).div_ceil(BLOCK);

/// `P1` of the suite BLS12-381-SHA-256 (draft-irtf-cfrg-bbs-signatures, section 7.2.2).
const BASE_POINT: &str = "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9";

pub(super) struct Generator {
    pub(super) table: Table,
    pub(super) bytes: [u8; 48],
}

struct Block {
    generators: Vec<Generator>,
    state: [u8; 48],
}

/// `Q_1` at 0, then `H_1` and on. The caller has checked the number of messages.
pub(super) fn generator(index: usize) -> &'static Generator {
    &block(index / BLOCK).generators[index % BLOCK]
}

/// `P1`.
pub(super) fn base_point() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let bytes = hex::decode(BASE_POINT).expect("a constant in hexadecimal");
        Table::new(&read_g1(&bytes).expect("the constant is a point of the group"))
    })
}

fn block(number: usize) -> &'static Block {
    static KEPT: [OnceLock<Block>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];
    KEPT[number].get_or_init(|| {
        let seed_tag = tag(b"SIG_GENERATOR_SEED_");
        let point_tag = tag(b"SIG_GENERATOR_DST_");
        let mut state = [0; 48];
        match number.checked_sub(1) {
            None => expand(&tag(b"MESSAGE_GENERATOR_SEED"), &seed_tag, &mut state),
            Some(previous) => state = block(previous).state,
        }
        let mut generators = Vec::with_capacity(BLOCK);
        for offset in 1..=BLOCK {
            let count = (number * BLOCK + offset) as u64;
            let input = [state.as_slice(), &count.to_be_bytes()].concat();
            expand(&input, &seed_tag, &mut state);
            let point = G1Projective::hash::<ExpandMsgXmd<Sha256>>(&state, &point_tag);
            generators.push(Generator { table: Table::new(&point), bytes: write_g1(&point) });
        }
        Block { generators, state }
    })
}
