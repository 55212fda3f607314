//! An independent judge of the geography tables: libphonenumber's metadata, in its Rust port `rlibphonenumber`.
//!
//! The comparison is the test of this package, which stands apart so that the core's dependency list stays short.
