//! What counts as an IRI.

/// An absolute IRI that can stand between angle brackets: scheme, colon, and nothing that N-Quads or RFC 3987 forbids.
pub(crate) fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    if !letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        || !letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    {
        return false;
    }
    let bytes = rest.as_bytes();
    let mut hashes = 0;
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            0..=0x20 | 0x7f | b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' => {
                return false;
            }
            b'%' if !bytes
                .get(position + 1..position + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)) =>
            {
                return false;
            }
            b'#' => hashes += 1,
            _ => {}
        }
    }
    // C1 controls and the like would be invisible in a canonical document.
    hashes <= 1 && !rest.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_iris() {
        for good in [
            "urn:uuid:1",
            "did:example:a#k",
            "https://a.example/홍길동",
            "http://a/?q=%20",
            "a:",
            "data:image/png;base64,AA==",
        ] {
            assert!(is_absolute(good), "{good}");
        }
        for bad in [
            "",
            "a",
            ":a",
            "1a:b",
            "a b:c",
            "a:b c",
            "a:<b>",
            "a:\"",
            "a:\u{0}",
            "a:%zz",
            "a:%2",
            "a:b#c#d",
            "/a",
            "a:\u{85}",
            "a:b\\c",
            "홍:길동",
        ] {
            assert!(!is_absolute(bad), "{bad:?}");
        }
    }
}
