//! Credential configurations: one type in one format, named `<Type>.<format>`.

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use serde::{Deserialize, Serialize};

/// The name of a configuration, as in `credential_configurations_supported`.
pub type ConfigurationId = String;

/// One type in one format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The type.
    #[serde(with = "crate::text_form::credential_type")]
    pub credential_type: CredentialType,
    /// The format.
    #[serde(with = "crate::text_form::format")]
    pub format: CredentialFormat,
}

impl Configuration {
    /// Every configuration we issue.
    pub fn all() -> impl Iterator<Item = Self> {
        CredentialType::ALL.iter().flat_map(|&credential_type| {
            CredentialFormat::ALL.iter().map(move |&format| Self { credential_type, format })
        })
    }

    /// Reads `<Type>.<format>`.
    pub fn parse(id: &str) -> Option<Self> {
        Self::all().find(|configuration| configuration.id() == id)
    }

    /// `<Type>.<format>`.
    pub fn id(&self) -> ConfigurationId {
        format!("{}.{}", self.credential_type.type_name(), self.format.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_types_in_three_formats_round_trip() {
        let ids: Vec<String> =
            Configuration::all().map(|configuration| configuration.id()).collect();
        assert_eq!(ids.len(), 21);
        for id in &ids {
            assert_eq!(&Configuration::parse(id).unwrap().id(), id);
        }
        assert!(ids.contains(&"KrQualificationBadge.dc+sd-jwt".to_owned()));
        for id in ["", "KrQualificationBadge", "KrQualificationBadge.mso_mdoc", "Nothing.ldp_vc"] {
            assert!(Configuration::parse(id).is_none(), "{id}");
        }
    }
}
