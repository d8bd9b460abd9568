//! What a client may do.

use std::time::Duration;

/// The rules of a [`crate::GuardedClient`]. The default is for production.
#[derive(Clone, Debug)]
pub struct FetchPolicy {
    /// **Danger, development only**: `host:port` of origins spoken to by http, while they
    /// resolve to loopback addresses. Compared exactly with the URL's host and port.
    pub plain_http_origins: Vec<String>,
    /// Time for a whole exchange, redirects included.
    pub timeout: Duration,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Body limit where a request names none, bytes.
    pub max_bytes: usize,
    /// What no request may exceed, bytes.
    pub max_bytes_hard: usize,
    /// Ports besides the origins above.
    pub allowed_ports: Vec<u16>,
    /// When not empty: the only hosts (lower case, exact) that may be asked, besides the
    /// origins above.
    pub allowed_hosts: Vec<String>,
    /// Redirects to follow, at most 2.
    pub max_redirects: u8,
    /// Further certificate authorities, PEM.
    pub extra_root_certificates: Vec<Vec<u8>>,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self {
            plain_http_origins: Vec::new(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            max_bytes: 512 * 1024,
            max_bytes_hard: 16 * 1024 * 1024,
            allowed_ports: vec![443],
            allowed_hosts: Vec::new(),
            max_redirects: 2,
            extra_root_certificates: Vec::new(),
        }
    }
}

/// Why a policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// An entry of `plain_http_origins` is not `host:port`.
    #[error("`{0}` is not an origin of the form host:port")]
    BadOrigin(String),
    /// A certificate cannot be read.
    #[error("an extra root certificate cannot be read")]
    BadCertificate,
}

impl PolicyError {
    /// A stable code for messages.
    pub fn code(&self) -> &'static str {
        match self {
            PolicyError::BadOrigin(_) => "bad_plain_http_origin",
            PolicyError::BadCertificate => "bad_root_certificate",
        }
    }
}
