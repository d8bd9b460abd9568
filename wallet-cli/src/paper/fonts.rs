//! A font with Hangul: the one that is named, else the best one of the system. None is shipped:
//! such fonts are larger than the wallet, and every Korean system has one.

use std::path::{Path, PathBuf};

use krilla::text::Font;

use crate::failure::Failure;

/// Files that are known to carry Hangul, best first, with the face inside a collection.
const KNOWN: [(&str, u32); 12] = [
    ("NotoSansKR-Regular.otf", 0),
    ("NotoSansKR-Regular.ttf", 0),
    ("Pretendard-Regular.otf", 0),
    ("NotoSansCJKkr-Regular.otf", 0),
    // Faces of the collection: Japanese, Korean, Chinese (three).
    ("NotoSansCJK-Regular.ttc", 1),
    ("NanumGothic.ttf", 0),
    ("NanumBarunGothic.ttf", 0),
    ("malgun.ttf", 0),
    ("AppleSDGothicNeo.ttc", 0),
    ("AppleGothic.ttf", 0),
    ("SourceHanSansK-Regular.otf", 0),
    ("UnDotum.ttf", 0),
];
/// Most files looked at, and the deepest folder.
const MAX_FILES: usize = 20_000;
const MAX_DEPTH: usize = 6;
/// The largest font read, bytes.
const MAX_FONT_BYTES: u64 = 64 * 1024 * 1024;

/// Opens the font.
pub(crate) fn font(named: Option<&Path>) -> Result<Font, Failure> {
    let (path, face) = match named {
        Some(path) => (path.to_owned(), known(path).map_or(0, |(_, face)| face)),
        None => search().ok_or_else(|| Failure::unable("font_missing", String::new()))?,
    };
    let unreadable =
        |what: String| Failure::unable("input_unreadable", format!("{}: {what}", path.display()));
    let size = std::fs::metadata(&path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MAX_FONT_BYTES {
        return Err(unreadable("too large for a font".to_owned()));
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
    Font::new(bytes.into(), face).ok_or_else(|| unreadable("no font".to_owned()))
}

/// Place in [`KNOWN`] and face.
fn known(path: &Path) -> Option<(usize, u32)> {
    let name = path.file_name()?.to_str()?;
    let at = KNOWN.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((at, KNOWN[at].1))
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/System/Library/Fonts",
        "/Library/Fonts",
        "C:\\Windows\\Fonts",
    ]
    .iter()
    .map(PathBuf::from)
    .collect();
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        folders.extend([
            home.join(".fonts"),
            home.join(".local/share/fonts"),
            home.join("Library/Fonts"),
        ]);
    }
    folders
}

fn search() -> Option<(PathBuf, u32)> {
    let mut best: Option<(usize, PathBuf, u32)> = None;
    let mut waiting: Vec<(PathBuf, usize)> =
        folders().into_iter().map(|folder| (folder, 0)).collect();
    let mut seen = 0;
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_FILES {
                return best.map(|(_, path, face)| (path, face));
            }
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if depth < MAX_DEPTH {
                    waiting.push((path, depth + 1));
                }
            } else if let Some((rank, face)) = known(&path)
                && best.as_ref().is_none_or(|(earlier, _, _)| rank < *earlier)
            {
                best = Some((rank, path, face));
            }
        }
    }
    best.map(|(_, path, face)| (path, face))
}
