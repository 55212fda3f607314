//! Commands on the service, its numbers, its sessions, and the people in them.

use alloc::{string::ToString, vec::Vec};

use super::{
    world::{Place, earlier, later, parsed, sids, ttl},
    writer::Writer,
};
use crate::{
    CancelReason, Capabilities, ChatInstanceSid, Command, GeoMatchLevel, Identifier, NewNumber, NewParticipant,
    NewSession, NumberSelectionBehavior, NumberUpdate, ParticipantSid, Patch, PhoneNumber, ProxyIdentifier,
    ProxyNumber, RequestedProxyIdentifier, Service, ServiceUpdate, Session, SessionMode, SessionName, SessionSid,
    SessionStatus, SessionUpdate, Timestamp, Ttl, geography::Country,
};

const COUNTRIES: [Country; 8] =
    [Country::US, Country::CA, Country::BM, Country::JM, Country::GB, Country::JE, Country::RU, Country::KZ];

const SESSION_NAMES: [&str; 2] = ["job-1", "job-2"];

/// What else may be asked for as a proxy identifier.
const STRANGE_PROXIES: [&str; 6] =
    ["whatsapp:+14155550001", "whatsapp:+14155559001", "messenger:1", "+14155550001", "+14155559999", "telephone"];

impl Writer<'_> {
    pub(super) fn update_service(&mut self) -> Command {
        let dice = &mut self.dice;
        if dice.one_in(12) {
            return Command::UpdateService { update: ServiceUpdate::default() };
        }
        let urls = &self.world.urls;
        let mut url = || match dice.below(4) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => dice.pick(urls).into_iter().map(Patch::Set).next().unwrap_or_default(),
        };
        let (callback_url, intercept_callback_url, out_of_session_callback_url) = (url(), url(), url());
        let is_about_selection = !self.world.is_crowded || dice.one_in(3);
        let unique_name = dice.one_in(6).then(|| "travels".parse().ok()).flatten();
        let chat_instance_sid =
            dice.pick(&[Patch::Keep, Patch::Clear, Patch::Set(ChatInstanceSid::from_u128(1))]).unwrap_or_default();
        let default_ttl = dice.pick(&[None, None, Some(Ttl::UNLIMITED), Ttl::from_seconds(500).ok()]).flatten();
        let update = ServiceUpdate {
            unique_name,
            default_ttl,
            callback_url,
            geo_match_level: dice.pick(GeoMatchLevel::ALL).filter(|_| is_about_selection),
            number_selection_behavior: dice.pick(NumberSelectionBehavior::ALL).filter(|_| is_about_selection),
            intercept_callback_url,
            out_of_session_callback_url,
            chat_instance_sid,
        };
        Command::UpdateService { update }
    }

    // ---- numbers ----

    pub(super) fn add_number(&mut self) -> Option<Command> {
        let is_there =
            |number: &PhoneNumber, place: &Place| number.sid == place.sid || number.phone_number == place.number;
        let free = self.world.places.iter().filter(|place| self.guide.numbers().all(|number| !is_there(number, place)));
        let mut place = self.dice.choose(free.copied(), &self.world.places)?;
        if self.dice.slips() {
            place = Place::new(self.dice.pick(&[1, 18])?, place.number);
        }
        let country =
            self.dice.pick(&COUNTRIES).filter(|_| self.dice.one_in(if self.world.is_crowded { 12 } else { 4 }));
        let mut new = match (place.number, place.sid) {
            (ProxyNumber::ShortCode(code), sid) => {
                let mut new = NewNumber::short_code(sid.short_code()?, code, country.unwrap_or(Country::US));
                new.iso_country = new.iso_country.filter(|_| !self.dice.one_in(6));
                new
            }
            (ProxyNumber::PhoneNumber(number), sid) => {
                let mut new = NewNumber::phone(sid.phone_number()?, number);
                new.iso_country = country;
                new
            }
        };
        if self.dice.one_in(if self.world.is_crowded { 16 } else { 3 }) {
            new.capabilities = Some(self.capabilities());
        }
        new.friendly_name = self.dice.one_in(3).then(|| "a line".parse().ok()).flatten();
        new.is_reserved = self.dice.one_in(6);
        Some(Command::AddNumber { new })
    }

    fn capabilities(&mut self) -> Capabilities {
        let mut usually = || !self.dice.one_in(3);
        Capabilities {
            voice_inbound: usually(),
            voice_outbound: usually(),
            sms_inbound: usually(),
            sms_outbound: usually(),
            mms_inbound: usually(),
            mms_outbound: usually(),
        }
    }

    pub(super) fn update_number(&mut self) -> Option<Command> {
        let number = self.number(|_| true)?.sid;
        let is_reserved = self.dice.pick(&[Some(false), Some(false), Some(true), None])?;
        Some(Command::UpdateNumber { number, update: NumberUpdate { is_reserved } })
    }

    pub(super) fn remove_number(&mut self) -> Option<Command> {
        Some(Command::RemoveNumber { number: self.number(|number| number.in_use == 0)?.sid })
    }

    /// A number, with care one of the pool that fits.
    fn number(&mut self, fits: impl Fn(&PhoneNumber) -> bool) -> Option<Place> {
        let place = |number: &PhoneNumber| Place { sid: number.sid, number: number.phone_number };
        let fitting = self.guide.numbers().filter(|number| fits(number)).map(place);
        self.dice.choose(fitting, &self.world.places)
    }

    // ---- sessions ----

    pub(super) fn create_session(&mut self) -> Option<Command> {
        let any: Vec<SessionSid> = sids(self.world.sessions);
        let free = any.iter().filter(|sid| self.guide.session(**sid).is_none()).copied();
        let mut new = NewSession::new(self.dice.choose(free, &any)?);
        let usual = if self.world.is_crowded { 3 } else { 1 };
        let modes = [(SessionMode::VoiceAndMessage, usual), (SessionMode::MessageOnly, 2), (SessionMode::VoiceOnly, 1)];
        new.mode = self.dice.weighted(&modes)?;
        (new.ttl, new.date_expiry) = self.lifetime();
        if self.dice.one_in(4) {
            let names: Vec<SessionName> = parsed(&SESSION_NAMES);
            let free = names.iter().filter(|name| self.guide.session_by_name(name.as_str()).is_none());
            new.unique_name = self.dice.choose(free.cloned(), &names);
        }
        if self.dice.slips() {
            new.status = self.dice.pick(SessionStatus::ALL);
        } else {
            new.status = self.dice.one_in(8).then_some(SessionStatus::Open);
        }
        let participants = if self.dice.slips() { 3 } else { self.dice.pick(&[0, 0, 1, 2, 2])? };
        for _ in 0..participants {
            let participant = self.new_participant(None, new.mode, &new.participants);
            new.participants.extend(participant);
        }
        new.fail_on_participant_conflict = self.dice.one_in(4);
        Some(Command::CreateSession { new })
    }

    pub(super) fn update_session(&mut self) -> Option<Command> {
        let session = self.session(|_, session| session.status.is_active())?;
        let (ttl, date_expiry) = self.lifetime();
        let status = if self.dice.slips() { self.dice.pick(SessionStatus::ALL) } else { None };
        let fail_on_participant_conflict = self.dice.one_in(4);
        Some(Command::UpdateSession {
            session,
            update: SessionUpdate { status, ttl, date_expiry, fail_on_participant_conflict },
        })
    }

    fn lifetime(&mut self) -> (Option<Ttl>, Option<Timestamp>) {
        let now = self.guide.latest_instant();
        let seconds = self.dice.pick(&[None, None, None, Some(60), Some(600), Some(0), Some(2_147_483_646)]).flatten();
        let lifetime = self.dice.pick(&[None, None, None, None, Some(300), Some(90), Some(1)]).flatten();
        let date_expiry = if self.dice.slips() && self.dice.one_in(3) {
            Some(earlier(now, self.dice.below(2)))
        } else {
            lifetime.map(|seconds| later(now, seconds))
        };
        (seconds.map(|seconds| ttl(&mut self.dice, &[seconds])), date_expiry)
    }

    // ---- people ----

    /// Somebody new, with care for a session that has room.
    pub(super) fn addition(&mut self) -> Option<(SessionSid, NewParticipant)> {
        let has_room = |guide: &Service, session: &Session| {
            let live = guide.participants(session.sid).into_iter().flatten().filter(|added| added.is_live()).count();
            let pending = guide.pending_participants(session.sid).into_iter().flatten().count();
            session.status.is_active() && live.saturating_add(pending) < 2
        };
        let session = self.session(has_room)?;
        let mode = self.guide.session(session).map(|session| session.mode).unwrap_or_default();
        Some((session, self.new_participant(Some(session), mode, &[])?))
    }

    /// Somebody who comes into this session, or after these people into a new one.
    fn new_participant(
        &mut self,
        session: Option<SessionSid>,
        mode: SessionMode,
        earlier: &[NewParticipant],
    ) -> Option<NewParticipant> {
        let is_new = |sid: &ParticipantSid| earlier.iter().all(|new| new.sid != *sid);
        let free = self.free_participants().into_iter().filter(is_new);
        let sid = self.dice.choose(free, &sids(self.world.participants))?;
        let mut new = NewParticipant::new(sid, self.newcomer(session, mode, earlier)?);
        self.choose_proxy(&mut new);
        new.friendly_name = self.dice.one_in(3).then(|| "a person".parse().ok()).flatten();
        new.fail_on_participant_conflict = self.dice.one_in(4);
        Some(new)
    }

    /// With care one who is not there yet and for whom there may be a number; without maybe a number of the pool.
    fn newcomer(
        &mut self,
        session: Option<SessionSid>,
        mode: SessionMode,
        earlier: &[NewParticipant],
    ) -> Option<Identifier> {
        let is_from_anywhere = self.dice.one_in(5) || self.guide.numbers().next().is_none();
        let guide = &self.guide;
        let added = session.and_then(|session| guide.participants(session)).into_iter().flatten();
        let pending = session.and_then(|session| guide.pending_participants(session)).into_iter().flatten();
        let present: Vec<&Identifier> = added
            .map(|added| &added.identifier)
            .chain(pending.map(|pending| &pending.identifier))
            .chain(earlier.iter().map(|new| &new.identifier))
            .collect();
        let suits = |identifier: &Identifier| match *identifier {
            Identifier::PhoneNumber(own) => {
                let is_near = |entry: &PhoneNumber| entry.iso_country.is_some_and(|at| at.region() == own.asks_for());
                guide.numbers().all(|entry| entry.phone_number != own.into())
                    && (is_from_anywhere || guide.numbers().any(is_near))
            }
            Identifier::Channel(_) => !mode.has_voice(),
        };
        let fitting = self.world.people.iter().filter(|person| !present.contains(person) && suits(person));
        let fitting: Vec<Identifier> = fitting.cloned().collect();
        let numbers = guide.numbers().filter_map(|entry| match entry.phone_number {
            ProxyNumber::PhoneNumber(number) => Some(number.into()),
            ProxyNumber::ShortCode(_) => None,
        });
        let any: Vec<Identifier> = self.world.people.iter().cloned().chain(numbers).collect();
        self.dice.choose(fitting, &any)
    }

    /// SIDs that nobody has, here or in another session.
    pub(super) fn free_participants(&self) -> Vec<ParticipantSid> {
        let guide = &self.guide;
        let added = guide.sessions().flat_map(|session| guide.participants(session.sid).into_iter().flatten());
        let pending =
            guide.sessions().flat_map(|session| guide.pending_participants(session.sid).into_iter().flatten());
        let taken: Vec<_> = added.map(|added| added.sid).chain(pending.map(|pending| pending.sid)).collect();
        sids(self.world.participants).into_iter().filter(|sid| !taken.contains(sid)).collect()
    }

    /// What somebody asks for: on a channel an address, otherwise mostly nothing.
    fn choose_proxy(&mut self, new: &mut NewParticipant) {
        if self.dice.slips() {
            let strange: Vec<RequestedProxyIdentifier> = parsed(&STRANGE_PROXIES);
            let place = self.dice.pick(&self.world.places);
            new.proxy_identifier = match self.dice.below(4) {
                0 => self.dice.pick(&strange),
                1 => place.map(|place| ProxyIdentifier::from(place.number).into()),
                2 => new.identifier.to_string().parse().ok(),
                _ => None,
            };
        } else if let Identifier::Channel(own) = &new.identifier {
            let suits = |address: &ProxyIdentifier| matches!(address, ProxyIdentifier::Channel(address) if address.channel() == own.channel());
            let fitting = self.world.channel_addresses.iter().filter(|address| suits(address)).cloned();
            new.proxy_identifier = self.dice.choose(fitting, &self.world.channel_addresses).map(Into::into);
        } else if self.dice.one_in(4) {
            let Some(Place { sid, number }) = self.number(|_| true) else { return };
            let named_by = self.dice.below(4);
            new.proxy_identifier = Some(ProxyIdentifier::from(number).into()).filter(|_| named_by != 1);
            new.proxy_identifier_sid = sid.phone_number().filter(|_| named_by != 0);
        }
        if self.dice.slips() {
            new.proxy_identifier_sid = self.dice.pick(&self.world.places).and_then(|place| place.sid.phone_number());
        }
    }

    pub(super) fn cancel_addition(&mut self) -> Option<Command> {
        let (session, participant) = self.pending_addition()?;
        let reason = self.dice.one_in(2).then_some(CancelReason::Unreachable);
        Some(Command::CancelAddParticipant { session, participant, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_what_it_is_meant_to_be() {
        assert_eq!(parsed::<SessionName>(&SESSION_NAMES).len(), SESSION_NAMES.len());
        assert_eq!(parsed::<RequestedProxyIdentifier>(&STRANGE_PROXIES).len(), STRANGE_PROXIES.len());
    }
}
