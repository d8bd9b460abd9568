//! One A4 page: who has what from whom, the QR, and the credential attached. PDF/A-3 level A:
//! tagged, with title and language, the font's used glyphs embedded, nothing to run.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Configuration, ValidationError, Validator};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{ContentTag, Node, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use localized_text::{Locale, say, say_with};

use crate::failure::Failure;

/// Millimetres to points.
const MM: f32 = 72.0 / 25.4;
const WIDTH: f32 = 210.0 * MM;
const HEIGHT: f32 = 297.0 * MM;
const MARGIN: f32 = 22.0 * MM;
/// Room below the QR for the notes.
const FOOT: f32 = 42.0 * MM;
/// Width of the column with labels.
const LABELS: f32 = 52.0 * MM;

/// What stands on the page.
pub(crate) struct Page<'a> {
    pub(crate) locale: Locale,
    pub(crate) title: String,
    pub(crate) issuer: String,
    /// Label and text of each claim.
    pub(crate) lines: Vec<(String, String)>,
    pub(crate) qr: &'a str,
    /// The credential as it is attached.
    pub(crate) credential: String,
    pub(crate) is_json: bool,
    /// The day of the print, `YYYY-MM-DD`.
    pub(crate) day: String,
}

/// The page as a PDF.
pub(crate) fn to_pdf(page: &Page<'_>, font: &Font) -> Result<Vec<u8>, Failure> {
    let rows = qr_code::encode_rows(page.qr)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration: Configuration::new_with_validator(Validator::A3_A),
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(page));
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| other("page size"))?;
    let mut sheet = document.start_page_with(settings);
    let mut pen = Pen { surface: sheet.surface(), font, tags: TagTree::new() };
    content(&mut pen, page, &rows);
    let tags = pen.finish();
    sheet.finish();
    document.set_tag_tree(tags.with_lang(Some(page.locale.as_str().to_owned())));
    document.embed_file(attachment(page)).ok_or_else(|| other("two attachments"))?;
    document.finish().map_err(failure)
}

fn failure(error: KrillaError) -> Failure {
    let lacking = match &error {
        KrillaError::Validation(breaches) => breaches.iter().find_map(|breach| match breach {
            ValidationError::ContainsNotDefGlyph(_, _, text) => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    match lacking {
        // Never a box instead of a syllable.
        Some(text) => Failure::unable("font_lacks_letters", text),
        None => other(&format!("{error:?}").chars().take(200).collect::<String>()),
    }
}

fn other(what: &str) -> Failure {
    Failure::unable("other", format!("PDF: {what}"))
}

fn metadata(page: &Page<'_>) -> Metadata {
    Metadata::new()
        .title(format!("{} — {}", page.title, page.issuer))
        .language(page.locale.as_str().to_owned())
        .creator("Sinpyo wallet".to_owned())
        .creation_date(date(&page.day))
}

fn date(day: &str) -> DateTime {
    let part =
        |range: std::ops::Range<usize>| day.get(range).and_then(|text| text.parse::<u16>().ok());
    let small = |range| part(range).and_then(|number| u8::try_from(number).ok()).unwrap_or(1);
    DateTime::new(part(0..4).unwrap_or(2000))
        .month(small(5..7))
        .day(small(8..10))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(9)
        .utc_offset_minute(0)
}

fn attachment(page: &Page<'_>) -> EmbeddedFile {
    let (name, media) = if page.is_json {
        ("credential.json", "application/json")
    } else {
        ("credential.jwt", "application/jwt")
    };
    EmbeddedFile {
        path: name.to_owned(),
        mime_type: MimeType::new(media),
        description: Some(say(page.locale, "wallet-paper-attached")),
        association_kind: AssociationKind::Source,
        data: page.credential.clone().into_bytes().into(),
        modification_date: Some(date(&page.day)),
        compress: Some(true),
        location: None,
    }
}

/// Side of the QR without its quiet zone: a module of a millimetre survives a poor printer and a
/// phone held in the hand; the page bounds it.
fn side(rows: &[Vec<bool>]) -> f32 {
    (rows.len() as f32).clamp(50.0, 112.0) * MM
}

fn content(pen: &mut Pen<'_, '_>, page: &Page<'_>, rows: &[Vec<bool>]) {
    let (side, mut y) = (side(rows), MARGIN + 14.0);
    let top = HEIGHT - FOOT - side;
    y = pen.heading(MARGIN, y, 24.0, &page.title);
    y = pen.line(MARGIN, y, 12.0, &page.issuer, Ink::Grey) + 8.0;
    let mut left_out = 0;
    for (label, text) in &page.lines {
        let parts = wrapped(text, WIDTH - 2.0 * MARGIN - LABELS, 10.5);
        if y + parts.len() as f32 * 15.0 > top - 24.0 {
            left_out += 1;
            continue;
        }
        pen.claim(&mut y, &clipped(label, LABELS - 8.0, 10.5), &parts);
    }
    if left_out > 0 {
        let count = left_out.to_string();
        let note = say_with(page.locale, "wallet-paper-more", &[("count", &count)]);
        pen.line(MARGIN, y, 9.0, &note, Ink::Grey);
    }
    pen.code((WIDTH - side) / 2.0, top, rows, &say(page.locale, "wallet-paper-code"));
    let mut y = top + side + 24.0;
    for key in ["wallet-paper-how", "wallet-paper-state"] {
        for part in wrapped(&say(page.locale, key), WIDTH - 2.0 * MARGIN, 9.5) {
            y = pen.line(MARGIN, y, 9.5, &part, Ink::Black);
        }
    }
    pen.line(
        MARGIN,
        y,
        9.0,
        &say_with(page.locale, "wallet-paper-day", &[("day", &page.day)]),
        Ink::Grey,
    );
}

#[derive(Clone, Copy)]
enum Ink {
    Black,
    Grey,
}

/// What draws, and remembers the reading order.
struct Pen<'a, 'f> {
    surface: Surface<'a>,
    font: &'f Font,
    tags: TagTree,
}

impl Pen<'_, '_> {
    fn finish(self) -> TagTree {
        self.surface.finish();
        self.tags
    }

    fn text(&mut self, x: f32, y: f32, size: f32, text: &str, ink: Ink) -> Node {
        let shade = if matches!(ink, Ink::Grey) { 80 } else { 0 };
        self.surface.set_fill(Some(fill(shade)));
        let leaf = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        let at = Point::from_xy(x, y);
        self.surface.draw_text(
            at,
            self.font.clone(),
            size,
            text,
            false,
            TextDirection::LeftToRight,
        );
        self.surface.end_tagged();
        Node::from(leaf)
    }

    fn group(&mut self, tag: impl Into<TagKind>, children: Vec<Node>) {
        self.tags.push(TagGroup::with_children(tag, children));
    }

    /// Gives the next line's place.
    fn heading(&mut self, x: f32, y: f32, size: f32, text: &str) -> f32 {
        let mut y = y;
        let mut leaves = Vec::new();
        for part in wrapped(text, WIDTH - 2.0 * MARGIN, size) {
            leaves.push(self.text(x, y, size, &part, Ink::Black));
            y += size * 1.4;
        }
        self.group(Tag::Hn(NonZeroU16::MIN, Some(text.to_owned())), leaves);
        y
    }

    fn line(&mut self, x: f32, y: f32, size: f32, text: &str, ink: Ink) -> f32 {
        let leaf = self.text(x, y, size, text, ink);
        self.group(Tag::P, vec![leaf]);
        y + size * 1.5
    }

    fn claim(&mut self, y: &mut f32, label: &str, parts: &[String]) {
        let mut leaves = vec![self.text(MARGIN, *y, 10.5, label, Ink::Grey)];
        for part in parts {
            leaves.push(self.text(MARGIN + LABELS, *y, 10.5, part, Ink::Black));
            *y += 15.0;
        }
        self.group(Tag::P, leaves);
    }

    /// Draws the code's dark modules as one path, so that no seams show.
    fn code(&mut self, x: f32, y: f32, rows: &[Vec<bool>], said: &str) {
        let module = side(rows) / rows.len().max(1) as f32;
        let mut path = PathBuilder::new();
        for (down, row) in rows.iter().enumerate() {
            let top = y + down as f32 * module;
            let mut from = 0;
            while from < row.len() {
                let run = row[from..].iter().take_while(|dark| **dark).count();
                if run > 0 {
                    let (left, right) =
                        (x + from as f32 * module, x + (from + run) as f32 * module);
                    path.move_to(left, top);
                    path.line_to(right, top);
                    path.line_to(right, top + module);
                    path.line_to(left, top + module);
                    path.close();
                }
                from += run.max(1);
            }
        }
        self.surface.set_fill(Some(fill(0)));
        let Some(path) = path.finish() else { return };
        let leaf = self.surface.start_tagged(ContentTag::Other);
        self.surface.draw_path(&path);
        self.surface.end_tagged();
        self.group(Tag::Figure(Some(said.to_owned())), vec![Node::from(leaf)]);
    }
}

fn fill(shade: u8) -> Fill {
    Fill {
        paint: rgb::Color::new(shade, shade, shade).into(),
        rule: FillRule::NonZero,
        ..Fill::default()
    }
}

/// About how wide a letter is, in sizes of the font: Hangul and other wide letters fill a square.
fn width(letter: char) -> f32 {
    if u32::from(letter) >= 0x1100 { 1.0 } else { 0.56 }
}

/// Text in lines of at most `room` points. Control and direction characters are left out.
fn wrapped(text: &str, room: f32, size: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for letter in localized_text::harmless(text).chars() {
        let wide = width(letter) * size;
        if used + wide > room || letter == '\n' {
            lines.push(String::new());
            used = 0.0;
        }
        if let (false, Some(line)) = (letter.is_control(), lines.last_mut()) {
            line.push(letter);
            used += wide;
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn clipped(text: &str, room: f32, size: f32) -> String {
    wrapped(text, room, size).into_iter().next().unwrap_or_default()
}
