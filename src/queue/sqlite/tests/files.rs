//! The files: who may read them, and when the start is refused.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::schema;
use super::*;

fn refusal(path: &Path) -> String {
    open_at(path).expect_err("it is refused").to_string()
}

#[tokio::test]
async fn all_files_are_for_their_owner_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made/for/it/campana.db");
    fs::create_dir(folder.path().join("made")).expect("it is made");
    let options = Options { ballast_bytes: 10_000, ..Options::default() };
    let store = SqliteStore::open(&path, &clock(), &options).expect("it opens");
    store.accept(one("g"), clock().now()).await.expect("it is stored");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    for suffix in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&open::beside(&path, suffix)), 0o600, "campana.db{suffix}");
    }
    assert_eq!(mode(&folder.path().join("made/for")), 0o700, "a folder that was missing");
}

#[test]
fn rights_that_others_were_given_are_taken_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    drop(open_at(&path).expect("it opens"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    drop(open_at(&path).expect("it opens"));
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_second_process_is_refused_until_the_first_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let first = open_at(&path).expect("it opens");
    let words = refusal(&path);
    assert!(words.contains("in use by another process"), "{words}");
    drop(first);
    open_at(&path).expect("the lock is free");
}

#[test]
fn a_second_process_is_refused_by_every_way_to_the_same_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let first = open_at(&path).expect("it opens");
    let (symbolic, hard) = (folder.path().join("symbolic.db"), folder.path().join("hard.db"));
    symlink(&path, &symbolic).expect("it is linked");
    fs::hard_link(&path, &hard).expect("it is linked");
    for link in [&symbolic, &hard] {
        let words = refusal(link);
        assert!(words.contains("in use by another process"), "{words}");
    }
    fs::remove_file(open::beside(&path, ".lock")).expect("it is there");
    let words = refusal(&path);
    assert!(words.contains("in use by another process"), "{words}");
    drop(first);
    open_at(&path).expect("the lock is free");
}

#[test]
fn an_empty_file_where_a_queue_was_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    fs::write(&path, "").expect("it is written");
    drop(open_at(&path).expect("it holds nothing yet"));
    for bytes in [0, 8192] {
        fs::write(&path, vec![0; bytes]).expect("it is written");
        let words = refusal(&path);
        assert!(words.contains("is empty, but it held a queue"), "{words}");
        assert!(words.contains("backup") && words.contains("campana.db.lock"), "{words}");
        assert_eq!(fs::read(&path).expect("it is read"), vec![0; bytes]);
    }
    fs::remove_file(&path).expect("it is there");
    let words = refusal(&path);
    assert!(words.contains("is empty, but it held a queue"), "one that is gone: {words}");
    fs::remove_file(open::beside(&path, ".lock")).expect("it is there");
    open_at(&path).expect("it may begin with nothing");
}

#[test]
fn a_folder_that_cannot_be_made_or_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("it is written");
    let words = refusal(&file.join("campana.db"));
    assert!(words.contains("cannot be made") && words.contains("storage.url"), "{words}");
    // Nobody can make files there, not even root.
    let words = refusal(Path::new("/proc/campana.db"));
    assert!(words.contains("/proc/campana.db.lock cannot be written"), "{words}");
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    drop(open_at(&path).expect("it opens"));
    let newer = Connection::open(&path).expect("it opens");
    newer.pragma_update(None, "user_version", 99).expect("it is set");
    newer.close().expect("it closes");
    let before = fs::read(&path).expect("it is read");
    let words = refusal(&path);
    assert!(words.contains("newer version of campana") && words.contains("99"), "{words}");
    assert_eq!(fs::read(&path).expect("it is read"), before);
}

#[test]
fn a_database_from_before_the_first_release_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    drop(open_at(&path).expect("it opens"));
    for version in 1..=schema::UNRELEASED {
        let older = Connection::open(&path).expect("it opens");
        older.pragma_update(None, "user_version", version).expect("it is set");
        older.close().expect("it closes");
        let before = fs::read(&path).expect("it is read");
        let words = refusal(&path);
        assert!(words.contains("before its first release"), "{words}");
        assert!(
            words.contains("move the file away or name another file in storage.url"),
            "{words}"
        );
        assert_eq!(fs::read(&path).expect("it is read"), before);
    }
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a database ".repeat(100)).expect("it is written");
    let before = fs::read(&text).expect("it is read");
    let words = refusal(&text);
    assert!(words.contains("is not a database of campana"), "{words}");
    assert_eq!(fs::read(&text).expect("it is read"), before);

    let foreign = folder.path().join("foreign.db");
    let other = Connection::open(&foreign).expect("it opens");
    other.execute_batch("CREATE TABLE bookmarks (url TEXT)").expect("it is made");
    other.close().expect("it closes");
    let words = refusal(&foreign);
    assert!(words.contains("belongs to another program"), "{words}");
}

#[tokio::test]
async fn nothing_but_one_file_is_left_to_copy_after_a_close() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let store = open_at(&path).expect("it opens");
    store.accept(one("g"), clock().now()).await.expect("it is stored");
    store.close().await.expect("it closes");
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).expect("it is copied");
    let store = open_at(&copy).expect("it opens");
    assert_eq!(store.stats(clock().now()).await.expect("it answers").queued, 1);
}

#[tokio::test]
async fn what_is_sent_and_what_a_digest_shows_lie_there_with_their_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let store = open_at(&path).expect("it opens");
    store.accept(one("g"), clock().now()).await.expect("it is stored");
    drop(store);
    let file = Connection::open(&path).expect("it opens");
    let stored: (String, String) = file
        .query_row("SELECT parts, summary FROM message", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("one message");
    let (parts, summary) = (
        "{\"v\":1,\"data\":[{\"type\":\"markdown\",\"title\":\"title of g 0\",\"heading\":\"g 0\"}]}",
        "{\"v\":1,\"data\":{\"status\":\"\",\"firing\":1,\"resolved\":0,\"severity\":\"\",\
         \"alertnames\":[],\"group_labels\":{},\"since\":null,\"link\":\"\"}}",
    );
    assert_eq!(stored, (parts.to_owned(), summary.to_owned()));
}
