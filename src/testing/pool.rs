//! The number pool (NUM).

use super::Reference;
use crate::{
    AddNumberError, Capabilities, MaximumPoolSize, NewNumber, Notification, NumberSid, NumberState, NumberUpdate,
    PhoneNumber, ProxyIdentifier, ProxyNumber, RemoveNumberError, Timestamp, UpdateNumberError,
};

impl Reference {
    /// NUM-7
    pub(super) fn add_number(&mut self, new: &NewNumber, now: Timestamp) -> Result<PhoneNumber, AddNumberError> {
        let existing = self.number(new.sid()).or_else(|| self.number_like(new.number()));
        if let Some(existing) = existing.map(|number| number.sid) {
            return Err(match new.number() {
                ProxyNumber::PhoneNumber(_) => AddNumberError::PhoneNumberAlreadyInService { existing }, // NUM-2: 80104
                ProxyNumber::ShortCode(_) => AddNumberError::ShortCodeAlreadyInService { existing },     // NUM-2: 80105
            });
        }
        self.check_room(new.is_reserved)?; // NUM-3: 80622
        let (country, capabilities) = match new.number() {
            ProxyNumber::PhoneNumber(number) => (number.country(), Capabilities::VOICE_AND_SMS), // SEL-3
            ProxyNumber::ShortCode(_) => (None, Capabilities::SMS),                              // TXT-4
        };
        let number = PhoneNumber {
            sid: new.sid(),
            date_created: now,
            date_updated: now, // TIM-5
            phone_number: new.number(),
            friendly_name: new.friendly_name.clone(),
            iso_country: new.iso_country.or(country),
            capabilities: new.capabilities.unwrap_or(capabilities),
            is_reserved: new.is_reserved,
            in_use: 0,
        };
        self.numbers.push(NumberState { ordinal: self.numbers_added, number: number.clone() });
        self.numbers_added = self.numbers_added.saturating_add(1);
        self.warn_of_a_full_pool(new.is_reserved);
        Ok(number)
    }

    pub(super) fn update_number(
        &mut self,
        sid: NumberSid,
        update: NumberUpdate,
        now: Timestamp,
    ) -> Result<PhoneNumber, UpdateNumberError> {
        let Some(number) = self.number(sid) else {
            return Err(UpdateNumberError::NumberNotFound { number: sid });
        };
        let moves_to = update.is_reserved.filter(|is_reserved| *is_reserved != number.is_reserved); // NUM-3
        if let Some(is_reserved) = moves_to {
            self.check_room(is_reserved)?; // NUM-3: 80622
        }
        let changed = self.numbers.iter_mut().map(|entry| &mut entry.number).find(|number| number.sid == sid);
        if let Some((number, is_reserved)) = changed.zip(update.is_reserved) {
            number.is_reserved = is_reserved;
            number.date_updated = now; // TIM-5: equal values included
        }
        if let Some(is_reserved) = moves_to {
            self.warn_of_a_full_pool(is_reserved);
        }
        match self.number(sid) {
            Some(number) => Ok(self.counted(number)),
            None => Err(UpdateNumberError::NumberNotFound { number: sid }),
        }
    }

    pub(super) fn remove_number(&mut self, sid: NumberSid) -> Result<(), RemoveNumberError> {
        let Some(number) = self.number(sid) else {
            return Err(RemoveNumberError::NumberNotFound { number: sid });
        };
        let in_use = self.in_use(number);
        if in_use > 0 {
            return Err(RemoveNumberError::InUse { number: sid, in_use }); // NUM-5
        }
        self.numbers.retain(|entry| entry.number.sid != sid); // NUM-6
        Ok(())
    }

    pub(super) fn number(&self, sid: NumberSid) -> Option<&PhoneNumber> {
        self.numbers.iter().map(|entry| &entry.number).find(|number| number.sid == sid)
    }

    pub(super) fn number_like(&self, phone_number: ProxyNumber) -> Option<&PhoneNumber> {
        self.numbers.iter().map(|entry| &entry.number).find(|number| number.phone_number == phone_number)
    }

    /// The number as it is shown.
    pub(super) fn counted(&self, number: &PhoneNumber) -> PhoneNumber {
        PhoneNumber { in_use: self.in_use(number), ..number.clone() }
    }

    /// NUM-4: a session that uses it twice counts once.
    fn in_use(&self, number: &PhoneNumber) -> u32 {
        let proxy_identifier = ProxyIdentifier::from(number.phone_number);
        let using = self
            .sessions
            .iter()
            .filter(|row| self.holds_in(row).iter().any(|hold| *hold.proxy_identifier == proxy_identifier));
        count(using.count())
    }

    fn how_many(&self, reserved: bool) -> u32 {
        count(self.numbers.iter().filter(|entry| entry.number.is_reserved == reserved).count())
    }

    /// NUM-3: short codes included.
    fn check_room(&self, reserved: bool) -> Result<(), MaximumPoolSize> {
        let limit = if reserved { 5_000 } else { 500 };
        if self.how_many(reserved) >= limit { Err(MaximumPoolSize { reserved, limit }) } else { Ok(()) }
    }

    /// NUM-3: after one more has come, the count is at the threshold only if it was below before.
    fn warn_of_a_full_pool(&mut self, reserved: bool) {
        let numbers = self.how_many(reserved);
        if numbers == if reserved { 4_250 } else { 425 } {
            self.raise(Notification::ApproachingMaximumPoolSize { reserved, numbers });
        }
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
