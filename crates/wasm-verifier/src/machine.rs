//! The border: one buffer and a few numbers. Whoever is on the other side asks for room, writes
//! into it, calls, and reads the answer from the same buffer. No length or address from outside is
//! ever believed: the buffer is ours, and a call says only how much of it is meant.
use serde::Serialize;
use serde_json::json;

use crate::{
    answer::Question,
    desk::{Desk, DeskError},
    luggage::MAX_LUGGAGE_BYTES,
};

/// The buffer never grows beyond this.
pub const MAX_BUFFER_BYTES: usize = MAX_LUGGAGE_BYTES;
/// Longest question: a credential with its evidence, in JSON.
const MAX_QUESTION_BYTES: usize = 8 * 1024 * 1024;

/// The buffer and the desk behind it.
#[derive(Default)]
pub struct Machine {
    buffer: Vec<u8>,
    desk: Option<Desk>,
}

impl Machine {
    /// An empty one.
    pub const fn new() -> Self {
        Machine { buffer: Vec::new(), desk: None }
    }

    /// Makes room for `length` bytes (zeroed) and gives the buffer; empty when that is too much.
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        self.buffer.clear();
        if length <= MAX_BUFFER_BYTES && self.buffer.try_reserve_exact(length).is_ok() {
            self.buffer.resize(length, 0);
        }
        &mut self.buffer
    }

    /// What the last call left: input before it, the answer after it.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Gives the buffer's memory back.
    pub fn release(&mut self) {
        self.buffer = Vec::new();
    }

    /// Reads luggage from the buffer. Answer: `{"age": …}` as of the moment it was packed, or
    /// `{"error": {"code", "detail"}}`; then the former luggage stays in use.
    pub fn unpack(&mut self) {
        let input = std::mem::take(&mut self.buffer);
        let done = Desk::unpack(&input).map(|desk| {
            let age = desk.age(desk.age(credential_model::moment::Moment::from_unix(0)).made);
            self.desk = Some(desk);
            json!({"v": 1, "age": age})
        });
        self.answer(done);
    }

    /// Judges the [`Question`] in the buffer. Answer: an [`crate::Answer`], or
    /// `{"error": {"code", "detail"}}`.
    pub fn verify(&mut self) {
        let input = std::mem::take(&mut self.buffer);
        let done = self.judge(&input);
        self.answer(done);
    }

    fn judge(&self, input: &[u8]) -> Result<crate::Answer, DeskError> {
        if input.len() > MAX_QUESTION_BYTES {
            return Err(DeskError::Question("longer than 8 MiB".to_owned()));
        }
        let question: Question = serde_json::from_slice(input)
            .map_err(|error| DeskError::Question(error.to_string()))?;
        question.put_to(self.desk.as_ref().ok_or(DeskError::Empty)?)
    }

    fn answer<T: Serialize>(&mut self, done: Result<T, DeskError>) {
        let written = match &done {
            Ok(answer) => serde_json::to_vec(answer).ok(),
            Err(error) => {
                let error = json!({"code": error.code(), "detail": error.to_string()});
                Some(json!({"error": error}).to_string().into_bytes())
            }
        };
        self.buffer = written.unwrap_or_default();
    }
}
