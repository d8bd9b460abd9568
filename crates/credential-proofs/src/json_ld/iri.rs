//! Keywords and compact IRIs.

pub(super) use crate::rdf_canon::is_absolute;

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

/// Splits `prefix:suffix` where the colon is not the first character.
pub(super) fn split_compact(text: &str) -> Option<(&str, &str)> {
    let position = text.char_indices().skip(1).find(|(_, character)| *character == ':')?.0;
    Some((&text[..position], &text[position + 1..]))
}
