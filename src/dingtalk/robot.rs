//! `robot/send`: a custom robot posts to its one group, by a webhook.

mod call;

pub(super) use call::send;
