//! Index allocation.

use crate::*;

#[test]
fn every_index_is_given_exactly_once() {
    for capacity in [1_usize, 2, 3, 7, 64, 1000, 4096] {
        let allocator = IndexAllocator::new([7; 32], capacity);
        let mut seen = vec![false; capacity];
        for counter in 0..capacity as u64 {
            let index = allocator.at(counter).unwrap();
            assert!(!std::mem::replace(&mut seen[index], true), "{index} twice");
        }
        assert_eq!(allocator.at(capacity as u64), None);
        assert_eq!(allocator.at(u64::MAX), None);
    }
    assert_eq!(IndexAllocator::new([0; 32], 0).at(0), None);
}

#[test]
fn allocation_is_stable_and_depends_on_the_seed() {
    // Made with this code once; a change would give used indices out again.
    let allocator = IndexAllocator::new([1; 32], MIN_ENTRIES);
    let first: Vec<_> = (0..4).map(|c| allocator.at(c).unwrap()).collect();
    assert_eq!(first, [38_897, 29_270, 104_626, 110_822]);
    let other = IndexAllocator::new([2; 32], MIN_ENTRIES);
    assert_ne!(first, (0..4).map(|c| other.at(c).unwrap()).collect::<Vec<_>>());
    assert_eq!(allocator.capacity(), MIN_ENTRIES);
    assert!(!format!("{allocator:?}").contains("mac"));
}

#[test]
fn allocation_looks_random() {
    let allocator = IndexAllocator::new(*b"a seed that only this test knows", MIN_ENTRIES);
    let indices: Vec<usize> = (0..8192).map(|c| allocator.at(c).unwrap()).collect();
    // Even over 64 buckets: chi-squared with 63 degrees of freedom stays below 118 except
    // in one case in 40,000 (and the seed is fixed, so the result is too).
    let mut buckets = [0_f64; 64];
    for index in &indices {
        buckets[index * 64 / MIN_ENTRIES] += 1.0;
    }
    let chi: f64 = buckets.iter().map(|n| (n - 128.0).powi(2) / 128.0).sum();
    assert!(chi < 118.0, "chi-squared {chi}");
    // Neighbours in time are no neighbours in the list: the serial correlation is near 0
    // (standard error 0.011), and steps go up as often as down.
    let mean = MIN_ENTRIES as f64 / 2.0;
    let (mut covariance, mut variance) = (0.0, 0.0);
    for pair in indices.windows(2) {
        covariance += (pair[0] as f64 - mean) * (pair[1] as f64 - mean);
        variance += (pair[0] as f64 - mean).powi(2);
    }
    assert!((covariance / variance).abs() < 0.05, "correlation {}", covariance / variance);
    let close = indices.windows(2).filter(|p| p[0].abs_diff(p[1]) < 64).count();
    assert!(close < 30, "{close} neighbours, about 8 expected");
}
