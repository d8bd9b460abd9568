//! What the build demands of the catalogues. Shared with the crate's tests.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

/// One `.ftl` file.
pub(crate) struct AreaSource {
    /// Path to show in findings.
    pub(crate) file: String,
    /// File name without extension.
    pub(crate) area: String,
    /// Its text.
    pub(crate) source: String,
}

/// A message as the check sees it.
struct Message {
    area: String,
    place: String,
    variables: BTreeSet<String>,
    references: BTreeSet<String>,
}

/// Compares two languages; every finding is `file:line: sentence`, empty means good.
pub(crate) fn check(left: &[AreaSource], right: &[AreaSource]) -> Vec<String> {
    let mut findings = Vec::new();
    let left_messages = read(left, &mut findings);
    let right_messages = read(right, &mut findings);
    compare_areas(left, right, &mut findings);
    compare_areas(right, left, &mut findings);
    for (id, message) in &left_messages {
        let Some(other) = right_messages.get(id) else {
            findings
                .push(format!("{}: {id} has no counterpart in the other language", message.place));
            continue;
        };
        if message.area != other.area {
            findings
                .push(format!("{}: {id} stands in another area at {}", message.place, other.place));
        }
        if message.variables != other.variables {
            findings.push(format!(
                "{}: {id} uses the variables {:?}, but {:?} at {}",
                message.place, message.variables, other.variables, other.place
            ));
        }
    }
    for (id, message) in right_messages.iter().filter(|(id, _)| !left_messages.contains_key(*id)) {
        findings.push(format!("{}: {id} has no counterpart in the other language", message.place));
    }
    findings.sort();
    findings
}

fn compare_areas(these: &[AreaSource], those: &[AreaSource], findings: &mut Vec<String>) {
    for area in these.iter().filter(|a| !those.iter().any(|b| b.area == a.area)) {
        findings.push(format!("{}:1: the other language has no file for this area", area.file));
    }
}

fn read(files: &[AreaSource], findings: &mut Vec<String>) -> BTreeMap<String, Message> {
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    // With the area: each is loaded by itself, so nothing may lean on another one.
    let mut terms: BTreeSet<(String, String)> = BTreeSet::new();
    let mut term_references: Vec<(String, (String, String))> = Vec::new();
    for file in files {
        let resource = match parser::parse(file.source.as_str()) {
            Ok(resource) => resource,
            Err((_, errors)) => {
                for error in errors {
                    findings.push(format!(
                        "{}:{}: {}",
                        file.file,
                        line(&file.source, error.pos.start),
                        error.kind
                    ));
                }
                continue;
            }
        };
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name;
                    // The parser keeps slices of the source, which give the position back.
                    let place =
                        format!("{}:{}", file.file, line(&file.source, offset(&file.source, id)));
                    if !well_named(id, &file.area) {
                        findings.push(format!(
                            "{place}: {id} is not kebab-case or lacks the prefix of its area"
                        ));
                    }
                    if !message.attributes.is_empty() {
                        findings.push(format!(
                            "{place}: {id} has attributes, which nothing here reads"
                        ));
                    }
                    let mut uses = Uses::default();
                    match &message.value {
                        Some(pattern) => uses.pattern(pattern),
                        None => findings.push(format!("{place}: {id} has no text")),
                    }
                    if let Some(function) = uses.functions.first() {
                        findings.push(format!(
                            "{place}: {id} calls {function}, but no functions are installed"
                        ));
                    }
                    let of_area = |term| (place.clone(), (file.area.clone(), term));
                    term_references.extend(uses.terms.into_iter().map(of_area));
                    let new = Message {
                        area: file.area.clone(),
                        place: place.clone(),
                        variables: uses.variables,
                        references: uses.messages,
                    };
                    if let Some(old) = messages.insert(id.to_owned(), new) {
                        findings.push(format!("{place}: {id} is already defined at {}", old.place));
                    }
                }
                Entry::Term(term) => {
                    terms.insert((file.area.clone(), term.id.name.to_owned()));
                }
                _ => {}
            }
        }
    }
    for (place, (_, term)) in term_references.iter().filter(|(_, t)| !terms.contains(t)) {
        findings.push(format!("{place}: the term -{term} does not exist in this area"));
    }
    for message in messages.values() {
        let known = |id: &String| messages.get(id).is_some_and(|other| other.area == message.area);
        for reference in message.references.iter().filter(|id| !known(id)) {
            let place = &message.place;
            findings.push(format!("{place}: the message {reference} does not exist in this area"));
        }
    }
    messages
}

/// `verdict-authentic-yes` in `verdict.ftl`; a plural area may use its singular:
/// `problem-not-found` in `problems.ftl`.
fn well_named(id: &str, area: &str) -> bool {
    let kebab = !id.ends_with('-')
        && !id.contains("--")
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let singular = area.strip_suffix('s').unwrap_or(area);
    let rest = id.strip_prefix(area).or_else(|| id.strip_prefix(singular));
    kebab && rest.is_some_and(|rest| rest.starts_with('-'))
}

/// Everything a pattern refers to.
#[derive(Default)]
struct Uses {
    variables: BTreeSet<String>,
    messages: BTreeSet<String>,
    terms: Vec<String>,
    functions: Vec<String>,
}

impl Uses {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::TermReference { id, .. } => self.terms.push(id.name.to_owned()),
            InlineExpression::FunctionReference { id, .. } => {
                self.functions.push(id.name.to_owned())
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }
}

fn offset(source: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(source.as_ptr() as usize)
}

fn line(source: &str, at: usize) -> usize {
    source.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}
