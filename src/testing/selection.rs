//! Number selection (SEL).

use alloc::vec::Vec;

use super::Reference;
use crate::{
    AddParticipantError, E164, Explanation, GeoMatchLevel, Identifier, NewParticipant, NumberSelectionBehavior,
    NumberVerdict, ParticipantSid, PhoneNumber, ProxyIdentifier, ProxyNumber, SelectionError, Session, SessionMode,
    SessionSid, Timestamp, Verdict,
    geography::{Country, Region},
};

impl Reference {
    /// What `add_participant` with this identifier, no explicit number and a fresh SID would select at `now`, and what
    /// speaks for or against each number of the pool (SEL-8).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Timestamp, sid, testing::Reference};
    /// use twilio_proxy_core::{Command, NewSession, SelectionError};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let mut reference = Reference::new(new, Policy::default(), Timestamp::MIN);
    /// let ride = sid!("KC00000000000000000000000000000001");
    /// reference.apply(Command::CreateSession { new: NewSession::new(ride) }, Timestamp::MIN)?;
    /// let explanation = reference.explain_selection(ride, &"+15558675310".parse()?, Timestamp::MIN)?;
    /// assert_eq!(explanation.outcome, Err(SelectionError::NoNumbers));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What refuses the participant before any number is looked at (PAR-10).
    pub fn explain_selection(
        &self,
        session: SessionSid,
        identifier: &Identifier,
        now: Timestamp,
    ) -> Result<Explanation, AddParticipantError> {
        let mut then = self.clone();
        then.advance(now); // SEL-8: as after `handle_deadline(now)`
        let session = then.session(session)?;
        // SEL-8: a fresh SID is free, whatever it is, so that check is left out.
        let new = NewParticipant::new(ParticipantSid::from_u128(0), identifier.clone());
        then.check_before_numbers(session, &new, then.is_strict(false))?;
        let Some(identifier) = identifier.phone_number() else {
            return Err(AddParticipantError::ChannelWithoutProxyIdentifier); // PAR-6 has said so before
        };
        let outcome = then.select(session, identifier).map(|number| number.sid);
        let numbers = then.numbers.iter().map(|entry| &entry.number);
        let verdict = |number: &PhoneNumber| match then.reason_against(session, identifier, number) {
            Some(reason) => reason,
            None if outcome == Ok(number.sid) => Verdict::Chosen,
            None => Verdict::Eligible,
        };
        let numbers = numbers
            .map(|number| NumberVerdict {
                sid: number.sid,
                phone_number: number.phone_number,
                verdict: verdict(number),
            })
            .collect();
        Ok(Explanation { outcome, numbers })
    }

    /// SEL-8: the first reason, in the order of SEL-7.
    fn reason_against(&self, session: &Session, identifier: E164, number: &PhoneNumber) -> Option<Verdict> {
        if !is_in_country(identifier, number) {
            Some(Verdict::OtherCountry)
        } else if !serves(number, session.mode) {
            Some(Verdict::LacksCapability)
        } else if !is_in_area(self.settings.geo_match_level, identifier, number) {
            Some(Verdict::OtherArea)
        } else if number.is_reserved {
            Some(Verdict::Reserved)
        } else if self.is_held(session, identifier, number) {
            Some(Verdict::Held)
        } else {
            None
        }
    }

    /// SEL-7: each step among what the one before left.
    pub(super) fn select(&self, session: &Session, identifier: E164) -> Result<&PhoneNumber, SelectionError> {
        let mode = session.mode;
        let mut left: Vec<&PhoneNumber> = self.numbers.iter().map(|entry| &entry.number).collect();
        if left.is_empty() {
            return Err(SelectionError::NoNumbers); // 80205
        }
        left.retain(|number| is_in_country(identifier, number));
        if left.is_empty() {
            return Err(SelectionError::NoNumberForCountry { country: identifier.country() }); // 80203
        }
        if mode.has_voice() && !left.iter().any(|number| has_voice(number)) {
            return Err(SelectionError::NoVoiceNumber); // 80201
        }
        if mode.has_messages() && !left.iter().any(|number| has_messages(number)) {
            return Err(SelectionError::NoMessageNumber); // 80202
        }
        left.retain(|number| serves(number, mode));
        if left.is_empty() {
            return Err(SelectionError::NoNumberForBoth { identifier }); // 80206
        }
        left.retain(|number| is_in_area(self.settings.geo_match_level, identifier, number));
        if left.is_empty() {
            return Err(SelectionError::NoNumberInArea { identifier, area_code: identifier.area_code() }); // 80206
        }
        left.retain(|number| !number.is_reserved);
        if left.is_empty() {
            return Err(SelectionError::NoUnreservedNumber); // 80207
        }
        left.retain(|number| !self.is_held(session, identifier, number));
        self.choose(&left, identifier).ok_or(SelectionError::NoUnusedNumber { identifier }) // 80208
    }

    /// SEL-5, SEL-6: candidates are in the order of the pool.
    fn choose<'a>(&self, candidates: &[&'a PhoneNumber], identifier: E164) -> Option<&'a PhoneNumber> {
        let preferred = match self.settings.number_selection_behavior {
            NumberSelectionBehavior::PreferSticky => candidates
                .iter()
                .filter(|number| self.latest_use(identifier, number).is_some())
                .max_by_key(|number| self.latest_use(identifier, number)),
            NumberSelectionBehavior::AvoidSticky => {
                candidates.iter().find(|number| self.latest_use(identifier, number).is_none())
            }
        };
        preferred.or_else(|| candidates.first()).copied()
    }

    /// SEL-5: the ordinal of the participant who was added last of those of this identifier with this number, live or
    /// removed, in sessions active or closed.
    fn latest_use(&self, identifier: E164, number: &PhoneNumber) -> Option<u64> {
        let proxy_identifier = ProxyIdentifier::from(number.phone_number);
        self.participants
            .iter()
            .filter(|row| row.member.participant.identifier == Identifier::PhoneNumber(identifier))
            .filter(|row| row.member.participant.proxy_identifier == proxy_identifier)
            .map(|row| row.member.ordinal)
            .max()
    }

    /// SEL-1: in another active session, pending additions included.
    fn is_held(&self, session: &Session, identifier: E164, number: &PhoneNumber) -> bool {
        self.other_session_with(session.sid, &identifier.into(), &number.phone_number.into()).is_some()
    }
}

/// SEL-3
fn is_in_country(identifier: E164, number: &PhoneNumber) -> bool {
    region_of(number) == Some(region_wanted_by(identifier))
}

/// SEL-3: the entry's country is the one that it was given, else that of its number.
fn region_of(number: &PhoneNumber) -> Option<Region> {
    match (number.iso_country, number.phone_number) {
        (Some(country), ProxyNumber::PhoneNumber(_) | ProxyNumber::ShortCode(_)) => Some(country.region()),
        (None, ProxyNumber::PhoneNumber(number)) => Some(region_of_number(number)),
        (None, ProxyNumber::ShortCode(_)) => None,
    }
}

/// SEL-3: a calling code of no country is a region as a whole.
fn region_of_number(number: E164) -> Region {
    number.country().map_or(Region::CallingCode(number.calling_code()), Country::region)
}

/// SEL-3
fn region_wanted_by(identifier: E164) -> Region {
    let served_from_the_us = ["AG", "AI", "BM", "BS", "MS", "TC", "VG", "VI"];
    match identifier.country() {
        Some(country) if served_from_the_us.contains(&country.as_str()) => Country::US.region(),
        Some(_) | None => region_of_number(identifier),
    }
}

/// SEL-4
fn is_in_area(level: GeoMatchLevel, identifier: E164, number: &PhoneNumber) -> bool {
    let binds = matches!(identifier.country(), Some(Country::US | Country::CA));
    let ProxyNumber::PhoneNumber(phone_number) = number.phone_number else {
        return true; // short codes: as `country`
    };
    let areas = identifier.area_code().zip(phone_number.area_code());
    match level {
        GeoMatchLevel::Country => true,
        GeoMatchLevel::AreaCode | GeoMatchLevel::Overlay | GeoMatchLevel::Radius | GeoMatchLevel::ExtendedAreaCode
            if !binds =>
        {
            true
        }
        GeoMatchLevel::AreaCode => areas.is_some_and(|(one, other)| one == other),
        GeoMatchLevel::Overlay | GeoMatchLevel::Radius | GeoMatchLevel::ExtendedAreaCode => {
            areas.is_some_and(|(one, other)| one == other || one.overlays(other))
        }
    }
}

/// SEL-1
fn serves(number: &PhoneNumber, mode: SessionMode) -> bool {
    match mode {
        SessionMode::MessageOnly => has_messages(number),
        SessionMode::VoiceOnly => has_voice(number),
        SessionMode::VoiceAndMessage => has_voice(number) && has_messages(number),
    }
}

/// TXT-4: a short code carries messages only.
fn has_voice(number: &PhoneNumber) -> bool {
    match number.phone_number {
        ProxyNumber::PhoneNumber(_) => number.capabilities.voice_inbound && number.capabilities.voice_outbound,
        ProxyNumber::ShortCode(_) => false,
    }
}

fn has_messages(number: &PhoneNumber) -> bool {
    number.capabilities.sms_inbound && number.capabilities.sms_outbound
}
