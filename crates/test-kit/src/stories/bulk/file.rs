//! A file of people who do not exist, written row by row.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;

/// What was written.
pub(super) struct Made {
    pub(super) bytes: u64,
    /// Rows that a check must refuse.
    pub(super) bad: u64,
}

const FAMILY: [&str; 8] = ["김", "이", "박", "최", "정", "강", "조", "윤"];
const GIVEN: [&str; 8] = ["가상", "하늘", "바다", "나무", "새봄", "푸름", "노을", "아침"];
const KINDS: [&str; 3] = ["1320", "2290", "1150"];

/// Writes `rows` rows; each 1,000th is one of four mistakes.
pub(super) fn write(path: &Path, rows: u64) -> Result<Made> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut made = Made { bytes: 0, bad: 0 };
    let mut put = |file: &mut std::io::BufWriter<std::fs::File>, line: &str| -> Result<()> {
        made.bytes += line.len() as u64;
        Ok(file.write_all(line.as_bytes())?)
    };
    put(&mut file, "\u{feff}성명,생년월일,자격번호,합격일,종목코드\r\n")?;
    let mut bad = 0;
    for row in 0..rows {
        let line = if row % 1000 == 999 {
            bad += 1;
            mistake(row)
        } else {
            good(row)
        };
        put(&mut file, &line)?;
    }
    file.flush()?;
    made.bad = bad;
    Ok(made)
}

fn good(row: u64) -> String {
    let of = |list: &[&'static str], n: u64| list[usize::try_from(n).unwrap_or(0) % list.len()];
    let (year, month, day) = (1960 + row % 45, 1 + row % 12, 1 + row % 28);
    format!(
        "{}{}(가상인물),{year}-{month:02}-{day:02},{:011}Z,2025-{month:02}-{day:02},{}\r\n",
        of(&FAMILY, row / 8),
        of(&GIVEN, row),
        row,
        of(&KINDS, 0),
    )
}

/// What offices' files really hold: a number that must not be there, a formula, an unknown kind,
/// the row before once more.
fn mistake(row: u64) -> String {
    match (row / 1000) % 4 {
        0 => "나실수(가상인물),1990-01-01,900101-1234567,2025-06-18,1320\r\n".to_owned(),
        1 => "=1+1,1990-01-01,1,2025-06-18,1320\r\n".to_owned(),
        2 => "나실수(가상인물),1990-01-01,1,2025-06-18,ZZZZ\r\n".to_owned(),
        _ => good(row - 1),
    }
}
