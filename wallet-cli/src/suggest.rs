//! "Did you mean …?"

/// The candidate nearest to what was typed, when it is near enough to be meant.
pub(crate) fn nearest<'c>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    // Longer texts are pasted, not mistyped; and the comparison costs the product of both lengths.
    const MAX: usize = 128;
    let typed: Vec<char> = typed.to_lowercase().chars().take(MAX).collect();
    let bearable = (typed.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&typed, candidate, MAX), candidate))
        .filter(|(distance, _)| *distance <= bearable)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Insertions, deletions, replacements and exchanges of neighbours (optimal string alignment).
fn distance(typed: &[char], candidate: &str, max: usize) -> usize {
    let other: Vec<char> = candidate.to_lowercase().chars().take(max).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in typed.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && typed[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(typed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_other_things_are_not() {
        let known = ["4f2a9c01be77", "issuer-key", "holder-key"];
        let nearest = |typed| nearest(typed, known);
        assert_eq!(nearest("4f2a9c01be7").as_deref(), Some("4f2a9c01be77"));
        assert_eq!(nearest("4f2a9c10be77").as_deref(), Some("4f2a9c01be77"));
        assert_eq!(nearest("Isuer-key").as_deref(), Some("issuer-key"));
        assert_eq!(nearest("zzzzzz"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"x".repeat(100_000)), None);
    }
}
