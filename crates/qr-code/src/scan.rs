//! Finding and reading codes in a grey frame, with a bounded number of second looks.

mod finder;
mod frame;

use rqrr::PreparedImage;

use crate::error::QrError;
use crate::link::is_unsafe;
use crate::picture::MAX_PIXELS;
use finder::{Bitmap, Survey};
use frame::Frame;

/// Most codes read from one picture.
pub const MAX_CODES: usize = 32;

/// The first look is at most this many pixels: the finder does not gain from more, and its
/// time grows with them.
const FIRST_LOOK_PIXELS: usize = 4_000_000;
/// Second looks are at most this many.
const SECOND_LOOK_PIXELS: usize = 1_200_000;
/// Below this a second look magnifies.
const SMALL_PIXELS: usize = 250_000;
/// Work for the largest picture, all looks together, in steps of about a nanosecond.
const BUDGET: u64 = 1_000_000_000;
/// Work for any picture, however small, and for each of its pixels besides: a stranger's few
/// kilobytes must not buy the time of a large photograph.
const LEAST_BUDGET: u64 = 60_000_000;
const BUDGET_PER_PIXEL: u64 = 1_000;
/// A single look may take this much of it.
const LOOK_BUDGET: u64 = 400_000_000;
/// What the survey of one pixel costs.
const SURVEY_STEPS: u64 = 10;
/// Angles of the last looks, degrees. The finder copes with quarter turns and slight
/// tilts by itself.
const ANGLES: [f32; 4] = [20.0, -20.0, 45.0, 8.0];
/// Pixels of a turned look, corners included: enough for a second look four times as wide as high.
const MOST_TURNED: f32 = FIRST_LOOK_PIXELS as f32;

/// Reads every QR code of a grey frame, row by row from the top left, 0 black to 255
/// white. Texts come in the order found, without repeats.
///
/// # Errors
/// [`QrError::FrameSize`], [`QrError::TooManyPixels`], [`QrError::NoCode`],
/// [`QrError::Unreadable`]; [`QrError::ControlCharacters`] when the only codes there are
/// carry them.
pub fn decode_grey(width: usize, height: usize, grey: &[u8]) -> Result<Vec<String>, QrError> {
    if width == 0 || height == 0 || width.checked_mul(height) != Some(grey.len()) {
        return Err(QrError::FrameSize);
    }
    if grey.len() as u64 > MAX_PIXELS {
        return Err(QrError::TooManyPixels);
    }
    let first = Frame { width, height, grey: grey.to_vec() }.shrunk_to(FIRST_LOOK_PIXELS);
    let mut search = Search { budget: budget(first.grey.len()), ..Search::default() };
    search.run(first);
    search.into_result()
}

fn budget(pixels: usize) -> u64 {
    (LEAST_BUDGET + pixels as u64 * BUDGET_PER_PIXEL).min(BUDGET)
}

/// What all looks together have found and spent.
#[derive(Default)]
struct Search {
    texts: Vec<String>,
    budget: u64,
    spent: u64,
    seen_unreadable: bool,
    seen_unsafe: bool,
}

/// What one look left behind.
struct Look {
    /// Finder patterns, including those of the codes read.
    finders: usize,
    /// Corners of the codes read.
    areas: Vec<Area>,
}

impl Look {
    /// Every code has three finder patterns: are there enough left for another?
    fn is_complete(&self) -> bool {
        !self.areas.is_empty() && self.finders < 3 * (self.areas.len() + 1)
    }
}

impl Search {
    fn into_result(self) -> Result<Vec<String>, QrError> {
        if !self.texts.is_empty() {
            Ok(self.texts)
        } else if self.seen_unsafe {
            Err(QrError::ControlCharacters)
        } else if self.seen_unreadable {
            Err(QrError::Unreadable)
        } else {
            Err(QrError::NoCode)
        }
    }

    /// Looks until everything visible is read: as it is, part by part when there are
    /// several codes, then clearer, softer, larger, smaller, inverted, turned.
    fn run(&mut self, first: Frame) {
        let look = self.look(&first);
        if look.is_complete() {
            return;
        }
        if (6..=3 * MAX_CODES).contains(&look.finders) && self.look_at_parts(first.clone(), &look) {
            return;
        }
        if self.look(&first.binarised()).is_complete() || !self.texts.is_empty() {
            return;
        }
        let small = first.shrunk_to(SECOND_LOOK_PIXELS);
        let softer = small.softened();
        let mut second: Vec<Frame> = vec![softer.softened().binarised(), softer.binarised()];
        if small.grey.len() <= SMALL_PIXELS {
            second.push(small.doubled());
        }
        second.push(small.shrunk_to(small.grey.len() / 4).binarised());
        second.push(small.inverted());
        // A strip that is turned stands in a square as wide as it is long.
        let fitting = ANGLES.iter().filter(|angle| small.pixels_turned(**angle) <= MOST_TURNED);
        second.extend(fitting.map(|angle| small.turned(*angle)));
        for frame in &second {
            self.look(frame);
            if !self.texts.is_empty() || self.seen_unsafe {
                return;
            }
        }
    }

    /// Several codes in one picture can be mistaken for one another: paints over those
    /// that were read, then looks through ever smaller overlapping windows.
    fn look_at_parts(&mut self, mut frame: Frame, whole: &Look) -> bool {
        let mut left = whole.finders.saturating_sub(3 * whole.areas.len());
        whole.areas.iter().for_each(|area| frame.paint_over(area));
        for parts in 1..=4 {
            // Windows of twice the step: a code no larger than a step lies whole in one.
            let (step_x, step_y) =
                (frame.width.div_ceil(parts + 1), frame.height.div_ceil(parts + 1));
            for at in 0..parts * parts {
                let (x, y) = (at % parts * step_x, at / parts * step_y);
                let look = self.look(&frame.window(x, y, step_x * 2, step_y * 2));
                let moved = |(cx, cy): (i32, i32)| (cx + x as i32, cy + y as i32);
                for area in &look.areas {
                    frame.paint_over(&area.map(moved));
                }
                left = left.saturating_sub(3 * look.areas.len());
                if left < 3 || self.texts.len() >= MAX_CODES {
                    return true;
                }
            }
        }
        false
    }

    /// One look, if the budget allows it.
    fn look(&mut self, frame: &Frame) -> Look {
        // A code has at least 21 modules a side.
        if frame.width < 21 || frame.height < 21 || self.spent > self.budget {
            return Look { finders: 0, areas: Vec::new() };
        }
        let bitmap = Bitmap::of(frame);
        let Survey { finders, cost } = bitmap.survey();
        self.spent += bitmap.black.len() as u64 * SURVEY_STEPS;
        let left = self.budget.saturating_sub(self.spent);
        if finders < 3 || cost > LOOK_BUDGET.min(left) {
            return Look { finders, areas: Vec::new() };
        }
        self.spent += cost;
        // rqrr has assertions that odd pictures can reach; one picture must not take the
        // process down.
        let found = std::panic::catch_unwind(|| read(&bitmap)).unwrap_or_default();
        let mut areas = Vec::new();
        for FoundCode { text, area } in found {
            let Some(text) = text else {
                self.seen_unreadable = true;
                continue;
            };
            areas.push(area);
            if text.chars().any(is_unsafe) {
                self.seen_unsafe = true;
            } else if !self.texts.contains(&text) && self.texts.len() < MAX_CODES {
                self.texts.push(text);
            }
        }
        Look { finders, areas }
    }
}

/// A code found in a picture.
struct FoundCode {
    /// Its text, if it could be read.
    text: Option<String>,
    /// Its corners.
    area: Area,
}

/// Four corners in turning order, in pixels.
type Area = [(i32, i32); 4];

/// Every code found.
fn read(bitmap: &Bitmap) -> Vec<FoundCode> {
    let mut prepared = PreparedImage::prepare_from_bitmap(bitmap.width, bitmap.height, |x, y| {
        bitmap.black[y * bitmap.width + x]
    });
    let grids = prepared.detect_grids();
    grids
        .into_iter()
        .take(MAX_CODES)
        .map(|grid| {
            let text = grid.decode().ok().map(|(_, text)| text).filter(|text| !text.is_empty());
            FoundCode { text, area: grid.bounds.map(|corner| (corner.x, corner.y)) }
        })
        .collect()
}
