//! Pictures of pages, small enough to lie in a repository: at most 256 colours, one byte a pixel.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

const COLOURS: usize = 256;

type Rgb = [u8; 3];

/// Writes a PNG of true colour anew with a palette. A page has few colours; what is beyond the
/// 256 most frequent ones are shades at the edges of letters, and takes the nearest.
pub(super) fn save(path: &Path, screenshot: &[u8]) -> Result<()> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(screenshot)).read_info()?;
    let mut raw = vec![0; reader.output_buffer_size().context("a picture without end")?];
    let info = reader.next_frame(&mut raw)?;
    ensure!(info.bit_depth == png::BitDepth::Eight, "a picture of {:?} bits", info.bit_depth);
    let step = info.color_type.samples();
    ensure!(step >= 3, "a picture in {:?}", info.color_type);
    let pixels: Vec<Rgb> =
        raw[..info.buffer_size()].chunks_exact(step).map(|p| [p[0], p[1], p[2]]).collect();
    let (palette, of) = palette(&pixels);
    let indices: Vec<u8> = pixels.iter().map(|pixel| of[pixel]).collect();

    let file = std::fs::File::create(path).with_context(|| format!("{}", path.display()))?;
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(())
}

/// The palette, and the place in it of every colour.
fn palette(pixels: &[Rgb]) -> (Vec<Rgb>, HashMap<Rgb, u8>) {
    let mut counts: HashMap<Rgb, usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut colours: Vec<(Rgb, usize)> = counts.into_iter().collect();
    // By frequency, then by value: the same page gives the same file.
    colours.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let palette: Vec<Rgb> = colours.iter().take(COLOURS).map(|(colour, _)| *colour).collect();
    let of = colours.iter().map(|(colour, _)| (*colour, nearest(&palette, *colour))).collect();
    (palette, of)
}

fn nearest(palette: &[Rgb], colour: Rgb) -> u8 {
    let distance = |other: &Rgb| -> u32 {
        other.iter().zip(colour).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let place = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    place.map_or(0, |(at, _)| u8::try_from(at).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_colours_stay_and_rare_ones_take_the_nearest() {
        let mut pixels = vec![[250, 250, 250]; 1_000];
        // 300 shades, the first of them most often.
        for shade in 0..300_u16 {
            let colour = [(shade / 2) as u8, (shade % 2) as u8, 0];
            pixels.extend(std::iter::repeat_n(colour, 400 - usize::from(shade)));
        }
        let (palette, of) = palette(&pixels);
        assert_eq!((palette.len(), palette[0]), (256, [250, 250, 250]));
        assert_eq!(palette[usize::from(of[&[0, 0, 0]])], [0, 0, 0]);
        let near = palette[usize::from(of[&[149, 1, 0]])];
        assert!(near[0].abs_diff(149) < 25, "{near:?}");
    }
}
