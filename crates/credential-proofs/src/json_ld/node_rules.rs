//! What a node may not be, whatever its members are.

use serde_json::{Map, Value};

use super::active::{ActiveContext, Expanded};
use super::emit::Node;
use super::error::JsonLdError;
use super::iri::Keyword;

/// Whoever reads the JSON looks for the terms of the contexts. A member renamed to the IRI that its term stands for
/// would leave the RDF, and with it every signature, as it was, and vanish from the reader's sight. So would a type. Inline contexts
/// rename at will, so where they are admitted this would be no defence.
pub(super) fn check_names(
    node: &Node<'_>,
    members: &Map<String, Value>,
    labelled: bool,
) -> Result<(), JsonLdError> {
    let refused = |name: &str| Err(JsonLdError::RenamedTerm(name.chars().take(200).collect()));
    // A bare name that is no term is completed by the vocabulary: that is its name.
    let renamed = |active: &ActiveContext, name: &str| {
        name.contains(':')
            && active.term(name).is_none()
            && matches!(active.expand(name, true), Expanded::Iri(iri) if active.names(&iri))
    };
    let active = &node.place.active;
    if let Some((name, _)) = node.properties.iter().find(|(name, _)| renamed(active, name)) {
        return refused(name);
    }
    // In value objects the keywords are what readers look for.
    if node.value.is_some() {
        return Ok(());
    }
    if let Some(kind) = node.types.iter().find(|kind| renamed(&node.type_scoped, kind)) {
        return refused(kind);
    }
    // Selective disclosure writes labels into its working copy, where no reader looks for an `id`.
    let label = labelled && node.id.is_some_and(|id| id.starts_with("_:"));
    let written = |name: &str| members.contains_key(name);
    if written("@type") && active.has_alias(Keyword::Type) {
        return refused("@type");
    }
    if written("@id") && !label && active.has_alias(Keyword::Id) {
        return refused("@id");
    }
    Ok(())
}

/// Values, lists and sets stand alone.
pub(super) fn shape(node: &Node<'_>) -> Result<(), JsonLdError> {
    let plain = node.id.is_some() || node.graph.is_some() || !node.properties.is_empty();
    if node.value.is_some() && (plain || node.list.is_some() || node.set.is_some()) {
        return Err(JsonLdError::InvalidValue("@value"));
    }
    let typed = !node.types.is_empty();
    if (node.list.is_some() || node.set.is_some())
        && (plain || typed || (node.list.is_some() && node.set.is_some()))
    {
        return Err(JsonLdError::InvalidValue("@list or @set"));
    }
    Ok(())
}
