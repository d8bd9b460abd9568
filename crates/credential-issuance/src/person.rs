//! Entitled persons: who an officer may make offers for.

use credential_model::forbidden;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// A registered person. Fictitious in everything that ships with this repository.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Our identifier.
    pub id: PersonId,
    /// The issuer's own reference (an applicant number); unique, never a resident registration number.
    pub external_ref: String,
    /// As written in Hangul or as registered.
    pub name: String,
    /// As in the passport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_latin: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// When registered.
    pub created_at: Moment,
}

// Names and birth dates stay out of logs, even when a record is printed whole.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What an officer sends to register a person.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// See [`Person::external_ref`].
    pub external_ref: String,
    /// See [`Person::name`].
    pub name: String,
    /// See [`Person::name_latin`].
    #[serde(default)]
    pub name_latin: Option<String>,
    /// See [`Person::birth_date`].
    #[serde(default)]
    pub birth_date: Option<String>,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPerson")
    }
}

/// Why a person was not registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// A member is empty, too long, or holds control characters.
    #[error("{member} must be 1 to {limit} characters without control characters")]
    Malformed {
        /// Which member.
        member: &'static str,
        /// Its greatest length in characters.
        limit: usize,
    },
    /// The birth date is no `YYYY-MM-DD` date.
    #[error("birth_date must be a date as YYYY-MM-DD")]
    BirthDate,
    /// A number that must not be kept (a resident registration number and the like).
    #[error("{member} looks like a number that must never be recorded")]
    ForbiddenNumber {
        /// Which member.
        member: &'static str,
    },
    /// The external reference is taken.
    #[error("a person with this external_ref is already registered")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl PersonError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "invalid_person",
            Self::BirthDate => "invalid_birth_date",
            Self::ForbiddenNumber { .. } => "forbidden_number",
            Self::Taken => "person_exists",
            Self::Store(error) => error.code(),
        }
    }
}

impl NewPerson {
    /// Checks every member; `id` and `now` complete the record.
    pub fn into_person(self, id: PersonId, now: Moment) -> Result<Person, PersonError> {
        check("external_ref", &self.external_ref, 64)?;
        check("name", &self.name, 100)?;
        if let Some(name) = &self.name_latin {
            check("name_latin", name, 200)?;
        }
        if let Some(date) = &self.birth_date {
            let fine = date.len() == 10 && Moment::parse(&format!("{date}T00:00:00Z")).is_ok();
            if !fine {
                return Err(PersonError::BirthDate);
            }
        }
        Ok(Person {
            id,
            external_ref: self.external_ref,
            name: self.name,
            name_latin: self.name_latin,
            birth_date: self.birth_date,
            created_at: now,
        })
    }
}

fn check(member: &'static str, text: &str, limit: usize) -> Result<(), PersonError> {
    if text.trim().is_empty() || text.chars().count() > limit || text.chars().any(char::is_control)
    {
        return Err(PersonError::Malformed { member, limit });
    }
    if forbidden::find_in_text(text).is_some() {
        return Err(PersonError::ForbiddenNumber { member });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_person(name: &str, reference: &str, birth: Option<&str>) -> Result<Person, PersonError> {
        NewPerson {
            external_ref: reference.to_owned(),
            name: name.to_owned(),
            name_latin: None,
            birth_date: birth.map(str::to_owned),
        }
        .into_person(PersonId::parse("p1").unwrap(), Moment::from_unix(0))
    }

    #[test]
    fn a_fictitious_person_is_taken() {
        let person = new_person("홍길동(가상인물)", "A-1", Some("1990-01-01")).unwrap();
        assert_eq!(format!("{person:?}"), "Person { id: PersonId(\"p1\"), .. }");
    }

    #[test]
    fn what_must_not_be_kept_is_refused() {
        let code = |result: Result<Person, PersonError>| result.unwrap_err().code();
        assert_eq!(code(new_person("홍길동", "900101-1234567", None)), "forbidden_number");
        assert_eq!(code(new_person("홍길동 9001011234567", "A-1", None)), "forbidden_number");
        assert_eq!(code(new_person("", "A-1", None)), "invalid_person");
        assert_eq!(code(new_person("홍\u{0}길동", "A-1", None)), "invalid_person");
        assert_eq!(code(new_person(&"가".repeat(101), "A-1", None)), "invalid_person");
        for date in ["1990-02-30", "19900101", "1990-1-1", "yesterday!"] {
            assert_eq!(
                code(new_person("홍길동", "A-1", Some(date))),
                "invalid_birth_date",
                "{date}"
            );
        }
    }
}
