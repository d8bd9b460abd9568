//! Several replicas, one outbox: at any time one of them writes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::sync::{Arc, Mutex};

use evm_chain::{
    ChainWriteError, ChainWriter, LeaseOutcome, MemoryOutbox, Outbox, OutboxError, OutboxRow,
    ReadChain, WriterLease,
};
use workbench::{Bench, DEPLOYED, Ready, settle};

const DID: &str = "did:web:issuer.sinpyo.example";

on_every_chain!(one_replica_writes_at_a_time, a_sleeper_overwrites_nothing);

/// What a shared database does, with a clock the test moves.
#[derive(Default)]
struct Shared {
    rows: Arc<MemoryOutbox>,
    now: Mutex<u64>,
    held: Mutex<Option<(String, u64)>>,
}

impl Shared {
    fn pass(&self, seconds: u64) {
        *self.now.lock().unwrap() += seconds;
    }
}

impl Outbox for Shared {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        self.rows.load()
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        self.rows.put(row)
    }

    fn lease(&self, lease: &WriterLease) -> Result<LeaseOutcome, OutboxError> {
        let now = *self.now.lock().unwrap();
        let mut held = self.held.lock().unwrap();
        match &*held {
            Some((holder, until)) if *holder != lease.holder && *until > now => {
                Ok(LeaseOutcome::HeldBy(holder.clone()))
            }
            _ => {
                *held = Some((lease.holder.clone(), now + u64::from(lease.seconds)));
                Ok(LeaseOutcome::Granted)
            }
        }
    }

    fn put_held(&self, row: &OutboxRow, lease: &WriterLease) -> Result<(), OutboxError> {
        match self.held.lock().unwrap().as_ref() {
            Some((holder, _)) if *holder == lease.holder => self.put(row),
            _ => Err(OutboxError("the lease is another's".to_owned())),
        }
    }

    fn release(&self, lease: &WriterLease) -> Result<(), OutboxError> {
        let mut held = self.held.lock().unwrap();
        if held.as_ref().is_some_and(|(holder, _)| *holder == lease.holder) {
            *held = None;
        }
        Ok(())
    }
}

fn replica(ready: &Ready, outbox: &Arc<Shared>, name: &str) -> ChainWriter {
    ready.restarted(outbox.clone()).with_holder(name)
}

async fn one_replica_writes_at_a_time(bench: Bench) {
    let ready = bench.ready().await;
    let outbox = Arc::new(Shared { rows: ready.outbox.clone(), ..Shared::default() });
    let (first, second) = (replica(&ready, &outbox, "a"), replica(&ready, &outbox, "b"));
    let sent = first.publish_did(DID, b"{}", 0).await.unwrap();
    let error = second.publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(error, ChainWriteError::WriterElsewhere("a".to_owned()));
    assert_eq!(error.code(), "chain_writer_elsewhere");
    assert_eq!(second.drive().await.unwrap_err(), error);
    settle(&first, sent).await;
    // It dies; when its time is over the other takes over, and goes on with the nonces.
    outbox.pass(61);
    settle(&second, second.publish_did(DID, b"{\"v\":2}", 1).await.unwrap()).await;
    assert!(first.publish_did(DID, b"{\"v\":3}", 2).await.is_err());
    // A clean stop need not be waited out, and only the holder can give it back.
    first.release().unwrap();
    assert!(first.hold().is_err());
    second.release().unwrap();
    settle(&first, first.publish_did(DID, b"{\"v\":3}", 2).await.unwrap()).await;
    assert_eq!(ready.reader.did_head(DID).await.unwrap().unwrap().version, 3);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED + 3);
}

/// A replica that lost its lease in the middle of a write records nothing, so it sends nothing.
async fn a_sleeper_overwrites_nothing(bench: Bench) {
    struct Interrupted(Arc<Shared>);
    impl Outbox for Interrupted {
        fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
            self.0.load()
        }
        fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
            self.0.put(row)
        }
        fn lease(&self, lease: &WriterLease) -> Result<LeaseOutcome, OutboxError> {
            let outcome = self.0.lease(lease)?;
            // Granted, then asleep for longer than it holds; the other replica takes over.
            self.0.pass(61);
            self.0.lease(&WriterLease { holder: "b".to_owned(), ..lease.clone() })?;
            Ok(outcome)
        }
        fn put_held(&self, row: &OutboxRow, lease: &WriterLease) -> Result<(), OutboxError> {
            self.0.put_held(row, lease)
        }
    }
    let ready = bench.ready().await;
    let outbox = Arc::new(Shared { rows: ready.outbox.clone(), ..Shared::default() });
    let sleeper = ready.restarted(Arc::new(Interrupted(outbox.clone()))).with_holder("a");
    let error = sleeper.publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(error.code(), "chain_outbox");
    assert_eq!(outbox.load().unwrap().len() as u64, DEPLOYED);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED);
    let other = replica(&ready, &outbox, "b");
    settle(&other, other.publish_did(DID, b"{}", 0).await.unwrap()).await;
}
