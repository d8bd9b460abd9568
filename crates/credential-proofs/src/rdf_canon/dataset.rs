use super::terms::Terms;

const BLANK: u32 = 1 << 31;

/// A term of one [`Dataset`]: small, copyable, comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(u32);

impl TermId {
    /// The default graph, in the place of a graph name.
    pub const DEFAULT_GRAPH: Self = Self(0);

    /// The number of a blank node; `None` for IRIs and literals.
    #[must_use]
    pub fn blank(self) -> Option<usize> {
        (self.0 & BLANK != 0).then_some((self.0 & !BLANK) as usize)
    }
}

/// Subject, predicate, object and graph name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quad {
    /// IRI or blank node.
    pub subject: TermId,
    /// IRI.
    pub predicate: TermId,
    /// Any term.
    pub object: TermId,
    /// IRI, blank node or [`TermId::DEFAULT_GRAPH`].
    pub graph: TermId,
}

/// A set of quads whose terms are kept once each, in their canonical N-Quads form.
#[derive(Debug, Clone)]
pub struct Dataset {
    terms: Terms,
    quads: Vec<Quad>,
    blanks: u32,
}

impl Default for Dataset {
    fn default() -> Self {
        Self::new()
    }
}

impl Dataset {
    /// An empty dataset.
    #[must_use]
    pub fn new() -> Self {
        Self { terms: Terms::new(), quads: Vec::with_capacity(64), blanks: 0 }
    }

    /// An IRI. The caller has made sure that it is one: it is written between angle brackets as it is.
    pub fn iri(&mut self, iri: &str) -> TermId {
        let text = self.terms.open();
        text.push('<');
        text.push_str(iri);
        text.push('>');
        self.intern()
    }

    /// A literal of `xsd:string`.
    pub fn string(&mut self, value: &str) -> TermId {
        self.quote(value);
        self.intern()
    }

    /// A literal of another datatype; `xsd:string` is written short, as the canonical form wants.
    pub fn typed(&mut self, value: &str, datatype: &str) -> TermId {
        let text = self.quote(value);
        if datatype != "http://www.w3.org/2001/XMLSchema#string" {
            text.push_str("^^<");
            text.push_str(datatype);
            text.push('>');
        }
        self.intern()
    }

    /// A literal with a language tag.
    pub fn language_tagged(&mut self, value: &str, language: &str) -> TermId {
        let text = self.quote(value);
        text.push('@');
        text.push_str(language);
        self.intern()
    }

    /// A new blank node.
    pub fn blank(&mut self) -> TermId {
        let id = TermId(BLANK | self.blanks);
        self.blanks = (self.blanks + 1) & !BLANK;
        id
    }

    /// Adds a quad.
    pub fn push(&mut self, quad: Quad) {
        self.quads.push(quad);
    }

    /// How many blank nodes were made.
    #[must_use]
    pub fn blank_count(&self) -> usize {
        self.blanks as usize
    }

    /// The quads as added; the same one may be there twice until canonicalization.
    #[must_use]
    pub fn quads(&self) -> &[Quad] {
        &self.quads
    }

    /// The N-Quads form of an IRI or literal; empty for the default graph and for blank nodes.
    #[must_use]
    pub fn text(&self, term: TermId) -> &str {
        if term.0 & BLANK == 0 { self.terms.get(term.0 as usize) } else { "" }
    }

    /// The IRIs and literals that were made, each once, in their N-Quads form.
    pub(crate) fn term_texts(&self) -> impl Iterator<Item = &str> {
        (1..self.terms.len()).map(|number| self.terms.get(number))
    }

    /// The size of all terms together, each once.
    pub(crate) fn term_bytes(&self) -> usize {
        self.terms.bytes()
    }

    fn quote(&mut self, value: &str) -> &mut String {
        let text = self.terms.open();
        text.push('"');
        escape_into(value, text);
        text.push('"');
        text
    }

    fn intern(&mut self) -> TermId {
        TermId(self.terms.close() as u32)
    }
}

/// The escapes of canonical N-Quads (RDF 1.2 N-Quads section "A Canonical form of N-Quads").
pub(crate) fn escape_into(value: &str, out: &mut String) {
    let mut run = 0;
    for (position, byte) in value.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f {
            continue;
        }
        out.push_str(&value[run..position]);
        run = position + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push_str("\\u00");
                out.push(HEX[usize::from(byte >> 4)] as char);
                out.push(HEX[usize::from(byte & 15)] as char);
            }
        }
    }
    out.push_str(&value[run..]);
}
