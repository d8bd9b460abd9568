//! A process that does nothing: what starting costs without us.

fn main() {}
