use std::hash::{DefaultHasher, Hash, Hasher};

/// What a decoder answered, as a digest: inputs with a new answer are worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seen(pub u64);

impl Seen {
    /// The digest of anything that can be hashed: an error code, an outcome, a count.
    pub fn of(answer: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        answer.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// Both answers together.
    #[must_use]
    pub fn and(self, other: impl Hash) -> Self {
        Self::of((self.0, Self::of(other).0))
    }
}

/// The magnitude of a count, so that 1,000 and 1,001 elements are one answer.
pub(crate) fn magnitude(count: usize) -> u32 {
    usize::BITS - count.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_differ_and_order_counts() {
        assert_eq!(Seen::of("a"), Seen::of("a"));
        assert_ne!(Seen::of("a"), Seen::of("b"));
        assert_ne!(Seen::of("a").and("b"), Seen::of("b").and("a"));
        assert_eq!((magnitude(0), magnitude(1), magnitude(1000)), (0, 1, 10));
    }
}
