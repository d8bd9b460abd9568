//! Status lists: encoding a national list, reading one bit of it.

use anyhow::Result;
use status_lists::Bitstring;

use crate::runner::{Case, Measured, measure};

const ENTRIES: usize = 1 << 20;

pub(crate) fn run() -> Result<Vec<Measured>> {
    let mut bits = Bitstring::new(ENTRIES, 2)?;
    // One per cent revoked, at places without a pattern (xorshift): a pattern would flatter gzip.
    let mut noise = 88_172_645_463_325_252_u64;
    let mut place = move || {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        usize::try_from(noise % (ENTRIES as u64)).unwrap_or_default()
    };
    for _ in 0..ENTRIES / 100 {
        bits.set(place(), 2)?;
    }
    let encoded = bits.encode();
    eprintln!("1,048,576 entries of 2 bits at 1 % revoked: {} bytes encoded", encoded.len());
    let cases = vec![
        Case {
            name: "encode 1,048,576 entries",
            work: Box::new(|| {
                std::hint::black_box(bits.encode());
                1
            }),
            against: None,
        },
        Case {
            name: "decode 1,048,576 entries",
            work: Box::new(|| {
                assert!(Bitstring::decode(&encoded, 2).is_ok());
                1
            }),
            against: None,
        },
        Case {
            name: "read one entry",
            work: Box::new(|| {
                for _ in 0..1000 {
                    let read = bits.get(std::hint::black_box(place()));
                    std::hint::black_box(read.unwrap_or_default());
                }
                1000
            }),
            against: None,
        },
    ];
    Ok(measure(cases))
}
