//! Why nothing was fetched: either we refused, or we could not reach.

/// Why a fetch gave no response. [`FetchError::is_refusal`] separates "we do not go there"
/// (a finding about the URL or the server) from "we could not look" (no finding at all).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Neither https nor an allowed development origin.
    #[error("the URL scheme `{0}` is not allowed")]
    ForbiddenScheme(String),
    /// A port that the policy does not name.
    #[error("port {0} is not allowed")]
    ForbiddenPort(u16),
    /// The host is, or resolves to, an address that is not public; or its name is reserved.
    #[error("the host `{0}` is not a public address")]
    ForbiddenAddress(String),
    /// A user name or password in the URL, no host, or an overlong URL.
    #[error("the URL is not acceptable: {0}")]
    ForbiddenUrl(String),
    /// A header that a caller may not set, or that is no valid header.
    #[error("the request header `{0}` is not acceptable")]
    ForbiddenHeader(String),
    /// More redirects than allowed, or a redirect of a POST.
    #[error("the server redirects more than allowed")]
    TooManyRedirects,
    /// A redirect without a usable target.
    #[error("the server redirects to nowhere")]
    BadRedirect,
    /// The body is longer than the limit of the request.
    #[error("the response is longer than {limit} bytes")]
    TooLarge {
        /// The limit that was passed, bytes.
        limit: usize,
    },
    /// The body is compressed although we did not ask for it.
    #[error("the response has the content encoding `{0}`")]
    UnexpectedEncoding(String),
    /// The name does not resolve.
    #[error("the name `{0}` could not be resolved")]
    DnsFailed(String),
    /// No connection, or TLS failed.
    #[error("could not connect: {0}")]
    ConnectFailed(String),
    /// Not finished within the time limit.
    #[error("no complete answer in time")]
    TimedOut,
    /// The exchange broke off, or was no HTTP.
    #[error("the exchange failed: {0}")]
    Interrupted(String),
}

impl FetchError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::ForbiddenScheme(_) => "forbidden_scheme",
            FetchError::ForbiddenPort(_) => "forbidden_port",
            FetchError::ForbiddenAddress(_) => "forbidden_address",
            FetchError::ForbiddenUrl(_) => "forbidden_url",
            FetchError::ForbiddenHeader(_) => "forbidden_header",
            FetchError::TooManyRedirects => "too_many_redirects",
            FetchError::BadRedirect => "bad_redirect",
            FetchError::TooLarge { .. } => "response_too_large",
            FetchError::UnexpectedEncoding(_) => "unexpected_encoding",
            FetchError::DnsFailed(_) => "dns_failed",
            FetchError::ConnectFailed(_) => "connect_failed",
            FetchError::TimedOut => "timed_out",
            FetchError::Interrupted(_) => "exchange_failed",
        }
    }

    /// Whether we refused (true), or could not reach the other side (false). A refusal
    /// stays a refusal when tried again; the rest may pass.
    pub fn is_refusal(&self) -> bool {
        match self {
            FetchError::ForbiddenScheme(_)
            | FetchError::ForbiddenPort(_)
            | FetchError::ForbiddenAddress(_)
            | FetchError::ForbiddenUrl(_)
            | FetchError::ForbiddenHeader(_)
            | FetchError::TooManyRedirects
            | FetchError::BadRedirect
            | FetchError::TooLarge { .. }
            | FetchError::UnexpectedEncoding(_) => true,
            FetchError::DnsFailed(_)
            | FetchError::ConnectFailed(_)
            | FetchError::TimedOut
            | FetchError::Interrupted(_) => false,
        }
    }
}
