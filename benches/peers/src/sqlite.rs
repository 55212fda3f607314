//! The same sessions and people in an in-memory database, with prepared statements.

use rusqlite::{Connection, OptionalExtension, Statement, params};
use twilio_proxy_core::{E164, ParticipantSid, SessionSid};

use crate::{
    Outcome,
    world::{UNRESERVED, World, number},
};

const SCHEMA: &str = include_str!("schema.sql");

const FIND_SESSION: &str = "SELECT id FROM session WHERE sid = ?1 AND status < 2";
const CREATE_SESSION: &str = "
    INSERT INTO session (sid, mode, ttl, date_created, date_updated, deadline) VALUES (?1, 2, ?2, ?3, ?3, ?2 + ?3)";
/// How many are live, and whether the identifier is here or in the pool.
const CHECK_ADDITION: &str = "
    SELECT count(*) FILTER (WHERE date_deleted IS NULL),
           count(*) FILTER (WHERE identifier = ?2),
           EXISTS (SELECT 1 FROM number WHERE number = ?2)
    FROM participant WHERE session = ?1";
/// The number of the latest use if it is free, else the first that is.
const SELECT_NUMBER: &str = "
    SELECT number, sid FROM number WHERE id = coalesce(
        (SELECT n.id FROM participant p JOIN number n ON n.number = p.number
         WHERE p.identifier = ?1 AND n.region = 1 AND n.is_reserved = 0 AND n.has_voice AND n.has_messages
           AND NOT EXISTS (SELECT 1 FROM participant h WHERE h.identifier = ?1 AND h.number = n.number AND h.is_holder = 1)
         ORDER BY p.id DESC LIMIT 1),
        (SELECT n.id FROM number n
         WHERE n.region = 1 AND n.is_reserved = 0 AND n.has_voice AND n.has_messages
           AND NOT EXISTS (SELECT 1 FROM participant h WHERE h.identifier = ?1 AND h.number = n.number AND h.is_holder = 1)
         ORDER BY n.id LIMIT 1))";
const ADD_PARTICIPANT: &str = "
    INSERT INTO participant (sid, session, identifier, number, number_sid, date_created, date_updated)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
/// Both sides of a session count once.
const HOLD_NUMBER: &str = "
    UPDATE number SET in_use = in_use + 1 WHERE number = ?1 AND NOT EXISTS (
        SELECT 1 FROM participant WHERE session = ?2 AND number = ?1 AND is_holder = 1 AND sid <> ?3)";
const ROUTE: &str = "
    SELECT partner.identifier, partner.number
    FROM participant caller
    JOIN session ON session.id = caller.session
    JOIN participant partner
      ON partner.session = caller.session AND partner.id <> caller.id AND partner.date_deleted IS NULL
    WHERE caller.identifier = ?1 AND caller.number = ?2 AND caller.is_holder = 1 AND session.status < 2";
const RELEASE_NUMBERS: &str = "
    UPDATE number SET in_use = in_use - 1 WHERE number IN (
        SELECT number FROM participant WHERE session = ?1 AND is_holder = 1)";
const RELEASE_PEOPLE: &str = "UPDATE participant SET is_holder = 0 WHERE session = ?1 AND is_holder = 1";
const CLOSE_SESSION: &str = "
    UPDATE session SET status = 2, closed_reason = 0, date_ended = ?2, date_updated = ?2, deadline = ?2 + 7776000
    WHERE id = ?1";
const DELETE_SESSION: &str = "DELETE FROM session WHERE sid = ?1";

pub(crate) struct Peer<'c> {
    connection: &'c Connection,
    begin: Statement<'c>,
    commit: Statement<'c>,
    find_session: Statement<'c>,
    create_session: Statement<'c>,
    check_addition: Statement<'c>,
    select_number: Statement<'c>,
    add_participant: Statement<'c>,
    hold_number: Statement<'c>,
    route: Statement<'c>,
    release_numbers: Statement<'c>,
    release_people: Statement<'c>,
    close_session: Statement<'c>,
    delete_session: Statement<'c>,
}

impl<'c> Peer<'c> {
    /// Prepares everything in an empty database, and fills it.
    pub(crate) fn new(connection: &'c Connection, world: &World) -> Outcome<Self> {
        connection.execute_batch(SCHEMA)?;
        let statement = |sql| connection.prepare(sql);
        let mut peer = Self {
            connection,
            begin: statement("BEGIN")?,
            commit: statement("COMMIT")?,
            find_session: statement(FIND_SESSION)?,
            create_session: statement(CREATE_SESSION)?,
            check_addition: statement(CHECK_ADDITION)?,
            select_number: statement(SELECT_NUMBER)?,
            add_participant: statement(ADD_PARTICIPANT)?,
            hold_number: statement(HOLD_NUMBER)?,
            route: statement(ROUTE)?,
            release_numbers: statement(RELEASE_NUMBERS)?,
            release_people: statement(RELEASE_PEOPLE)?,
            close_session: statement(CLOSE_SESSION)?,
            delete_session: statement(DELETE_SESSION)?,
        };
        peer.begin()?;
        peer.fill(world)?;
        peer.commit()?;
        Ok(peer)
    }

    fn fill(&mut self, world: &World) -> Outcome {
        let new = "INSERT INTO number (sid, number, region, has_voice, has_messages, is_reserved) VALUES (?1, ?2, 1, 1, 1, 0)";
        let mut new = self.connection.prepare(new)?;
        let mut sids = Vec::new();
        for n in 0..UNRESERVED {
            let sid = (n as u128).to_be_bytes();
            new.execute(params![sid, digits(number(n)?)?])?;
            sids.push((number(n)?, sid));
        }
        for pair in &world.pairs {
            self.create_session.execute(params![pair.session.as_bytes(), pair.ttl.as_seconds(), 0])?;
            let session = self.connection.last_insert_rowid();
            for person in pair.people {
                let number_sid =
                    sids.iter().find(|(number, _)| *number == person.number).ok_or("a number of the pool")?.1;
                let (identifier, number) = (digits(person.identifier)?, digits(person.number)?);
                let sid = person.sid.as_bytes();
                self.add_participant.execute(params![sid, session, identifier, number, number_sid, 0])?;
                self.hold_number.execute(params![number, session, sid])?;
            }
        }
        Ok(())
    }

    pub(crate) fn begin(&mut self) -> Outcome {
        self.begin.execute([])?;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Outcome {
        self.commit.execute([])?;
        Ok(())
    }

    pub(crate) fn create_session(&mut self, session: SessionSid, ttl: u32, now: i64) -> Outcome {
        self.create_session.execute(params![session.as_bytes(), ttl, now])?;
        Ok(())
    }

    /// The number that was selected.
    pub(crate) fn add_participant(
        &mut self,
        session: SessionSid,
        sid: ParticipantSid,
        identifier: E164,
        now: i64,
    ) -> Outcome<i64> {
        let session: i64 = self.find_session.query_row([session.as_bytes()], |row| row.get(0))?;
        let identifier = digits(identifier)?;
        let check = self.check_addition.query_row([session, identifier], |row| {
            Ok((row.get::<_, i64>(0)? < 2, !row.get::<_, bool>(1)?, !row.get::<_, bool>(2)?))
        })?;
        if check != (true, true, true) {
            return Err("refused".into());
        }
        let (number, number_sid): (i64, [u8; 16]) =
            self.select_number.query_row([identifier], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.add_participant.execute(params![sid.as_bytes(), session, identifier, number, number_sid, now])?;
        self.hold_number.execute(params![number, session, sid.as_bytes()])?;
        Ok(number)
    }

    /// Whom a contact reaches, and from which number.
    pub(crate) fn route(&mut self, from: i64, to: i64) -> Outcome<Option<(i64, i64)>> {
        Ok(self.route.query_row([from, to], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    pub(crate) fn close_session(&mut self, session: SessionSid, now: i64) -> Outcome {
        let session: i64 = self.find_session.query_row([session.as_bytes()], |row| row.get(0))?;
        self.release_numbers.execute([session])?;
        self.release_people.execute([session])?;
        self.close_session.execute([session, now])?;
        Ok(())
    }

    pub(crate) fn delete_session(&mut self, session: SessionSid) -> Outcome {
        self.delete_session.execute([session.as_bytes()])?;
        Ok(())
    }
}

pub(crate) fn digits(number: E164) -> Outcome<i64> {
    Ok(i64::try_from(number.digits())?)
}

/// The bytes that the database takes.
pub(crate) fn bytes(world: &World) -> Outcome<i64> {
    let connection = Connection::open_in_memory()?;
    drop(Peer::new(&connection, world)?);
    let pragma = |name| connection.query_row(name, [], |row| row.get::<_, i64>(0));
    Ok(pragma("PRAGMA page_count")? * pragma("PRAGMA page_size")?)
}
