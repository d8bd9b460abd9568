//! The holder's choice: which disclosures to keep.

use std::collections::BTreeSet;

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
        let mut shown = BTreeSet::new();
        for path in paths {
            if path.is_empty() || !leads_somewhere(self.claims_unverified(), path) {
                return Err(SdJwtError::UnknownPath(Value::Array(path.clone()).to_string()));
            }
            for (index, disclosed) in self.processed.paths.iter().enumerate() {
                // One is a prefix of the other: an ancestor that must be opened, or a part of what is shown.
                if path
                    .iter()
                    .zip(disclosed)
                    .all(|(wanted, actual)| wanted.is_null() || wanted == actual)
                {
                    shown.insert(index);
                }
            }
        }
        // A part is useless, and unreferenced, without the disclosures around it.
        let around: Vec<usize> = (0..self.disclosures.len())
            .filter(|&outer| {
                shown.iter().any(|&inner| {
                    self.processed.paths[inner].starts_with(&self.processed.paths[outer])
                })
            })
            .collect();
        shown.extend(around);

        let mut text = self.issuer_signed.as_str().to_owned();
        text.push('~');
        for index in shown {
            text.push_str(&self.disclosures[index].text);
            text.push('~');
        }
        SdJwt::parse(&text)
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
