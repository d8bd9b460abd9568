//! Proofs of knowledge of a signature (draft-irtf-cfrg-bbs-signatures, section 3.7).

use bls12_381_plus::{G1Projective, Scalar};

use super::curve::{Scalars, Table, pairs_to_one, read_g1, read_g2, sum, write_g1};
use super::generators::{base_point, generator};
use super::scalars::{hash_to_scalar, message_scalars, read_scalar};
use super::signature::{self, commitment, domain};
use super::tag;
use crate::selective::MAX_BBS_STATEMENTS;

/// Random scalars that a proof needs besides one for each hidden message.
pub(in crate::selective) const PROOF_SCALARS: usize = 5;
/// Three points, three scalars, the challenge.
const FIXED_BYTES: usize = 3 * 48 + 4 * 32;

/// What prover and verifier both know.
pub(in crate::selective) struct Disclosed<'a> {
    pub(in crate::selective) public_key: &'a [u8; 96],
    pub(in crate::selective) header: &'a [u8],
    pub(in crate::selective) presentation_header: &'a [u8],
    /// Which messages are disclosed, ascending.
    pub(in crate::selective) indexes: &'a [usize],
}

/// The points of a proof.
struct Points {
    a_bar: G1Projective,
    b_bar: G1Projective,
    d: G1Projective,
}

/// Proves. `scalars` are [`PROOF_SCALARS`] and one for each hidden message, random. `None` when the signature is no
/// signature, or the numbers do not fit together.
pub(in crate::selective) fn prove(
    disclosed: &Disclosed<'_>,
    signature: &[u8; 80],
    messages: &[&[u8]],
    scalars: &[Scalar],
) -> Option<Vec<u8>> {
    let count = messages.len();
    let hidden = disclosed.hidden(count)?;
    let (&[r1, r2, e_blind, r1_blind, r3_blind], blinds) =
        scalars.split_first_chunk::<PROOF_SCALARS>()?;
    if blinds.len() != hidden.len() {
        return None;
    }
    read_g2(disclosed.public_key)?;
    let (a, e) = signature::read(signature)?;
    let messages = message_scalars(messages);
    let domain = domain(disclosed.public_key, count, disclosed.header);

    let d = commitment(domain, &messages) * r2;
    let a_bar = a * (r1 * r2);
    let (d_table, a_table) = (Table::new(&d), Table::new(&a_bar));
    let b_bar = sum(&[(&d_table, r1), (&a_table, -e)], Scalars::Secret);
    let t1 = sum(&[(&a_table, e_blind), (&d_table, r1_blind)], Scalars::Secret);
    let mut terms = vec![(&d_table, r3_blind)];
    terms.extend(
        hidden.iter().zip(blinds).map(|(index, blind)| (&generator(index + 1).table, *blind)),
    );
    let t2 = sum(&terms, Scalars::Secret);

    let points = Points { a_bar, b_bar, d };
    let shown: Vec<Scalar> = disclosed.indexes.iter().map(|index| messages[*index]).collect();
    let challenge = disclosed.challenge(&points, &t1, &t2, domain, &shown);
    let r3: Option<Scalar> = r2.invert().into();

    let mut proof = Vec::with_capacity(FIXED_BYTES + 32 * hidden.len());
    for point in [&points.a_bar, &points.b_bar, &points.d] {
        proof.extend_from_slice(&write_g1(point));
    }
    let answers = [e_blind + e * challenge, r1_blind - r1 * challenge, r3_blind - r3? * challenge];
    let of_messages =
        hidden.iter().zip(blinds).map(|(index, blind)| *blind + messages[*index] * challenge);
    for scalar in answers.into_iter().chain(of_messages).chain([challenge]) {
        proof.extend_from_slice(&scalar.to_be_bytes());
    }
    Some(proof)
}

/// Whether the proof shows a signature of the key over the disclosed messages, among others.
pub(in crate::selective) fn verify_proof(
    disclosed: &Disclosed<'_>,
    proof: &[u8],
    messages: &[&[u8]],
) -> bool {
    check(disclosed, proof, messages).is_some_and(|holds| holds)
}

fn check(disclosed: &Disclosed<'_>, proof: &[u8], messages: &[&[u8]]) -> Option<bool> {
    let hidden_bytes = proof.len().checked_sub(FIXED_BYTES)?;
    let shown = messages.len();
    let count = hidden_bytes / 32 + shown;
    if hidden_bytes % 32 != 0 || shown != disclosed.indexes.len() {
        return None;
    }
    let hidden = disclosed.hidden(count)?;
    if hidden.len() != hidden_bytes / 32 {
        return None;
    }
    let key = read_g2(disclosed.public_key)?;
    let points = Points {
        a_bar: read_g1(&proof[..48])?,
        b_bar: read_g1(&proof[48..96])?,
        d: read_g1(&proof[96..144])?,
    };
    let mut answers = proof[144..].chunks_exact(32).map(read_scalar).collect::<Option<Vec<_>>>()?;
    let challenge = answers.pop()?;
    let (&[e, r1, r3], of_messages) = answers.split_first_chunk::<3>()?;

    let messages = message_scalars(messages);
    let domain = domain(disclosed.public_key, count, disclosed.header);
    let a_table = Table::new(&points.a_bar);
    let b_table = Table::new(&points.b_bar);
    let d_table = Table::new(&points.d);
    let t1 = sum(&[(&b_table, challenge), (&a_table, e), (&d_table, r1)], Scalars::Public);
    // T2 = challenge * (P1 + domain * Q1 + disclosed messages) + r3 * D + hidden messages, as one sum.
    let mut terms =
        vec![(base_point(), challenge), (&generator(0).table, domain * challenge), (&d_table, r3)];
    let disclosed_terms = disclosed.indexes.iter().zip(&messages);
    terms.extend(
        disclosed_terms.map(|(index, message)| (&generator(index + 1).table, *message * challenge)),
    );
    let hidden_terms = hidden.iter().zip(of_messages);
    terms.extend(hidden_terms.map(|(index, answer)| (&generator(index + 1).table, *answer)));
    let t2 = sum(&terms, Scalars::Public);

    if disclosed.challenge(&points, &t1, &t2, domain, &messages) != challenge {
        return Some(false);
    }
    Some(pairs_to_one(&points.a_bar, &key, &-points.b_bar))
}

impl Disclosed<'_> {
    /// The indexes that are not disclosed. `None` when the disclosed ones are out of order or range.
    fn hidden(&self, count: usize) -> Option<Vec<usize>> {
        let ascending = self.indexes.is_sorted_by(|one, two| one < two);
        let inside = self.indexes.last().is_none_or(|last| *last < count);
        (ascending && inside && count <= MAX_BBS_STATEMENTS)
            .then(|| (0..count).filter(|at| self.indexes.binary_search(at).is_err()).collect())
    }

    fn challenge(
        &self,
        points: &Points,
        t1: &G1Projective,
        t2: &G1Projective,
        domain: Scalar,
        messages: &[Scalar],
    ) -> Scalar {
        let mut input = Vec::with_capacity(512 + 40 * messages.len());
        input.extend_from_slice(&(self.indexes.len() as u64).to_be_bytes());
        for (index, message) in self.indexes.iter().zip(messages) {
            input.extend_from_slice(&(*index as u64).to_be_bytes());
            input.extend_from_slice(&message.to_be_bytes());
        }
        for point in [&points.a_bar, &points.b_bar, &points.d, t1, t2] {
            input.extend_from_slice(&write_g1(point));
        }
        input.extend_from_slice(&domain.to_be_bytes());
        input.extend_from_slice(&(self.presentation_header.len() as u64).to_be_bytes());
        input.extend_from_slice(self.presentation_header);
        hash_to_scalar(&input, &tag(b"H2S_"))
    }
}
