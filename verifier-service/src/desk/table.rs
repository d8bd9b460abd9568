//! One line of the table, out of a report.
use credential_verification::{Overall, Report, report::CredentialSummary};
use localized_text::{Locale, say, say_with};

use super::batch::{Outcome, Row};

/// The cells of a row in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// `accept`, `reject`, `unknown`, or `unread`.
    pub overall: &'static str,
    /// Who.
    pub person: String,
    /// Which qualification, or which kind of document.
    pub what: String,
    /// Grade.
    pub grade: String,
    /// Date awarded.
    pub awarded: String,
    /// The three answers; none for what was not examined.
    pub answers: [Option<&'static str>; 3],
    /// Why not, or that it came before.
    pub why: String,
    file: String,
}

impl Cells {
    /// Of one row.
    pub fn of(locale: Locale, row: &Row) -> Self {
        let mut cells = match &row.outcome {
            Outcome::Refused(refusal) => Cells::unread(say(locale, &refusal.message_id())),
            Outcome::Examined(report) => Cells::examined(locale, report),
        };
        cells.file.clone_from(&row.name);
        if let Some(first) = row.duplicate_of {
            let place = (first + 1).to_string();
            let said = say_with(locale, "desk-duplicate", &[("place", &place)]);
            cells.why = format!("{said} {}", cells.why).trim_end().to_owned();
        }
        cells
    }

    /// What the link to a row says.
    pub fn name_or(&self, locale: Locale) -> String {
        if self.file.is_empty() { say(locale, "desk-answer-link") } else { self.file.clone() }
    }

    fn unread(why: String) -> Self {
        Cells {
            overall: "unread",
            person: String::new(),
            what: String::new(),
            grade: String::new(),
            awarded: String::new(),
            answers: [None; 3],
            why,
            file: String::new(),
        }
    }

    fn examined(locale: Locale, report: &Report) -> Self {
        let Some(summary) = &report.credential else {
            return Cells::unread(say(locale, "verdict-summary-unreadable"));
        };
        let verdict = &report.verdict;
        let of = |paths: &[&str]| shown(summary, paths, locale);
        let mut what = of(&["achievement.name"]);
        if what.is_empty() {
            let label = &summary.type_label;
            what = if locale == Locale::Ko { label.ko.clone() } else { label.en.clone() };
        }
        Cells {
            overall: report.overall.as_str(),
            person: of(&["person.name", "athlete.name", "applicant.name", "pilot.name"]),
            what,
            grade: of(&["qualificationGrade"]),
            awarded: of(&["awardedDate", "assessedAt"]),
            answers: [verdict.authentic, verdict.in_force, verdict.entitled]
                .map(|answer| Some(answer.as_str())),
            why: match report.overall {
                Overall::Accept => String::new(),
                _ => report.reason(locale).unwrap_or_default(),
            },
            file: String::new(),
        }
    }
}

fn shown(summary: &CredentialSummary, paths: &[&str], locale: Locale) -> String {
    let found = paths.iter().find_map(|path| summary.value(path, locale == Locale::Ko));
    found.unwrap_or_default().to_owned()
}
