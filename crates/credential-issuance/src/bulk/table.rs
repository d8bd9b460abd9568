//! A CSV file of strangers, pushed in piece by piece: bounded rows, bounded columns, no copy of the whole.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::EUC_KR;

use super::job::Encoding;

/// Most columns of a file.
pub(super) const MAX_COLUMNS: usize = 64;
/// Most bytes of a row, quotation marks aside.
pub(super) const MAX_ROW: usize = 64 * 1024;

/// A row as read: its cells, each `None` where its bytes are no text of the encoding; or a code
/// that says why it has none.
pub(super) type RawRow = Result<Vec<Option<String>>, &'static str>;

/// Reads pieces of a file into rows.
pub(super) struct Table {
    reader: Option<Reader>,
    encoding: Encoding,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    overflow: Option<&'static str>,
}

impl Table {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            reader: None,
            encoding,
            bytes: vec![0; MAX_ROW],
            ends: vec![0; MAX_COLUMNS],
            filled: 0,
            ended: 0,
            overflow: None,
        }
    }

    /// Takes the next piece and answers the rows that end in it.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<RawRow> {
        if piece.is_empty() { Vec::new() } else { self.read(piece) }
    }

    /// Answers the last row, where no line break ended it.
    pub(super) fn finish(&mut self) -> Vec<RawRow> {
        self.read(&[])
    }

    fn read(&mut self, piece: &[u8]) -> Vec<RawRow> {
        let mut input = piece;
        let mut rows = Vec::new();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => ReaderBuilder::new().delimiter(delimiter(piece)).build(),
        };
        loop {
            let (result, read, filled, ended) = reader.read_record(
                input,
                &mut self.bytes[self.filled..],
                &mut self.ends[self.ended..],
            );
            input = &input[read..];
            self.filled += filled;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty if !piece.is_empty() => break,
                // With an empty piece: more is asked for until the end is told.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.overflow("row_too_long"),
                ReadRecordResult::OutputEndsFull => self.overflow("too_many_columns"),
                ReadRecordResult::Record => rows.extend(self.row()),
                ReadRecordResult::End => break,
            }
        }
        self.reader = Some(reader);
        rows
    }

    /// The rest of the row is read into the same buffers and forgotten.
    fn overflow(&mut self, code: &'static str) {
        self.overflow.get_or_insert(code);
        self.filled = 0;
        self.ended = 0;
    }

    /// The row in the buffers; none for a line of nothing but separators, as spreadsheets end a table.
    fn row(&mut self) -> Option<RawRow> {
        let (filled, ended) = (self.filled, self.ended);
        self.filled = 0;
        self.ended = 0;
        if let Some(code) = self.overflow.take() {
            return Some(Err(code));
        }
        let mut start = 0;
        let mut cells = Vec::with_capacity(ended);
        let mut blank = true;
        for &end in &self.ends[..ended] {
            let bytes = self.bytes[..filled].get(start..end).unwrap_or_default();
            start = end;
            blank &= bytes.iter().all(u8::is_ascii_whitespace);
            cells.push(self.text(bytes));
        }
        (!blank).then_some(Ok(cells))
    }

    fn text(&self, bytes: &[u8]) -> Option<String> {
        match self.encoding {
            Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Encoding::Cp949 => EUC_KR
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }
}

/// Comma, or tab where the first line has tabs and no comma.
fn delimiter(piece: &[u8]) -> u8 {
    let line = piece.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.contains(&b'\t') && !line.contains(&b',') { b'\t' } else { b',' }
}

/// Tells UTF-8 from CP949 while the parts of a file go past.
#[derive(Debug, Default)]
pub(super) struct EncodingProbe {
    /// Bytes of a character that the next part goes on with.
    open: Vec<u8>,
    broken: bool,
}

impl EncodingProbe {
    pub(super) fn push(&mut self, part: &[u8]) {
        if self.broken {
            return;
        }
        let joined;
        let bytes = if self.open.is_empty() {
            part
        } else {
            joined = [self.open.as_slice(), part].concat();
            &joined
        };
        let open = match std::str::from_utf8(bytes) {
            Ok(_) => Vec::new(),
            // Cut within a character: at most three bytes are open.
            Err(error) if error.error_len().is_none() => bytes[error.valid_up_to()..].to_vec(),
            Err(_) => {
                self.broken = true;
                Vec::new()
            }
        };
        self.open = open;
    }

    pub(super) fn encoding(&self) -> Encoding {
        if self.broken || !self.open.is_empty() { Encoding::Cp949 } else { Encoding::Utf8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a file, whatever the pieces are that it comes in.
    fn rows(encoding: Encoding, file: &[u8]) -> Vec<RawRow> {
        let read = |size: usize| {
            let mut table = Table::new(encoding);
            let mut rows: Vec<RawRow> =
                file.chunks(size).flat_map(|part| table.push(part)).collect();
            rows.extend(table.finish());
            rows
        };
        let whole = read(file.len().max(1));
        // The first piece must hold the first line, which tells the delimiter.
        let first = file.iter().position(|byte| *byte == b'\n').map_or(file.len(), |at| at + 1);
        assert_eq!(read(first.max(1)), whole);
        whole
    }

    fn cells(row: &[&str]) -> RawRow {
        Ok(row.iter().map(|cell| Some((*cell).to_owned())).collect())
    }

    #[test]
    fn quotes_line_breaks_and_byte_order_marks() {
        let file = "\u{feff}성명,비고\r\n\"홍, 길동\",\"두 줄\n비고\"\r\n\n,\n끝,\"a\"\"b\"";
        let wanted =
            [cells(&["성명", "비고"]), cells(&["홍, 길동", "두 줄\n비고"]), cells(&["끝", "a\"b"])];
        assert_eq!(rows(Encoding::Utf8, file.as_bytes()), wanted);
        assert_eq!(
            rows(Encoding::Utf8, b"a\tb,c\n1,2"),
            [cells(&["a\tb", "c"]), cells(&["1", "2"])]
        );
        assert_eq!(rows(Encoding::Utf8, b"a\tb\n1\t2"), [cells(&["a", "b"]), cells(&["1", "2"])]);
        assert_eq!(rows(Encoding::Utf8, b""), []);
    }

    #[test]
    fn cp949_is_read_and_bytes_of_neither_are_no_text() {
        let (bytes, _, bad) = EUC_KR.encode("성명,비고\n홍길동,똠방각하\n");
        assert!(!bad);
        let mut probe = EncodingProbe::default();
        bytes.chunks(3).for_each(|part| probe.push(part));
        assert_eq!(probe.encoding(), Encoding::Cp949);
        let wanted = [cells(&["성명", "비고"]), cells(&["홍길동", "똠방각하"])];
        assert_eq!(rows(Encoding::Cp949, &bytes), wanted);
        assert_eq!(rows(Encoding::Cp949, b"a\n\xff\xff\n")[1], Ok(vec![None]));
    }

    #[test]
    fn utf8_is_told_whatever_the_cuts() {
        let text = "가나다 abc 😀 라".as_bytes();
        for size in 1..text.len() {
            let mut probe = EncodingProbe::default();
            text.chunks(size).for_each(|part| probe.push(part));
            assert_eq!(probe.encoding(), Encoding::Utf8, "{size}");
        }
        let mut cut = EncodingProbe::default();
        cut.push(&text[..2]);
        assert_eq!(cut.encoding(), Encoding::Cp949);
    }

    #[test]
    fn a_million_columns_and_an_endless_row_cost_two_buffers() {
        let wide = [b"a,b\n".to_vec(), vec![b','; 1_000_000], b"x\n1,2\n".to_vec()].concat();
        assert_eq!(
            rows(Encoding::Utf8, &wide),
            [cells(&["a", "b"]), Err("too_many_columns"), cells(&["1", "2"])]
        );
        // An open quotation mark swallows the rest of the file.
        let endless = [b"a,b\n\"".to_vec(), vec![b'x'; 300_000]].concat();
        assert_eq!(rows(Encoding::Utf8, &endless), [cells(&["a", "b"]), Err("row_too_long")]);
    }
}
