//! Hash N-Degree Quads (RDFC-1.0 section 4.8) with a budget.

use std::collections::BTreeMap;

use super::canonicalize::{State, push_number};

/// How many hashed or compared bytes make one more step.
const STEP: usize = 256;
/// Deeper chains of indistinguishable nodes are refused: each level is a stack frame.
const MAX_DEPTH: usize = 512;

/// Temporary labels `_:b0`, `_:b1`, … in the order they were given.
#[derive(Clone, Default)]
struct Issuer {
    order: Vec<usize>,
}

impl Issuer {
    fn get(&self, blank: usize) -> Option<usize> {
        self.order.iter().position(|issued| *issued == blank)
    }

    fn issue(&mut self, blank: usize) -> usize {
        self.get(blank).unwrap_or_else(|| {
            self.order.push(blank);
            self.order.len() - 1
        })
    }
}

/// What a start node came to: its hash, and the nodes in the order they got temporary labels.
pub(super) struct Found {
    pub(super) hash: String,
    pub(super) issued: Vec<usize>,
}

pub(super) struct NDegree<'s, 'b> {
    state: &'s State<'s>,
    budget: &'b mut usize,
}

impl<'s, 'b> NDegree<'s, 'b> {
    pub(super) fn new(state: &'s State<'s>, budget: &'b mut usize) -> Self {
        Self { state, budget }
    }

    /// `None` when the budget is spent.
    pub(super) fn start(mut self, blank: usize) -> Option<Found> {
        let mut issuer = Issuer::default();
        issuer.issue(blank);
        let (hash, issuer) = self.hash(blank, issuer, 0)?;
        Some(Found { hash, issued: issuer.order })
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        *self.budget = self.budget.checked_sub(steps)?;
        Some(())
    }

    fn hash(&mut self, blank: usize, mut issuer: Issuer, depth: usize) -> Option<(String, Issuer)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let related = self.related(blank, &issuer)?;
        let mut data = String::new();
        for (related_hash, blanks) in related {
            data.push_str(&related_hash);
            let mut chosen: Option<(String, Issuer)> = None;
            let mut permutations = Permutations::new(blanks);
            while let Some(permutation) = permutations.next() {
                self.spend(1 + permutation.len() + issuer.order.len() / 8)?;
                let limit = chosen.as_ref().map(|(path, _)| path.as_str());
                if let Some((path, new_issuer)) =
                    self.path(permutation, issuer.clone(), limit, depth)?
                    && chosen.as_ref().is_none_or(|(best, _)| path < *best)
                {
                    chosen = Some((path, new_issuer));
                }
            }
            let (path, new_issuer) = chosen?;
            data.push_str(&path);
            issuer = new_issuer;
        }
        self.spend(data.len() / STEP)?;
        Some((self.state.hash.hex(data.as_bytes()), issuer))
    }

    /// Step 5.4 for one permutation. `Some(None)` when it cannot become the chosen one.
    #[allow(clippy::option_option)] // outer: budget spent; inner: permutation skipped
    fn path(
        &mut self,
        permutation: &[usize],
        mut issuer: Issuer,
        limit: Option<&str>,
        depth: usize,
    ) -> Option<Option<(String, Issuer)>> {
        let hopeless =
            |path: &str| limit.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut recursion = Vec::new();
        // Looking up a temporary label is a scan of those given.
        self.spend(permutation.len() * (permutation.len() + issuer.order.len()) / (4 * STEP))?;
        for &blank in permutation {
            if let Some(label) = self.state.labels[blank] {
                path.push_str("_:c14n");
                push_number(label, &mut path);
            } else {
                if issuer.get(blank).is_none() {
                    recursion.push(blank);
                }
                path.push_str("_:b");
                push_number(issuer.issue(blank) as u32, &mut path);
            }
            if hopeless(&path) {
                return Some(None);
            }
        }
        for blank in recursion {
            let (hash, result_issuer) = self.hash(blank, issuer.clone(), depth + 1)?;
            path.push_str("_:b");
            push_number(issuer.issue(blank) as u32, &mut path);
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            issuer = result_issuer;
            if hopeless(&path) {
                return Some(None);
            }
        }
        Some(Some((path, issuer)))
    }

    /// Step 3: the neighbours of a node, by the hash of how they are related.
    fn related(&mut self, blank: usize, issuer: &Issuer) -> Option<BTreeMap<String, Vec<usize>>> {
        let mut related: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut input = String::new();
        for &index in &self.state.mentions[blank] {
            let quad = &self.state.quads[index as usize];
            for (position, term) in [('s', quad.subject), ('o', quad.object), ('g', quad.graph)] {
                let Some(other) = term.blank().filter(|other| *other != blank) else { continue };
                input.clear();
                input.push(position);
                if position != 'g' {
                    // The predicate is kept with its angle brackets already.
                    input.push_str(self.state.predicate(quad));
                }
                if let Some(label) = self.state.labels[other] {
                    input.push_str("_:c14n");
                    push_number(label, &mut input);
                } else if let Some(label) = issuer.get(other) {
                    input.push_str("_:b");
                    push_number(label as u32, &mut input);
                } else {
                    input.push_str(&self.state.first_degree[other]);
                }
                // A long predicate is hashed again at every visit: the budget counts bytes, not calls.
                self.spend(1 + (input.len() + issuer.order.len()) / STEP)?;
                related.entry(self.state.hash.hex(input.as_bytes())).or_default().push(other);
            }
        }
        Some(related)
    }
}

/// Heap's algorithm, one permutation at a time, so that the budget can stop it.
struct Permutations {
    items: Vec<usize>,
    counters: Vec<usize>,
    position: usize,
    started: bool,
}

impl Permutations {
    fn new(items: Vec<usize>) -> Self {
        let counters = vec![0; items.len()];
        Self { items, counters, position: 1, started: false }
    }

    fn next(&mut self) -> Option<&[usize]> {
        if !self.started {
            self.started = true;
            return Some(&self.items);
        }
        while self.position < self.items.len() {
            if self.counters[self.position] < self.position {
                let other =
                    if self.position.is_multiple_of(2) { 0 } else { self.counters[self.position] };
                self.items.swap(other, self.position);
                self.counters[self.position] += 1;
                self.position = 1;
                return Some(&self.items);
            }
            self.counters[self.position] = 0;
            self.position += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Permutations;

    #[test]
    fn every_permutation_once() {
        for (size, count) in [(0, 1), (1, 1), (2, 2), (3, 6), (4, 24), (5, 120)] {
            let mut permutations = Permutations::new((0..size).collect());
            let mut seen = BTreeSet::new();
            while let Some(permutation) = permutations.next() {
                assert!(seen.insert(permutation.to_vec()));
            }
            assert_eq!(seen.len(), count);
        }
    }
}
