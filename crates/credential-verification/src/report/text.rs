//! The report in words. Every sentence comes from the message catalogue; nothing is decided here.
use localized_text::{Locale, say, say_with};
use serde::Serialize;

use super::{CheckReport, CredentialSummary, Report, Words};
use crate::{
    codes::Code,
    outcome::OutcomeKind,
    verdict::{Answer, Overall, Verdict},
};

/// A label and a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
    /// Its state for styling: `yes`, `no`, `unknown`, `passed`, `failed`, `inconclusive`,
    /// `skipped`, or empty.
    pub state: &'static str,
}

impl Line {
    fn new(label: impl Into<String>, value: impl Into<String>, state: &'static str) -> Self {
        Line { label: label.into(), value: value.into(), state }
    }
}

/// The report cut into the parts of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sections {
    /// One or two words: accept, reject, unknown.
    pub title: String,
    /// `accept`, `reject` or `unknown`, for styling.
    pub overall: &'static str,
    /// One sentence for a layman.
    pub summary: String,
    /// The three questions.
    pub questions: Vec<Line>,
    /// Each credential: heading, labelled values.
    pub credentials: Vec<(String, Vec<Line>)>,
    /// What to do next, most urgent first.
    pub actions: Vec<String>,
    /// The findings in words.
    pub checks: Vec<Line>,
    /// The domain check: heading and lines.
    pub domain: Option<(String, Vec<Line>)>,
    /// Conditions for people to look at.
    pub checklist: Vec<String>,
    /// Times, numbers, purpose.
    pub notes: Vec<Line>,
}

impl Report {
    /// The report as plain text.
    pub fn to_text(&self, locale: Locale) -> String {
        let sections = self.sections(locale);
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text.trim_end());
            out.push('\n');
        };
        line(&format!("[{}] {}", say(locale, "verdict-title"), sections.title));
        line(&sections.summary);
        line("");
        for question in &sections.questions {
            line(&format!("  {}  {}", question.label, question.value));
        }
        for (heading, values) in &sections.credentials {
            line("");
            line(heading);
            for value in values {
                line(&format!("  {}: {}", value.label, value.value));
            }
        }
        if let Some((heading, lines)) = &sections.domain {
            line("");
            line(heading);
            for item in lines {
                line(&format!("  {} {}", mark(item.state), item.value));
            }
        }
        for (heading, items) in [
            ("verdict-section-checklist", &sections.checklist),
            ("verdict-section-actions", &sections.actions),
        ] {
            if !items.is_empty() {
                line("");
                line(&say(locale, heading));
                for item in items {
                    line(&format!("  - {item}"));
                }
            }
        }
        line("");
        line(&say(locale, "verdict-section-checks"));
        for check in &sections.checks {
            line(&format!("  {} {}: {}", mark(check.state), check.label, check.value));
        }
        line("");
        for note in &sections.notes {
            line(&format!("{}: {}", note.label, note.value));
        }
        out
    }

    /// The report cut into the parts of a page.
    pub fn sections(&self, locale: Locale) -> Sections {
        Sections {
            title: say(locale, &format!("verdict-overall-{}", self.overall.as_str())),
            overall: self.overall.as_str(),
            summary: self.summary(locale),
            questions: questions(locale, &self.verdict),
            credentials: self
                .credentials()
                .filter_map(|(summary, verdict, checks)| {
                    summary.map(|summary| credential(locale, summary, verdict, checks))
                })
                .collect(),
            actions: self.actions(locale),
            checks: self.check_lines(locale),
            domain: self.domain.as_ref().map(|domain| {
                let heading = say_with(
                    locale,
                    "verdict-section-domain",
                    &[
                        ("profile", &say(locale, &format!("verdict-profile-{}", domain.profile))),
                        (
                            "outcome",
                            &say(
                                locale,
                                &format!("verdict-domain-{}", lower(domain.outcome.as_str())),
                            ),
                        ),
                    ],
                );
                let lines = domain.checks.iter().map(|check| {
                    let state = match check.outcome.as_str() {
                        "PASS" => "passed",
                        "FAIL" => "failed",
                        _ => "inconclusive",
                    };
                    Line::new(check.id.clone(), say(locale, &check.code.message_id()), state)
                });
                (heading, lines.collect())
            }),
            checklist: self
                .domain
                .as_ref()
                .map(|domain| domain.checklist.clone())
                .unwrap_or_default(),
            notes: self.notes(locale),
        }
    }

    /// "Hong's badge is valid as of …", or the most telling finding.
    fn summary(&self, locale: Locale) -> String {
        let when = self.moment.to_kst_text();
        let Some(credential) = &self.credential else {
            return say(locale, "verdict-summary-unreadable");
        };
        let korean = locale == Locale::Ko;
        let what = title_of(credential, korean);
        let person = ["person.name", "athlete.name", "applicant.name"]
            .into_iter()
            .find_map(|path| credential.value(path, korean))
            .unwrap_or_default()
            .to_owned();
        let arguments = [("what", what.as_str()), ("when", when.as_str()), ("person", &person)];
        let decisive = self.decisive().map(|code| say(locale, &code.message_id()));
        match (self.overall, decisive) {
            (Overall::Accept, _) if person.is_empty() => {
                say_with(locale, "verdict-summary-accept", &arguments)
            }
            (Overall::Accept, _) if credential.type_name == "KrQualificationBadge" => {
                say_with(locale, "verdict-summary-accept-badge", &arguments)
            }
            (Overall::Accept, _) => say_with(locale, "verdict-summary-accept-person", &arguments),
            (Overall::Reject, Some(reason)) => say_with(
                locale,
                "verdict-summary-reject",
                &[("what", &what), ("when", &when), ("reason", &reason)],
            ),
            (Overall::Unknown, Some(reason)) => say_with(
                locale,
                "verdict-summary-unknown",
                &[("what", &what), ("when", &when), ("reason", &reason)],
            ),
            (_, None) => say(locale, "verdict-summary-unreadable"),
        }
    }

    /// Why it is not accepted, in one sentence; none for an accepted one.
    pub fn reason(&self, locale: Locale) -> Option<String> {
        self.decisive().map(|code| say(locale, &code.message_id()))
    }

    /// The code that explains the overall answer best: a failure, else an open question.
    fn decisive(&self) -> Option<Code> {
        let all: Vec<(&OutcomeKind, Code)> = self
            .credentials()
            .flat_map(|(_, _, checks)| checks.iter().map(|check| (&check.outcome, check.code)))
            .collect();
        let domain = |wanted: &str| {
            self.domain
                .iter()
                .flat_map(|domain| &domain.checks)
                .find(|check| check.outcome.as_str() == wanted)
                .map(|check| check.code)
        };
        let of = |kind: OutcomeKind| {
            all.iter().find(|(found, _)| **found == kind).map(|(_, code)| *code)
        };
        of(OutcomeKind::Failed)
            .or_else(|| domain("FAIL"))
            .or_else(|| self.refused.first().copied())
            .or_else(|| of(OutcomeKind::Inconclusive))
            .or_else(|| domain("INDETERMINATE"))
    }

    /// Action lines: failures first, then open questions, each once.
    fn actions(&self, locale: Locale) -> Vec<String> {
        let mut codes = Vec::new();
        for kind in [OutcomeKind::Failed, OutcomeKind::Inconclusive] {
            for (_, _, checks) in self.credentials() {
                codes.extend(checks.iter().filter(|c| c.outcome == kind).map(|c| c.code));
            }
            let wanted = if kind == OutcomeKind::Failed { "FAIL" } else { "INDETERMINATE" };
            codes.extend(
                self.domain
                    .iter()
                    .flat_map(|domain| &domain.checks)
                    .filter(|check| check.outcome.as_str() == wanted)
                    .map(|check| check.code),
            );
        }
        let mut seen = Vec::new();
        let mut lines = Vec::new();
        for code in codes {
            let sentence = say(locale, &code.action_id());
            if !seen.contains(&sentence) {
                seen.push(sentence.clone());
                lines.push(sentence);
            }
        }
        if lines.is_empty() {
            lines.push(say(locale, "verdict-action-none"));
        }
        lines
    }

    fn check_lines(&self, locale: Locale) -> Vec<Line> {
        let several = !self.further.is_empty();
        let mut lines = Vec::new();
        for (summary, _, checks) in self.credentials() {
            for check in checks {
                let name = say(locale, &format!("verdict-check-{}", check.id));
                let label = match summary.filter(|_| several) {
                    Some(summary) => {
                        format!("{} · {name}", in_language(locale, &summary.type_label))
                    }
                    None => name,
                };
                lines.push(Line::new(
                    label,
                    say(locale, &check.code.message_id()),
                    check.outcome.as_str(),
                ));
            }
        }
        lines
    }

    fn notes(&self, locale: Locale) -> Vec<Line> {
        let mut notes = Vec::new();
        if self.examined_at.is_some() {
            let asked = say(locale, "verdict-note-state-at");
            notes.push(Line::new(asked, self.moment.to_kst_text(), ""));
        }
        let checked = self.examined_at.unwrap_or(self.moment);
        notes.push(Line::new(say(locale, "verdict-note-moment"), checked.to_kst_text(), ""));
        for code in &self.refused {
            let why = say(locale, &code.message_id());
            notes.push(Line::new(say(locale, "verdict-note-refused"), why, ""));
        }
        let unknown = say(locale, "verdict-note-not-known");
        notes.push(Line::new(
            say(locale, "verdict-note-status-as-of"),
            self.knowledge.status_as_of.map_or_else(|| unknown.clone(), |m| m.to_kst_text()),
            "",
        ));
        if let Some(anchor) = self.knowledge.anchor_as_of {
            notes.push(Line::new(
                say(locale, "verdict-note-anchor-as-of"),
                anchor.to_kst_text(),
                "",
            ));
        }
        if let Some(known) = self.knowledge.accreditation_as_of {
            let note = say(locale, "verdict-note-accreditation-as-of");
            notes.push(Line::new(note, known.to_kst_text(), ""));
        }
        if let Some(purpose) = &self.asked.purpose {
            notes.push(Line::new(
                say(locale, "verdict-note-purpose"),
                in_language(locale, purpose),
                "",
            ));
        }
        if let Some(number) = &self.number {
            notes.push(Line::new(say(locale, "verdict-note-number"), number.clone(), ""));
        }
        notes
    }
}

fn questions(locale: Locale, verdict: &Verdict) -> Vec<Line> {
    [
        ("authentic", verdict.authentic),
        ("in-force", verdict.in_force),
        ("entitled", verdict.entitled),
    ]
    .into_iter()
    .map(|(question, answer)| {
        Line::new(
            say(locale, &format!("verdict-question-{question}")),
            say(locale, &format!("verdict-{question}-{}", answer.as_str())),
            answer.as_str(),
        )
    })
    .collect()
}

/// Heading and labelled values of one credential. For a badge the four things of the paper
/// check stand first: name of the qualification, grade, date awarded, state.
fn credential(
    locale: Locale,
    summary: &CredentialSummary,
    verdict: &Verdict,
    checks: &[CheckReport],
) -> (String, Vec<Line>) {
    const FIRST: [&str; 3] = ["achievement.name", "qualificationGrade", "awardedDate"];
    let mut lines = Vec::new();
    let label_and_value = |item: &super::Shown| {
        Line::new(in_language(locale, &item.label), in_language(locale, &item.value), "")
    };
    let is_badge = summary.type_name == "KrQualificationBadge";
    if is_badge {
        for path in FIRST {
            lines
                .extend(summary.shown.iter().filter(|item| item.path == path).map(label_and_value));
        }
    }
    lines.push(Line::new(
        say(locale, "verdict-note-state"),
        state(locale, verdict, checks),
        verdict.in_force.as_str(),
    ));
    lines.extend(
        summary
            .shown
            .iter()
            .filter(|item| !is_badge || !FIRST.contains(&item.path.as_str()))
            .map(label_and_value),
    );
    let issuer = match &summary.issuer.name {
        Some(name) if summary.issuer.registered => {
            format!("{} ({})", in_language(locale, name), summary.issuer.id)
        }
        Some(name) => say_with(
            locale,
            "verdict-issuer-claimed",
            &[("name", &in_language(locale, name)), ("id", &summary.issuer.id)],
        ),
        None => summary.issuer.id.clone(),
    };
    lines.push(Line::new(say(locale, "verdict-note-issuer"), issuer, ""));
    if !summary.issuer.authority.is_empty() {
        // The chain of authority ends at the issuer itself.
        let above = summary.issuer.authority.iter().chain(&summary.issuer.name);
        let names: Vec<_> = above.map(|name| in_language(locale, name)).collect();
        let mut told = names.join(" → ");
        if let Some(since) = summary.issuer.accredited_since
            && let [.., by, own] = names.as_slice()
        {
            let since = since.to_kst_text();
            let words = [("issuer", own.as_str()), ("by", by.as_str()), ("since", since.as_str())];
            told = format!("{told}. {}", say_with(locale, "verdict-authority-since", &words));
        }
        lines.push(Line::new(say(locale, "verdict-note-authority"), told, ""));
    }
    if let Some(until) = summary.valid_until {
        lines.push(Line::new(say(locale, "verdict-note-valid-until"), until.to_kst_text(), ""));
    }
    let heading = if summary.type_name.is_empty() {
        say(locale, "verdict-type-unknown")
    } else {
        in_language(locale, &summary.type_label)
    };
    (heading, lines)
}

/// In force, suspended, revoked …: the sentence of the finding that decides "in force?".
fn state(locale: Locale, verdict: &Verdict, checks: &[CheckReport]) -> String {
    let wanted = match verdict.in_force {
        Answer::Yes => return say(locale, "verdict-state-valid"),
        Answer::No => OutcomeKind::Failed,
        Answer::Unknown => OutcomeKind::Inconclusive,
    };
    checks
        .iter()
        .filter(|check| matches!(check.id.as_str(), "validity" | "status"))
        .find(|check| check.outcome == wanted)
        .map_or_else(
            || say(locale, "verdict-in-force-unknown"),
            |check| say(locale, &check.code.message_id()),
        )
}

fn title_of(summary: &CredentialSummary, korean: bool) -> String {
    if let Some(name) = summary.value("achievement.name", korean) {
        return name.to_owned();
    }
    let label = if korean { &summary.type_label.ko } else { &summary.type_label.en };
    if label.is_empty() {
        return say(if korean { Locale::Ko } else { Locale::En }, "verdict-type-unknown");
    }
    label.clone()
}

fn in_language(locale: Locale, words: &Words) -> String {
    match locale {
        Locale::Ko => words.ko.clone(),
        Locale::En => words.en.clone(),
    }
}

fn mark(state: &str) -> &'static str {
    match state {
        "passed" | "yes" => "✓",
        "failed" | "no" => "✗",
        "inconclusive" | "unknown" => "?",
        _ => "-",
    }
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}
