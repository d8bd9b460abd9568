//! Which version of a document is wanted.

use credential_model::did::DidUrl;
use credential_model::moment::Moment;

use crate::error::ResolveError;

/// A version of a DID document, for methods that keep a history (`did:webvh`, `did:ethr`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VersionQuery {
    /// The one in force.
    #[default]
    Latest,
    /// `versionId`: the whole `versionId` of a `did:webvh` entry, the block of a `did:ethr`.
    Id(String),
    /// `versionNumber`: the count of a `did:webvh` entry, from 1.
    Number(u64),
    /// `versionTime`: the `did:webvh` entry in force at that moment.
    Time(Moment),
}

impl VersionQuery {
    /// Reads the query of a DID URL (DID Core §3.2.1). Other parameters are left alone.
    ///
    /// # Errors
    /// [`ResolveError::InvalidDid`] when a version is asked for twice, or by something that is
    /// no number or time.
    pub fn of(url: &DidUrl) -> Result<Self, ResolveError> {
        let invalid = |why: &str| ResolveError::InvalidDid(why.to_owned());
        let mut wanted = None;
        let query = url.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let one = match name.as_ref() {
                "versionId" => Self::Id(value.into_owned()),
                "versionNumber" => {
                    Self::Number(value.parse().map_err(|_| invalid("versionNumber is no number"))?)
                }
                "versionTime" => Self::Time(
                    Moment::parse(&value).map_err(|_| invalid("versionTime is no date-time"))?,
                ),
                _ => continue,
            };
            if wanted.replace(one).is_some() {
                return Err(invalid("more than one version is asked for"));
            }
        }
        Ok(wanted.unwrap_or_default())
    }
}
