//! One question and its answer, as they cross the border to a page.
use credential_model::moment::Moment;
use credential_verification::{Report, report::Sections};
use localized_text::Locale;
use serde::{Deserialize, Serialize};

use crate::desk::{Age, Desk, DeskError};

/// What a page asks, form v1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What was scanned or pasted.
    pub text: String,
    /// The present moment by the browser's clock, RFC 3339.
    pub now: Moment,
    /// The language of the sentences.
    pub locale: Locale,
}

/// What a page shows, form v1: the report as data, and in words.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The report, exactly as the service and the command line write it.
    pub report: Report,
    /// The same in words.
    pub sections: Sections,
    /// How old the knowledge behind it is.
    pub age: Age,
}

impl Question {
    /// Asks a desk.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn put_to(&self, desk: &Desk) -> Result<Answer, DeskError> {
        let report = desk.examine(&self.text, self.now)?;
        let sections = report.sections(self.locale);
        Ok(Answer { report, sections, age: desk.age(self.now) })
    }
}
