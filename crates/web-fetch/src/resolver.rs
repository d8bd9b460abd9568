//! Names to addresses, each address judged, and nothing but judged addresses connected to.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How names become addresses: the system's way, or a table in tests.
pub(crate) type Lookup = Arc<dyn Fn(String) -> LookupAnswer + Send + Sync>;
pub(crate) type LookupAnswer = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks the operating system.
pub(crate) fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// More addresses than this for one name are cut off.
const MAX_ADDRESSES: usize = 16;

/// A resolver in front of the connector: what it lets through is what is connected to.
pub(crate) struct GuardedResolver {
    lookup: Lookup,
    accept: fn(IpAddr) -> bool,
}

impl GuardedResolver {
    pub(crate) fn new(lookup: Lookup, accept: fn(IpAddr) -> bool) -> Self {
        Self { lookup, accept }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let answer = (self.lookup)(name.clone());
        let accept = self.accept;
        Box::pin(async move {
            let addresses = answer.await.map_err(|_| ResolveFailure::NotFound(name.clone()))?;
            if addresses.is_empty() {
                return Err(ResolveFailure::NotFound(name).into());
            }
            // One bad address spoils the name: the honest owner of a public name has none.
            if !addresses.iter().copied().all(accept) {
                return Err(ResolveFailure::Refused(name).into());
            }
            let sockets = addresses
                .into_iter()
                .take(MAX_ADDRESSES)
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

/// Found again in the error chain of the HTTP library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResolveFailure {
    /// No such name, or no name server.
    NotFound(String),
    /// The name leads to an address we do not go to.
    Refused(String),
}

impl fmt::Display for ResolveFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveFailure::NotFound(name) => write!(f, "{name} does not resolve"),
            ResolveFailure::Refused(name) => write!(f, "{name} resolves to a refused address"),
        }
    }
}

impl Error for ResolveFailure {}

impl ResolveFailure {
    /// Looks for one in an error and its causes.
    pub(crate) fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(failure) = error.downcast_ref::<Self>() {
                return Some(failure);
            }
            cause = error.source();
        }
        None
    }
}

#[cfg(test)]
mod tests;
