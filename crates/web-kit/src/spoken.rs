//! A code of digits beside each QR: to read aloud, to type where no camera is. It leads to the same
//! page as the QR and lasts as long.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use credential_model::ambient::Entropy;
use credential_model::moment::Moment;

/// Most codes at once.
const MAX_CODES: usize = 20_000;
/// Wrong codes a minute before nobody is answered for the rest of it: guessing must not pay.
const MAX_MISSES: u32 = 60;

/// The codes in use.
pub struct SpokenCodes {
    /// Groups of four digits in a code.
    groups: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    codes: HashMap<String, (String, Moment)>,
    minute: i64,
    misses: u32,
}

/// What a typed code leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Led {
    /// This path.
    To(String),
    /// Nowhere.
    Nowhere,
    /// Too many wrong codes were typed this minute.
    Wait,
}

impl SpokenCodes {
    /// Codes of so many groups of four digits, one to four: two where a guessed code leads to
    /// nothing of value, three where it leads to something that can be taken.
    pub fn new(groups: usize) -> Self {
        Self { groups: groups.clamp(1, 4), inner: Mutex::default() }
    }

    /// The code of a path, a new one where it has none; `1234-5678`. `None` when all are taken.
    pub fn of(
        &self,
        path: &str,
        until: Moment,
        now: Moment,
        entropy: &dyn Entropy,
    ) -> Option<String> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.codes.retain(|_, (_, until)| *until >= now);
        let known = inner.codes.iter().find(|(_, (known, _))| known == path);
        if let Some((code, _)) = known {
            return Some(code.clone());
        }
        if inner.codes.len() >= MAX_CODES {
            return None;
        }
        for _ in 0..16 {
            let group = |_| {
                let mut bytes = [0; 8];
                entropy.fill(&mut bytes);
                format!("{:04}", u64::from_le_bytes(bytes) % 10_000)
            };
            let code = (0..self.groups).map(group).collect::<Vec<_>>().join("-");
            if !inner.codes.contains_key(&code) {
                inner.codes.insert(code.clone(), (path.to_owned(), until));
                return Some(code);
            }
        }
        None
    }

    /// Where a typed code leads; spaces and dashes do not matter.
    pub fn lead(&self, typed: &str, now: Moment) -> Led {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.unix() / 60;
        if inner.minute != minute {
            (inner.minute, inner.misses) = (minute, 0);
        }
        if inner.misses >= MAX_MISSES {
            return Led::Wait;
        }
        let digits: Vec<char> =
            typed.chars().filter(char::is_ascii_digit).take(4 * self.groups + 1).collect();
        let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
        let found = inner
            .codes
            .get(&groups.join("-"))
            .filter(|(_, until)| *until >= now)
            .map(|(path, _)| path.clone());
        match found {
            Some(path) => Led::To(path),
            None => {
                inner.misses += 1;
                Led::Nowhere
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use credential_model::ambient::PredictableEntropy;

    use super::*;

    #[test]
    fn a_code_leads_until_its_time_and_guessing_is_slowed() {
        let (codes, entropy) = (SpokenCodes::new(2), PredictableEntropy::new(1));
        let now = Moment::from_unix(1_800_000_000);
        let code = codes.of("/r/1", now.plus_seconds(300), now, &entropy).unwrap();
        assert_eq!(codes.of("/r/1", now.plus_seconds(300), now, &entropy).as_ref(), Some(&code));
        let spaced = code.replace('-', " ");
        assert_eq!(codes.lead(&spaced, now), Led::To("/r/1".to_owned()));
        assert_eq!(codes.lead(&code, now.plus_seconds(301)), Led::Nowhere);
        assert_eq!(codes.lead("x", now), Led::Nowhere);
        for _ in 0..MAX_MISSES {
            codes.lead("0000-0000", now);
        }
        assert_eq!(codes.lead(&code, now), Led::Wait);
        assert_eq!(codes.lead(&code, now.plus_seconds(60)), Led::To("/r/1".to_owned()));
    }

    #[test]
    fn a_code_of_three_groups_is_typed_in_any_grouping() {
        let (codes, entropy) = (SpokenCodes::new(3), PredictableEntropy::new(2));
        let now = Moment::from_unix(1_800_000_000);
        let code = codes.of("/offers/1", now.plus_seconds(300), now, &entropy).unwrap();
        assert_eq!(code.len(), 14);
        for typed in [code.replace('-', ""), format!(" {} ", code.replace('-', " "))] {
            assert_eq!(codes.lead(&typed, now), Led::To("/offers/1".to_owned()));
        }
        for wrong in [&code[..13], &format!("{code}1"), ""] {
            assert_eq!(codes.lead(wrong, now), Led::Nowhere, "{wrong}");
        }
    }
}
