//! What came out, by class.

use std::collections::BTreeMap;

/// How a comparison ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Both accept with the same result, or both refuse.
    Agreement(String),
    /// We refuse, for this reason, what another one accepts.
    RefusedByUs(String),
    /// They differ, and the reason is known.
    Explained(String),
    /// They differ, and nobody knows why.
    Unexplained(String),
}

/// Counts and, of each class, the first few documents.
#[derive(Debug, Default)]
pub struct Tally {
    counts: BTreeMap<Outcome, (u64, Vec<String>)>,
}

impl Tally {
    /// One more; `example` is asked for while there are few.
    pub fn add(&mut self, outcome: Outcome, example: impl FnOnce() -> String) {
        let (count, examples) = self.counts.entry(outcome).or_default();
        *count += 1;
        if examples.len() < 3 {
            examples.push(example());
        }
    }

    /// Joins another tally.
    pub fn join(&mut self, other: Self) {
        for (outcome, (count, examples)) in other.counts {
            let (sum, known) = self.counts.entry(outcome).or_default();
            *sum += count;
            known.extend(examples);
            known.truncate(3);
        }
    }

    /// How many are unexplained.
    #[must_use]
    pub fn unexplained(&self) -> u64 {
        let bad =
            self.counts.iter().filter(|(outcome, _)| matches!(outcome, Outcome::Unexplained(_)));
        bad.map(|(_, (count, _))| count).sum()
    }

    /// The table; with `examples`, those of everything but agreements.
    #[must_use]
    pub fn table(&self, examples: bool) -> String {
        let mut text = String::new();
        for (outcome, (count, shown)) in &self.counts {
            let (kind, class) = match outcome {
                Outcome::Agreement(class) => ("agreement", class),
                Outcome::RefusedByUs(class) => ("refused by us", class),
                Outcome::Explained(class) => ("explained", class),
                Outcome::Unexplained(class) => ("UNEXPLAINED", class),
            };
            text += &format!("{count:>9}  {kind:<14} {class}\n");
            let bad = matches!(outcome, Outcome::Unexplained(_));
            let agreement = matches!(outcome, Outcome::Agreement(_));
            if bad || (examples && !agreement) {
                for example in shown {
                    text += &format!("           {}\n", example.replace('\n', "\n           "));
                }
            }
        }
        text
    }
}
