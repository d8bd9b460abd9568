//! The PostgreSQL backend of the issuer's and the verifier's store traits, for services that
//! outgrow one machine: several replicas share one database.
//!
//! * [`Postgres`] is the way to a database: a bounded pool, the schema with its versions, and
//!   transactions that are tried again where that is safe ([`PostgresOptions`] has the bounds).
//! * [`PostgresIssuerStore`] and [`PostgresVerifierStore`] implement the flows' traits over it.
//! * [`PostgresOutbox`] keeps the chain writer's rows, and says which replica writes;
//!   [`PostgresChainIndex`] keeps what a verifier read of a chain.
//!
//! # What several replicas rely on
//! Every condition a flow states is checked under a lock on the row it is about (`SELECT … FOR
//! UPDATE`) or by a unique index, within the transaction that acts on it. A status index comes
//! from the counter in its list's row, so that row's lock gives each index once. The audit trail
//! hangs on one row that every telling transaction locks last, just before it commits.
//!
//! # When a connection breaks
//! Before COMMIT was sent, nothing took place and the transaction is tried again. During COMMIT
//! the outcome is unknown; it is then settled by the transaction's mark (`0003_commit_marks.sql`).
//! What is acknowledged is committed; what is refused was rolled back.
//!
//! The SQL keeps to what CockroachDB and YugabyteDB take too: no advisory locks, no LISTEN, no
//! sequences. The only room that names `sqlx`.

mod chain_index;
mod database_thread;
mod failure;
mod issuer;
mod officers;
mod options;
mod outbox;
mod portable;
mod postgres;
mod record;
mod schema;
#[cfg(feature = "throwaway")]
pub mod throwaway;
mod verifier;
mod work;

pub use chain_index::PostgresChainIndex;
pub use failure::{Failure, OpenError};
pub use issuer::PostgresIssuerStore;
pub use officers::PostgresAccessStore;
pub use options::PostgresOptions;
pub use outbox::PostgresOutbox;
pub use postgres::Postgres;
pub use schema::{SCHEMA_VERSION, SchemaState};
pub use verifier::PostgresVerifierStore;
