//! Films for the browser's fake camera: YUV4MPEG2, which Chromium plays in a loop.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, bail};

/// A grey picture, row by row, 0 black to 255 white.
#[derive(Clone, Debug)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Grey {
    /// A picture of one shade.
    pub fn plain(width: usize, height: usize, shade: u8) -> Self {
        Self { width, height, pixels: vec![shade; width * height] }
    }

    /// The modules of a QR code (true is dark, `side` a row, quiet zone included) in the middle
    /// of a picture as a camera sees a sheet of paper: grey around, not quite black and white.
    pub fn of_code(width: usize, height: usize, dark: &[bool], side: usize) -> Result<Self> {
        let scale = width.min(height) / side;
        if scale < 2 || dark.len() != side * side {
            bail!("a code of {side} modules does not fit into {width}x{height}");
        }
        let mut picture = Self::plain(width, height, 148);
        let (left, top) = ((width - side * scale) / 2, (height - side * scale) / 2);
        for y in 0..side * scale {
            for x in 0..side * scale {
                let shade = if dark[y / scale * side + x / scale] { 32 } else { 225 };
                picture.pixels[(top + y) * width + left + x] = shade;
            }
        }
        Ok(picture)
    }
}

/// Writes pictures of one size as a film of 10 frames a second, 4:2:0 without colour.
pub fn film(path: &Path, frames: &[Grey]) -> Result<()> {
    let Some(first) = frames.first() else { bail!("a film needs a frame") };
    let (width, height) = (first.width, first.height);
    if width % 2 != 0 || height % 2 != 0 {
        bail!("4:2:0 wants even sides");
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420")?;
    let colour = vec![128; width * height / 2];
    for frame in frames {
        if (frame.width, frame.height) != (width, height) {
            bail!("the frames differ in size");
        }
        writeln!(file, "FRAME")?;
        file.write_all(&frame.pixels)?;
        file.write_all(&colour)?;
    }
    Ok(file.flush()?)
}
