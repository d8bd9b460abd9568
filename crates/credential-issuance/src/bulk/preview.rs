//! What the reader of bulk files makes of bytes, without a job: columns, rows, faults. Nothing is
//! kept, so its memory does not grow with the file.

use credential_model::catalogue::CredentialType;

use super::columns::Columns;
use super::job::{Encoding, FileFault};
use super::table::{EncodingProbe, RawRow, Table};

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// How the file is written.
    pub encoding: Encoding,
    /// Names of its columns, or why it cannot be read.
    pub columns: Result<Vec<String>, FileFault>,
    /// Rows under the first one that have cells.
    pub rows: u64,
    /// Rows that have none: too long, or too many columns.
    pub unreadable: u64,
    /// Cells that are no text of the encoding.
    pub no_text: u64,
}

/// Reads a file that comes in pieces, twice: for its encoding and for its rows.
pub fn preview(pieces: &[&[u8]], credential_type: CredentialType, kind_given: bool) -> Preview {
    let mut probe = EncodingProbe::default();
    pieces.iter().for_each(|piece| probe.push(piece));
    let encoding = probe.encoding();
    let missing = FileFault { code: "missing_header".to_owned(), column: None };
    let mut preview =
        Preview { encoding, columns: Err(missing), rows: 0, unreadable: 0, no_text: 0 };
    let mut table = Table::new(encoding);
    let mut header = true;
    let mut take = |rows: Vec<RawRow>| {
        for row in rows {
            if std::mem::take(&mut header) {
                preview.columns = match &row {
                    Err(code) => Err(FileFault { code: (*code).to_owned(), column: None }),
                    Ok(cells) => Columns::read(cells, credential_type, kind_given)
                        .map(|columns| columns.names),
                };
                continue;
            }
            match row {
                Ok(cells) => {
                    preview.rows += 1;
                    preview.no_text += cells.iter().filter(|cell| cell.is_none()).count() as u64;
                }
                Err(_) => preview.unreadable += 1,
            }
        }
    };
    for piece in pieces {
        take(table.push(piece));
    }
    take(table.finish());
    preview
}
