//! What the browser calls. `#[unsafe(no_mangle)]` only promises that no other symbol has these
//! names; nothing else here is unsafe, and no address from outside is ever followed.
#![allow(unsafe_code, reason = "exporting a symbol needs an attribute that counts as unsafe")]
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Machine;

static MACHINE: Mutex<Machine> = Mutex::new(Machine::new());

fn machine() -> MutexGuard<'static, Machine> {
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for so many bytes; its address, or 0 when that is too much.
#[unsafe(no_mangle)]
extern "C" fn alloc(length: usize) -> usize {
    let mut machine = machine();
    let room = machine.room(length);
    if room.len() == length { room.as_mut_ptr() as usize } else { 0 }
}

/// Gives the buffer back.
#[unsafe(no_mangle)]
extern "C" fn free() {
    machine().release();
}

/// Where the answer begins.
#[unsafe(no_mangle)]
extern "C" fn answer() -> usize {
    machine().buffer().as_ptr() as usize
}

/// See [`Machine::unpack`]; gives the answer's length.
#[unsafe(no_mangle)]
extern "C" fn unpack() -> usize {
    let mut machine = machine();
    machine.unpack();
    machine.buffer().len()
}

/// See [`Machine::verify`]; gives the answer's length.
#[unsafe(no_mangle)]
extern "C" fn verify() -> usize {
    let mut machine = machine();
    machine.verify();
    machine.buffer().len()
}
