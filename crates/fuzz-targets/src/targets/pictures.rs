//! QR codes: pictures from anybody, camera frames, and the links in them.

use qr_code::{DeepLink, classify, decode_grey, decode_image, encode_png};

use super::text;
use crate::Seen;

pub(super) fn images() -> Vec<Vec<u8>> {
    ["openid4vp://?client_id=a", "https://verifier.example/r/1", "가상"]
        .into_iter()
        .filter_map(|text| encode_png(text, 3).ok())
        .collect()
}

pub(super) fn image(input: &[u8]) -> Seen {
    let found = decode_image(&repaired(input));
    if let Ok(texts) = &found {
        assert!(!texts.is_empty() && texts.len() <= qr_code::MAX_CODES);
    }
    Seen::of(found.map(|texts| texts.len()).map_err(|error| error.code()))
}

/// A PNG with the checksums of its chunks made right: without it every change ends at the first of them.
fn repaired(input: &[u8]) -> Vec<u8> {
    let mut file = input.to_vec();
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4).and_then(|four| four.try_into().ok()) {
        let length = u32::from_be_bytes(length) as usize;
        let Some(end) = at.checked_add(8).and_then(|begin| begin.checked_add(length)) else {
            break;
        };
        let Some(content) = file.get(at + 4..end) else { break };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let Some(place) = file.get_mut(end..end + 4) else { break };
        place.copy_from_slice(&crc.sum().to_be_bytes());
        at = end + 4;
    }
    file
}

/// First byte: the width. The rest: grey pixels.
pub(super) fn grey(input: &[u8]) -> Seen {
    let Some((width, pixels)) = input.split_first() else { return Seen::of("empty") };
    let width = usize::from(*width).max(1);
    let height = pixels.len() / width;
    let found = decode_grey(width, height, &pixels[..width * height]);
    Seen::of(found.map(|texts| texts.len()).map_err(|error| error.code()))
}

pub(super) fn link(input: &[u8]) -> Seen {
    let text = text(input);
    match classify(&text) {
        Err(error) => Seen::of(error.code()),
        Ok(link) => {
            assert_eq!(
                classify(link.as_str()).ok().as_ref(),
                Some(&link),
                "another answer the second time"
            );
            Seen::of(match link {
                DeepLink::CredentialOffer(_) => "offer",
                DeepLink::PresentationRequest(_) => "request",
                DeepLink::WebPage(_) => "page",
                _ => "other",
            })
        }
    }
}
