//! Kinds of qualification: about a thousand of them, and they are data, not code.
//!
//! The catalogue is filled from the list format of the Q-Net open API (XML or JSON, see
//! [`import_xml`], [`import_json`]), from CSV ([`import_csv`]), or from the small starter
//! catalogue we ship ([`starter`]). A row that cannot be taken is reported and never
//! sinks the rest.

mod import;
mod rows;
#[cfg(feature = "schema-check")]
mod tables;

pub use import::{ImportError, MAX_BYTES, MAX_ROWS, import_json};
#[cfg(feature = "schema-check")]
pub use tables::{import_csv, import_xml};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Grade of a national technical qualification (국가기술자격법), or of a service qualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Grade {
    /// 기술사.
    ProfessionalEngineer,
    /// 기능장.
    MasterCraftsman,
    /// 기사.
    Engineer,
    /// 산업기사.
    IndustrialEngineer,
    /// 기능사.
    Craftsman,
    /// 1급.
    #[serde(rename = "GRADE_1")]
    Grade1,
    /// 2급.
    #[serde(rename = "GRADE_2")]
    Grade2,
    /// 3급.
    #[serde(rename = "GRADE_3")]
    Grade3,
    /// A qualification without grades.
    Single,
}

/// A code with its Korean name, as the Q-Net list gives them in pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodedName {
    /// Code.
    pub code: String,
    /// Korean name.
    pub name: String,
}

/// One kind of qualification (종목).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualificationKind {
    /// Code of the kind (jmcd), `1320`.
    pub code: String,
    /// Korean name (jmfldnm), 정보처리기사.
    pub name_ko: String,
    /// English name, when somebody gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Grade, when the series or the name tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// Kind of qualification (qualgbcd, qualgbnm), T 국가기술자격 / S 국가전문자격.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<CodedName>,
    /// Series (seriescd, seriesnm), 03 기사.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<CodedName>,
    /// Large job field (obligfldcd, obligfldnm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_large: Option<CodedName>,
    /// Middle job field (mdobligfldcd, mdobligfldnm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_middle: Option<CodedName>,
}

/// Kinds by code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCatalogue(BTreeMap<String, QualificationKind>);

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Row number, counted from 1.
    pub row: usize,
    /// Stable code of the reason.
    pub reason_code: &'static str,
    /// The reason in English.
    pub detail: String,
}

/// What an import brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// Kinds taken, in the order of the source.
    pub kinds: Vec<QualificationKind>,
    /// Rows refused.
    pub refused: Vec<RefusedRow>,
}

impl Grade {
    /// The grade that a Korean name of a technical qualification ends with.
    ///
    /// The Q-Net series code alone does not tell: series 03 holds 기사 and 산업기사.
    #[must_use]
    pub fn from_korean_name(name: &str) -> Option<Self> {
        // 소방설비기사(기계분야): the grade stands before the branch.
        let name = name.split(['(', '（']).next().unwrap_or_default().trim_end();
        let endings = [
            ("산업기사", Self::IndustrialEngineer),
            ("기술사", Self::ProfessionalEngineer),
            ("기능장", Self::MasterCraftsman),
            ("기능사", Self::Craftsman),
            ("기사", Self::Engineer),
            ("1급", Self::Grade1),
            ("2급", Self::Grade2),
            ("3급", Self::Grade3),
        ];
        endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, grade)| grade)
    }

    /// The code in credentials: `ENGINEER`, `GRADE_1`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProfessionalEngineer => "PROFESSIONAL_ENGINEER",
            Self::MasterCraftsman => "MASTER_CRAFTSMAN",
            Self::Engineer => "ENGINEER",
            Self::IndustrialEngineer => "INDUSTRIAL_ENGINEER",
            Self::Craftsman => "CRAFTSMAN",
            Self::Grade1 => "GRADE_1",
            Self::Grade2 => "GRADE_2",
            Self::Grade3 => "GRADE_3",
            Self::Single => "SINGLE",
        }
    }
}

impl KindCatalogue {
    /// An empty catalogue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a kind; gives back the one it replaced.
    pub fn insert(&mut self, kind: QualificationKind) -> Option<QualificationKind> {
        self.0.insert(kind.code.clone(), kind)
    }

    /// The kind with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&QualificationKind> {
        self.0.get(code)
    }

    /// Kinds whose code begins with the text, or whose Korean or English name contains it,
    /// whatever the case and the blanks; ordered by code. Blank text finds everything.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<&QualificationKind> {
        let wanted = folded(text);
        self.0
            .values()
            .filter(|kind| {
                kind.code.to_lowercase().starts_with(&wanted)
                    || folded(&kind.name_ko).contains(&wanted)
                    || kind.name_en.as_deref().is_some_and(|name| folded(name).contains(&wanted))
            })
            .collect()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All kinds by code.
    pub fn iter(&self) -> impl Iterator<Item = &QualificationKind> {
        self.0.values()
    }
}

impl FromIterator<QualificationKind> for KindCatalogue {
    fn from_iter<I: IntoIterator<Item = QualificationKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().map(|kind| (kind.code.clone(), kind)).collect())
    }
}

/// NFC, without blanks, in lower case: what people mean when they type a name.
fn folded(text: &str) -> String {
    crate::unicode::nfc(text)
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The catalogue we ship: real codes established from public facts, with their sources
/// named in the file (`schemas/kinds/starter.json`). An issuer imports the full list.
#[must_use]
pub fn starter() -> KindCatalogue {
    #[derive(Deserialize)]
    struct StarterFile {
        kinds: Vec<QualificationKind>,
    }
    let file: StarterFile =
        serde_json::from_str(include_str!("../../../schemas/kinds/starter.json"))
            .expect("the embedded catalogue is read by a test of this crate");
    file.kinds.into_iter().collect()
}
