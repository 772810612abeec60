//! The simulator from outside, by real HTTP calls, one file for each of its endpoints.
//!
//! No test waits for time to pass: the clock is moved, and what never ends is given up on.

mod app_robot;
mod apps;
mod binary;
mod faults;
mod harness;
mod limits;
mod robots;
