//! What can go wrong between us and the server, sorted by what to do about it.

use credential_issuance::store::StoreError as IssuerError;
use credential_verification::store::StoreError as VerifierError;

/// The backend failed. Nothing was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}", code = self.code())]
#[non_exhaustive]
pub struct Failure {
    kind: FailureKind,
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Unreachable,
    OutcomeUnknown,
    Contended,
    Failed,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    /// Stable code: `postgres_unreachable` (down, failing over, or the pool is exhausted),
    /// `postgres_outcome_unknown` (it broke during COMMIT and has not come back to be asked),
    /// `postgres_contended` (others kept winning), `postgres_failed`.
    pub fn code(&self) -> &'static str {
        match self.kind {
            FailureKind::Unreachable => "postgres_unreachable",
            FailureKind::OutcomeUnknown => "postgres_outcome_unknown",
            FailureKind::Contended => "postgres_contended",
            FailureKind::Failed => "postgres_failed",
        }
    }
}

impl From<Failure> for IssuerError {
    fn from(failure: Failure) -> Self {
        Self::Backend(failure.to_string())
    }
}

impl From<Failure> for VerifierError {
    fn from(failure: Failure) -> Self {
        Self::Backend(failure.to_string())
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is no PostgreSQL URL. It is not repeated here: it may hold a password.
    #[error("the database URL cannot be used: {0}")]
    BadUrl(&'static str),
    /// The way to a remote server is not protected.
    #[error(
        "the connection to {host} would not be checked: add ?sslmode=verify-full to the URL, \
         or allow it on purpose"
    )]
    Unprotected {
        /// The server's name.
        host: String,
    },
    /// The server cannot be reached or refuses us.
    #[error(transparent)]
    Server(#[from] Failure),
    /// The database has no tables of ours.
    #[error("the database has no Sinpyo schema: run the migration first")]
    SchemaMissing,
    /// The database's schema is older than this build.
    #[error("the database has schema {found}, this build needs {wanted}: run the migration first")]
    SchemaOlder {
        /// The database's version.
        found: i64,
        /// This build's version.
        wanted: i64,
    },
    /// The database's schema is newer than this build.
    #[error("the database has schema {found}, this build knows only {wanted}: use a newer build")]
    SchemaNewer {
        /// The database's version.
        found: i64,
        /// This build's version.
        wanted: i64,
    },
    /// A migration that was applied is not the one of this build.
    #[error("migration {version} of the database is not the one this build has")]
    SchemaForeign {
        /// Which migration.
        version: i64,
    },
    /// A copy into this database was begun and not finished.
    #[error("a copy into this database was not finished: repeat `store copy`")]
    CopyUnfinished,
}

impl OpenError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl(_) => "postgres_url_invalid",
            Self::Unprotected { .. } => "postgres_unprotected",
            Self::Server(failure) => failure.code(),
            Self::SchemaMissing => "postgres_schema_missing",
            Self::SchemaOlder { .. } => "postgres_schema_older",
            Self::SchemaNewer { .. } => "postgres_schema_newer",
            Self::SchemaForeign { .. } => "postgres_schema_foreign",
            Self::CopyUnfinished => "store_copy_unfinished",
        }
    }
}

/// What came out of one try of a piece of work.
#[derive(Debug)]
pub(crate) enum Fault<E> {
    /// The store's own answer: a condition did not hold. The transaction is rolled back.
    Refused(E),
    /// Another transaction was in the way (serialization, deadlock): all of it again.
    Again(String),
    /// The server or the way to it is gone, or it is about to be another one.
    Gone(String),
    /// Everything else.
    Broken(String),
}

impl<E> From<sqlx::Error> for Fault<E> {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(told) => {
                by_code(told.code().unwrap_or_default().as_ref(), told.message())
            }
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            // What a server says that dies in the middle of a sentence.
            | sqlx::Error::Protocol(_) => Self::Gone(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Sorts by SQLSTATE (PostgreSQL 15 manual, appendix A).
fn by_code<E>(code: &str, message: &str) -> Fault<E> {
    // The message may quote values of a record ("Key (external_ref)=(…)" stands in its detail,
    // which is not read here); code and message alone name tables and settings.
    let told = format!("SQLSTATE {code}: {message}");
    match code {
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => Fault::Again(told),
        // shut down, crashed, starting up, connection limit, a standby that takes no writes
        "57P01" | "57P02" | "57P03" | "53300" | "25006" => Fault::Gone(told),
        code if code.starts_with("08") => Fault::Gone(told),
        _ => Fault::Broken(told),
    }
}

impl<E> Fault<E> {
    /// Whether an error of COMMIT itself says that nothing was committed.
    pub(crate) fn is_rolled_back(&self) -> bool {
        matches!(self, Self::Again(_))
    }

    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Refused(_) => "refused",
            Self::Again(reason) | Self::Gone(reason) | Self::Broken(reason) => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_sorted_by_what_to_do() {
        let sorted = |code: &str| by_code::<()>(code, "x");
        for code in ["40001", "40P01"] {
            assert!(matches!(sorted(code), Fault::Again(_)), "{code}");
        }
        for code in ["57P01", "57P02", "57P03", "08006", "08P01", "53300", "25006"] {
            assert!(matches!(sorted(code), Fault::Gone(_)), "{code}");
        }
        // A disk that is full, a statement that took too long, a table that is not there, a value taken.
        for code in ["53100", "57014", "42P01", "23505", ""] {
            assert!(matches!(sorted(code), Fault::Broken(_)), "{code}");
        }
    }

    #[test]
    fn the_flows_see_the_code() {
        let failure = Failure::new(FailureKind::Unreachable, "connection refused");
        let told = IssuerError::from(failure.clone());
        assert_eq!(told.code(), "store_failed");
        assert!(told.to_string().contains("postgres_unreachable: connection refused"));
        assert_eq!(VerifierError::from(failure).code(), "store_failed");
    }
}
