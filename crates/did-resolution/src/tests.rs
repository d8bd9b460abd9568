//! Resolution against a scripted network and a scripted chain.

mod did_web_tests;
mod key_method_tests;
mod resolver_tests;
mod scripts;
mod verification_tests;
