//! Writing QR codes.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, EcLevel, QrCode};

use crate::error::QrError;
use crate::link::is_unsafe;

/// Most bytes of a code of level M (version 40, byte mode). Codes of more than about
/// 300 bytes are hard to scan from a screen: keep links short.
pub const MAX_TEXT_BYTES: usize = 2331;

/// White modules around the code that the standard asks for (ISO/IEC 18004).
const QUIET: usize = 4;
const MAX_SCALE: u32 = 20;

/// Modules with their quiet zone, row by row.
struct Modules {
    width: usize,
    dark: Vec<bool>,
}

impl Modules {
    fn of(text: &str) -> Result<Self, QrError> {
        if text.is_empty() {
            return Err(QrError::Empty);
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(QrError::TextTooLong);
        }
        if text.chars().any(is_unsafe) {
            return Err(QrError::ControlCharacters);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| QrError::TextTooLong)?;
        let inner = code.width();
        let width = inner + 2 * QUIET;
        let mut dark = vec![false; width * width];
        for (at, color) in code.to_colors().into_iter().enumerate() {
            dark[(at / inner + QUIET) * width + at % inner + QUIET] = color == Color::Dark;
        }
        Ok(Self { width, dark })
    }

    /// Whether a module is dark; outside is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }
}

/// A self-contained SVG without text, style or script, one unit a module: scale it with
/// CSS.
///
/// # Errors
/// [`QrError::Empty`], [`QrError::TextTooLong`], [`QrError::ControlCharacters`].
pub fn encode_svg(text: &str) -> Result<String, QrError> {
    let modules = Modules::of(text)?;
    let width = modules.width;
    let mut path = String::new();
    for y in 0..width {
        let mut x = 0;
        while x < width {
            let run = (x..width).take_while(|x| modules.is_dark(*x, y)).count();
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// An 8-bit grey PNG with `scale` pixels a module.
///
/// # Errors
/// As [`encode_svg`], and [`QrError::Scale`] outside 1 to 20.
pub fn encode_png(text: &str, scale: u32) -> Result<Vec<u8>, QrError> {
    if !(1..=MAX_SCALE).contains(&scale) {
        return Err(QrError::Scale);
    }
    let modules = Modules::of(text)?;
    // At most 185 modules and 20 pixels each: far inside u32.
    let side = modules.width as u32 * scale;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        Luma([if modules.is_dark((x / scale) as usize, (y / scale) as usize) { 0 } else { 255 }])
    });
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).map_err(|_| QrError::Scale)?;
    Ok(out.into_inner())
}

/// Lines of half blocks for a terminal, two modules a character, in explicit black on
/// white so that it scans under every colour theme. Ends with a line break.
///
/// # Errors
/// As [`encode_svg`].
pub fn encode_terminal(text: &str) -> Result<String, QrError> {
    let mut out = String::new();
    for line in half_blocks(&Modules::of(text)?) {
        // 38;5;16 and 48;5;231 are the fixed black and white of the 256-colour cube; the
        // first sixteen colours are the theme's.
        let _ = writeln!(out, "\u{1b}[38;5;231;48;5;16m{line}\u{1b}[0m");
    }
    Ok(out)
}

/// The same without colour codes, light modules drawn as blocks: scans on dark terminals
/// and in files.
///
/// # Errors
/// As [`encode_svg`].
pub fn encode_terminal_plain(text: &str) -> Result<String, QrError> {
    Ok(half_blocks(&Modules::of(text)?).map(|line| line + "\n").collect())
}

/// Rows of modules without the quiet zone, dark as `true`: for whoever draws the code with
/// means of their own. A code of version v has 17 + 4 v rows.
///
/// # Errors
/// As [`encode_svg`].
pub fn encode_rows(text: &str) -> Result<Vec<Vec<bool>>, QrError> {
    let modules = Modules::of(text)?;
    let inner = QUIET..modules.width - QUIET;
    Ok(inner.clone().map(|y| inner.clone().map(|x| modules.is_dark(x, y)).collect()).collect())
}

fn half_blocks(modules: &Modules) -> impl Iterator<Item = String> {
    (0..modules.width).step_by(2).map(|y| {
        (0..modules.width)
            .map(|x| {
                match (modules.is_dark(x, y), y + 1 < modules.width && !modules.is_dark(x, y + 1)) {
                    (false, true) => '█',
                    (false, false) => '▀',
                    (true, true) => '▄',
                    (true, false) => ' ',
                }
            })
            .collect()
    })
}
