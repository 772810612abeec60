//! Go regular expressions.
