//! What the columns of a file mean, told by its first row.

use credential_model::catalogue::CredentialType;
use credential_model::forbidden;

use super::job::FileFault;

/// Where a cell belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// The code of the kind.
    Kind,
    /// When the qualification was won.
    AwardedDate,
    /// A member of the subject, as a path with dots: `person.name`.
    Subject(&'static str),
    /// The same, of the file's own wording.
    Path(String),
}

impl Field {
    /// Its name in stored rows.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Kind => "kind",
            Self::AwardedDate => "awardedDate",
            Self::Subject(path) => path,
            Self::Path(path) => path,
        }
    }
}

/// The columns of a badge by the names that offices use.
const BADGE: &[(&str, Field)] = &[
    ("성명", Field::Subject("person.name")),
    ("이름", Field::Subject("person.name")),
    ("name", Field::Subject("person.name")),
    ("영문성명", Field::Subject("person.nameLatin")),
    ("namelatin", Field::Subject("person.nameLatin")),
    ("생년월일", Field::Subject("person.birthDate")),
    ("birthdate", Field::Subject("person.birthDate")),
    ("자격번호", Field::Subject("licenseNumber")),
    ("licensenumber", Field::Subject("licenseNumber")),
    ("자격증발급일", Field::Subject("certificateIssuedOn")),
    ("certificateissuedon", Field::Subject("certificateIssuedOn")),
    ("직무분야", Field::Subject("jobField")),
    ("jobfield", Field::Subject("jobField")),
    ("법적근거", Field::Subject("legalBasis")),
    ("legalbasis", Field::Subject("legalBasis")),
    ("합격일", Field::AwardedDate),
    ("취득일", Field::AwardedDate),
    ("awardeddate", Field::AwardedDate),
    ("종목코드", Field::Kind),
    ("kind", Field::Kind),
];

/// The columns of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) fields: Vec<Field>,
}

fn fault(code: &str, column: Option<&str>) -> FileFault {
    FileFault { code: code.to_owned(), column: column.map(shown) }
}

/// A name as it may be shown: a first row that is no header may be somebody's data.
fn shown(name: &str) -> String {
    if forbidden::find_in_text(name).is_some() {
        return "?".to_owned();
    }
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

impl Columns {
    /// Reads the first row. `kind_given` when the job names the kind of all rows.
    pub(super) fn read(
        header: &[Option<String>],
        credential_type: CredentialType,
        kind_given: bool,
    ) -> Result<Self, FileFault> {
        let badge = credential_type == CredentialType::QualificationBadge;
        let mut columns = Self { names: Vec::new(), fields: Vec::new() };
        let mut unknown = None;
        for cell in header {
            let Some(name) = cell else { return Err(fault("not_text", None)) };
            if forbidden::is_forbidden_name(name) {
                return Err(fault("forbidden_column", Some(name)));
            }
            match field(name, badge) {
                Some(field) if columns.fields.contains(&field) => {
                    return Err(fault("duplicate_column", Some(name)));
                }
                Some(field) => {
                    columns.fields.push(field);
                    columns.names.push(name.trim().to_owned());
                }
                None => unknown = unknown.or(Some(name.as_str())),
            }
        }
        if let Some(name) = unknown {
            // Not one column is known: that row is no header at all.
            let code = if columns.fields.is_empty() { "missing_header" } else { "unknown_column" };
            return Err(fault(code, (code == "unknown_column").then_some(name)));
        }
        if columns.fields.is_empty() {
            return Err(fault("missing_header", None));
        }
        if badge {
            let has = |wanted: &Field| columns.fields.contains(wanted);
            let needed = [
                (Field::Subject("person.name"), "성명"),
                (Field::Subject("licenseNumber"), "자격번호"),
                (Field::AwardedDate, "합격일"),
                (Field::Kind, "종목코드"),
            ];
            for (field, name) in needed {
                let given = field == Field::Kind && kind_given;
                if !given && !has(&field) {
                    return Err(fault("missing_column", Some(name)));
                }
            }
            if kind_given && has(&Field::Kind) {
                return Err(fault("kind_twice", Some("종목코드")));
            }
        }
        Ok(columns)
    }

    /// The column of a place in the document, for messages.
    pub(super) fn of_pointer(&self, pointer: &str) -> Option<&str> {
        let at = self.fields.iter().position(|field| match field {
            Field::Kind => pointer.starts_with("/credentialSubject/achievement"),
            Field::AwardedDate => pointer == "/awardedDate",
            field => {
                let path = format!("/credentialSubject/{}", field.name().replace('.', "/"));
                pointer == path
            }
        })?;
        self.names.get(at).map(String::as_str)
    }
}

fn field(name: &str, badge: bool) -> Option<Field> {
    let plain: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if badge && let Some((_, field)) = BADGE.iter().find(|(known, _)| *known == plain) {
        return Some(field.clone());
    }
    let path = name.trim().strip_prefix("subject.")?;
    let fine = |part: &str| {
        !part.is_empty() && part.len() <= 64 && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let parts: Vec<&str> = path.split('.').collect();
    // `id` and `type` are ours to set.
    let ours = matches!(parts.first(), Some(&("id" | "type" | "achievement")));
    let short = parts.len() <= 4;
    (short && !ours && parts.iter().all(|part| fine(part))).then(|| known_path(path))
}

/// One way to write a place, so that a column cannot stand there twice.
fn known_path(path: &str) -> Field {
    let known = BADGE.iter().find_map(|(_, field)| match field {
        Field::Subject(known) if *known == path => Some(field.clone()),
        _ => None,
    });
    known.unwrap_or_else(|| Field::Path(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, kind_given: bool) -> Result<Columns, FileFault> {
        let cells: Vec<Option<String>> =
            header.split(',').map(|name| Some(name.to_owned())).collect();
        Columns::read(&cells, CredentialType::QualificationBadge, kind_given)
    }

    #[test]
    fn korean_and_english_names_mean_the_same() {
        let korean = read("성명,생년월일,자격번호,합격일,종목코드", false).unwrap();
        let english = read("Name,birth date,license_number,awardedDate,kind", false).unwrap();
        assert_eq!(korean.fields, english.fields);
        assert_eq!(korean.of_pointer("/credentialSubject/person/birthDate"), Some("생년월일"));
        assert_eq!(korean.of_pointer("/awardedDate"), Some("합격일"));
        assert_eq!(korean.of_pointer("/issuer"), None);
        let path =
            read("name,awardedDate,licenseNumber,subject.certificateIssuedOn", true).unwrap();
        assert_eq!(path.fields[3], Field::Subject("certificateIssuedOn"));
    }

    #[test]
    fn what_is_wrong_with_a_header_is_named() {
        let code = |header: &str, kind: bool| read(header, kind).map_err(|fault| fault.code);
        let cases = [
            ("홍길동(가상인물),1990-01-01,2025-06-18", false, "missing_header"),
            ("성명,합격일,점심", true, "unknown_column"),
            ("성명,자격번호,종목코드", false, "missing_column"),
            ("성명,합격일,종목코드", false, "missing_column"),
            ("성명,자격번호,합격일", false, "missing_column"),
            ("성명,이름,합격일,종목코드", false, "duplicate_column"),
            ("성명,subject.person.name,합격일", true, "duplicate_column"),
            ("성명,합격일,주민등록번호,종목코드", false, "forbidden_column"),
            ("성명,자격번호,합격일,종목코드", true, "kind_twice"),
            ("성명,합격일,subject.id", true, "unknown_column"),
            ("성명,합격일,subject.achievement.name", true, "unknown_column"),
            ("성명,합격일,subject.a b", true, "unknown_column"),
        ];
        for (header, kind, wanted) in cases {
            assert_eq!(code(header, kind), Err(wanted.to_owned()), "{header}");
        }
    }

    #[test]
    fn a_fault_never_repeats_a_number_that_must_not_be_kept() {
        let fault = read("성명,합격일,900101-1234567", true).unwrap_err();
        assert_eq!(fault.column.as_deref(), Some("?"));
    }
}
