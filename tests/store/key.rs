//! The file of the masks' key: made once, for its owner alone, never overwritten, and refused by name
//! where it is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use coupontools_mirror::store::{FoundKey, OpenError, OpenOptions, Store, look_at_key};

use crate::fixture::{Mirror, minute, options};

async fn refused(folder: &Path) -> OpenError {
    let opened = Store::open(&folder.join("mirror.db"), &options(chrono_tz::UTC), minute(0)).await;
    opened.map(|_| ()).expect_err("it must not open")
}

#[tokio::test]
async fn the_first_open_makes_a_key_for_its_owner_alone_and_later_ones_leave_it() {
    let mirror = Mirror::new().await;
    let path = mirror.folder.path().join("mirror.db-key");
    let key = fs::read_to_string(&path).unwrap();
    assert!(key.len() == 65 && key.ends_with('\n'), "64 digits and a line's end");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    assert_eq!(fs::read_to_string(&path).unwrap(), key);
    let names: Vec<_> = fs::read_dir(mirror.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_str().unwrap().contains("key.")), "no draft is left: {names:?}");
    let file = fs::read(mirror.path()).unwrap();
    let bytes = key.trim_end().as_bytes();
    assert!(file.windows(bytes.len()).all(|window| window != bytes), "it lies outside the file");
    mirror.store.close().await;
    let other = Mirror::new().await;
    assert_ne!(fs::read_to_string(other.folder.path().join("mirror.db-key")).unwrap(), key);
}

#[tokio::test]
async fn what_is_no_key_is_refused_named_kept_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db-key");
    let wrong = ["", "\n", "5ec4e7", &"g".repeat(64), &"5ec4e7".repeat(11), &"5ec4e7".repeat(10_000)];
    for content in wrong {
        fs::write(&path, content).unwrap();
        let error = refused(folder.path()).await;
        assert!(matches!(&error, OpenError::KeyUnusable { path: named, .. } if *named == path), "{error}");
        assert!(error.to_string().ends_with("it does not hold 64 hexadecimal digits and nothing else"));
        assert!(!format!("{error}{error:?}").contains("5ec4e7") && !error.hint().is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert!(look_at_key(&folder.path().join("mirror.db"), None).is_err());
    }
    fs::write(&path, [0xff; 64]).unwrap();
    assert!(matches!(refused(folder.path()).await, OpenError::KeyUnusable { .. }));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = refused(folder.path()).await;
    assert!(error.to_string().ends_with("it is not a regular file"), "{error}");
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &path).unwrap();
    assert!(matches!(refused(folder.path()).await, OpenError::KeyUnusable { .. }));
    fs::remove_file(&path).unwrap();
    fs::write(&path, format!("{}\r\n", "aB".repeat(32))).unwrap();
    Mirror::in_folder(folder, chrono_tz::UTC).await.store.close().await;
}

#[tokio::test]
async fn a_key_may_lie_elsewhere_and_be_shared() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("shared.key");
    let options = OpenOptions { masking_key_file: Some(key.clone()), ..options(chrono_tz::UTC) };
    let open = async |name: &str| Store::open(&folder.path().join(name), &options, minute(0)).await;
    let (one, other) = tokio::join!(open("one.db"), open("other.db"));
    one.unwrap().close().await;
    other.unwrap().close().await;
    assert!(!folder.path().join("one.db-key").exists());
    for name in ["one.db", "other.db"] {
        let found = look_at_key(&folder.path().join(name), Some(&key)).unwrap().found;
        assert_eq!(found, Some(FoundKey { is_private: true, is_of_database: Some(true) }));
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(&key, "0".repeat(64)).unwrap();
    let found = look_at_key(&folder.path().join("one.db"), Some(&key)).unwrap().found;
    assert_eq!(found, Some(FoundKey { is_private: false, is_of_database: Some(false) }));
}

#[tokio::test]
async fn a_key_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("no/folder.key");
    let options = OpenOptions { masking_key_file: Some(key.clone()), ..options(chrono_tz::UTC) };
    let opened = Store::open(&folder.path().join("mirror.db"), &options, minute(0)).await.map(|_| ());
    assert!(matches!(&opened, Err(OpenError::KeyNotMade { path, .. }) if *path == key), "{opened:?}");
    assert!(opened.unwrap_err().hint().contains("[masking] key_file"));
}
