//! How the vocabulary's enums are written into records: by their stable names.

/// `credential_model` types as text, for `#[serde(with = …)]`.
pub(crate) mod credential_type {
    use credential_model::catalogue::CredentialType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        value: &CredentialType,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.type_name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<CredentialType, D::Error> {
        let text = String::deserialize(from)?;
        CredentialType::from_type_name(&text)
            .ok_or_else(|| D::Error::custom("not one of our credential types"))
    }
}

/// As [`credential_type`], for the securing format.
pub(crate) mod format {
    use credential_model::format::CredentialFormat;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        value: &CredentialFormat,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<CredentialFormat, D::Error> {
        let text = String::deserialize(from)?;
        CredentialFormat::ALL
            .iter()
            .copied()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| D::Error::custom("not one of our credential formats"))
    }
}

/// Status values by their word, the same as in `statusMessage`.
pub(crate) mod status {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use status_lists::StatusValue;

    pub(crate) fn serialize<S: Serializer>(value: &StatusValue, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.message())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<StatusValue, D::Error> {
        let text = String::deserialize(from)?;
        StatusValue::from_message(&text).ok_or_else(|| D::Error::custom("not a status"))
    }
}
