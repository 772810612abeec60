//! `chat/send`: an app posts to a group chat by its `chatid` (DingTalk's legacy API,
//! `send-group-messages`).
//!
//! Empty: this version refuses `chat_ids` in the settings. The API's `API` (at most 2,000 bytes, a
//! title of at most 64 characters), its call, body and verdict will stand here, in files named as
//! those of `robot` and `group`.
