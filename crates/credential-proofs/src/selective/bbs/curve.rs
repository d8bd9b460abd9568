//! Sums of products in G1, and the pairing.

use std::sync::OnceLock;

use bls12_381_plus::elliptic_curve::subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use bls12_381_plus::{
    G1Affine, G1Projective, G2Affine, G2Prepared, G2Projective, Gt, Scalar, multi_miller_loop,
};

/// The first sixteen multiples of a point.
pub(super) struct Table([G1Projective; 16]);

impl Table {
    pub(super) fn new(point: &G1Projective) -> Self {
        let mut multiples = [G1Projective::IDENTITY; 16];
        for index in 1..16 {
            multiples[index] = multiples[index - 1] + point;
        }
        Self(multiples)
    }

    /// In constant time: the digit may be secret.
    fn pick(&self, digit: u8) -> G1Projective {
        let mut out = self.0[0];
        for (index, multiple) in self.0.iter().enumerate().skip(1) {
            out.conditional_assign(multiple, (index as u8).ct_eq(&digit));
        }
        out
    }
}

/// Whether scalars may show in the time a sum takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalars {
    Secret,
    Public,
}

/// The sum of `scalar * point`, four bits at a time with shared doublings (Straus).
pub(super) fn sum(terms: &[(&Table, Scalar)], scalars: Scalars) -> G1Projective {
    let digits: Vec<[u8; 32]> = terms.iter().map(|(_, scalar)| scalar.to_be_bytes()).collect();
    let mut total = G1Projective::IDENTITY;
    for position in 0..64 {
        if position > 0 {
            total = total.double().double().double().double();
        }
        for ((table, _), bytes) in terms.iter().zip(&digits) {
            let byte = bytes[position / 2];
            let digit = if position % 2 == 0 { byte >> 4 } else { byte & 15 };
            match scalars {
                Scalars::Secret => total += table.pick(digit),
                Scalars::Public if digit == 0 => {}
                Scalars::Public => total += table.0[usize::from(digit)],
            }
        }
    }
    total
}

/// A compressed point of the right group, not at infinity.
pub(super) fn read_g1(bytes: &[u8]) -> Option<G1Projective> {
    let point: Option<G1Affine> = G1Affine::from_compressed(bytes.try_into().ok()?).into();
    point.map(G1Projective::from).filter(|point| !bool::from(point.is_identity()))
}

/// A public key: a compressed point of the right group, not at infinity.
pub(super) fn read_g2(bytes: &[u8; 96]) -> Option<G2Projective> {
    let point: Option<G2Affine> = G2Affine::from_compressed(bytes).into();
    point.map(G2Projective::from).filter(|point| !bool::from(point.is_identity()))
}

pub(super) fn write_g1(point: &G1Projective) -> [u8; 48] {
    point.to_compressed()
}

/// Whether `e(left, key) * e(right, generator of G2)` is one.
pub(super) fn pairs_to_one(left: &G1Projective, key: &G2Projective, right: &G1Projective) -> bool {
    static GENERATOR: OnceLock<G2Prepared> = OnceLock::new();
    let generator = GENERATOR.get_or_init(|| G2Prepared::from(G2Affine::generator()));
    let key = G2Prepared::from(G2Affine::from(key));
    let product =
        multi_miller_loop(&[(&G1Affine::from(left), &key), (&G1Affine::from(right), generator)]);
    product.final_exponentiation() == Gt::IDENTITY
}
