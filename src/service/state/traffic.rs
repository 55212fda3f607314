//! Calls and messages as plain data, and back.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use serde_json::Value;

use super::{EventFlaw, InteractionFlaw, RestoreError, WaitingFlaw, in_order};
use crate::{
    address::{Identifier, ProxyIdentifier},
    event::{Event, Leg, RequestPurpose},
    interaction::{
        Contact, ContactKind, Interaction, InteractionType, MessageBody, ResourceStatus, ResourceType, duration_data,
    },
    participant::Participant,
    service::{
        Service,
        book::{MemberSlot, SessionSlot},
        traffic::{Connection, InteractionRecord, Matter, WaitingContact},
    },
    sid::{AccountSid, InteractionSid, ParticipantSid, ResourceSid, SessionSid},
    text::CallbackUrl,
    time::Timestamp,
};

/// An interaction in a [`ServiceState`](super::ServiceState).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::NewMessage;
///
/// # let new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// # let ride = service.create_session(NewSession::new(sid!("KC00000000000000000000000000000001")), now)?.sid;
/// # let alice = NewParticipant::new(sid!("KP00000000000000000000000000000001"), "+15558675310".parse()?);
/// # let alice = service.add_participant(ride, alice, now)?.sid;
/// # let welcome = NewMessage::new(sid!("KI00000000000000000000000000000001"), "Welcome!".parse()?);
/// let welcome = service.send_message(ride, alice, welcome, now)?.sid;
/// assert_eq!(service.state().sessions[0].interactions[0].interaction.sid, welcome);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct InteractionState {
    /// How many interactions of the service were created before it.
    pub ordinal: u64,
    /// The interaction.
    pub interaction: Interaction,
}

/// A waiting contact in a [`ServiceState`](super::ServiceState) (RTE-11).
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::Inbound;
///
/// # let mut new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # new.out_of_session_callback_url = Some("https://rides.example.com/strangers".parse()?);
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// let call = "CA00000000000000000000000000000001".parse()?;
/// let inbound = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155551212".parse()?);
/// service.receive(inbound, now)?;
/// assert_eq!(service.state().waiting[0].resource, call);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct WaitingState {
    /// The SID that its record will have.
    pub interaction: InteractionSid,
    /// SID of the call or message itself.
    pub resource: ResourceSid,
    /// The call, or the message and what it says.
    pub contact: Contact,
    /// What it waits for.
    pub matter: WaitingMatter,
}

/// What a waiting contact waits for.
///
/// ```
/// # use twilio_proxy_core::{NewNumber, NewService, Policy, Service, Timestamp, sid};
/// use twilio_proxy_core::{Inbound, WaitingMatter};
///
/// # let mut new = NewService::new(
/// #     sid!("KS00000000000000000000000000000001"),
/// #     sid!("AC00000000000000000000000000000001"),
/// #     "rides".parse()?,
/// # );
/// # new.out_of_session_callback_url = Some("https://rides.example.com/strangers".parse()?);
/// # let now = Timestamp::MIN;
/// # let mut service = Service::new(new, Policy::default(), now);
/// # let number = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
/// # service.add_number(number, now)?;
/// let call = "CA00000000000000000000000000000001".parse()?;
/// let inbound = Inbound::call(sid!("KI00000000000000000000000000000001"), call, None, "+14155551212".parse()?);
/// service.receive(inbound, now)?;
/// let state = service.state();
/// let WaitingMatter::OutOfSession { from, .. } = &state.waiting[0].matter else { unreachable!() };
/// assert_eq!(*from, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum WaitingMatter {
    /// The verdict of the intercept (RTE-7).
    Verdict {
        /// The session that will carry it.
        session: SessionSid,
        /// Who called or wrote.
        caller: ParticipantSid,
        /// Who will be reached.
        partner: ParticipantSid,
        /// Where the intercept was asked.
        url: CallbackUrl,
    },
    /// The answer to an out-of-session request (WHK-4).
    OutOfSession {
        /// Who called or wrote, unless withheld. Personal data.
        from: Option<Identifier>,
        /// What was dialled or written to.
        to: ProxyIdentifier,
        /// The closed session that the two had last, with which the contact is dropped (RTE-4, RTE-11).
        previous: Option<SessionSid>,
    },
}

impl InteractionState {
    pub(super) fn of(record: &InteractionRecord) -> Self {
        Self { ordinal: record.ordinal, interaction: record.interaction.clone() }
    }
}

impl Service {
    pub(super) fn waiting_state(&self, waiting: &WaitingContact) -> Option<WaitingState> {
        let WaitingContact { interaction, resource, contact, matter } = waiting.clone();
        let sid = |member: MemberSlot| self.added(member).map(|participant| participant.sid);
        let matter = match matter {
            Matter::Verdict(Connection { session, caller, partner }, url) => WaitingMatter::Verdict {
                session: self.book.session(session)?.sid,
                caller: sid(caller)?,
                partner: sid(partner)?,
                url,
            },
            Matter::OutOfSession { from, to, previous } => {
                let previous = previous.and_then(|previous| self.book.session(previous)).map(|session| session.sid);
                WaitingMatter::OutOfSession { from, to, previous }
            }
        };
        Some(WaitingState { interaction, resource, contact, matter })
    }

    /// Puts the interactions of a session in, whose members are there already.
    pub(super) fn restore_interactions(
        &mut self,
        session: SessionSlot,
        interactions: Vec<InteractionState>,
        ordinals: &mut Vec<(u64, Timestamp, InteractionSid)>,
    ) -> Result<(), RestoreError> {
        let (mut next_ordinal, mut earliest) = (0, None);
        for InteractionState { ordinal, interaction } in interactions {
            let sid = interaction.sid;
            let refuse = |flaw| RestoreError::Interaction { interaction: sid, flaw };
            if ordinal < next_ordinal || ordinal >= self.interactions_created {
                return Err(refuse(InteractionFlaw::Ordinal));
            }
            next_ordinal = ordinal.saturating_add(1);
            if self.ledger.slot_of_sid(sid).is_some() {
                return Err(refuse(InteractionFlaw::SidTwice));
            }
            let Some(partner) = self.check_participants(session, &interaction) else {
                return Err(refuse(InteractionFlaw::Participants));
            };
            let kind =
                if interaction.kind == InteractionType::Voice { ContactKind::Call } else { ContactKind::Message };
            let is_carried = self.book.session(session).is_some_and(|session| session.mode.carries(kind));
            if !is_carried || !interaction.is_consistent(self.settings.account_sid) {
                return Err(refuse(InteractionFlaw::Resources));
            }
            let dates = self.book.session(session).and_then(|session| {
                Some([
                    earliest.max(session.date_started)?,
                    interaction.date_created,
                    session.date_last_interaction?,
                    self.latest_instant,
                ])
            });
            let is_reported_in_time =
                in_order([interaction.date_created, interaction.date_updated, self.latest_instant]);
            if !dates.is_some_and(in_order) || !is_reported_in_time {
                return Err(refuse(InteractionFlaw::Dates));
            }
            earliest = Some(interaction.date_created);
            ordinals.push((ordinal, interaction.date_created, sid));
            let sent_to = interaction.inbound_participant_sid.is_none().then_some(partner);
            self.ledger.insert(InteractionRecord { interaction, session, ordinal, sent_to });
        }
        Ok(())
    }

    /// Whom an interaction reached, if all who took part were in the session when it was created.
    fn check_participants(&self, session: SessionSlot, interaction: &Interaction) -> Option<MemberSlot> {
        let member = |sid: ParticipantSid| {
            let slot = self.member_of(session, sid)?;
            let Participant { date_created, date_deleted, .. } = self.added(slot)?;
            let was_there = *date_created <= interaction.date_created
                && date_deleted.is_none_or(|date_deleted| interaction.date_created <= date_deleted);
            was_there.then_some(slot)
        };
        if let Some(caller) = interaction.inbound_participant_sid {
            member(caller).filter(|_| interaction.outbound_participant_sid != Some(caller))?;
        }
        member(interaction.outbound_participant_sid?)
    }

    pub(super) fn restore_waiting(&mut self, waiting: Vec<WaitingState>) -> Result<(), RestoreError> {
        for WaitingState { interaction, resource, contact, matter } in waiting {
            let refuse = |flaw| RestoreError::Waiting { interaction, flaw };
            if self.is_interaction_taken(interaction) {
                return Err(refuse(WaitingFlaw::SidTwice));
            }
            if contact.body().is_some_and(MessageBody::is_opt_out) {
                return Err(refuse(WaitingFlaw::OptOut));
            }
            let matter = match matter {
                WaitingMatter::Verdict { session, caller, partner, url } => {
                    let connection = self.connection(session, caller, partner, &contact).map_err(refuse)?;
                    Matter::Verdict(connection, url)
                }
                WaitingMatter::OutOfSession { from, to, previous } => {
                    let slot = previous.and_then(|previous| self.book.slot_of_sid(previous));
                    if previous.is_some() && (slot.is_none() || from.is_none()) {
                        return Err(refuse(WaitingFlaw::Previous));
                    }
                    Matter::OutOfSession { from, to, previous: slot }
                }
            };
            self.waiting.insert(WaitingContact { interaction, resource, contact, matter });
        }
        Ok(())
    }

    fn connection(
        &self,
        session: SessionSid,
        caller: ParticipantSid,
        partner: ParticipantSid,
        contact: &Contact,
    ) -> Result<Connection, WaitingFlaw> {
        let session = self.book.slot_of_sid(session).ok_or(WaitingFlaw::Session)?;
        let record = self.book.record(session).ok_or(WaitingFlaw::Session)?;
        if !record.is_active() || !record.session.mode.carries(contact.kind()) {
            return Err(WaitingFlaw::Session);
        }
        let live = |sid| {
            let member = self.member_of(session, sid);
            member.filter(|member| self.added(*member).is_some_and(Participant::is_live))
        };
        let caller = live(caller).ok_or(WaitingFlaw::Participants)?;
        let partner = live(partner).filter(|partner| *partner != caller).ok_or(WaitingFlaw::Participants)?;
        Ok(Connection { session, caller, partner })
    }

    pub(super) fn restore_events(&mut self, events: Vec<Event>) -> Result<(), RestoreError> {
        for (index, event) in events.into_iter().enumerate() {
            self.restore_event(event).map_err(|flaw| RestoreError::Event { index, flaw })?;
        }
        Ok(())
    }

    /// Whether what an event belongs to is there: if it had been deleted, so would be the event (INV-6).
    pub(in crate::service) fn check_event(&self, event: &Event) -> Result<(), EventFlaw> {
        let must_be_recorded = match event {
            Event::Notification(_) => return Ok(()),
            Event::Leg(_) => true,
            Event::Request(request) => match request.purpose {
                RequestPurpose::Callback => true,
                RequestPurpose::OutOfSession if request.session.is_none() => return Ok(()),
                RequestPurpose::Intercept | RequestPurpose::OutOfSession => false,
            },
        };
        let session = event.session().filter(|session| self.book.slot_of_sid(*session).is_some());
        let session = session.ok_or(EventFlaw::Session)?;
        let recorded = event.interaction().and_then(|interaction| self.interaction(session, interaction));
        match (event, recorded) {
            (_, None) if must_be_recorded => Err(EventFlaw::Interaction),
            (Event::Leg(leg), Some(interaction)) if !self.is_leg_of(leg, interaction) => Err(EventFlaw::Leg),
            _ => Ok(()),
        }
    }

    /// Whether a leg goes where its interaction says, with what that has on record.
    fn is_leg_of(&self, leg: &Leg, interaction: &Interaction) -> bool {
        let reached = interaction.outbound_participant_sid.and_then(|sid| self.participant(leg.session, sid));
        let is_said = match leg.contact.body() {
            Some(body) => interaction.kind == InteractionType::Message && interaction.data == Some(body.to_data()),
            None => interaction.kind == InteractionType::Voice,
        };
        is_said && reached.is_some_and(|reached| reached.identifier == leg.to && reached.proxy_identifier == leg.from)
    }
}

impl Interaction {
    /// Whether type, data, statuses and URLs go together (INT-1, INT-2).
    fn is_consistent(&self, account: AccountSid) -> bool {
        let (resource_type, inbound_status, has_data) = match self.kind {
            InteractionType::Message => (ResourceType::Message, ResourceStatus::Delivered, self.has_body()),
            InteractionType::Voice => (ResourceType::Call, ResourceStatus::InProgress, self.has_duration_or_none()),
            InteractionType::Unknown => return false,
        };
        let url = |sid: Option<ResourceSid>| sid.map(|sid| resource_type.url(account, sid));
        let is_from_nobody = self.kind == InteractionType::Message
            && self.inbound_resource_sid.is_none()
            && self.inbound_resource_status.is_none()
            && self.inbound_resource_type.is_none()
            && self.datum("body").is_some_and(|body| !body.is_empty());
        let is_from_somebody = self.inbound_resource_sid.is_some()
            && self.inbound_resource_status == Some(inbound_status)
            && self.inbound_resource_type == Some(resource_type);
        has_data
            && (if self.inbound_participant_sid.is_none() { is_from_nobody } else { is_from_somebody })
            && self.inbound_resource_url == url(self.inbound_resource_sid)
            && self.outbound_resource_status.is_some()
            && self.outbound_resource_type == Some(resource_type)
            && self.outbound_resource_url == url(self.outbound_resource_sid)
    }

    fn has_body(&self) -> bool {
        let body = self.datum("body").and_then(|body| body.parse::<MessageBody>().ok());
        body.is_some_and(|body| self.data == Some(body.to_data()))
    }

    fn has_duration_or_none(&self) -> bool {
        let duration = self.datum("duration").and_then(|seconds| seconds.parse().ok());
        self.data == duration.map(duration_data)
    }

    /// The text of the one key that `data` has.
    fn datum(&self, key: &str) -> Option<String> {
        // No body that is kept takes more: it is not worth reading.
        let data = self.data.as_deref().filter(|data| data.len() <= 16 * 1_024)?;
        let data: Value = serde_json::from_str(data).ok()?;
        data.get(key)?.as_str().map(ToOwned::to_owned)
    }
}
