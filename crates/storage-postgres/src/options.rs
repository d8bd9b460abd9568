//! Where the database is, and how much may be asked of it.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::OpenError;

/// Where the database is, and the bounds of our work with it. Every duration is a limit, none a
/// rhythm.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database?sslmode=verify-full`. A secret.
    pub url: String,
    /// Connections of this process at most.
    pub max_connections: u32,
    /// How long one statement may take before the server cancels it.
    pub statement_timeout: Duration,
    /// How long an operation waits for a server that is down, starting or failing over.
    pub patience: Duration,
    /// Takes a remote server whose certificate is not checked: for a network that is protected
    /// by other means.
    pub danger_unprotected: bool,
}

impl PostgresOptions {
    /// The usual bounds: 10 connections, 15 s a statement, 5 s of patience.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 10,
            statement_timeout: Duration::from_secs(15),
            patience: Duration::from_secs(5),
            danger_unprotected: false,
        }
    }

    /// Puts a password into the URL; it came from a file.
    ///
    /// # Errors
    /// [`OpenError`] for what is no URL of a database.
    pub fn set_password(&mut self, password: &str) -> Result<(), OpenError> {
        let mut url = self.parsed()?;
        url.set_password(Some(password)).map_err(|()| OpenError::BadUrl("it names no server"))?;
        self.url = url.into();
        Ok(())
    }

    /// Replaces the URL's `sslmode`.
    ///
    /// # Errors
    /// As [`PostgresOptions::set_password`].
    pub fn set_sslmode(&mut self, mode: &str) -> Result<(), OpenError> {
        let mut url = self.parsed()?;
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| !matches!(&**name, "sslmode" | "ssl-mode"))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("sslmode", mode);
        self.url = url.into();
        Ok(())
    }

    fn parsed(&self) -> Result<url::Url, OpenError> {
        url::Url::parse(&self.url).map_err(|_| OpenError::BadUrl("it is no URL"))
    }

    pub(crate) fn connect_options(&self) -> Result<PgConnectOptions, OpenError> {
        let url = self.parsed()?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(OpenError::BadUrl("it does not begin with postgres://"));
        }
        if url.query_pairs().any(|(name, _)| name == "options") {
            return Err(OpenError::BadUrl("`options` are set by this program"));
        }
        let options = PgConnectOptions::from_str(&self.url)
            .map_err(|_| OpenError::BadUrl("a part of it is not understood"))?;
        let checked = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
        if !checked && !self.danger_unprotected && !is_local(&options) {
            return Err(OpenError::Unprotected { host: options.get_host().to_owned() });
        }
        let timeout = self.statement_timeout.as_millis().max(1).to_string();
        // A transaction whose owner died holds its locks no longer than this.
        let idle = (self.statement_timeout * 2).as_millis().max(1).to_string();
        Ok(options.application_name("sinpyo").options([
            ("statement_timeout", timeout.as_str()),
            ("idle_in_transaction_session_timeout", idle.as_str()),
        ]))
    }
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The URL holds a password.
impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("url", &"redacted")
            .field("max_connections", &self.max_connections)
            .field("statement_timeout", &self.statement_timeout)
            .field("patience", &self.patience)
            .field("danger_unprotected", &self.danger_unprotected)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(url: &str) -> Result<(), &'static str> {
        PostgresOptions::new(url).connect_options().map(drop).map_err(|error| error.code())
    }

    #[test]
    fn a_remote_server_is_checked_or_refused() {
        for local in [
            "postgres://u@localhost/d",
            "postgres://u@127.0.0.1:5433/d",
            "postgres://u@[::1]/d",
            "postgres://u@localhost/d?host=/run/postgresql",
        ] {
            assert_eq!(code(local), Ok(()), "{local}");
        }
        assert_eq!(code("postgres://u:p@db.example/d"), Err("postgres_unprotected"));
        // `require` encrypts for whoever answers.
        assert_eq!(
            code("postgres://u:p@db.example/d?sslmode=require"),
            Err("postgres_unprotected")
        );
        assert_eq!(code("postgres://u:p@db.example/d?sslmode=verify-full"), Ok(()));
        let mut options = PostgresOptions::new("postgres://u:p@db.example/d");
        options.danger_unprotected = true;
        assert!(options.connect_options().is_ok());
    }

    #[test]
    fn password_and_sslmode_are_put_into_the_url() {
        let mut options = PostgresOptions::new("postgres://u@db.example/d?sslmode=disable&x=1");
        options.set_password("p@ss/wört").unwrap();
        options.set_sslmode("verify-full").unwrap();
        let url = url::Url::parse(&options.url).unwrap();
        assert_eq!(url.query(), Some("x=1&sslmode=verify-full"));
        assert!(options.connect_options().is_ok());
        assert!(PostgresOptions::new("nothing").set_password("geheim").is_err());
        assert!(PostgresOptions::new("nothing").set_sslmode("disable").is_err());
    }

    #[test]
    fn what_is_no_database_url_is_refused_without_being_repeated() {
        for bad in ["", "db.example", "mysql://u:geheim@h/d", "postgres://u@localhost/d?options=x"]
        {
            let error = PostgresOptions::new(bad).connect_options().unwrap_err();
            assert_eq!(error.code(), "postgres_url_invalid", "{bad}");
            assert!(!error.to_string().contains("geheim"));
        }
        assert!(
            !format!("{:?}", PostgresOptions::new("postgres://u:geheim@h/d")).contains("geheim")
        );
    }
}
