//! One document, its canonical form by everybody.

use serde_json::Value;

use crate::known::KNOWN;
use crate::peers;
use crate::tally::{Outcome, Tally};

/// Somebody else's canonical form.
pub type Canonical<'c> = &'c dyn Fn(&Value) -> Result<String, String>;

/// Compares our canonical form with a peer's. `true` when we accept and the peer agrees.
pub fn canonical(
    document: &Value,
    ours: &Result<String, &'static str>,
    name: &'static str,
    peer: Canonical<'_>,
    tally: &mut Tally,
) -> bool {
    let theirs = peer(document);
    let outcome = match (ours, &theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => {
            Outcome::Agreement(format!("{name}: the same canonical form"))
        }
        (Err(_), Err(_)) => Outcome::Agreement(format!("{name}: refused by both")),
        (Err(code), Ok(_)) => Outcome::RefusedByUs(format!("{name}: {code}")),
        _ => match explanation(document, name, peer) {
            Some(reasons) => Outcome::Explained(format!("{name}: {reasons}")),
            None if theirs.is_ok() => {
                Outcome::Unexplained(format!("{name}: another canonical form"))
            }
            None => Outcome::Unexplained(format!("{name}: refuses what we accept")),
        },
    };
    let agrees = outcome == Outcome::Agreement(format!("{name}: the same canonical form"));
    tally.add(outcome, || difference(document, ours, &theirs));
    agrees
}

/// The reason of a disagreement: one known reason that takes it away with it, or several.
#[must_use]
pub fn explanation(document: &Value, name: &str, peer: Canonical<'_>) -> Option<String> {
    let agrees = |document: &Value| match (peers::ours(document), peer(document)) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        (Err(_), _) => true,
        _ => false,
    };
    if let Some(reason) = only_labels(document, name, peer) {
        return Some(reason);
    }
    if peer(document).is_err_and(|error| error == "panicked") {
        // No standard asks for that.
        return Some(format!("{name} panics"));
    }
    let reasons: Vec<_> = KNOWN.iter().filter(|known| known.peer == name).collect();
    let mut all = document.clone();
    let mut present = 0;
    for known in reasons {
        let mut one = document.clone();
        if (known.without)(&mut one) {
            if agrees(&one) {
                return Some(known.reason.to_owned());
            }
            (known.without)(&mut all);
            present += 1;
        }
    }
    let solved = present > 0 && (agrees(&all) || only_labels(&all, name, peer).is_some());
    solved.then(|| "several of these reasons at once".to_owned())
}

/// The same statements under other labels: what the peer wrote, canonicalized by us, is what we wrote.
fn only_labels(document: &Value, name: &str, peer: Canonical<'_>) -> Option<String> {
    let (ours, theirs) = (peers::ours(document).ok()?, peer(document).ok()?);
    if peers::canonical_again(&theirs)? != ours {
        return None;
    }
    let lines: Vec<&str> = theirs.lines().collect();
    let reason = if lines.windows(2).any(|pair| pair[0] == pair[1]) {
        "keeps a statement as often as it is said (RDF 1.1 Concepts 4: a dataset is made of sets)"
    } else if name == "ox" {
        "counts a neighbour once that is related twice through a graph name (RDFC-1.0 4.8.3: lists, not sets)"
    } else {
        "labels blank nodes that look alike otherwise (RDFC-1.0 4.8; oxrdf and the W3C tests are with us)"
    };
    Some(format!("{name} {reason}"))
}

fn difference(
    document: &Value,
    ours: &Result<String, &'static str>,
    theirs: &Result<String, String>,
) -> String {
    let only = |one: &str, other: &str| {
        let known: std::collections::HashSet<&str> = other.lines().collect();
        let lines: Vec<&str> = one.lines().filter(|line| !known.contains(line)).take(6).collect();
        lines.join("\n")
    };
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let (a, b) = (only(ours, theirs), only(theirs, ours));
            format!("{document}\nonly ours:\n{a}\nonly theirs:\n{b}")
        }
        (Ok(_), Err(error)) => format!("{document}\nthey refuse: {error}"),
        (Err(code), Ok(_)) => format!("{document}\nwe refuse: {code}"),
        (Err(_), Err(_)) => String::new(),
    }
}
