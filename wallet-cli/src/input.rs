//! Links, pictures of QR codes, and standard input, all to one checked link.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use qr_code::{DeepLink, MAX_IMAGE_BYTES, classify, decode_image};

use crate::failure::Failure;

/// Reads what was given: a link, the path of a picture or of a text file with a link, or
/// `-`. Whatever it is, it passes the scheme allow-list before anything is opened.
pub(crate) fn link(given: &str) -> Result<DeepLink, Failure> {
    if given == "-" {
        return from_bytes(&limited(std::io::stdin().lock(), "standard input")?);
    }
    if given.contains("://") {
        return checked(given);
    }
    let path = Path::new(given);
    let file = File::open(path)
        .map_err(|error| Failure::unable("input_unreadable", format!("{given}: {error}")))?;
    from_bytes(&limited(file, given)?)
}

/// A file, or `-`, whole.
pub(crate) fn bytes(given: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::unable("input_unreadable", format!("{given}: {error}"));
    let mut bytes = Vec::new();
    let cap = limit as u64 + 1;
    if given == "-" {
        std::io::stdin().lock().take(cap).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = File::open(given).map_err(unreadable)?;
        file.take(cap).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > limit {
        return Err(Failure::unable(
            "input_unreadable",
            format!("{given}: longer than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

/// The credential's text in whatever it came: a PDF or picture that carries it, a photo of its QR,
/// the text or link of a QR. Anything else is given back as it is.
pub(crate) fn credential(bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let is_png = bytes.starts_with(b"\x89PNG");
    if is_png || bytes.starts_with(b"%PDF-") || bytes.trim_ascii_start().starts_with(b"<") {
        match badge_pictures::read(&bytes) {
            Ok(baked) => return Ok(baked.text().as_bytes().to_vec()),
            // A plain picture may show a QR.
            Err(badge_pictures::PictureError::NoCredential) if is_png => {}
            Err(error) => return Err(error.into()),
        }
    }
    if is_png || bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return on_photo(&bytes);
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) if paper_badges::is_paper_text(text) => {
            Ok(paper_badges::from_text(text)?.into_bytes())
        }
        _ => Ok(bytes),
    }
}

fn on_photo(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut texts = decode_image(bytes)?;
    texts.retain(|text| paper_badges::is_paper_text(text));
    texts.sort();
    texts.dedup();
    match texts.as_slice() {
        [] => Err(paper_badges::PaperError::NotAPaperBadge.into()),
        [only] => Ok(paper_badges::from_text(only)?.into_bytes()),
        _ => Err(Failure::unable("several_qr_codes", String::new())),
    }
}

fn limited(source: impl std::io::Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source
        .take(MAX_IMAGE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::unable("input_unreadable", format!("{name}: {error}")))?;
    Ok(bytes)
}

fn from_bytes(bytes: &[u8]) -> Result<DeepLink, Failure> {
    let is_picture = bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff]);
    if !is_picture {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Failure::unable("input_unreadable", "neither a picture nor text"))?;
        return checked(text.trim());
    }
    let mut texts = decode_image(bytes)?;
    texts.sort();
    texts.dedup();
    // A poster may show a second code (a shop's address, say): what we may open decides.
    let mut links: Vec<DeepLink> = texts.iter().filter_map(|text| checked(text).ok()).collect();
    match (links.len(), texts.first()) {
        (1, _) => Ok(links.swap_remove(0)),
        (0, Some(only)) => checked(only),
        (0, None) => Err(Failure::unable("no_qr_code", String::new())),
        _ => Err(Failure::unable("several_qr_codes", String::new())),
    }
}

fn checked(text: &str) -> Result<DeepLink, Failure> {
    // The OpenID4VC High Assurance profile registers its own names for the same links.
    let renamed = [("haip-vp://", "openid4vp://"), ("haip-vci://", "openid-credential-offer://")]
        .into_iter()
        .find_map(|(theirs, ours)| text.strip_prefix(theirs).map(|rest| format!("{ours}{rest}")));
    classify(renamed.as_deref().unwrap_or(text))
        .map_err(|error| Failure { exit: crate::failure::Exit::No, ..Failure::from(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_sorted_by_scheme() {
        assert!(matches!(
            link("openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example%2Fo"),
            Ok(DeepLink::CredentialOffer(_))
        ));
        assert!(matches!(
            link("openid4vp://?client_id=x&request_uri=y"),
            Ok(DeepLink::PresentationRequest(_))
        ));
        assert!(
            matches!(link("haip-vp://?client_id=x&request_uri=y"), Ok(DeepLink::PresentationRequest(link)) if link.starts_with("openid4vp://"))
        );
    }

    #[test]
    fn hostile_links_are_refused_before_anything_is_opened() {
        for hostile in [
            "javascript://%0aalert(1)",
            "file:///etc/passwd",
            "tel://112",
            "http://10.0.0.1/offer",
            "https://bank.example@evil.example/",
            "openid4vp://",
            "openid4vp://?a=\u{202e}b",
            "data://text/html,<script>",
        ] {
            let failure = link(hostile).expect_err(hostile);
            assert_eq!(failure.exit, crate::failure::Exit::No, "{hostile}");
        }
    }

    #[test]
    fn a_picture_is_read_and_a_picture_without_a_code_is_not() {
        let offer = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test%2Foffers%2F1";
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("offer.png");
        std::fs::write(&path, qr_code::encode_png(offer, 6).unwrap()).unwrap();
        assert_eq!(link(path.to_str().unwrap()).unwrap().as_str(), offer);
        std::fs::write(&path, b"\x89PNG\r\n\x1a\nnothing").unwrap();
        assert!(link(path.to_str().unwrap()).is_err());
        assert_eq!(link("/no/such/file.png").unwrap_err().code, "input_unreadable");
    }

    #[test]
    fn a_hostile_code_in_a_picture_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("evil.png");
        std::fs::write(&path, qr_code::encode_png("file:///etc/passwd", 6).unwrap()).unwrap();
        assert_eq!(link(path.to_str().unwrap()).unwrap_err().code, "qr_scheme_not_allowed");
    }
}
