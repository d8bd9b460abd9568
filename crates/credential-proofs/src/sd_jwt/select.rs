//! The holder's choice: which disclosures to keep.

use std::collections::HashMap;

use serde_json::Value;

use super::{SdJwt, SdJwtError};

impl SdJwt {
    /// Keeps only the disclosures needed to show `paths`, and drops any key binding. Paths are claims path pointers of
    /// DCQL (OID4VP 1.0 section 7): a string is a member, a number an element, `null` every element. A path to an
    /// object or array shows all that lies beneath it.
    ///
    /// # Errors
    /// [`SdJwtError::UnknownPath`] when a path leads to no claim.
    pub fn select(&self, paths: &[Vec<Value>]) -> Result<SdJwt, SdJwtError> {
        let tree = Tree::of(&self.processed.paths);
        let mut shown = vec![false; self.disclosures.len()];
        let mut opened = vec![false; tree.nodes.len()];
        for path in paths {
            if path.is_empty() || !leads_somewhere(self.claims_unverified(), path) {
                return Err(SdJwtError::UnknownPath(Value::Array(path.clone()).to_string()));
            }
            tree.show(path, &mut shown, &mut opened);
        }

        let mut text = self.issuer_signed.as_str().to_owned();
        text.push('~');
        for (disclosure, _) in self.disclosures.iter().zip(shown).filter(|(_, shown)| *shown) {
            text.push_str(&disclosure.text);
            text.push('~');
        }
        SdJwt::parse(&text)
    }
}

/// One step of a path.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step<'a> {
    Name(&'a str),
    Index(u64),
}

impl<'a> Step<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(name) => Some(Self::Name(name)),
            other => other.as_u64().map(Self::Index),
        }
    }
}

/// The paths of all disclosures as one tree, so that a selection costs its own length and not that of all paths.
struct Tree<'a> {
    nodes: Vec<Node>,
    /// By node and step.
    edges: HashMap<(usize, Step<'a>), usize>,
}

#[derive(Default)]
struct Node {
    /// The disclosure that lies here.
    disclosure: Option<usize>,
    children: Vec<usize>,
    /// Those of `children` that are elements of an array: what `null` selects.
    elements: Vec<usize>,
}

impl<'a> Tree<'a> {
    fn of(paths: &'a [Vec<Value>]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], edges: HashMap::new() };
        for (disclosure, path) in paths.iter().enumerate() {
            let mut at = 0;
            for step in path.iter().filter_map(Step::of) {
                let next = tree.nodes.len();
                let found = *tree.edges.entry((at, step)).or_insert(next);
                if found == next {
                    tree.nodes.push(Node::default());
                    tree.nodes[at].children.push(next);
                    if matches!(step, Step::Index(_)) {
                        tree.nodes[at].elements.push(next);
                    }
                }
                at = found;
            }
            tree.nodes[at].disclosure = Some(disclosure);
        }
        tree
    }

    /// Shows what lies on the way along `path`, which must be opened, and all that lies beneath its end.
    fn show(&self, path: &[Value], shown: &mut [bool], opened: &mut [bool]) {
        let mut here = vec![0];
        for step in path {
            let mut next = Vec::new();
            for at in here {
                match Step::of(step) {
                    Some(step) => next.extend(self.edges.get(&(at, step))),
                    None => next.extend(&self.nodes[at].elements),
                }
            }
            for &at in &next {
                self.mark(at, shown);
            }
            here = next;
        }
        while let Some(at) = here.pop() {
            if !std::mem::replace(&mut opened[at], true) {
                self.mark(at, shown);
                here.extend(&self.nodes[at].children);
            }
        }
    }

    fn mark(&self, at: usize, shown: &mut [bool]) {
        if let Some(disclosure) = self.nodes[at].disclosure {
            shown[disclosure] = true;
        }
    }
}

fn leads_somewhere(value: &Value, path: &[Value]) -> bool {
    match path {
        [] => true,
        [Value::String(name), rest @ ..] => {
            value.get(name).is_some_and(|inner| leads_somewhere(inner, rest))
        }
        [Value::Null, rest @ ..] => value
            .as_array()
            .is_some_and(|items| items.iter().any(|item| leads_somewhere(item, rest))),
        [Value::Number(index), rest @ ..] => index
            .as_u64()
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| value.get(index))
            .is_some_and(|inner| leads_somewhere(inner, rest)),
        _ => false,
    }
}
