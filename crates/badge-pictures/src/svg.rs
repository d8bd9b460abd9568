//! SVG: one `openbadges:credential` element directly below `svg` (Open Badges 3.0, section 5.3.2):
//! a compact JWS in its `verify` attribute, or the JSON as its text.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::{Baked, MAX_PICTURE_BYTES, PictureError};

const SVG: &[u8] = b"http://www.w3.org/2000/svg";
/// Namespace of Open Badges 3.0 baked badges.
const BADGES: &[u8] = b"https://purl.imsglobal.org/ob/v3p0";
/// Namespace of Open Badges 2.
const OLD_BADGES: &[u8] = b"http://openbadges.org";

/// Where things lie in the source: byte offsets.
struct Found {
    /// After the start tag of `svg`, and whether that tag closed itself.
    inside: usize,
    /// Credential elements: from `<` to after the last `>`, with what they carry.
    credentials: Vec<(usize, usize, String)>,
    /// An Open Badges 2 element was seen.
    old: bool,
}

/// Bakes a credential in; one that is there is replaced, all other bytes stay.
///
/// # Errors
/// [`PictureError`] when the picture cannot be read.
pub fn bake_svg(picture: &[u8], credential: &Baked) -> Result<Vec<u8>, PictureError> {
    let found = look(picture)?;
    let mut baked = picture[..found.inside].to_vec();
    baked.extend(element(credential).into_bytes());
    let mut at = found.inside;
    for (begin, end, _) in &found.credentials {
        baked.extend_from_slice(&picture[at..*begin]);
        at = *end;
    }
    baked.extend_from_slice(&picture[at..]);
    Ok(baked)
}

/// Reads the credential baked into an SVG. Scripts and links in the picture are never looked at.
///
/// # Errors
/// [`PictureError`]; [`PictureError::NoCredential`] for a picture that is no badge.
pub fn read_svg(picture: &[u8]) -> Result<Baked, PictureError> {
    let found = look(picture)?;
    match found.credentials.as_slice() {
        [(_, _, text)] => Baked::from_text(text),
        [] if found.old => Err(PictureError::OlderGeneration),
        [] => Err(PictureError::NoCredential),
        _ => Err(PictureError::SeveralCredentials),
    }
}

fn element(credential: &Baked) -> String {
    let open = "<openbadges:credential xmlns:openbadges=\"https://purl.imsglobal.org/ob/v3p0\"";
    match credential {
        // Checked to be base64url and dots: nothing in it needs escaping.
        Baked::Jws(jws) => format!("{open} verify=\"{jws}\"/>"),
        Baked::Json(json) => {
            // "]]>" would end the section early.
            let json = json.replace("]]>", "]]]]><![CDATA[>");
            format!("{open}><![CDATA[{json}]]></openbadges:credential>")
        }
    }
}

fn look(picture: &[u8]) -> Result<Found, PictureError> {
    if picture.len() > MAX_PICTURE_BYTES {
        return Err(PictureError::PictureTooLarge);
    }
    let text = std::str::from_utf8(picture).map_err(|_| PictureError::UnknownPicture)?;
    let mut reader = NsReader::from_str(text);
    let mut found = Found { inside: 0, credentials: Vec::new(), old: false };
    let mut depth = 0_usize;
    loop {
        let begin = offset(&reader)?;
        let (space, event) = reader.read_resolved_event().map_err(|_| problem(depth, &found))?;
        match event {
            Event::Start(tag) if depth == 0 => {
                enter_root(&space, &tag, &mut found)?;
                found.inside = offset(&reader)?;
                depth = 1;
            }
            Event::Start(tag) => {
                depth += 1;
                if depth == 2 && is_credential(&space, &tag, &mut found) {
                    let attribute = verify_attribute(&tag)?;
                    let carried = body(&mut reader, attribute)?;
                    found.credentials.push((begin, offset(&reader)?, carried));
                    depth -= 1;
                }
            }
            Event::Empty(tag) if depth == 1 && is_credential(&space, &tag, &mut found) => {
                let carried = verify_attribute(&tag)?.unwrap_or_default();
                found.credentials.push((begin, offset(&reader)?, carried));
            }
            Event::Empty(_) if depth == 0 => return Err(PictureError::UnknownPicture),
            Event::End(_) => depth = depth.saturating_sub(1),
            // Entity definitions are how small files become large ones.
            Event::DocType(_) => return Err(PictureError::Damaged),
            Event::Eof if found.inside == 0 => return Err(PictureError::UnknownPicture),
            Event::Eof if depth != 0 => return Err(PictureError::Damaged),
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn enter_root(
    space: &ResolveResult<'_>,
    tag: &BytesStart<'_>,
    found: &mut Found,
) -> Result<(), PictureError> {
    let is_svg = matches!(space, ResolveResult::Bound(name) if name.as_ref() == SVG);
    if found.inside != 0 || !is_svg || tag.local_name().as_ref() != b"svg" {
        return Err(PictureError::UnknownPicture);
    }
    Ok(())
}

fn is_credential(space: &ResolveResult<'_>, tag: &BytesStart<'_>, found: &mut Found) -> bool {
    let ResolveResult::Bound(name) = space else { return false };
    found.old |= name.as_ref() == OLD_BADGES;
    name.as_ref() == BADGES && tag.local_name().as_ref() == b"credential"
}

fn verify_attribute(tag: &BytesStart<'_>) -> Result<Option<String>, PictureError> {
    let attribute = tag.try_get_attribute("verify").map_err(|_| PictureError::Damaged)?;
    let value = attribute.map(|attribute| attribute.unescape_value().map(String::from));
    value.transpose().map_err(|_| PictureError::Damaged)
}

/// The text of a credential element up to its end tag. With text and attribute there would be
/// two credentials.
fn body(reader: &mut NsReader<&[u8]>, attribute: Option<String>) -> Result<String, PictureError> {
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|_| PictureError::Damaged)? {
            Event::Text(part) => {
                text.push_str(&part.decode().map_err(|_| PictureError::Damaged)?);
            }
            Event::GeneralRef(reference) => text.push(resolved(&reference)?),
            Event::CData(part) => {
                text.push_str(&part.decode().map_err(|_| PictureError::Damaged)?);
            }
            Event::End(_) => break,
            Event::Comment(_) | Event::PI(_) => {}
            _ => return Err(PictureError::Damaged),
        }
    }
    match (attribute, text.trim().is_empty()) {
        (Some(_), false) => Err(PictureError::SeveralCredentials),
        (Some(jws), true) => Ok(jws),
        (None, _) => Ok(text),
    }
}

/// One of the five predefined entities or a character reference.
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, PictureError> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|_| PictureError::Damaged)? {
        return Ok(letter);
    }
    match reference.as_ref() {
        b"amp" => Ok('&'),
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"quot" => Ok('"'),
        b"apos" => Ok('\''),
        _ => Err(PictureError::Damaged),
    }
}

fn offset(reader: &NsReader<&[u8]>) -> Result<usize, PictureError> {
    usize::try_from(reader.buffer_position()).map_err(|_| PictureError::PictureTooLarge)
}

/// Before the root nothing says that this was meant to be a picture.
const fn problem(depth: usize, found: &Found) -> PictureError {
    if depth == 0 && found.inside == 0 {
        PictureError::UnknownPicture
    } else {
        PictureError::Damaged
    }
}
