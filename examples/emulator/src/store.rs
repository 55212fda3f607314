//! What outlives the process: a snapshot of the account, the commands since, and the latest events, in one `redb` file.
//!
//! Every value carries a checksum of itself and of its place, so that damage is told from data and can be named.

use std::{
    fmt, fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use twilio_proxy_core::{AccountCommand, AccountState, LogEntry};

use crate::history::Entry;

type Table = TableDefinition<'static, u64, &'static [u8]>;

const SNAPSHOT: Table = TableDefinition::new("snapshot");
const LOG: Table = TableDefinition::new("log");
const EVENTS: Table = TableDefinition::new("events");

const FILE: &str = "emulator.redb";
/// The name of a store that is being made.
const UNFINISHED: &str = "emulator.redb.new";

/// The one key of the table of snapshots.
const LATEST: u64 = 0;
/// How many bytes of log are worth a snapshot, if the last one was no larger.
const LOG_BYTES: u64 = 4 << 20;

/// An open store.
#[derive(Debug)]
pub(crate) struct Store {
    database: Database,
    /// The number of the next entry of the log.
    next: u64,
    log_bytes: u64,
    snapshot_bytes: u64,
}

/// What a store had.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) state: AccountState,
    /// The commands since, in order.
    pub(crate) log: Vec<LogEntry<AccountCommand>>,
    pub(crate) events: Vec<Entry>,
}

/// What is to be written down before anything of it is told.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The account, if its log begins anew here.
    pub(crate) snapshot: Option<AccountState>,
    /// The commands since that snapshot, or else since the last changes.
    pub(crate) log: Vec<LogEntry<AccountCommand>>,
    pub(crate) events: Vec<Entry>,
    /// Events before this one are no longer kept.
    pub(crate) first_event: Option<u64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    /// The number of the last entry of the log that is part of it.
    applied: u64,
    state: AccountState,
}

/// Why a store cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {source}")]
    Database { path: PathBuf, source: Box<redb::Error> },
    #[error("{path}: its pages do not fit together: the file is damaged")]
    Pages { path: PathBuf },
    #[error("{path}: {place} {flaw}")]
    Damaged { path: PathBuf, place: Place, flaw: Flaw },
}

/// Where something is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    Snapshot,
    LogEntry(u64),
    Event(u64),
}

/// What is wrong there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("is damaged: its checksum is another")]
    Checksum,
    #[error("cannot be read: {0}")]
    Json(serde_json::Error),
    #[error("is missing")]
    Missing,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot => f.write_str("the snapshot"),
            Self::LogEntry(number) => write!(f, "log entry {number}"),
            Self::Event(id) => write!(f, "event {id}"),
        }
    }
}

impl Changes {
    pub(crate) const fn is_empty(&self) -> bool {
        let Self { snapshot, log, events, first_event } = self;
        snapshot.is_none() && log.is_empty() && events.is_empty() && first_event.is_none()
    }
}

impl Store {
    /// Opens the store of a folder and reads what it has, if there is one.
    pub(crate) fn find(folder: &Path) -> Result<Option<(Self, Saved)>, StoreError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        // A damaged file can break an assertion of the database, which is no reason to break off.
        match catch_unwind(AssertUnwindSafe(|| Self::open(&path))) {
            Ok(opened) => opened.map(Some),
            Err(_) => Err(StoreError::Pages { path }),
        }
    }

    /// Makes the store of a folder, which is made if it is not there. It has these changes from the start, or is not there.
    pub(crate) fn create(folder: &Path, changes: &Changes) -> Result<Self, StoreError> {
        let file_error = |source| StoreError::File { path: folder.into(), source };
        fs::create_dir_all(folder).map_err(file_error)?;
        let unfinished = folder.join(UNFINISHED);
        let failed = |error: redb::Error| StoreError::Database { path: unfinished.clone(), source: Box::new(error) };
        // What a start that was cut off has left.
        if unfinished.exists() {
            fs::remove_file(&unfinished).map_err(file_error)?;
        }
        let database = Database::create(&unfinished).map_err(|error| failed(error.into()))?;
        let mut store = Self { database, next: 1, log_bytes: 0, snapshot_bytes: 0 };
        store.save(changes).map_err(failed)?;
        drop(store);
        fs::rename(&unfinished, folder.join(FILE)).map_err(file_error)?;
        let (store, _) = Self::find(folder)?.ok_or_else(|| file_error(io::ErrorKind::NotFound.into()))?;
        Ok(store)
    }

    fn open(path: &Path) -> Result<(Self, Saved), StoreError> {
        let failed = |error: redb::Error| StoreError::Database { path: path.into(), source: Box::new(error) };
        let mut database = Database::open(path).map_err(|error| failed(error.into()))?;
        let contents = read(&database).map_err(failed)?;
        let damaged = |(place, flaw)| StoreError::Damaged { path: path.into(), place, flaw };
        let (saved, Counts { next, log_bytes, snapshot_bytes }) = contents.check().map_err(damaged)?;
        // Values were looked at first, since only their damage can be named.
        if !database.check_integrity().map_err(|error| failed(error.into()))? {
            return Err(StoreError::Pages { path: path.into() });
        }
        Ok((Self { database, next, log_bytes, snapshot_bytes }, saved))
    }

    /// Whether the log has grown so long that it is time for a snapshot. Snapshots cost as much in all as the log does.
    pub(crate) fn wants_snapshot(&self) -> bool {
        self.log_bytes >= LOG_BYTES.max(self.snapshot_bytes)
    }

    /// Writes changes down, all or none. When it returns they are on disk.
    pub(crate) fn save(&mut self, changes: &Changes) -> Result<(), redb::Error> {
        let Changes { snapshot, log, events, first_event } = changes;
        let mut transaction = self.database.begin_write()?;
        // After a `kill -9` there is nothing to repair: what was written last is there or is refused, and never rolled back.
        transaction.set_quick_repair(true);
        if let Some(state) = snapshot {
            let applied = self.next.saturating_sub(1);
            transaction.open_table(LOG)?.retain(|_, _| false)?;
            let snapshot = Snapshot { applied, state: state.clone() };
            self.snapshot_bytes = put(&transaction, SNAPSHOT, [(LATEST, &snapshot)])?;
            self.log_bytes = 0;
        }
        let numbered = (self.next..).zip(log);
        let bytes = put(&transaction, LOG, numbered)?;
        self.log_bytes = self.log_bytes.saturating_add(bytes);
        self.next = self.next.saturating_add(log.len() as u64);
        put(&transaction, EVENTS, events.iter().map(|entry| (entry.id, entry)))?;
        if let Some(first) = first_event {
            transaction.open_table(EVENTS)?.retain_in(..*first, |_, _| false)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// Puts values into a table, and says how many bytes they are.
fn put<'a, T: Serialize + 'a>(
    transaction: &WriteTransaction,
    table: Table,
    values: impl IntoIterator<Item = (u64, &'a T)>,
) -> Result<u64, redb::Error> {
    let mut open = transaction.open_table(table)?;
    let mut bytes = 0_u64;
    for (key, value) in values {
        let json = serde_json::to_vec(value).map_err(io::Error::from)?;
        let framed = [&checksum(table, key, &json).to_le_bytes(), json.as_slice()].concat();
        bytes = bytes.saturating_add(framed.len() as u64);
        open.insert(key, framed.as_slice())?;
    }
    Ok(bytes)
}

fn checksum(table: Table, key: u64, json: &[u8]) -> u32 {
    use redb::TableHandle;

    let mut hasher = crc32fast::Hasher::new();
    hasher.update(table.name().as_bytes());
    hasher.update(&key.to_le_bytes());
    hasher.update(json);
    hasher.finalize()
}

/// The tables of a store as they were found.
struct Contents {
    snapshot: Vec<(u64, Vec<u8>)>,
    log: Vec<(u64, Vec<u8>)>,
    events: Vec<(u64, Vec<u8>)>,
}

struct Counts {
    next: u64,
    log_bytes: u64,
    snapshot_bytes: u64,
}

fn read(database: &Database) -> Result<Contents, redb::Error> {
    let transaction = database.begin_read()?;
    let table = |table: Table| -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
        let open = match transaction.open_table(table) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            open => open?,
        };
        let expected = open.len()?;
        let mut values = Vec::new();
        for row in open.iter()? {
            let (key, value) = row?;
            values.push((key.value(), value.value().to_vec()));
        }
        if values.len() as u64 == expected {
            Ok(values)
        } else {
            Err(redb::Error::Corrupted("a table has another number of rows than it says".into()))
        }
    };
    Ok(Contents { snapshot: table(SNAPSHOT)?, log: table(LOG)?, events: table(EVENTS)? })
}

impl Contents {
    fn check(self) -> Result<(Saved, Counts), (Place, Flaw)> {
        let Self { snapshot, log, events } = self;
        let bytes = |values: &[(u64, Vec<u8>)]| values.iter().map(|(_, value)| value.len() as u64).sum();
        let (log_bytes, snapshot_bytes) = (bytes(&log), bytes(&snapshot));
        let (key, value) = snapshot.into_iter().next().ok_or((Place::Snapshot, Flaw::Missing))?;
        let Snapshot { applied, state } = parse(SNAPSHOT, key, &value).map_err(|flaw| (Place::Snapshot, flaw))?;
        let mut next = applied.saturating_add(1);
        let mut commands = Vec::with_capacity(log.len());
        for (number, value) in log {
            if number != next {
                return Err((Place::LogEntry(next), Flaw::Missing));
            }
            commands.push(parse(LOG, number, &value).map_err(|flaw| (Place::LogEntry(number), flaw))?);
            next = next.saturating_add(1);
        }
        let mut entries: Vec<Entry> = Vec::with_capacity(events.len());
        for (id, value) in events {
            if let Some(missing) = entries.last().map(|entry| entry.id.saturating_add(1)).filter(|next| *next != id) {
                return Err((Place::Event(missing), Flaw::Missing));
            }
            entries.push(parse(EVENTS, id, &value).map_err(|flaw| (Place::Event(id), flaw))?);
        }
        Ok((Saved { state, log: commands, events: entries }, Counts { next, log_bytes, snapshot_bytes }))
    }
}

fn parse<T: DeserializeOwned>(table: Table, key: u64, value: &[u8]) -> Result<T, Flaw> {
    let (stored, json) = value.split_first_chunk().ok_or(Flaw::Checksum)?;
    if u32::from_le_bytes(*stored) != checksum(table, key, json) {
        return Err(Flaw::Checksum);
    }
    serde_json::from_slice(json).map_err(Flaw::Json)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tempfile::TempDir;
    use twilio_proxy_core::{Account, AccountEvent, Command, NewSession, Notification, Policy, ServiceSid, Timestamp};

    use super::*;
    use crate::history::Happening;

    fn entry(n: u64) -> LogEntry<AccountCommand> {
        let new = NewSession::new(twilio_proxy_core::SessionSid::from_u128(n.into()));
        let command =
            AccountCommand::Service { service: ServiceSid::from_u128(1), command: Command::CreateSession { new } };
        LogEntry { now: Timestamp::MIN, command }
    }

    fn event(id: u64) -> Entry {
        let interaction = twilio_proxy_core::InteractionSid::from_u128(id.into());
        let event = Notification::OpenInteractionNotFound { interaction }.into();
        let what = Happening::Arose(AccountEvent { service: ServiceSid::from_u128(1), event });
        Entry { id, at: Timestamp::MIN, what }
    }

    fn state() -> AccountState {
        let sid = "AC00000000000000000000000000000001".parse().unwrap();
        Account::new(sid, Policy::default(), Timestamp::MIN).state()
    }

    /// A store into which a snapshot and then as many commands as asked for were written, each in a transaction of its own.
    fn filled(commands: u64) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        assert!(Store::find(folder.path()).unwrap().is_none());
        let changes = Changes { snapshot: Some(state()), ..Changes::default() };
        let mut store = Store::create(folder.path(), &changes).unwrap();
        for n in 1..=commands {
            store.save(&Changes { log: vec![entry(n)], events: vec![event(n)], ..Changes::default() }).unwrap();
        }
        folder
    }

    fn reopened(folder: &Path) -> Saved {
        Store::find(folder).unwrap().unwrap().1
    }

    fn json_of(saved: &Saved) -> Value {
        json!([saved.state, saved.log, saved.events])
    }

    #[test]
    fn what_was_saved_comes_back() {
        let folder = filled(3);
        let saved = reopened(folder.path());
        assert_eq!(saved.log, [entry(1), entry(2), entry(3)]);
        assert_eq!(saved.events.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(saved.state, state());
    }

    #[test]
    fn a_snapshot_takes_the_place_of_the_log_before_it() {
        let folder = filled(3);
        let (mut store, _) = Store::find(folder.path()).unwrap().unwrap();
        let changes =
            Changes { snapshot: Some(state()), log: vec![entry(4)], first_event: Some(3), ..Changes::default() };
        store.save(&changes).unwrap();
        drop(store);
        let saved = reopened(folder.path());
        assert_eq!(saved.log, [entry(4)]);
        assert_eq!(saved.events.iter().map(|event| event.id).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_long_log_wants_a_snapshot() {
        let folder = filled(0);
        let (mut store, _) = Store::find(folder.path()).unwrap().unwrap();
        let log: Vec<_> = (0..50_000).map(entry).collect();
        assert!(!store.wants_snapshot());
        store.save(&Changes { log, ..Changes::default() }).unwrap();
        assert!(store.wants_snapshot());
        drop(store);
        let (mut store, _) = Store::find(folder.path()).unwrap().unwrap();
        assert!(store.wants_snapshot(), "after a restart too");
        store.save(&Changes { snapshot: Some(state()), ..Changes::default() }).unwrap();
        assert!(!store.wants_snapshot());
    }

    #[test]
    fn a_store_is_had_once_at_a_time() {
        let folder = filled(0);
        let _store = Store::find(folder.path()).unwrap().unwrap();
        let error = Store::find(folder.path()).unwrap_err().to_string();
        assert!(error.contains("emulator.redb") && error.contains("already open"), "{error}");
    }

    #[test]
    fn a_damaged_value_is_named() {
        let folder = filled(20);
        let path = folder.path().join("emulator.redb");
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut log = transaction.open_table(LOG).unwrap();
            let mut value = log.get(17).unwrap().unwrap().value().to_vec();
            value[40] ^= 1;
            log.insert(17, value.as_slice()).unwrap();
        }
        transaction.commit().unwrap();
        drop(database);
        let error = Store::find(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("emulator.redb: log entry 17 is damaged: its checksum is another"), "{error}");
    }

    #[test]
    fn a_missing_entry_is_named() {
        let folder = filled(5);
        let database = Database::create(folder.path().join("emulator.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(LOG).unwrap().remove(3).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = Store::find(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("log entry 3 is missing"), "{error}");
    }

    /// Opens a store whose file has these bytes: it is refused with a reason, or has all that it had.
    fn is_refused(bytes: &[u8], original: &Value, what: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), bytes).unwrap();
        match Store::find(folder.path()) {
            Err(error) => {
                assert!(error.to_string().contains(FILE), "{what}: {error}");
                true
            }
            Ok(found) => {
                let (_, saved) = found.expect("there is a file");
                assert!(json_of(&saved) == *original, "{what}: something is gone without a word");
                false
            }
        }
    }

    /// A dense search takes an hour.
    const DAMAGED_EVERY: usize = 1999;

    #[test]
    fn a_flipped_or_missing_byte_is_noticed_or_does_no_harm() {
        let folder = filled(30);
        let original = json_of(&reopened(folder.path()));
        let ended = fs::read(folder.path().join(FILE)).unwrap();
        let (mut store, _) = Store::find(folder.path()).unwrap().unwrap();
        store.save(&Changes { log: vec![entry(31)], events: vec![event(31)], ..Changes::default() }).unwrap();
        // As a `kill -9` leaves it, in the middle of its life.
        let killed = fs::read(folder.path().join(FILE)).unwrap();
        drop(store);
        let longer = json_of(&reopened(folder.path()));
        for (bytes, original) in [(ended, original), (killed, longer)] {
            assert!(!is_refused(&bytes, &original, "untouched"));
            let header = (0..320).step_by(3);
            let values = (0..bytes.len()).filter(|position| bytes[*position] != 0).step_by(DAMAGED_EVERY / 4);
            let anywhere = (0..bytes.len()).step_by(DAMAGED_EVERY * 4);
            let mut refused = 0_u32;
            for position in header.chain(values).chain(anywhere) {
                let mut damaged = bytes.clone();
                damaged[position] ^= 1 << (position % 8);
                refused += u32::from(is_refused(&damaged, &original, &format!("byte {position}")));
            }
            assert!(refused > 30, "{refused}");
            for length in (0..bytes.len()).step_by(bytes.len() / 20) {
                is_refused(&bytes[..length], &original, &format!("{length} bytes"));
            }
        }
    }
}
