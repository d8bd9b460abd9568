//! Receipts on a page that prints to one sheet, receipts brought back, and the typed code.
use std::fmt::Write as _;

use axum::response::Response;
use credential_verification::Report;
use localized_text::{Locale, say, say_with};
use verification_receipts::{Receipt, Signed};
use web_kit::page::escape;

use super::{Frame, framed, page, text, words};
use crate::receipts::Looked;

fn statement(locale: Locale, receipt: &Receipt) -> String {
    let said = &receipt.statement;
    let line = |id: &str, value: &str| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", text(locale, id), escape(value))
    };
    let mut out = String::from("<table>");
    let verifier = format!("{} ({})", words(locale, &said.verifier.name), said.verifier.did);
    out.push_str(&line("verdict-note-number", &said.number));
    out.push_str(&line("desk-receipt-verifier", &verifier));
    out.push_str(&line("desk-receipt-build", &said.verifier.build));
    out.push_str(&line("verdict-note-moment", &said.examined_at.to_kst_text()));
    if said.about != said.examined_at {
        out.push_str(&line("verdict-note-state-at", &said.about.to_kst_text()));
    }
    let status = said.status_as_of.map(|moment| moment.to_kst_text());
    let unknown = say(locale, "verdict-note-not-known");
    out.push_str(&line("verdict-note-status-as-of", status.as_ref().unwrap_or(&unknown)));
    out.push_str(&line("desk-receipt-inputs", &said.inputs_sha256));
    let _ = write!(out, "</table>\n<h2>{}</h2><table>", text(locale, "desk-receipt-documents"));
    for shown in said.shown.iter().take(20) {
        let codes = shown.codes.iter().map(|line| line.code.to_string());
        let _ = write!(
            out,
            "<tr><th scope=\"row\">SHA-256</th><td><code>{}</code><br><span class=\"soft\">{}</span></td></tr>",
            escape(&shown.sha256),
            escape(&codes.collect::<Vec<_>>().join(", ")),
        );
    }
    out.push_str("</table>");
    if said.shown.len() > 20 {
        let more = (said.shown.len() - 20).to_string();
        let _ = write!(
            out,
            "<p class=\"soft\">{}</p>",
            escape(&say_with(locale, "desk-receipt-more", &[("count", &more)]))
        );
    }
    let _ = write!(out, "<h2>{}</h2><table>", text(locale, "desk-receipt-lists"));
    for (address, digest) in said.lists.iter().take(20) {
        let _ = write!(
            out,
            "<tr><td>{}<br><code class=\"soft\">{}</code></td></tr>",
            escape(address),
            escape(digest)
        );
    }
    for anchor in said.anchors.iter().take(10) {
        let _ = write!(out, "<tr><td><code>{}</code></td></tr>", escape(&anchor.to_string()));
    }
    out.push_str("</table>\n");
    out
}

fn answers(locale: Locale, overall: &str, verdict: &credential_verification::Verdict) -> String {
    let state = match overall {
        "accept" => "yes",
        "reject" => "no",
        _ => "unknown",
    };
    let mut out = format!(
        "<div class=\"answer {state}\"><p class=\"big\"><span class=\"sign\" aria-hidden=\"true\"></span>{}</p></div><ul class=\"three\">",
        text(locale, &format!("verdict-overall-{overall}"))
    );
    let of = [
        ("authentic", verdict.authentic),
        ("in-force", verdict.in_force),
        ("entitled", verdict.entitled),
    ];
    for (question, answer) in of {
        let _ = write!(
            out,
            "<li class=\"{0}\"><span>{1}</span><strong>{2}</strong></li>",
            answer.as_str(),
            text(locale, &format!("verdict-question-{question}")),
            text(locale, &format!("verdict-{question}-{}", answer.as_str())),
        );
    }
    out.push_str("</ul>\n");
    out
}

/// The sheet of a receipt.
pub fn receipt(locale: Locale, receipt: &Receipt, number: &str) -> Response {
    let said = &receipt.statement;
    let number = escape(number);
    let body = format!(
        "<p>{}</p>\n{}{}<p class=\"soft\">{}</p>\n<p class=\"row screen\"><button type=\"button\" id=\"print\">{}</button> \
         <a class=\"button quiet\" href=\"/receipts/{number}/receipt.json\" download>{}</a> \
         <a class=\"button quiet\" href=\"/receipts/{number}/receipt.json?documents=1\" download>{}</a></p>",
        text(locale, "desk-receipt-lead"),
        answers(locale, said.overall.as_str(), &said.verdict),
        statement(locale, receipt),
        text(locale, "desk-receipt-replay"),
        text(locale, "desk-print"),
        text(locale, "desk-receipt-bare"),
        text(locale, "desk-receipt-full"),
    );
    page(locale, &say(locale, "desk-receipt-title"), &body)
}

/// What came of a receipt that somebody brought.
pub fn replayed(locale: Locale, looked: &Looked) -> Response {
    let said = &looked.receipt.statement;
    let signed = match looked.signed {
        Signed::ByVerifier => ("yes", "desk-replay-signed"),
        Signed::Unchecked => ("unknown", "desk-replay-unchecked"),
    };
    let again: (&str, String, Option<&Report>) = match &looked.replayed {
        Ok(done) if done.same => ("yes", "desk-replay-same".to_owned(), Some(&done.report)),
        Ok(done) => ("no", "desk-replay-other".to_owned(), Some(&done.report)),
        Err(error) => ("unknown", format!("desk-replay-{}", error.code().replace('_', "-")), None),
    };
    let mut body = format!(
        "<ul class=\"verdict\"><li class=\"{}\"><strong>{}</strong></li><li class=\"{}\" data-replay=\"{2}\"><strong>{}</strong></li></ul>\n",
        signed.0,
        text(locale, signed.1),
        again.0,
        text(locale, &again.1),
    );
    let _ = writeln!(body, "<h2>{}</h2>", text(locale, "desk-replay-then"));
    body.push_str(&answers(locale, said.overall.as_str(), &said.verdict));
    body.push_str(&statement(locale, &looked.receipt));
    if let Some(report) = again.2.filter(|report| report.further.is_empty()) {
        let _ = writeln!(
            body,
            "<h2>{}</h2>\n<p>{}</p>",
            text(locale, "desk-replay-now"),
            escape(&report.sections(locale).summary)
        );
    }
    page(locale, &say(locale, "desk-replay-title"), &body)
}

/// Where a code is typed that somebody read aloud.
pub fn code_form(locale: Locale, problem: Option<&str>) -> Response {
    let problem = problem
        .map(|id| {
            format!(
                "<p class=\"verdict no\" role=\"alert\"><strong>{}</strong></p>",
                text(locale, id)
            )
        })
        .unwrap_or_default();
    let body = format!(
        "{problem}<p>{}</p><form method=\"post\" action=\"/code\"><label for=\"code\">{}</label>\
         <input id=\"code\" name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" placeholder=\"1234-5678\" required>\
         <p><button>{}</button></p></form>",
        text(locale, "desk-code-lead"),
        text(locale, "desk-code-label"),
        text(locale, "desk-code-go"),
    );
    let title = say(locale, "desk-code-title");
    framed(locale, &Frame { title: &title, body: &body, ..Frame::default() })
}
