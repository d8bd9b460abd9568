//! What the browser calls. `#[unsafe(no_mangle)]` only promises that no other symbol has these
//! names; nothing else here is unsafe, and no address from outside is ever followed.
#![allow(unsafe_code, reason = "exporting a symbol needs an attribute that counts as unsafe")]
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Decoder;

static DECODER: Mutex<Decoder> = Mutex::new(Decoder::new());

fn decoder() -> MutexGuard<'static, Decoder> {
    DECODER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for so many bytes; its address, or 0 when that is too much.
#[unsafe(no_mangle)]
extern "C" fn alloc(length: usize) -> usize {
    let mut decoder = decoder();
    let room = decoder.room(length);
    if room.len() == length { room.as_mut_ptr() as usize } else { 0 }
}

/// Gives the buffer back.
#[unsafe(no_mangle)]
extern "C" fn free() {
    decoder().release();
}

/// Where the answer begins.
#[unsafe(no_mangle)]
extern "C" fn answer() -> usize {
    decoder().buffer().as_ptr() as usize
}

/// See [`Decoder::decode_frame`]; gives the answer's length.
#[unsafe(no_mangle)]
extern "C" fn decode_frame(width: usize, height: usize) -> usize {
    let mut decoder = decoder();
    decoder.decode_frame(width, height);
    decoder.buffer().len()
}
