//! Columns that stay aligned when some letters are two cells wide.

/// How many terminal cells a text takes. Wide and full-width letters (UAX #11) take two:
/// Hangul, Han, kana, full-width forms, most emoji. Combining marks take none.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(cells).sum()
}

fn cells(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x1160..=0x11ff | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0x33ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xa000..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text with spaces up to `cells`.
pub(crate) fn padded(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// A table: a heading and rows, two spaces between columns, nothing behind the last.
pub(crate) fn table(heading: &[String], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell));
            cells.chain([width(&heading[column])]).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &[String]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(heading)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Label and value under each other, the values aligned.
pub(crate) fn pairs(rows: &[(String, String)], indent: usize) -> String {
    let widest = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .map(|(label, value)| {
            format!("{}{}  {value}", " ".repeat(indent), padded(label, widest))
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_takes_two_cells() {
        assert_eq!(width("정보처리기사"), 12);
        assert_eq!(width("HRD 코리아"), 10);
        assert_eq!(width("ABC"), 3);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width(""), 0);
    }

    #[test]
    fn columns_line_up_in_cells_not_in_letters() {
        let heading = ["번호".to_owned(), "증명서".to_owned(), "until".to_owned()];
        let rows = vec![
            vec!["a1".to_owned(), "정보처리기사".to_owned(), "2027".to_owned()],
            vec!["b22222".to_owned(), "Badge".to_owned(), "2028".to_owned()],
        ];
        let table = table(&heading, &rows);
        let starts: Vec<usize> =
            table.lines().map(|line| width(&line[..line.rfind(' ').unwrap() + 1])).collect();
        assert!(starts.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
    }
}
