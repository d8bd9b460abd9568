//! Sign and verify (draft-irtf-cfrg-bbs-signatures, section 3.6).

use bls12_381_plus::{G1Projective, Scalar};

use super::curve::{Scalars, Table, pairs_to_one, read_g1, read_g2, sum, write_g1};
use super::generators::{base_point, generator};
use super::scalars::{hash_to_scalar, message_scalars, read_scalar};
use super::{API_ID, tag};
use crate::selective::MAX_BBS_STATEMENTS;

/// What all parties must agree on: key, number of messages, generators, header.
pub(super) fn domain(public_key: &[u8; 96], messages: usize, header: &[u8]) -> Scalar {
    let mut input = Vec::with_capacity(96 + 16 + 48 * (messages + 1) + API_ID.len() + header.len());
    input.extend_from_slice(public_key);
    input.extend_from_slice(&(messages as u64).to_be_bytes());
    for index in 0..=messages {
        input.extend_from_slice(&generator(index).bytes);
    }
    input.extend_from_slice(API_ID);
    input.extend_from_slice(&(header.len() as u64).to_be_bytes());
    input.extend_from_slice(header);
    hash_to_scalar(&input, &tag(b"H2S_"))
}

/// `B`: the commitment to domain and messages that a signature signs.
pub(super) fn commitment(domain: Scalar, messages: &[Scalar]) -> G1Projective {
    let mut terms = vec![(base_point(), Scalar::ONE), (&generator(0).table, domain)];
    terms.extend((1..).zip(messages).map(|(at, message)| (&generator(at).table, *message)));
    // Whoever computes this knows all messages, but a machine beside it should not.
    sum(&terms, Scalars::Secret)
}

/// Signs. `None` when there are too many messages, or with negligible chance.
pub(super) fn sign(
    secret: &Scalar,
    public_key: &[u8; 96],
    header: &[u8],
    messages: &[&[u8]],
) -> Option<[u8; 80]> {
    if messages.len() > MAX_BBS_STATEMENTS {
        return None;
    }
    let messages = message_scalars(messages);
    let domain = domain(public_key, messages.len(), header);
    let mut input = zeroize::Zeroizing::new(Vec::with_capacity(32 * (messages.len() + 2)));
    input.extend_from_slice(&secret.to_be_bytes());
    for message in &messages {
        input.extend_from_slice(&message.to_be_bytes());
    }
    input.extend_from_slice(&domain.to_be_bytes());
    let e = hash_to_scalar(&input, &tag(b"H2S_"));
    let inverse: Option<Scalar> = (*secret + e).invert().into();
    let a = commitment(domain, &messages) * inverse?;
    let mut signature = [0; 80];
    signature[..48].copy_from_slice(&write_g1(&a));
    signature[48..].copy_from_slice(&e.to_be_bytes());
    read(&signature).map(|_| signature)
}

/// `A` and `e`.
pub(super) fn read(signature: &[u8; 80]) -> Option<(G1Projective, Scalar)> {
    Some((read_g1(&signature[..48])?, read_scalar(&signature[48..])?))
}

/// Whether the signature is the key's over these messages.
pub(in crate::selective) fn verify(
    public_key: &[u8; 96],
    signature: &[u8; 80],
    header: &[u8],
    messages: &[&[u8]],
) -> bool {
    if messages.len() > MAX_BBS_STATEMENTS {
        return false;
    }
    let (Some(key), Some((a, e))) = (read_g2(public_key), read(signature)) else { return false };
    let messages = message_scalars(messages);
    let domain = domain(public_key, messages.len(), header);
    let b = commitment(domain, &messages);
    // e(A, W + e * P2) = e(B, P2), with everything on one side.
    pairs_to_one(&a, &key, &(sum(&[(&Table::new(&a), e)], Scalars::Public) - b))
}
