//! The status pack: what goes in comes out, in the size promised, and nothing else gets in.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A generator of places without a pattern (xorshift64).
pub(super) struct Noise(pub(super) u64);

impl Noise {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A list with exactly `set` entries other than 0, codes in turn.
pub(super) fn scattered(
    entries: usize,
    size: u8,
    set: usize,
    codes: &[u8],
    seed: u64,
) -> Bitstring {
    let mut bits = Bitstring::new(entries, size).unwrap();
    let mut noise = Noise(seed);
    let mut done = 0;
    while done < set {
        let at = noise.below(entries);
        if bits.get(at).unwrap() == 0 {
            bits.set(at, codes[done % codes.len()]).unwrap();
            done += 1;
        }
    }
    bits
}

/// log2 of n choose k, by Stirling's series.
fn log2_choose(n: f64, k: f64) -> f64 {
    let ln_factorial =
        |x: f64| x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + 1.0 / (12.0 * x);
    (ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)) / std::f64::consts::LN_2
}

#[test]
fn what_goes_in_comes_out() {
    let lists = [
        our_list(),
        scattered(1000, 1, 17, &[1], 5),
        scattered(4096, 2, 900, &[1, 2, 3], 6),
        Bitstring::new(1, 1).unwrap(),
        scattered(77, 2, 77, &[2], 7),
    ];
    let content = PackContent::encode(&lists.each_ref()).unwrap();
    assert_eq!(content.lists(), 5);
    for (number, list) in lists.iter().enumerate() {
        assert_eq!(content.geometry(number), Some((list.entries(), list.status_size())));
        assert_eq!(content.count_set(number), list.count_set());
        assert_eq!(content.bitstring(number).unwrap(), *list);
        for index in (0..list.entries()).step_by(if number == 0 { 97 } else { 1 }) {
            assert_eq!(content.code(number, index).unwrap(), list.get(index).unwrap());
        }
        let beyond = content.code(number, list.entries()).unwrap_err();
        assert_eq!(beyond.code(), "status_index_out_of_range");
    }
    assert_eq!(content.code(5, 0), Err(PackError::UnknownList));
    assert_eq!(PackContent::decode(content.bytes().to_vec()).unwrap(), content);
    let none = PackContent::encode(&[]).unwrap();
    assert_eq!((none.lists(), none.bytes().len()), (0, 5));
}

#[test]
fn lists_of_other_sizes_are_not_packed() {
    for size in [3, 4, 8] {
        let list = Bitstring::new(1000, size).unwrap();
        assert_eq!(PackContent::encode(&[&list]), Err(PackError::UnsupportedSize(size)));
    }
}

/// Issue 4, item 7: 18.55 million entries at 1 % in about 190 kB; 1,000 revocations in about 2 kB.
#[test]
fn a_national_register_has_the_size_promised() {
    let (entries, revoked) = (18_550_000, 185_500);
    let before = scattered(entries, 2, revoked, &[2], 88_172_645_463_325_252);
    let content = PackContent::encode(&[&before]).unwrap();
    let limit = log2_choose(entries as f64, revoked as f64) / 8.0;
    let ratio = content.bytes().len() as f64 / limit;
    assert!(ratio <= 1.01, "{} bytes are {ratio:.4} of the limit", content.bytes().len());
    assert!(content.bytes().len() < 190_000, "{} bytes", content.bytes().len());

    let mut after = before.clone();
    let mut noise = Noise(7);
    let mut changed = 0;
    while changed < 1000 {
        let at = noise.below(entries);
        if after.get(at).unwrap() == 0 {
            after.set(at, 2).unwrap();
            changed += 1;
        }
    }
    let next = PackContent::encode(&[&after]).unwrap();
    let delta = PackDelta::between(&content, &next).unwrap();
    assert_eq!(delta.changes(), 1000);
    // The head names both snapshots: 64 bytes and a few numbers.
    let coded = delta.bytes().len() - 64 - 16;
    let limit = log2_choose(entries as f64, 1000.0) / 8.0;
    assert!(coded as f64 <= 1.01 * limit, "{coded} bytes, limit {limit:.0}");
    assert!(delta.bytes().len() < 2_100, "{} bytes", delta.bytes().len());
    assert_eq!(content.apply(&delta).unwrap().bytes(), next.bytes());
}

#[test]
fn deltas_lead_to_the_very_snapshot_of_the_issuer() {
    let first = [scattered(5000, 2, 60, &[1, 2, 3], 3), scattered(5000, 1, 20, &[1], 4)];
    let mut second = first.clone();
    // Reinstated, revoked after a suspension, newly revoked, un-revoked in the one-bit list.
    let suspended = (0..5000).find(|i| first[0].get(*i).unwrap() == 1).unwrap();
    second[0].set(suspended, 0).unwrap();
    let superseded = (0..5000).find(|i| first[0].get(*i).unwrap() == 3).unwrap();
    second[0].set(superseded, 2).unwrap();
    let valid = (0..5000).find(|i| first[0].get(*i).unwrap() == 0).unwrap();
    second[0].set(valid, 1).unwrap();
    let set = (0..5000).find(|i| first[1].get(*i).unwrap() == 1).unwrap();
    second[1].set(set, 0).unwrap();
    let grown = [second[0].clone(), second[1].clone(), scattered(700, 2, 9, &[2], 5)];

    let one = PackContent::encode(&first.each_ref()).unwrap();
    let two = PackContent::encode(&second.each_ref()).unwrap();
    let three = PackContent::encode(&grown.each_ref()).unwrap();
    let to_two = PackDelta::between(&one, &two).unwrap();
    let to_three = PackDelta::between(&two, &three).unwrap();
    assert_eq!((to_two.changes(), to_three.changes()), (4, 9));
    for delta in [&to_two, &to_three] {
        assert_eq!(PackDelta::decode(delta.bytes().to_vec()).unwrap(), *delta);
    }
    assert_eq!(one.apply(&to_two).unwrap(), two);
    assert_eq!(one.apply(&to_two).unwrap().apply(&to_three).unwrap(), three);
    assert_eq!(one.apply(&to_three), Err(PackError::OtherBase));
    assert_eq!(two.apply(&to_two), Err(PackError::OtherBase));
    // Lists are only ever added: the way back needs a snapshot.
    assert_eq!(PackDelta::between(&three, &two), Err(PackError::NoDelta));
    let nothing = PackDelta::between(&two, &two).unwrap();
    assert_eq!((nothing.changes(), two.apply(&nothing).unwrap()), (0, two));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any lists, however dense: the pack gives back what went in, entry by entry, one way only.
    #[test]
    fn any_lists_survive(
        lists in prop::collection::vec((1_usize..3000, 1_u8..=2, 0.0_f64..1.0, any::<u64>()), 0..5),
        seed in any::<u64>(),
    ) {
        let made: Vec<Bitstring> = lists
            .iter()
            .map(|(entries, size, density, seed)| {
                let mut bits = Bitstring::new(*entries, *size).unwrap();
                let mut noise = Noise(seed | 1);
                for index in 0..*entries {
                    if (noise.below(1 << 20) as f64) < density * f64::from(1 << 20) {
                        let code = 1 + noise.below((1 << size) - 1) as u8;
                        bits.set(index, code).unwrap();
                    }
                }
                bits
            })
            .collect();
        let content = PackContent::encode(&made.iter().collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(&PackContent::decode(content.bytes().to_vec()).unwrap(), &content);
        let mut changed = made.clone();
        let mut noise = Noise(seed | 1);
        for (number, list) in made.iter().enumerate() {
            prop_assert_eq!(&content.bitstring(number).unwrap(), list);
            let probe = noise.below(list.entries());
            prop_assert_eq!(content.code(number, probe).unwrap(), list.get(probe).unwrap());
            for _ in 0..noise.below(40) {
                let code = noise.below(1 << list.status_size()) as u8;
                changed[number].set(noise.below(list.entries()), code).unwrap();
            }
        }
        let next = PackContent::encode(&changed.iter().collect::<Vec<_>>()).unwrap();
        let delta = PackDelta::between(&content, &next).unwrap();
        prop_assert_eq!(&content.apply(&delta).unwrap(), &next);
    }

    /// Whatever bytes are accepted are the canonical coding of what they say.
    #[test]
    fn no_second_coding_is_accepted(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..4),
    ) {
        let lists = [scattered(900, 2, 40, &[1, 2, 3], 11), scattered(300, 1, 7, &[1], 12)];
        let content = PackContent::encode(&lists.each_ref()).unwrap();
        let mut bytes = content.bytes().to_vec();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        if let Ok(read) = PackContent::decode(bytes.clone()) {
            let lists: Vec<Bitstring> =
                (0..read.lists()).map(|list| read.bitstring(list).unwrap()).collect();
            let again = PackContent::encode(&lists.iter().collect::<Vec<_>>()).unwrap();
            prop_assert_eq!(again.bytes(), bytes);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = PackContent::decode(bytes.clone());
        let _ = PackDelta::decode(bytes.clone());
        let _ = PackContent::decode([b"SPK1".to_vec(), bytes.clone()].concat());
        let _ = PackDelta::decode([b"SPD1".to_vec(), vec![7; 64], bytes].concat());
    }
}

#[test]
fn hostile_snapshots_are_refused() {
    let list = scattered(1000, 2, 30, &[1, 2, 3], 9);
    let good = PackContent::encode(&[&list]).unwrap().bytes().to_vec();
    let code = |bytes: &[u8]| PackContent::decode(bytes.to_vec()).unwrap_err().code();
    for cut in 0..good.len() {
        assert_eq!(code(&good[..cut]), "status_pack_malformed", "{cut}");
    }
    assert_eq!(code(&[good.clone(), vec![0]].concat()), "status_pack_malformed");
    let head = |rest: &[u8]| [b"SPK1", rest].concat();
    // Bits that fill the last byte must be 0: one entry, code 1 at 0 is `1000 0000`.
    assert!(PackContent::decode(head(&[1, 1, 1, 1, 0b1000_0000])).is_ok());
    assert_eq!(code(&head(&[1, 1, 1, 1, 0b1000_0001])), "status_pack_malformed");
    // Another version, numbers in a longer form, no entries, other sizes, too many positions.
    assert_eq!(code(b"SPK2\0"), "status_pack_malformed");
    assert_eq!(code(&head(&[0x81, 0x00, 1, 1, 0])), "status_pack_malformed");
    assert_eq!(code(&head(&[1, 0, 1, 0])), "status_pack_malformed");
    assert_eq!(code(&head(&[1, 1, 3, 0])), "status_pack_unsupported_size");
    assert_eq!(code(&head(&[1, 1, 1, 2, 0xff])), "status_pack_malformed");
    // A million lists, a list of 2^55 entries, a set of 2^26 positions in four bytes.
    assert_eq!(code(&head(&[0xc0, 0x84, 0x3d])), "status_pack_too_large");
    let huge = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0];
    assert_eq!(code(&head(&huge)), "status_pack_malformed");
    let many = [1, 0x80, 0x80, 0x80, 0x20, 1, 0x80, 0x80, 0x80, 0x20, 0, 0, 0, 0];
    assert_eq!(code(&head(&many)), "status_pack_malformed");
    // One entry with two codes: entries 1, counts 1 and 1 and 0, bits `1` and `1`.
    assert_eq!(code(&head(&[1, 1, 2, 1, 1, 0, 0b1100_0000])), "status_pack_malformed");
    assert_eq!(code(&vec![0; MAX_PACK_BYTES + 1]), "status_pack_too_large");
}

#[test]
fn hostile_deltas_are_refused() {
    let base = scattered(1000, 1, 30, &[1], 9);
    let mut after = base.clone();
    let valid = (0..1000).find(|i| base.get(*i).unwrap() == 0).unwrap();
    after.set(valid, 1).unwrap();
    let (one, two) =
        (PackContent::encode(&[&base]).unwrap(), PackContent::encode(&[&after]).unwrap());
    let good = PackDelta::between(&one, &two).unwrap().bytes().to_vec();
    let apply = |bytes: Vec<u8>| {
        PackDelta::decode(bytes).and_then(|delta| one.apply(&delta)).unwrap_err().code()
    };
    for cut in 0..good.len() {
        assert_eq!(apply(good[..cut].to_vec()), "status_pack_malformed", "{cut}");
    }
    assert_eq!(apply([good.clone(), vec![0]].concat()), "status_pack_malformed");
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(apply(with(4, good[4] ^ 1)), "status_pack_other_base");
    assert_eq!(apply(with(36, good[36] ^ 1)), "status_pack_digest_mismatch");
    // The count of new zeros and that of new ones change places: the entry is 0 already.
    let counts = 4 + 64 + 2 + 1;
    let mut to_zero = good.clone();
    to_zero.swap(counts, counts + 1);
    assert_eq!(apply(to_zero), "status_pack_malformed");
    // Code 2 does not fit into one bit.
    let mut to_two = good.clone();
    to_two.swap(counts + 1, counts + 2);
    assert_eq!(apply(to_two), "status_pack_malformed");
    assert_eq!(apply(vec![0; MAX_DELTA_BYTES + 1]), "status_pack_too_large");
    let flood = [&good[..counts], &[0x81, 0xd6, 0x61, 0, 0, 0]].concat();
    assert_eq!(apply(flood), "status_pack_too_large");
}

/// What is published stays readable: this snapshot and this delta were made by the first version.
#[test]
fn the_format_stays_as_it_is() {
    let mut bits = Bitstring::new(1000, 2).unwrap();
    for (index, code) in [(3, 2), (250, 1), (777, 2), (999, 3)] {
        bits.set(index, code).unwrap();
    }
    let one = PackContent::encode(&[&bits]).unwrap();
    let digits = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(digits(one.bytes()), SNAPSHOT);
    bits.set(500, 2).unwrap();
    bits.set(250, 0).unwrap();
    let two = PackContent::encode(&[&bits]).unwrap();
    let delta = PackDelta::between(&one, &two).unwrap();
    assert_eq!(digits(&delta.bytes()[68..]), DELTA);
    assert_eq!(json!(digits(&delta.base())), json!(digits(&one.digest())));
}

const SNAPSHOT: &str = "53504b3101e80702010201bea0620af9c0";
const DELTA: &str = "e8070001000100bebf40";
