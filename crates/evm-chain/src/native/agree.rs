//! When answers of several nodes count as one.

use crate::ChainError;

/// How a node did in the last round.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeState {
    /// It answered as enough others did.
    Agreed,
    /// Its trusted block is older than the one enough others have.
    Lagging {
        /// Blocks.
        behind: u64,
    },
    /// It answered otherwise than enough others did.
    Dissenting,
    /// It gave no usable answer: the error's code.
    Failed(&'static str),
}

/// A node by host and port, and how it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeHealth {
    /// Host and port; never path or query, which may carry an access key.
    pub node: String,
    /// In the last round.
    pub state: NodeState,
}

/// What came of a round.
#[derive(Debug)]
pub(super) struct Verdict<T> {
    pub(super) answer: Result<T, ChainError>,
    pub(super) agreed: Vec<usize>,
    pub(super) others: Vec<(usize, NodeState)>,
}

/// The answer that `wanted` of `all` nodes gave. A definite "not there" is an answer; an answer
/// that contradicts itself (a forged or withheld event) contradicts those of the others too.
pub(super) fn judge<T: PartialEq>(
    about: &str,
    answers: Vec<(usize, Result<T, ChainError>)>,
    wanted: usize,
    all: usize,
    name: impl Fn(usize) -> String,
) -> Result<Verdict<T>, ChainError> {
    let mut groups: Vec<(Result<T, ChainError>, Vec<usize>)> = Vec::new();
    let (mut crooked, mut failed) = (Vec::new(), Vec::new());
    for (index, answer) in answers {
        match answer {
            Err(error) if error.is_inconclusive() => match error {
                ChainError::DigestMismatch
                | ChainError::EventWithheld { .. }
                | ChainError::HistoryBroken(_) => crooked.push((index, error)),
                _ => failed.push((index, error)),
            },
            answer => match groups.iter_mut().find(|(other, _)| *other == answer) {
                Some((_, members)) => members.push(index),
                None => groups.push((answer, vec![index])),
            },
        }
    }
    groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    let outvoted = 2 * wanted > all;
    let differ = groups.len() > 1 || (!groups.is_empty() && !crooked.is_empty());
    let enough = groups.first().is_some_and(|(_, members)| members.len() >= wanted);
    if enough && (outvoted || !differ) {
        let mut groups = groups.into_iter();
        let Some((answer, agreed)) = groups.next() else {
            return Err(ChainError::Settings("no node".to_owned()));
        };
        let others = groups
            .flat_map(|(_, members)| members)
            .map(|index| (index, NodeState::Dissenting))
            .chain(crooked.into_iter().chain(failed).map(|(i, e)| (i, NodeState::Failed(e.code()))))
            .collect();
        return Ok(Verdict { answer, agreed, others });
    }
    if differ {
        let named = |members: &[usize]| members.iter().map(|i| name(*i)).collect::<Vec<_>>();
        let mut sides: Vec<_> =
            groups.iter().map(|(_, members)| named(members).join(", ")).collect();
        sides.extend(
            crooked.iter().map(|(index, error)| format!("{} ({})", name(*index), error.code())),
        );
        return Err(ChainError::Disagreement(format!("{about}: {}", sides.join(" against "))));
    }
    let answered = groups.first().map_or(0, |(_, members)| members.len());
    let troubles = crooked.into_iter().chain(failed).map(|(i, error)| (name(i), error)).collect();
    Err(too_few(troubles, answered, wanted))
}

/// The error when fewer than `wanted` nodes answered: theirs when they have one in common.
pub(super) fn too_few(
    troubles: Vec<(String, ChainError)>,
    answered: usize,
    wanted: usize,
) -> ChainError {
    let Some((_, first)) = troubles.first() else {
        return ChainError::Unreachable(format!("{answered} nodes answered, {wanted} wanted"));
    };
    if troubles.iter().all(|(_, error)| error.code() == first.code()) {
        return first.clone();
    }
    let each: Vec<_> =
        troubles.iter().map(|(name, error)| format!("{name}: {}", error.code())).collect();
    ChainError::Unreachable(format!(
        "{answered} nodes answered, {wanted} wanted ({})",
        each.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(index: usize) -> String {
        format!("n{index}")
    }

    fn round(
        answers: Vec<Result<u8, ChainError>>,
        wanted: usize,
    ) -> Result<(u8, usize), ChainError> {
        let all = answers.len();
        let verdict =
            judge("a thing", answers.into_iter().enumerate().collect(), wanted, all, name)?;
        Ok((verdict.answer?, verdict.agreed.len()))
    }

    #[test]
    fn enough_equal_answers_outvote_a_liar_only_as_a_majority() {
        assert_eq!(round(vec![Ok(1), Ok(1), Ok(2)], 2), Ok((1, 2)));
        assert_eq!(round(vec![Ok(1), Ok(1), Err(ChainError::TimedOut)], 2), Ok((1, 2)));
        let split = round(vec![Ok(1), Ok(1), Ok(2), Ok(2)], 2).unwrap_err();
        assert_eq!(split, ChainError::Disagreement("a thing: n0, n1 against n2, n3".to_owned()));
        assert_eq!(round(vec![Ok(1), Ok(2)], 2).unwrap_err().code(), "chain_disagreement");
        // One of two suffices, yet the other says something else.
        assert_eq!(round(vec![Ok(1), Ok(2)], 1).unwrap_err().code(), "chain_disagreement");
        assert_eq!(round(vec![Ok(1), Err(ChainError::TimedOut)], 1), Ok((1, 1)));
    }

    #[test]
    fn too_few_answers_are_no_answer() {
        let slow = || Err(ChainError::TimedOut);
        assert_eq!(round(vec![Ok(1), slow(), slow()], 2), Err(ChainError::TimedOut));
        let mixed = round(vec![Ok(1), slow(), Err(ChainError::RateLimited)], 2).unwrap_err();
        assert_eq!(mixed.code(), "chain_unreachable");
        assert!(mixed.to_string().contains("n1: chain_timeout"), "{mixed}");
    }

    #[test]
    fn absence_is_an_answer_and_a_forgery_is_none() {
        let absent = || Err(ChainError::VersionNotFound { version: 1 });
        let told = round(vec![absent(), absent()], 2).unwrap_err();
        assert_eq!(told, ChainError::VersionNotFound { version: 1 });
        assert_eq!(round(vec![absent(), Ok(1)], 2).unwrap_err().code(), "chain_disagreement");
        let forged = || Err(ChainError::DigestMismatch);
        assert_eq!(round(vec![Ok(1), forged()], 2).unwrap_err().code(), "chain_disagreement");
        assert_eq!(round(vec![forged()], 1), Err(ChainError::DigestMismatch));
        assert_eq!(round(vec![Ok(1), Ok(1), forged()], 2), Ok((1, 2)));
    }
}
