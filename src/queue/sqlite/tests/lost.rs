//! Files that are removed, replaced or cut while they are open: nothing is answered as stored.

use std::fs::File;

use super::*;

fn stored() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let store = open_at(&path).expect("it opens");
    (folder, path, store)
}

/// What is done to a file that is open.
type Harm = fn(&Path);

fn remove(file: &Path) {
    fs::remove_file(file).expect("it is there");
}

fn move_away(file: &Path) {
    fs::rename(file, file.with_extension("old")).expect("it is there");
}

fn replace(file: &Path) {
    let other = file.with_extension("other");
    fs::copy(file, &other).expect("it is copied");
    fs::rename(other, file).expect("it is renamed");
}

fn cut(file: &Path) {
    File::options().write(true).open(file).expect("it is there").set_len(0).expect("it is cut");
}

#[tokio::test]
async fn nothing_is_answered_as_stored_once_a_file_is_lost() {
    let harms: [(&str, Harm); 10] = [
        ("", remove),
        ("", move_away),
        ("", replace),
        ("", cut),
        ("-wal", remove),
        ("-wal", move_away),
        ("-wal", replace),
        ("-wal", cut),
        ("-shm", remove),
        ("-shm", replace),
    ];
    for (suffix, harm) in harms {
        let (_folder, path, store) = stored();
        store.accept(one("before"), clock().now()).await.expect("it is stored");
        harm(&open::beside(&path, suffix));
        for group in ["after", "later"] {
            let refused = store.accept(one(group), clock().now()).await;
            let Err(QueueError::Broken(words)) = refused else { panic!("{suffix}: {refused:?}") };
            assert!(words.contains(&format!("campana.db{suffix} ")), "{words}");
            assert!(words.contains("start campana again"), "{words}");
        }
        assert!(store.health().borrow().is_broken());
    }
}

/// The look after the commit: it is lost while the command runs.
#[tokio::test]
async fn a_file_that_is_lost_during_a_commit_is_noticed_before_the_answer() {
    let (_folder, path, store) = stored();
    let lost = store.work_off(clock().now(), move |tx, _| {
        tx.execute("UPDATE store SET last_ms = last_ms", [])?;
        remove(&path);
        Ok(())
    });
    assert!(matches!(lost.await, Err(QueueError::Broken(_))));
}

/// Nobody posts: whoever asks how the store is finds out.
#[tokio::test]
async fn a_look_finds_a_lost_file_without_a_command() {
    let (_folder, path, store) = stored();
    remove(&path);
    let mut health = store.health();
    health.wait_for(Health::is_broken).await.expect("it is told");
}

#[tokio::test]
async fn a_lost_store_deletes_nothing_of_the_files_in_its_place() {
    let (_folder, path, store) = stored();
    store.accept(one("before"), clock().now()).await.expect("it is stored");
    replace(&path);
    store.accept(one("after"), clock().now()).await.expect_err("it is lost");
    let files = || ["", "-wal"].map(|suffix| fs::read(open::beside(&path, suffix)).ok());
    let before = files();
    drop(store);
    assert!(files() == before && before[1].is_some(), "the files are as they were");
}

#[tokio::test]
async fn another_programs_checkpoint_is_no_loss() {
    let (_folder, path, store) = stored();
    let other = Connection::open(&path).expect("it opens");
    for mode in ["PASSIVE", "RESTART", "TRUNCATE"] {
        store.accept(one(mode), clock().now()).await.expect("it is stored");
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        other.query_row(&sql, [], |_| Ok(())).expect("it is moved");
        store.accept(one(&format!("{mode} 2")), clock().now()).await.expect("it is stored");
    }
    assert_eq!(store.stats(clock().now()).await.expect("it answers").queued, 6);
}
