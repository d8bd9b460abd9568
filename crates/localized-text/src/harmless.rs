//! Foreign text made safe to stand inside a sentence.

/// Removes what could reorder or break the sentence around a foreign value: bidirectional
/// controls (a name with U+202E could turn "not valid" around), control characters
/// including terminal escapes, zero-width and other invisible format characters. Line
/// breaks and tabs become a space.
///
/// ```
/// assert_eq!(localized_text::harmless("홍\u{202e}길동\n(가상인물)\u{1b}[31m"), "홍길동 (가상인물)[31m");
/// ```
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_control() || is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Format characters without a glyph of their own. The joiners U+200C and U+200D go too:
/// no Korean or English value needs them, and they can hide differences between names.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}'                          // soft hyphen
        | '\u{61c}'                       // Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'         // zero width, joiners, LRM, RLM
        | '\u{202a}'..='\u{202e}'         // embeddings and overrides
        | '\u{2060}'..='\u{206f}'         // word joiner, isolates, deprecated controls
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'         // interlinear annotation
        | '\u{e0000}'..='\u{e007f}'       // tags
    )
}
