//! The embedded store beside a bare append and sync of the same bytes on the same disk.

use std::fs::File;
use std::io::Write;

use anyhow::Result;
use storage_embedded::engine::{Batch, Database, EngineKind};

use crate::runner::{Case, Measured, Time, measure_in};

const RECORD: usize = 1500;
const PER_COMMIT: usize = 1000;

pub(crate) fn run() -> Result<Vec<Measured>> {
    let folder = std::env::temp_dir().join(format!("sinpyo-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = Database::open(&folder.join("fjall"), EngineKind::Fjall)?;
    let mut file = File::create(folder.join("plain"))?;
    let mut noise = 1_u64;
    let mut next = move || {
        // Incompressible records: xorshift, so that compression flatters nobody.
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise
    };
    let bulk: Vec<u8> = (0..RECORD * PER_COMMIT).map(|_| next().to_le_bytes()[0]).collect();
    let mut counter = 0_u64;
    let mut batch_of = |records: usize| {
        let mut batch = Batch::new();
        for at in 0..records {
            counter += 1;
            let record = &bulk[at * RECORD..(at + 1) * RECORD];
            batch.put("bench", counter.to_be_bytes(), record);
        }
        batch
    };
    let cases = vec![
        Case {
            name: "append and sync 1,000 records of 1.5 kB",
            work: Box::new(|| {
                assert!(file.write_all(&bulk).and_then(|()| file.sync_data()).is_ok());
                PER_COMMIT as u64
            }),
            against: None,
        },
        Case {
            name: "commit 1,000 records of 1.5 kB",
            work: Box::new(|| {
                assert!(database.commit(batch_of(PER_COMMIT)).is_ok());
                PER_COMMIT as u64
            }),
            against: Some(("append and sync 1,000 records of 1.5 kB", None)),
        },
    ];
    let measured = measure_in(Time::Wall, cases);
    drop(database);
    std::fs::remove_dir_all(&folder)?;
    Ok(measured)
}
