use bls12_381_plus::Scalar;
use bls12_381_plus::elliptic_curve::hash2curve::{ExpandMsg, ExpandMsgXmd, Expander as _};
use credential_model::ambient::Entropy;
use sha2::Sha256;

use super::tag;

/// `expand_message_xmd` with SHA-256 (RFC 9380 section 5.3.1).
pub(super) fn expand(message: &[u8], tag: &[u8], out: &mut [u8]) {
    ExpandMsgXmd::<Sha256>::expand_message(&[message], &[tag], out.len())
        .expect("the tags are short and the outputs below 8160 bytes")
        .fill_bytes(out);
}

pub(super) fn hash_to_scalar(message: &[u8], tag: &[u8]) -> Scalar {
    let mut okm = [0; 48];
    expand(message, tag, &mut okm);
    Scalar::from_okm(&okm)
}

/// Messages as scalars.
pub(super) fn message_scalars(messages: &[&[u8]]) -> Vec<Scalar> {
    let tag = tag(b"MAP_MSG_TO_SCALAR_AS_HASH_");
    messages.iter().map(|message| hash_to_scalar(message, &tag)).collect()
}

/// A scalar of 32 bytes, big-endian, neither zero nor beyond the order.
pub(super) fn read_scalar(bytes: &[u8]) -> Option<Scalar> {
    let scalar: Option<Scalar> = Scalar::from_be_bytes(bytes.try_into().ok()?).into();
    scalar.filter(|scalar| *scalar != Scalar::ZERO)
}

/// Blinding scalars, even over the whole group.
pub(in crate::selective) fn random_scalars(count: usize, entropy: &dyn Entropy) -> Vec<Scalar> {
    let draw = |_| {
        let mut okm = [0; 48];
        entropy.fill(&mut okm);
        Scalar::from_okm(&okm)
    };
    (0..count).map(draw).collect()
}

/// The scalars that the published vectors were made with. Their tag is the bare interface identifier, where the draft's
/// own test vectors append `MOCK_RANDOM_SCALARS_DST_`.
#[cfg(test)]
pub(in crate::selective) fn seeded_scalars(count: usize, seed: &[u8]) -> Vec<Scalar> {
    let mut bytes = vec![0; 48 * count];
    expand(seed, super::API_ID, &mut bytes);
    bytes.chunks_exact(48).map(|okm| Scalar::from_okm(okm.try_into().unwrap())).collect()
}
