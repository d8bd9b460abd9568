//! Keys as a token holds them: templates, and public keys read back.

use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use sha2::{Digest, Sha256};

use crate::algorithm::KeyAlgorithm;
use crate::public_key::{Ed25519PublicKey, P256PublicKey, PublicKey};

/// CKA_EC_PARAMS of P-256: the curve's object identifier, DER.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// CKA_EC_PARAMS of Ed25519 as PrintableString "edwards25519" (PKCS#11 3.0, section 2.3.10).
const ED25519_NAME: &[u8] = b"\x13\x0cedwards25519";
/// The same as object identifier 1.3.101.112, which some tokens want or give back.
const ED25519_OID: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

/// A signature key of the token.
#[derive(Clone)]
pub(super) struct TokenKey {
    pub(super) label: String,
    pub(super) algorithm: KeyAlgorithm,
    pub(super) public_key: PublicKey,
}

/// All signature keys of the token that we can use, by label.
pub(super) fn list(session: &Session) -> Result<Vec<TokenKey>, Error> {
    let mut keys: Vec<TokenKey> = Vec::new();
    for object in session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY)])? {
        if let Some(key) = read(session, object)? {
            keys.push(key);
        }
    }
    keys.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(keys)
}

/// The public key object as a key of ours; none when it is of another kind or damaged.
fn read(session: &Session, object: ObjectHandle) -> Result<Option<TokenKey>, Error> {
    let wanted = [AttributeType::Label, AttributeType::EcParams, AttributeType::EcPoint];
    let (mut label, mut params, mut point) = (None, None, None);
    for attribute in session.get_attributes(object, &wanted)? {
        match attribute {
            Attribute::Label(bytes) => label = String::from_utf8(bytes).ok(),
            Attribute::EcParams(bytes) => params = Some(bytes),
            Attribute::EcPoint(bytes) => point = Some(bytes),
            _ => {}
        }
    }
    let (Some(label), Some(params), Some(point)) = (label, params, point) else { return Ok(None) };
    let key = match params.as_slice() {
        P256 => p256(&point).map(|key| (KeyAlgorithm::Es256, key)),
        ED25519_NAME | ED25519_OID => ed25519(&point).map(|key| (KeyAlgorithm::EdDsa, key)),
        _ => None,
    };
    Ok(key.map(|(algorithm, public_key)| TokenKey { label, algorithm, public_key }))
}

/// CKA_EC_POINT is a DER OCTET STRING; some tokens give the bytes inside it.
fn unwrapped(point: &[u8], length: usize) -> Option<&[u8]> {
    match point {
        [0x04, size, inner @ ..] if usize::from(*size) == length && inner.len() == length => {
            Some(inner)
        }
        bare if bare.len() == length => Some(bare),
        _ => None,
    }
}

fn ed25519(point: &[u8]) -> Option<PublicKey> {
    let key = Ed25519PublicKey::from_bytes(unwrapped(point, 32)?).ok()?;
    Some(PublicKey::Ed25519(key))
}

fn p256(point: &[u8]) -> Option<PublicKey> {
    let [0x04, coordinates @ ..] = unwrapped(point, 65)? else { return None };
    let (x, y) = coordinates.split_at(32);
    Some(PublicKey::P256(P256PublicKey::from_coordinates(x, y).ok()?))
}

/// The private key object of this label: exactly one.
pub(super) fn private_key(session: &Session, label: &str) -> Result<Option<ObjectHandle>, Error> {
    let template =
        [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(label.as_bytes().to_vec())];
    let found = session.find_objects(&template)?;
    Ok(if let [only] = found.as_slice() { Some(*only) } else { None })
}

/// Makes a key pair whose private half never leaves the token.
pub(super) fn generate(
    session: &Session,
    algorithm: KeyAlgorithm,
    label: &str,
) -> Result<(), Error> {
    let curves: (&Mechanism<'_>, &[&[u8]]) = match algorithm {
        KeyAlgorithm::Es256 => (&Mechanism::EccKeyPairGen, &[P256]),
        // Tokens disagree about how the curve is named.
        KeyAlgorithm::EdDsa => (&Mechanism::EccEdwardsKeyPairGen, &[ED25519_NAME, ED25519_OID]),
        _ => return Err(Error::NotSupported),
    };
    let id = Attribute::Id(session.generate_random_vec(16)?);
    let label = Attribute::Label(label.as_bytes().to_vec());
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        id.clone(),
        label.clone(),
    ];
    let (mechanism, names) = curves;
    let mut refused = Error::NotSupported;
    for params in names {
        let public = [
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(params.to_vec()),
            id.clone(),
            label.clone(),
        ];
        match session.generate_key_pair(mechanism, &public, &private) {
            Ok((public, private)) => return keeps_it_in(session, public, private),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// A token that would give the private key out is no place for it.
fn keeps_it_in(
    session: &Session,
    public: ObjectHandle,
    private: ObjectHandle,
) -> Result<(), Error> {
    let told =
        session.get_attributes(private, &[AttributeType::Sensitive, AttributeType::Extractable])?;
    if told.contains(&Attribute::Sensitive(true)) && told.contains(&Attribute::Extractable(false)) {
        return Ok(());
    }
    session.destroy_object(private)?;
    session.destroy_object(public)?;
    Err(Error::NotSupported)
}

/// Signs a whole message: Ed25519 as it is, P-256 over its SHA-256 (tokens that hash themselves
/// are rare), which gives raw `r||s`.
pub(super) fn sign_message(
    session: &Session,
    algorithm: KeyAlgorithm,
    key: ObjectHandle,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    match algorithm {
        KeyAlgorithm::EdDsa => {
            let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
            session.sign(&mechanism, key, message)
        }
        _ => sign_digest(session, key, &Sha256::digest(message).into()),
    }
}

/// Signs a digest with P-256.
pub(super) fn sign_digest(
    session: &Session,
    key: ObjectHandle,
    digest: &[u8; 32],
) -> Result<Vec<u8>, Error> {
    session.sign(&Mechanism::Ecdsa, key, digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_wrapped_and_bare() {
        let bare = [7; 32];
        let wrapped = [&[0x04, 32][..], &bare].concat();
        assert_eq!(unwrapped(&bare, 32), Some(&bare[..]));
        assert_eq!(unwrapped(&wrapped, 32), Some(&bare[..]));
        for bad in [&wrapped[..33], &[0x04, 31], &[], &[0x30; 34]] {
            assert_eq!(unwrapped(bad, 32), None);
        }
        // A bare P-256 point begins like an OCTET STRING too.
        let mut point = [0x04; 65];
        point[1] = 65;
        assert_eq!(unwrapped(&point, 65), Some(&point[..]));
        assert_eq!(p256(&[0x04; 65]), None, "not on the curve");
        assert_eq!(ed25519(&[0xff; 32]), None, "not canonical");
    }
}
