//! Status lists: encoding a national list, reading one bit of it.

use anyhow::Result;
use status_lists::Bitstring;

use crate::runner::{Case, Measured, measure};

const ENTRIES: usize = 1 << 20;

pub(crate) fn run() -> Result<Vec<Measured>> {
    let mut bits = Bitstring::new(ENTRIES, 2)?;
    // One per cent revoked, spread by a multiplicative step that visits no index twice.
    for step in 0..ENTRIES / 100 {
        bits.set((step * 7_654_321) % ENTRIES, 2)?;
    }
    let encoded = bits.encode();
    println!("1,048,576 entries of 2 bits at 1 % revoked: {} bytes encoded", encoded.len());
    let mut index = 0;
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
                    index = (index + 7_654_321) % ENTRIES;
                    std::hint::black_box(bits.get(index).is_ok());
                }
                1000
            }),
            against: None,
        },
    ];
    Ok(measure(cases))
}
