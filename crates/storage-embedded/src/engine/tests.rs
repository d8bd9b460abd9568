//! The contract every engine passes.

use super::*;

fn engines() -> Vec<EngineKind> {
    let mut kinds = vec![EngineKind::Fjall];
    if cfg!(feature = "sled") {
        kinds.push(EngineKind::Sled);
    }
    kinds
}

fn put(database: &Database, table: &str, key: &str, value: &str) {
    let mut batch = Batch::new();
    batch.put(table, key, value);
    database.commit(batch).unwrap();
}

#[test]
fn what_was_committed_is_read_back_after_reopening() {
    for kind in engines() {
        let directory = tempfile::tempdir().unwrap();
        {
            let database = Database::open(directory.path(), kind).unwrap();
            put(&database, "offers", "a", "one");
        }
        let database = Database::open(directory.path(), kind).unwrap();
        assert_eq!(database.get("offers", b"a").unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(database.get("offers", b"b").unwrap(), None);
        assert_eq!(database.get("other", b"a").unwrap(), None);
    }
}

#[test]
fn a_range_is_ordered_bounded_and_stays_in_its_table() {
    for kind in engines() {
        let database = Database::open_temporary_with(kind).unwrap();
        for key in ["a1", "a3", "a2", "b1"] {
            put(&database, "t", key, key);
        }
        put(&database, "t2", "a9", "other table");
        let keys = |prefix: &str, after: Option<&str>, limit| -> Vec<String> {
            let rows =
                database.range("t", prefix.as_bytes(), after.map(str::as_bytes), limit).unwrap();
            rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect()
        };
        assert_eq!(keys("a", None, 9), ["a1", "a2", "a3"]);
        assert_eq!(keys("a", None, 2), ["a1", "a2"]);
        assert_eq!(keys("a", Some("a2"), 9), ["a3"]);
        assert_eq!(keys("", Some("a3"), 9), ["b1"]);
        assert_eq!(keys("b", Some("a2"), 9), ["b1"], "a cursor before the prefix starts at it");
        assert!(keys("c", None, 9).is_empty());
        assert!(keys("a", None, 0).is_empty());
    }
}

#[test]
fn a_batch_deletes_and_the_later_change_wins() {
    for kind in engines() {
        let database = Database::open_temporary_with(kind).unwrap();
        put(&database, "t", "gone", "x");
        let mut batch = Batch::new();
        batch.delete("t", "gone");
        batch.delete("t", "never-there");
        batch.put("t", "k", "first");
        batch.put("t", "k", "second");
        assert_eq!(batch.len(), 4);
        database.commit(batch).unwrap();
        assert_eq!(database.get("t", b"gone").unwrap(), None);
        assert_eq!(database.get("t", b"k").unwrap().as_deref(), Some(&b"second"[..]));
    }
}

#[test]
fn json_of_the_wrong_shape_is_an_error_not_a_missing_record() {
    let database = Database::open_temporary().unwrap();
    put(&database, "t", "k", "{\"not\": \"a number\"}");
    let error = database.get_json::<u64>("t", "k").unwrap_err();
    assert_eq!(error.code(), "store_record_unreadable");
    assert_eq!(database.get_json::<u64>("t", "absent").unwrap(), None);
    database.put_json("t", "n", &7_u64).unwrap();
    assert_eq!(database.get_json::<u64>("t", "n").unwrap(), Some(7));
}

#[test]
fn a_directory_in_use_is_refused_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let _first = Database::open(directory.path(), EngineKind::Fjall).unwrap();
    let error = Database::open(directory.path(), EngineKind::Fjall).unwrap_err();
    assert_eq!(error.code(), "store_unavailable");
    assert!(error.to_string().contains(&directory.path().display().to_string()));
}

#[test]
fn a_path_that_is_a_file_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Database::open(file.path(), EngineKind::Fjall).unwrap_err();
    assert_eq!(error.code(), "store_unavailable");
}

#[test]
fn exclusive_sections_do_not_interleave() {
    let database = Database::open_temporary().unwrap();
    database.put_json("t", "n", &0_u64).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let _writer = database.exclusive();
                    let n: u64 = database.get_json("t", "n").unwrap().unwrap();
                    database.put_json("t", "n", &(n + 1)).unwrap();
                }
            });
        }
    });
    assert_eq!(database.get_json::<u64>("t", "n").unwrap(), Some(40));
}

#[cfg(unix)]
#[test]
fn the_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let outer = TemporaryDirectory::create().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let fresh = outer.0.join("below").join("fresh");
    drop(Database::open(&fresh, EngineKind::Fjall).unwrap());
    assert_eq!(mode(&fresh), 0o700);
    // One that was there before, open to others, is closed.
    let lax = outer.0.join("lax");
    std::fs::create_dir(&lax).unwrap();
    std::fs::set_permissions(&lax, std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(Database::open(&lax, EngineKind::Fjall).unwrap());
    assert_eq!(mode(&lax), 0o700);
}
