//! Finder patterns counted in linear time, before the decoder sees the picture.
//!
//! rqrr pairs every finder pattern with every other one, copying the picture for each
//! guess, and floods regions again and again when there are many. A picture tiled with
//! finder patterns, or just a large bar code, would keep it busy for minutes. So the
//! black-and-white picture that it will see is examined here first, by the same test, and
//! a look that would cost too much is not taken.

use super::frame::Frame;

/// Black (true) and white modules or specks.
pub(super) struct Bitmap {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) black: Vec<bool>,
}

/// What a look at a bitmap would meet.
pub(super) struct Survey {
    /// Number of finder patterns.
    pub(super) finders: usize,
    /// Steps the decoder would take, roughly one per pixel touched.
    pub(super) cost: u64,
}

/// Regions that rqrr remembers at a time; beyond this it floods them anew.
const REMEMBERED_REGIONS: usize = 250;

impl Bitmap {
    /// Black is what is at least 5 % darker than the mean of its surroundings (an eighth
    /// of the picture wide), so that a shadow across the code does no harm.
    pub(super) fn of(frame: &Frame) -> Self {
        let (width, height) = (frame.width, frame.height);
        // Sums over everything above and left: 4 million pixels of 255 fit into u32.
        let mut sums = vec![0_u32; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u32::from(frame.grey[y * width + x]);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        let reach = (width.max(height) / 16).max(4);
        let mut black = Vec::with_capacity(width * height);
        for y in 0..height {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let at = |y: usize, x: usize| u64::from(sums[y * (width + 1) + x]);
                let sum = at(bottom, right) + at(top, left) - at(top, right) - at(bottom, left);
                let count = ((right - left) * (bottom - top)) as u64;
                black.push(u64::from(frame.grey[y * width + x]) * count * 100 < sum * 95);
            }
        }
        Self { width, height, black }
    }

    /// Counts finder patterns and foresees the decoder's work.
    pub(super) fn survey(&self) -> Survey {
        let mut regions = Regions::default();
        let mut candidates: Vec<[usize; 3]> = Vec::new();
        let mut above: Vec<Run> = Vec::new();
        for row in self.black.chunks_exact(self.width) {
            let runs = regions.add_row(row, &above);
            for three in runs.windows(3) {
                if looks_like_finder(&three[0], &three[1], &three[2]) {
                    candidates.push([three[0].region, three[1].region, three[2].region]);
                }
            }
            above = runs;
        }
        let mut touched: Vec<usize> = Vec::new();
        let mut floods = 0_u64;
        let mut rings: Vec<usize> = Vec::new();
        for candidate in candidates {
            let [left, stone, ring] = candidate.map(|region| regions.root(region));
            floods += regions.area[ring] + regions.area[stone];
            touched.extend([ring, stone]);
            let ratio = regions.area[stone] * 100 / regions.area[ring].max(1);
            if left == ring && stone != ring && (10..=70).contains(&ratio) {
                rings.push(ring);
            }
        }
        for list in [&mut touched, &mut rings] {
            list.sort_unstable();
            list.dedup();
        }
        if touched.len() <= REMEMBERED_REGIONS {
            floods = touched.iter().map(|r| regions.area[*r] * 3).sum();
        }
        let finders = rings.len();
        // Every finder with every pair of others in line with it; a copy of the picture
        // each time, which is about eight times faster than touching its pixels.
        let (pixels, n) = (self.black.len() as u64, finders as u64);
        let guesses = n.saturating_mul(n / 2).saturating_mul(n / 2);
        Survey {
            finders,
            cost: guesses.saturating_mul(pixels / 8).saturating_add(floods).saturating_add(pixels),
        }
    }
}

/// A run of black pixels in one row.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    region: usize,
}

/// Black, white, black, white, black in the proportions 1:1:3:1:1, with rqrr's tolerance.
fn looks_like_finder(first: &Run, second: &Run, third: &Run) -> bool {
    let lengths = [
        first.end - first.start,
        second.start - first.end,
        second.end - second.start,
        third.start - second.end,
        third.end - third.start,
    ];
    let unit = (lengths[0] + lengths[1] + lengths[3] + lengths[4]) / 4;
    let slack = unit * 3 / 4;
    lengths
        .iter()
        .zip([1, 1, 3, 1, 1])
        .all(|(length, units)| length.abs_diff(units * unit) <= slack)
}

/// Connected black regions, joined as rows are added.
#[derive(Default)]
struct Regions {
    parent: Vec<usize>,
    area: Vec<u64>,
}

impl Regions {
    fn add_row(&mut self, row: &[bool], above: &[Run]) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut x = 0;
        let mut next_above = 0;
        while x < row.len() {
            let length = row[x..].iter().take_while(|black| **black).count();
            if length == 0 {
                x += row[x..].iter().take_while(|black| !**black).count();
                continue;
            }
            let (start, end) = (x, x + length);
            let region = self.parent.len();
            self.parent.push(region);
            self.area.push(length as u64);
            // Runs stand in order, so those above are passed once per row.
            while above.get(next_above).is_some_and(|run| run.end <= start) {
                next_above += 1;
            }
            for run in above[next_above..].iter().take_while(|run| run.start < end) {
                self.join(region, run.region);
            }
            runs.push(Run { start, end, region });
            x = end;
        }
        runs
    }

    fn root(&mut self, mut region: usize) -> usize {
        while self.parent[region] != region {
            self.parent[region] = self.parent[self.parent[region]];
            region = self.parent[region];
        }
        region
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            let (small, large) =
                if self.area[one] < self.area[other] { (one, other) } else { (other, one) };
            self.parent[small] = large;
            self.area[large] += self.area[small];
        }
    }
}
