//! Contacts that wait for an answer of the embedder: they are no records yet (RTE-11).

use alloc::collections::{BTreeMap, BTreeSet};

use crate::{
    address::{Identifier, ProxyIdentifier},
    interaction::Contact,
    service::book::{MemberSlot, SessionSlot},
    sid::{InteractionSid, ResourceSid},
    text::CallbackUrl,
};

/// A contact that waits.
#[derive(Clone)]
pub(in crate::service) struct WaitingContact {
    pub(in crate::service) interaction: InteractionSid,
    pub(in crate::service) resource: ResourceSid,
    pub(in crate::service) contact: Contact,
    pub(in crate::service) matter: Matter,
}

/// What a contact waits for.
#[derive(Clone)]
pub(in crate::service) enum Matter {
    /// The verdict of the intercept.
    Verdict(Connection, CallbackUrl),
    /// An answer out of session.
    OutOfSession { from: Option<Identifier>, to: ProxyIdentifier, previous: Option<SessionSlot> },
}

/// Who is to be connected, and in which session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::service) struct Connection {
    pub(in crate::service) session: SessionSlot,
    pub(in crate::service) caller: MemberSlot,
    pub(in crate::service) partner: MemberSlot,
}

impl WaitingContact {
    /// The session that it waits in, or was in last.
    const fn session(&self) -> Option<(SessionSlot, Tie)> {
        match &self.matter {
            Matter::Verdict(connection, _) => Some((connection.session, Tie::Present)),
            Matter::OutOfSession { previous: Some(previous), .. } => Some((*previous, Tie::Previous)),
            Matter::OutOfSession { previous: None, .. } => None,
        }
    }
}

/// What a session is to a waiting contact.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::service) enum Tie {
    /// It waits in it for a verdict.
    Present,
    /// It waits out of session, and had its pair there last.
    Previous,
}

/// Waiting contacts in the order of arrival, each found by its SID and by its session.
#[derive(Clone)]
pub(in crate::service) struct WaitingRoom {
    contacts: BTreeMap<u64, WaitingContact>,
    /// How many contacts ever came to wait: the place of the next one.
    arrived: u64,
    by_sid: BTreeMap<InteractionSid, u64>,
    by_session: BTreeSet<(SessionSlot, Tie, u64)>,
}

impl WaitingRoom {
    pub(in crate::service) const fn new() -> Self {
        Self { contacts: BTreeMap::new(), arrived: 0, by_sid: BTreeMap::new(), by_session: BTreeSet::new() }
    }

    /// Every contact, in the order of arrival.
    pub(in crate::service) fn iter(&self) -> impl Iterator<Item = &WaitingContact> {
        self.contacts.values()
    }

    pub(in crate::service) fn contact(&self, sid: InteractionSid) -> Option<&WaitingContact> {
        self.contacts.get(self.by_sid.get(&sid)?)
    }

    pub(in crate::service) fn insert(&mut self, contact: WaitingContact) {
        let place = self.arrived;
        self.arrived = self.arrived.saturating_add(1);
        self.by_sid.insert(contact.interaction, place);
        self.by_session.extend(contact.session().map(|(session, tie)| (session, tie, place)));
        self.contacts.insert(place, contact);
    }

    pub(in crate::service) fn remove(&mut self, sid: InteractionSid) -> Option<WaitingContact> {
        let place = self.by_sid.remove(&sid)?;
        let contact = self.contacts.remove(&place)?;
        if let Some((session, tie)) = contact.session() {
            self.by_session.remove(&(session, tie, place));
        }
        Some(contact)
    }

    /// The contact that waited first of those that are tied to a session in this way.
    pub(in crate::service) fn first_of_session(&self, session: SessionSlot, tie: Tie) -> Option<InteractionSid> {
        let (_, _, place) = self.by_session.range((session, tie, 0)..=(session, tie, u64::MAX)).next()?;
        self.contacts.get(place).map(|contact| contact.interaction)
    }
}
