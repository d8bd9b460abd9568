//! Resolution against a scripted network and a scripted chain.

mod did_web_tests;
#[cfg(feature = "native")]
mod ethr_tests;
mod history_tests;
mod key_method_tests;
mod logs;
mod resolver_tests;
mod scripts;
mod verification_tests;
mod webvh_tests;
mod webvh_witness_tests;
