//! `groupMessages/send`: an app's robot posts to a group chat, by the current API.

mod call;

pub(super) use call::send;
