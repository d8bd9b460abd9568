//! Keywords, and what counts as an IRI.

/// Keywords that mean something in a document or a term definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Context,
    Direction,
    Graph,
    Id,
    Included,
    Index,
    Json,
    Language,
    List,
    Nest,
    None,
    Reverse,
    Set,
    Type,
    Value,
    Vocab,
    /// Keywords that stand in contexts only.
    Other,
}

/// The keyword, if `text` is one (JSON-LD 1.1 section 1.7).
pub(super) fn keyword(text: &str) -> Option<Keyword> {
    if !text.starts_with('@') {
        return None;
    }
    Some(match text {
        "@context" => Keyword::Context,
        "@direction" => Keyword::Direction,
        "@graph" => Keyword::Graph,
        "@id" => Keyword::Id,
        "@included" => Keyword::Included,
        "@index" => Keyword::Index,
        "@json" => Keyword::Json,
        "@language" => Keyword::Language,
        "@list" => Keyword::List,
        "@nest" => Keyword::Nest,
        "@none" => Keyword::None,
        "@reverse" => Keyword::Reverse,
        "@set" => Keyword::Set,
        "@type" => Keyword::Type,
        "@value" => Keyword::Value,
        "@vocab" => Keyword::Vocab,
        "@base" | "@container" | "@default" | "@import" | "@prefix" | "@propagate"
        | "@protected" | "@version" => Keyword::Other,
        _ => return None,
    })
}

/// Looks like a keyword without being one: reserved for later versions of JSON-LD.
pub(super) fn has_keyword_form(text: &str) -> bool {
    text.strip_prefix('@')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// An absolute IRI that can stand between angle brackets: scheme, colon, and nothing that N-Quads or RFC 3987 forbids.
pub(super) fn is_absolute(text: &str) -> bool {
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

/// Splits `prefix:suffix` where the colon is not the first character.
pub(super) fn split_compact(text: &str) -> Option<(&str, &str)> {
    let position = text.char_indices().skip(1).find(|(_, character)| *character == ':')?.0;
    Some((&text[..position], &text[position + 1..]))
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
