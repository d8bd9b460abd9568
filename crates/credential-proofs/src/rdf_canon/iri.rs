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
    let (mut hashes, mut ascii) = (0, true);
    for (position, byte) in bytes.iter().enumerate() {
        // Nearly every byte of nearly every IRI.
        if PLAIN[usize::from(*byte)] {
            continue;
        }
        match byte {
            b'%' if bytes
                .get(position + 1..position + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)) => {}
            b'#' => hashes += 1,
            0x80.. => ascii = false,
            _ => return false,
        }
    }
    // C1 controls and the like would be invisible in a canonical document.
    hashes <= 1 && (ascii || !rest.chars().any(char::is_control))
}

/// ASCII that may stand anywhere after the scheme.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        plain[byte] = !matches!(
            byte as u8,
            b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | b'%' | b'#'
        );
        byte += 1;
    }
    plain
};

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
