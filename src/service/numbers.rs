//! The number pool of a service (NUM).

use super::Service;
use crate::{
    event::Notification,
    number::{NewNumber, NumberSid, NumberUpdate, PhoneNumber},
    pool::{AddNumberError, Entry, NearlyFull, RemoveNumberError, UpdateNumberError},
    time::Timestamp,
};

impl Service {
    /// Adds a phone number or short code to the pool. May raise 80624 (NUM-3).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp};
    /// use twilio_proxy_core::{Code, NewNumber, geography::Country, sid};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// service.add_number(NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?), now)?;
    /// let short_code = NewNumber::short_code(sid!("SC00000000000000000000000000000001"), "44551".parse()?, Country::US);
    /// service.add_number(short_code.clone(), now)?;
    /// let error = service.add_number(short_code, now).unwrap_err();
    /// assert_eq!(error.code(), Code::ShortCodeAlreadyInService);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AddNumberError`], in the order of its variants (NUM-7): 80104 or 80105, 80622.
    pub fn add_number(&mut self, new: NewNumber, now: Timestamp) -> Result<&PhoneNumber, AddNumberError> {
        let now = self.advance(now);
        let number = new.into_number(now);
        self.pool.check_add(&number)?;
        let ordinal = self.numbers_added;
        self.numbers_added = self.numbers_added.saturating_add(1);
        let existing = number.sid;
        let (slot, nearly_full) = self.pool.insert(Entry { number, ordinal });
        self.warn_of_limit(nearly_full);
        self.pool.number(slot).ok_or(AddNumberError::PhoneNumberAlreadyInService { existing })
    }

    /// Reserves a number of the pool or lets it be selected again; sessions that hold it are not disturbed (NUM-5). May
    /// raise 80624 (NUM-3).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp};
    /// use twilio_proxy_core::{NewNumber, NumberUpdate, sid};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// let number = service.add_number(new, now)?.sid;
    /// let drain = NumberUpdate { is_reserved: Some(true) };
    /// assert!(service.update_number(number, drain, now)?.is_reserved);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UpdateNumberError`], in the order of its variants: 20404, 80622.
    pub fn update_number(
        &mut self,
        number: impl Into<NumberSid>,
        update: NumberUpdate,
        now: Timestamp,
    ) -> Result<&PhoneNumber, UpdateNumberError> {
        let now = self.advance(now);
        let number = number.into();
        let not_found = UpdateNumberError::NumberNotFound { number };
        let Some(slot) = self.pool.slot_of_sid(number) else { return Err(not_found) };
        if let Some(is_reserved) = update.is_reserved {
            if self.pool.number(slot).is_some_and(|number| number.is_reserved != is_reserved) {
                self.pool.check_room(is_reserved)?;
                let nearly_full = self.pool.set_reserved(slot, is_reserved);
                self.warn_of_limit(nearly_full);
            }
            if let Some(number) = self.pool.number_mut(slot) {
                number.date_updated = now;
            }
        }
        self.pool.number(slot).ok_or(not_found)
    }

    /// Removes a number that no active session uses from the pool. Closed sessions may go on naming it (NUM-6).
    ///
    /// ```
    /// # use twilio_proxy_core::{NewService, Policy, Service, Timestamp};
    /// use twilio_proxy_core::{NewNumber, sid};
    ///
    /// # let new = NewService::new(
    /// #     sid!("KS00000000000000000000000000000001"),
    /// #     sid!("AC00000000000000000000000000000001"),
    /// #     "rides".parse()?,
    /// # );
    /// # let now = Timestamp::MIN;
    /// # let mut service = Service::new(new, Policy::default(), now);
    /// let new = NewNumber::phone(sid!("PN00000000000000000000000000000001"), "+14155551212".parse()?);
    /// let number = service.add_number(new, now)?.sid;
    /// service.remove_number(number, now)?;
    /// assert_eq!(service.number(number), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RemoveNumberError`], in the order of its variants (NUM-5): 20404, 80611.
    pub fn remove_number(&mut self, number: impl Into<NumberSid>, now: Timestamp) -> Result<(), RemoveNumberError> {
        self.advance(now);
        let number = number.into();
        let slot = self.pool.slot_of_sid(number).ok_or(RemoveNumberError::NumberNotFound { number })?;
        match self.pool.number(slot).map_or(0, |entry| entry.in_use) {
            0 => {
                self.pool.remove(slot);
                Ok(())
            }
            in_use => Err(RemoveNumberError::InUse { number, in_use }),
        }
    }

    fn warn_of_limit(&mut self, nearly_full: Option<NearlyFull>) {
        self.notify(
            nearly_full
                .map(|NearlyFull { reserved, numbers }| Notification::ApproachingMaximumPoolSize { reserved, numbers }),
        );
    }
}
