//! Import of the Q-Net list as XML and of CSV files.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::ImportOutcome;
use super::import::{ImportError, MAX_BYTES, MAX_ROWS, service_result};
use super::rows::{RawRow, Taker};
use crate::forbidden;

/// Most columns of a CSV file.
const MAX_COLUMNS: usize = 64;
/// Deepest nesting of elements; the list has four levels.
const MAX_DEPTH: usize = 16;

/// Imports the Q-Net list as XML: `response/body/items/item`, field names in any case.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read; refused rows are in the outcome.
pub fn import_xml(bytes: &[u8]) -> Result<ImportOutcome, ImportError> {
    let text = decode(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut walk = Walk::default();
    loop {
        let malformed = |reader: &Reader<&[u8]>| ImportError::Xml { at: reader.buffer_position() };
        match reader.read_event().map_err(|_| malformed(&reader))? {
            Event::Start(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).to_lowercase();
                walk.open(name).ok_or_else(|| malformed(&reader))?;
            }
            Event::Empty(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).to_lowercase();
                walk.open(name).ok_or_else(|| malformed(&reader))?;
                walk.close()?;
            }
            Event::End(_) => walk.close()?,
            Event::Text(text) => {
                let text = text.decode().map_err(|_| malformed(&reader))?;
                walk.text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|_| malformed(&reader))?;
                walk.text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => match reference.as_ref() {
                        b"amp" => Some('&'),
                        b"lt" => Some('<'),
                        b"gt" => Some('>'),
                        b"quot" => Some('"'),
                        b"apos" => Some('\''),
                        _ => None,
                    },
                    Err(_) => None,
                };
                walk.text.push(character.ok_or_else(|| malformed(&reader))?);
            }
            // No document types: entities could expand without end.
            Event::DocType(_) => return Err(malformed(&reader)),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
        if walk.taker.rows() > MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
    }
    if !walk.path.is_empty() {
        return Err(ImportError::Xml { at: reader.buffer_position() });
    }
    if walk.saw_items { Ok(walk.taker.finish()) } else { Err(ImportError::NotAList) }
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    row: RawRow,
    twice: bool,
    taker: Taker,
    saw_items: bool,
}

impl Walk {
    fn open(&mut self, name: String) -> Option<()> {
        self.text.clear();
        self.saw_items |= name == "items" && self.inside("body");
        if name == "item" && self.inside("items") {
            self.row.clear();
            self.twice = false;
        }
        self.path.push(name);
        (self.path.len() <= MAX_DEPTH).then_some(())
    }

    fn inside(&self, parent: &str) -> bool {
        self.path.last().is_some_and(|last| last == parent)
    }

    fn close(&mut self) -> Result<(), ImportError> {
        let Some(name) = self.path.pop() else { return Err(ImportError::Xml { at: 0 }) };
        let text = std::mem::take(&mut self.text);
        if name == "resultcode" {
            service_result(&text)?;
        } else if name == "item" && self.inside("items") {
            if self.twice {
                self.taker.refuse("row_malformed", "a field occurs twice");
            } else {
                self.taker.take(&self.row);
            }
        } else if self.inside("item") {
            self.twice |= self.row.insert(name, text).is_some();
        }
        Ok(())
    }
}

/// Imports a CSV file (UTF-8 with or without byte order mark, or CP949; comma or tab).
///
/// The first row names the columns: by the Q-Net field names, by their Korean names, or
/// as `code`, `name`, `name_ko`, `name_en`, `grade`. Unknown columns are ignored, except
/// those that hold forbidden numbers: such a file is refused as a whole.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read; refused rows are in the outcome.
pub fn import_csv(bytes: &[u8]) -> Result<ImportOutcome, ImportError> {
    let text = decode(bytes)?;
    let first_line = text.lines().next().unwrap_or_default();
    let tab = first_line.contains('\t') && !first_line.contains(',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tab { b'\t' } else { b',' })
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(Ok(header)) => columns(&header)?,
        _ => return Err(ImportError::MissingColumn { column: "jmcd" }),
    };
    let mut taker = Taker::default();
    for record in records {
        if taker.rows() >= MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
        match record {
            // A line of nothing but separators is how spreadsheets end a table.
            Ok(record) if record.iter().all(|field| field.trim().is_empty()) => {}
            Ok(record) if record.len() != header.len() => {
                taker.refuse("row_malformed", "not as many fields as the header has");
            }
            Ok(record) => {
                let row = header
                    .iter()
                    .zip(record.iter())
                    .filter_map(|(column, field)| Some(((*column)?.to_owned(), field.to_owned())))
                    .collect();
                taker.take(&row);
            }
            Err(_) => taker.refuse("row_malformed", "the row is no CSV"),
        }
    }
    Ok(taker.finish())
}

fn columns(header: &csv::StringRecord) -> Result<Vec<Option<&'static str>>, ImportError> {
    if header.len() > MAX_COLUMNS {
        return Err(ImportError::BadHeader { reason: "too many columns" });
    }
    if header.iter().any(forbidden::is_forbidden_name) {
        return Err(ImportError::BadHeader {
            reason: "a column of numbers that may not be stored",
        });
    }
    let columns: Vec<Option<&'static str>> = header.iter().map(column).collect();
    for wanted in ["jmcd", "jmfldnm"] {
        if !columns.contains(&Some(wanted)) {
            return Err(ImportError::MissingColumn { column: wanted });
        }
    }
    let mut known: Vec<&str> = columns.iter().flatten().copied().collect();
    known.sort_unstable();
    if known.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(ImportError::BadHeader { reason: "a column occurs twice" });
    }
    Ok(columns)
}

fn column(name: &str) -> Option<&'static str> {
    let plain: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match plain.as_str() {
        "jmcd" | "code" | "종목코드" => "jmcd",
        "jmfldnm" | "jmnm" | "name" | "nameko" | "종목명" => "jmfldnm",
        "nameen" | "영문명" | "영문종목명" => "name_en",
        "grade" | "등급코드" => "grade",
        "qualgbcd" | "자격구분코드" => "qualgbcd",
        "qualgbnm" | "자격구분" | "자격구분명" => "qualgbnm",
        "seriescd" | "계열코드" => "seriescd",
        "seriesnm" | "계열" | "계열명" => "seriesnm",
        "obligfldcd" | "대직무분야코드" => "obligfldcd",
        "obligfldnm" | "대직무분야" | "대직무분야명" => "obligfldnm",
        "mdobligfldcd" | "중직무분야코드" => "mdobligfldcd",
        "mdobligfldnm" | "중직무분야" | "중직무분야명" => "mdobligfldnm",
        _ => return None,
    })
}

/// UTF-8 when it is UTF-8, otherwise CP949 (which the WHATWG calls EUC-KR).
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return if text.contains('\0') { Err(ImportError::NotText) } else { Ok(text.into()) };
    }
    let text = encoding_rs::EUC_KR
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or(ImportError::NotText)?;
    if text.contains('\0') { Err(ImportError::NotText) } else { Ok(text) }
}
