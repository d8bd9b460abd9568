//! The verifier of a desk without a net.
//!
//! A desk that has the net takes a [`Luggage`] along: issuers' documents and keys, accreditations
//! and the last status packs, as the service knows them at that moment. Without the net a
//! [`Desk`] made of it judges what is shown with the very checks of the service and the command
//! line (`credential-verification`), looks nothing up, and says how old its knowledge is.
//!
//! Compiled to WebAssembly the same code runs in the browser. The border is a few numbers and one
//! buffer ([`Machine`]): JSON in, JSON out. Time comes in as an argument; there is no randomness, no
//! network and no file. Camera frames are the business of `wasm-decoder`, a file of its own.

mod answer;
mod desk;
#[cfg(target_family = "wasm")]
mod exports;
mod known;
mod luggage;
mod machine;

pub use answer::{Answer, Question};
pub use desk::{Age, Desk, DeskError, PackNote};
pub use luggage::{
    Accreditation, ChainKnowledge, LUGGAGE_VERSION, Luggage, MAX_LUGGAGE_BYTES, PinnedDocument,
    RootName, TrustKnowledge,
};
pub use machine::{MAX_BUFFER_BYTES, Machine};
