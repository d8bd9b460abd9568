//! The decoder of a scanning page: grey camera frames in, the texts of their QR codes out.
//!
//! Compiled to WebAssembly it is a file of its own beside the verifier: a page that scans loads it
//! first, and a page that judges what was pasted does not load it at all. The border is the
//! verifier's: one buffer that Rust owns and a few numbers.

#[cfg(target_family = "wasm")]
mod exports;
#[cfg(test)]
mod tests;

use serde_json::json;

/// Longest side of a camera frame, pixels.
pub const MAX_FRAME_SIDE: usize = 4096;
/// The buffer never grows beyond this.
pub const MAX_BUFFER_BYTES: usize = MAX_FRAME_SIDE * MAX_FRAME_SIDE;

/// The buffer: a frame before a call, the answer after it.
#[derive(Default)]
pub struct Decoder {
    buffer: Vec<u8>,
}

impl Decoder {
    /// An empty one.
    pub const fn new() -> Self {
        Decoder { buffer: Vec::new() }
    }

    /// Makes room for `length` bytes (zeroed) and gives the buffer; empty when that is too much.
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        self.buffer.clear();
        if length <= MAX_BUFFER_BYTES && self.buffer.try_reserve_exact(length).is_ok() {
            self.buffer.resize(length, 0);
        }
        &mut self.buffer
    }

    /// What the last call left.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Gives the buffer's memory back.
    pub fn release(&mut self) {
        self.buffer = Vec::new();
    }

    /// Reads every QR code of the grey frame in the buffer (`width` × `height` bytes, row by row,
    /// 0 black). Answer: `{"texts": […]}`, or `{"error": {"code"}}`.
    pub fn decode_frame(&mut self, width: usize, height: usize) {
        let grey = std::mem::take(&mut self.buffer);
        let found = if width.max(height) > MAX_FRAME_SIDE {
            Err(qr_code::QrError::TooManyPixels)
        } else {
            qr_code::decode_grey(width, height, &grey)
        };
        let answer = match found {
            Ok(texts) => json!({"texts": texts}),
            Err(error) => json!({"error": {"code": error.code()}}),
        };
        self.buffer = answer.to_string().into_bytes();
    }
}
