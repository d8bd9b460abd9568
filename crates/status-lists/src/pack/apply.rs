//! Applying a delta: the base is read once, the result written once; neither is unpacked.

use super::content::{Assembly, PackContent, Shape};
use super::delta::PackDelta;
use super::error::PackError;

impl PackContent {
    /// The snapshot a delta leads to. Its digest is the one the delta names, or there is no
    /// result: what comes out is, byte for byte, what the issuer has.
    ///
    /// # Errors
    /// [`PackError::OtherBase`] for another snapshot's delta, [`PackError::DigestMismatch`] when
    /// the delta does not lead where it says, [`PackError::Malformed`] when it changes nothing at
    /// some entry or writes a code that does not fit.
    pub fn apply(&self, delta: &PackDelta) -> Result<Self, PackError> {
        let entries: u64 = self.shapes().map(|shape| shape.entries).sum();
        if delta.base() != self.digest() || delta.base_entries() != entries {
            return Err(PackError::OtherBase);
        }
        let mut assembly = Assembly::default();
        let mut start = 0;
        let appended = delta.appended().iter().map(|(entries, size)| Shape::of(*entries, *size));
        for (list, shape) in self.shapes().map(Ok).chain(appended).enumerate() {
            let mut shape = shape?;
            let changes: Vec<(u64, u8)> = delta
                .changes_in(start, start + shape.entries)
                .iter()
                .map(|(position, code)| (position - start, *code))
                .collect();
            start += shape.entries;
            self.recount(list, &mut shape, &changes)?;
            let sets = [0, 1, 2].map(|code| {
                let known = self.shape(list).map(|_| self.positions(list, code));
                merged(known.into_iter().flatten(), &changes, code as u8 + 1)
            });
            assembly.add(&shape, sets);
        }
        let result = assembly.finish()?;
        if result.digest() == delta.result() { Ok(result) } else { Err(PackError::DigestMismatch) }
    }

    /// How often each code occurs afterwards; every change must change something.
    fn recount(
        &self,
        list: usize,
        shape: &mut Shape,
        changes: &[(u64, u8)],
    ) -> Result<(), PackError> {
        for (position, new) in changes {
            let old = match self.shape(list) {
                Some(_) => self.code(list, *position as usize)?,
                None => 0,
            };
            if old == *new || usize::from(*new) > shape.codes() {
                return Err(PackError::Malformed("a change that changes nothing, or cannot be"));
            }
            if old > 0 {
                shape.counts[usize::from(old) - 1] -= 1;
            }
            if *new > 0 {
                shape.counts[usize::from(*new) - 1] += 1;
            }
        }
        Ok(())
    }
}

/// The positions of one code afterwards: those that had it and kept it, and those that took it.
fn merged<'a>(
    known: impl Iterator<Item = u64> + 'a,
    changes: &'a [(u64, u8)],
    code: u8,
) -> impl Iterator<Item = u64> + 'a {
    let changed = |position: &u64| changes.binary_search_by_key(position, |(at, _)| *at).is_ok();
    let mut kept = known.filter(move |position| !changed(position)).peekable();
    let mut taken =
        changes.iter().filter(move |(_, new)| *new == code).map(|(at, _)| *at).peekable();
    std::iter::from_fn(move || match (kept.peek(), taken.peek()) {
        (Some(old), Some(new)) if old < new => kept.next(),
        (_, Some(_)) => taken.next(),
        (_, None) => kept.next(),
    })
}
