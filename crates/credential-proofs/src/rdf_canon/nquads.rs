use std::collections::HashMap;

use super::dataset::{Dataset, Quad, TermId};
use super::iri::is_absolute;

/// Why a text is not N-Quads. `line` counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not an N-Quads statement")]
pub struct NQuadsError {
    /// The line.
    pub line: usize,
}

impl Dataset {
    /// Reads RDF 1.1 N-Quads, as the test suites and oracles write them.
    ///
    /// # Errors
    /// [`NQuadsError`] at the first line that is none.
    pub fn from_nquads(text: &str) -> Result<Self, NQuadsError> {
        let mut dataset = Self::new();
        let mut blanks = HashMap::new();
        for (index, line) in text.split(['\n', '\r']).enumerate() {
            let line = line.trim_matches([' ', '\t']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let quad = Line { rest: line, dataset: &mut dataset, blanks: &mut blanks }.quad();
            dataset.push(quad.ok_or(NQuadsError { line: index + 1 })?);
        }
        Ok(dataset)
    }
}

struct Line<'a> {
    rest: &'a str,
    dataset: &'a mut Dataset,
    blanks: &'a mut HashMap<String, TermId>,
}

impl<'a> Line<'a> {
    fn quad(mut self) -> Option<Quad> {
        let subject = self.resource()?;
        let predicate = self.iri().map(|iri| self.dataset.iri(&iri))?;
        let object = if self.skip().starts_with('"') { self.literal()? } else { self.resource()? };
        let graph =
            if self.skip().starts_with('.') { TermId::DEFAULT_GRAPH } else { self.resource()? };
        let rest = self.skip().strip_prefix('.')?.trim_start_matches([' ', '\t']);
        (rest.is_empty() || rest.starts_with('#')).then_some(Quad {
            subject,
            predicate,
            object,
            graph,
        })
    }

    fn skip(&mut self) -> &'a str {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        self.rest
    }

    fn resource(&mut self) -> Option<TermId> {
        let Some(label) = self.skip().strip_prefix("_:") else {
            return self.iri().map(|iri| self.dataset.iri(&iri));
        };
        let end = label.find([' ', '\t', '<', '"']).unwrap_or(label.len());
        let name = label[..end].trim_end_matches('.');
        if name.is_empty() {
            return None;
        }
        self.rest = &label[name.len()..];
        if let Some(id) = self.blanks.get(name) {
            return Some(*id);
        }
        let id = self.dataset.blank();
        self.blanks.insert(name.to_owned(), id);
        Some(id)
    }

    fn iri(&mut self) -> Option<String> {
        let text = self.skip().strip_prefix('<')?;
        let (iri, rest) = text.split_once('>')?;
        self.rest = rest;
        // An escape could bring what no IRI holds, such as `>`: the canonical form would be other statements.
        unescape(iri).filter(|iri| is_absolute(iri))
    }

    fn literal(&mut self) -> Option<TermId> {
        let text = self.rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = text.char_indices().find_map(|(position, character)| {
            let found = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            found.then_some(position)
        })?;
        let value = unescape(&text[..end])?;
        self.rest = &text[end + 1..];
        if let Some(rest) = self.rest.strip_prefix("^^") {
            self.rest = rest;
            let datatype = self.iri()?;
            return Some(self.dataset.typed(&value, &datatype));
        }
        if let Some(rest) = self.rest.strip_prefix('@') {
            let end =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
            self.rest = &rest[end..];
            if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
                return None;
            }
            return Some(self.dataset.language_tagged(&value, &rest[..end]));
        }
        Some(self.dataset.string(&value))
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match characters.next()? {
            't' => '\t',
            'b' => '\u{8}',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            '"' => '"',
            '\'' => '\'',
            '\\' => '\\',
            kind @ ('u' | 'U') => {
                let length = if kind == 'u' { 4 } else { 8 };
                let digits: String = characters.by_ref().take(length).collect();
                if digits.len() != length || !digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                {
                    return None;
                }
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}
