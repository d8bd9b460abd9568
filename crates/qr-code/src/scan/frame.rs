//! Grey pictures and the changes a second look makes to them.

/// An 8-bit grey picture, row by row.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) grey: Vec<u8>,
}

impl Frame {
    pub(super) fn map(&self, change: impl Fn(u8) -> u8) -> Self {
        Self { grey: self.grey.iter().map(|v| change(*v)).collect(), ..*self }
    }

    /// Averages blocks of pixels until at most `pixels` are left.
    pub(super) fn shrunk_to(&self, pixels: usize) -> Self {
        let mut factor = 1;
        while self.grey.len() / (factor * factor) > pixels.max(1) {
            factor += 1;
        }
        let (width, height) = (self.width / factor, self.height / factor);
        if factor == 1 || width == 0 || height == 0 {
            return self.clone();
        }
        let mut grey = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0_usize;
                for row in y * factor..(y + 1) * factor {
                    let start = row * self.width + x * factor;
                    sum += self.grey[start..start + factor]
                        .iter()
                        .map(|v| usize::from(*v))
                        .sum::<usize>();
                }
                grey.push((sum / (factor * factor)) as u8);
            }
        }
        Self { width, height, grey }
    }

    pub(super) fn doubled(&self) -> Self {
        let (width, height) = (self.width * 2, self.height * 2);
        let mut grey = Vec::with_capacity(width * height);
        for y in 0..height {
            let row = &self.grey[y / 2 * self.width..(y / 2 + 1) * self.width];
            grey.extend(row.iter().flat_map(|v| [*v, *v]));
        }
        Self { width, height, grey }
    }

    pub(super) fn inverted(&self) -> Self {
        self.map(|v| 255 - v)
    }

    /// Average of three by three pixels: takes away noise.
    pub(super) fn softened(&self) -> Self {
        let mut grey = Vec::with_capacity(self.grey.len());
        for y in 0..self.height {
            let rows = y.saturating_sub(1)..(y + 2).min(self.height);
            for x in 0..self.width {
                let columns = x.saturating_sub(1)..(x + 2).min(self.width);
                let sum: usize = rows
                    .clone()
                    .flat_map(|row| &self.grey[row * self.width..][columns.clone()])
                    .map(|v| usize::from(*v))
                    .sum();
                grey.push((sum / (rows.len() * columns.len())) as u8);
            }
        }
        Self { grey, ..*self }
    }

    /// Black and white by the one threshold that separates them best (Otsu, 1979).
    pub(super) fn binarised(&self) -> Self {
        let mut histogram = [0_u64; 256];
        for value in &self.grey {
            histogram[usize::from(*value)] += 1;
        }
        let total = self.grey.len() as u64;
        let sum: u64 = histogram.iter().zip(0_u64..).map(|(count, value)| count * value).sum();
        let (mut below, mut below_sum, mut best, mut threshold) = (0_u64, 0_u64, 0.0_f64, 127_u8);
        for value in 0..=254_u8 {
            below += histogram[usize::from(value)];
            below_sum += histogram[usize::from(value)] * u64::from(value);
            let above = total - below;
            if below == 0 || above == 0 {
                continue;
            }
            let difference =
                below_sum as f64 / below as f64 - (sum - below_sum) as f64 / above as f64;
            let spread = below as f64 * above as f64 * difference * difference;
            if spread > best {
                (best, threshold) = (spread, value);
            }
        }
        self.map(|v| if v <= threshold { 0 } else { 255 })
    }

    /// How many pixels [`Frame::turned`] makes.
    pub(super) fn pixels_turned(&self, degrees: f32) -> f32 {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (width, height) = (self.width as f32, self.height as f32);
        (width * cos.abs() + height * sin.abs()) * (width * sin.abs() + height * cos.abs())
    }

    /// Turned about its middle, nearest pixel, white outside.
    pub(super) fn turned(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (w, h) = (self.width as f32, self.height as f32);
        let width = (w * cos.abs() + h * sin.abs()).ceil() as usize;
        let height = (w * sin.abs() + h * cos.abs()).ceil() as usize;
        let mut grey = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f32 - width as f32 / 2.0, y as f32 - height as f32 / 2.0);
                let (sx, sy) = (dx * cos + dy * sin + w / 2.0, dy * cos - dx * sin + h / 2.0);
                let inside = sx >= 0.0 && sy >= 0.0 && sx < w && sy < h;
                grey.push(if inside {
                    self.grey[sy as usize * self.width + sx as usize]
                } else {
                    255
                });
            }
        }
        Self { width, height, grey }
    }

    /// A part of the picture; clipped at its border.
    pub(super) fn window(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let width = width.min(self.width.saturating_sub(x));
        let height = height.min(self.height.saturating_sub(y));
        let grey = (y..y + height)
            .flat_map(|row| &self.grey[row * self.width + x..row * self.width + x + width])
            .copied()
            .collect();
        Self { width, height, grey }
    }

    /// Paints a convex four-sided area white, corners in turning order.
    pub(super) fn paint_over(&mut self, corners: &[(i32, i32); 4]) {
        let range = |of: fn(&(i32, i32)) -> i32, end: usize| {
            let end = i32::try_from(end).unwrap_or(i32::MAX);
            let low = corners.iter().map(of).min().unwrap_or(0).clamp(0, end);
            let high = corners.iter().map(of).max().unwrap_or(0).saturating_add(1).clamp(0, end);
            low..high
        };
        for y in range(|c| c.1, self.height) {
            for x in range(|c| c.0, self.width) {
                let side = |at: usize| {
                    let (ax, ay) = corners[at];
                    let (bx, by) = corners[(at + 1) % 4];
                    let wide = |v: i32| i64::from(v);
                    (wide(bx) - wide(ax)) * (wide(y) - wide(ay))
                        - (wide(by) - wide(ay)) * (wide(x) - wide(ax))
                };
                let sides = [side(0), side(1), side(2), side(3)];
                if sides.iter().all(|s| *s >= 0) || sides.iter().all(|s| *s <= 0) {
                    self.grey[y as usize * self.width + x as usize] = 255;
                }
            }
        }
    }
}
