//! Who reaches whom (RTE): the one decision that `route` shows and `receive` carries out.

use super::{Connection, Route};
use crate::{
    address::{E164, Identifier, ProxyIdentifier},
    interaction::ContactKind,
    participant::Participant,
    service::{
        Service,
        book::{Couple, Fate, Member, MemberSlot, SessionSlot},
        pairs::{PastSession, View, Whereabouts},
    },
    session::{Session, SessionMode},
    time::Timestamp,
};

/// Where a contact belongs.
pub(super) enum Decision {
    InSession(Placement),
    /// To no active session; to this one last.
    OutOfSession(Option<PastSession>),
}

/// What its session makes of a contact.
#[derive(Clone, Copy)]
pub(super) enum Placement {
    Connect(Connection),
    WrongMode { session: SessionSlot, caller: MemberSlot },
    NoPartner { session: SessionSlot, caller: MemberSlot },
}

impl Service {
    /// Who would be reached if somebody contacted a proxy identifier at `now`, and if nobody, why: what
    /// [`receive`](Self::receive) would do, but for opt-out words and the intercept's verdict (RTE-9). `None` is a caller who
    /// is withheld (RTE-10).
    ///
    /// Answers as after `handle_deadline(now)`, changes nothing and allocates nothing; whether the SID of a contact is free
    /// (SID-4) it does not ask. It looks at all that falls due until `now`: where that is much, do it first.
    ///
    /// ```
    /// # use twilio_proxy_core::{NewNumber, NewParticipant, NewService, NewSession, Policy, Service, Timestamp, sid};
    /// use twilio_proxy_core::{Code, ContactKind, Identifier, Route};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// # service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// let [alice, bob]: [Identifier; 2] = ["+15558675310".parse()?, "+15558675311".parse()?];
    /// let mut ride = NewSession::new(sid!("KC00000000000000000000000000000001"));
    /// ride.participants = vec![
    ///     NewParticipant::new(sid!("KP00000000000000000000000000000001"), alice.clone()),
    ///     NewParticipant::new(sid!("KP00000000000000000000000000000002"), bob.clone()),
    /// ];
    /// service.create_session(ride, now)?;
    /// let proxy = "+14155551212".parse()?;
    /// let route = service.route(Some(&alice), &proxy, ContactKind::Call, now);
    /// assert!(matches!(route, Route::Connect { to, .. } if *to == bob));
    /// let route = service.route(None, &proxy, ContactKind::Call, now);
    /// assert_eq!(route.code(), Some(Code::NoActiveSession));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn route(
        &self,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
        kind: ContactKind,
        now: Timestamp,
    ) -> Route<'_> {
        if let (Some(Identifier::PhoneNumber(from)), ProxyIdentifier::PhoneNumber(to)) = (from, to)
            && let Some(route) = self.route_of_sole(*from, *to, kind, now)
        {
            return route;
        }
        self.route_of_any(from, to, kind, now.max(self.latest_instant))
    }

    /// The route of most people, who hold one number only: one look-up and one record tell it.
    #[inline]
    fn route_of_sole(&self, from: E164, to: E164, kind: ContactKind, now: Timestamp) -> Option<Route<'_>> {
        let Couple { record, caller, partner, .. } = self.pairs.sole_couple(&self.book, from, to)?;
        // Whatever `now` is: every deadline is after the latest instant seen (TIM-3).
        let is_active = record.deadline.is_none_or(|deadline| deadline > now);
        let session = &record.session;
        let route =
            Route::Connect { session, caller, partner, from: &partner.proxy_identifier, to: &partner.identifier };
        (is_active && session.mode.carries(kind)).then_some(route)
    }

    // Apart, so that the route of most people saves no registers for it.
    #[inline(never)]
    fn route_of_any(
        &self,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
        kind: ContactKind,
        now: Timestamp,
    ) -> Route<'_> {
        let view = View { book: &self.book, as_of: Some((&self.policy, now)) };
        // Whoever is in a session is reached at a number of the pool (NUM-5), which need not be looked up then.
        let past = match self.decide(view, from, to, kind) {
            Decision::InSession(placement) => match self.show(placement) {
                Some(route) => return route,
                None => None,
            },
            Decision::OutOfSession(past) => past,
        };
        if !self.is_reached_at(view, to) {
            return Route::UnknownProxyIdentifier;
        }
        Route::OutOfSession {
            kind,
            previous: past.and_then(|past| self.book.record_of_member(past.member)).map(|record| &record.session),
            expired: past.is_some_and(|past| past.has_expired),
        }
    }

    /// Whether somebody can be reached there: it is in the pool, or a stored participant has it (RTE-12).
    pub(super) fn is_reached_at(&self, view: View<'_>, to: &ProxyIdentifier) -> bool {
        match to {
            ProxyIdentifier::PhoneNumber(number) => self.pool.slot_of_number((*number).into()).is_some(),
            ProxyIdentifier::ShortCode(code) => self.pool.slot_of_number((*code).into()).is_some(),
            ProxyIdentifier::Channel(address) => {
                self.book.members_of_channel(address).any(|member| view.fate(member) != Fate::Deleted)
            }
        }
    }

    /// Where a contact belongs, and what becomes of it there. A withheld caller belongs nowhere (RTE-10).
    pub(super) fn decide(
        &self,
        view: View<'_>,
        from: Option<&Identifier>,
        to: &ProxyIdentifier,
        kind: ContactKind,
    ) -> Decision {
        let Some(from) = from else { return Decision::OutOfSession(None) };
        match self.pairs.whereabouts(view, from, to) {
            Whereabouts::Active(caller) => {
                self.place(caller, kind).map_or(Decision::OutOfSession(None), Decision::InSession)
            }
            Whereabouts::Past(past) => Decision::OutOfSession(past),
        }
    }

    /// What the session of a caller makes of a contact: first the mode, then the partner (RTE-5, RTE-6).
    pub(super) fn place(&self, caller: MemberSlot, kind: ContactKind) -> Option<Placement> {
        let session = self.book.member(caller)?.session;
        let mode = self.book.session(session)?.mode;
        if !mode.carries(kind) {
            return Some(Placement::WrongMode { session, caller });
        }
        Some(match self.partner(caller) {
            Some(partner) => Placement::Connect(Connection { session, caller, partner }),
            None => Placement::NoPartner { session, caller },
        })
    }

    /// The other participant of the same session, who is not removed; a pending addition is none yet (CON-9).
    pub(super) fn partner(&self, member: MemberSlot) -> Option<MemberSlot> {
        let present = self.book.record_of_member(member)?.present;
        let is_partner = |other: &MemberSlot| *other != member && self.added(*other).is_some();
        present.into_iter().flatten().find(is_partner)
    }

    pub(in crate::service) fn added(&self, member: MemberSlot) -> Option<&Participant> {
        self.book.member(member).and_then(Member::participant)
    }

    fn show(&self, placement: Placement) -> Option<Route<'_>> {
        let people = |session: SessionSlot, caller: MemberSlot| -> Option<(&Session, &Participant)> {
            Some((self.book.session(session)?, self.added(caller)?))
        };
        Some(match placement {
            Placement::Connect(Connection { session, caller, partner }) => {
                let (session, caller) = people(session, caller)?;
                let partner = self.added(partner)?;
                Route::Connect { session, caller, partner, from: &partner.proxy_identifier, to: &partner.identifier }
            }
            Placement::WrongMode { session, caller } => {
                let (session, caller) = people(session, caller)?;
                Route::WrongMode { session, caller }
            }
            Placement::NoPartner { session, caller } => {
                let (session, caller) = people(session, caller)?;
                Route::NoPartner { session, caller }
            }
        })
    }
}

impl SessionMode {
    pub(in crate::service) const fn carries(self, kind: ContactKind) -> bool {
        match kind {
            ContactKind::Call => self.has_voice(),
            ContactKind::Message => self.has_messages(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        geography::Country,
        hash::tests::LOOK_UPS,
        number::NewNumber,
        participant::NewParticipant,
        policy::Policy,
        service::NewService,
        session::{NewSession, SessionUpdate},
        sid::{AccountSid, ParticipantSid, PhoneNumberSid, ServiceSid, SessionSid, ShortCodeSid},
    };

    /// Two people, one of them on a channel, and a lone one who has both numbers of the pool.
    fn service() -> Service {
        let new = NewService::new(ServiceSid::from_u128(1), AccountSid::from_u128(1), "rides".parse().unwrap());
        let mut service = Service::new(new, Policy::default(), Timestamp::MIN);
        let number = NewNumber::phone(PhoneNumberSid::from_u128(1), "+14155559001".parse().unwrap());
        service.add_number(number, Timestamp::MIN).unwrap();
        let code = NewNumber::short_code(ShortCodeSid::from_u128(1), "44551".parse().unwrap(), Country::US);
        service.add_number(code, Timestamp::MIN).unwrap();
        let with = |sid, identifier: &str, proxy_identifier: &str| {
            let mut new = NewParticipant::new(ParticipantSid::from_u128(sid), identifier.parse().unwrap());
            new.proxy_identifier = Some(proxy_identifier.parse().unwrap());
            new
        };
        let mut new = NewSession::new(SessionSid::from_u128(1));
        new.mode = SessionMode::MessageOnly;
        new.participants = [with(1, "+14155550001", "+14155559001"), with(2, "sms:bob", "sms:ride")].into();
        service.create_session(new, Timestamp::MIN).unwrap();
        let mut new = NewSession::new(SessionSid::from_u128(2));
        new.participants = [with(3, "+14155550003", "44551")].into();
        service.create_session(new, Timestamp::MIN).unwrap();
        service
    }

    #[test]
    fn rte_9_a_route_takes_one_look_up_if_it_connects_and_few_if_not() {
        let mut service = service();
        let questions = [
            (Some("+14155550001"), "+14155559001", ContactKind::Message, 1, None),
            (Some("+14155550001"), "+14155559001", ContactKind::Call, 2, Some(80911)),
            (Some("sms:bob"), "sms:ride", ContactKind::Message, 1, None),
            (Some("+14155550003"), "44551", ContactKind::Message, 1, Some(80614)),
            (Some("+14155550009"), "44551", ContactKind::Message, 2, Some(80903)),
            (None, "44551", ContactKind::Call, 1, Some(80902)),
            (Some("+14155550001"), "+14155559009", ContactKind::Call, 3, Some(20404)),
            (Some("sms:bob"), "sms:home", ContactKind::Message, 1, Some(20404)),
        ];
        let look_ups = |service: &Service, from: Option<&str>, to: &str, kind| {
            let (from, to) = (from.map(|from| from.parse::<Identifier>().unwrap()), to.parse().unwrap());
            let before = LOOK_UPS.get();
            let code = service.route(from.as_ref(), &to, kind, Timestamp::MIN).code();
            (LOOK_UPS.get() - before, code.map(crate::Code::number))
        };
        for (from, to, kind, expected, code) in questions {
            assert_eq!(look_ups(&service, from, to, kind), (expected, code), "{from:?} to {to}");
        }
        let close = SessionUpdate { status: Some(crate::SessionStatus::Closed), ..SessionUpdate::default() };
        service.update_session(SessionSid::from_u128(1), close, Timestamp::MIN).unwrap();
        assert_eq!(
            look_ups(&service, Some("+14155550001"), "+14155559001", ContactKind::Call),
            (3, Some(80902)),
            "of a closed session"
        );
    }
}
