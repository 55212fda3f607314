//! What is asked for without changing anything, and how it is shown.

use alloc::vec::Vec;

use http::{Response, StatusCode};

use super::{
    Origin, json,
    page::PageRequest,
    resource::{self, InteractionList, ParticipantList, PhoneNumberList, ServiceList, SessionList, ShortCodeList},
};
use crate::{
    account::Account,
    interaction::Interaction,
    number::{NumberSid, PhoneNumber},
    participant::Participant,
    service::Service,
    session::Session,
    sid::{InteractionSid, ParticipantSid, ServiceSid, SessionSid},
};

/// What is asked for: a resource, or a page of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Query {
    Service(ServiceSid),
    Services(PageRequest),
    Number(ServiceSid, NumberSid),
    PhoneNumbers(ServiceSid, PageRequest),
    ShortCodes(ServiceSid, PageRequest),
    Session(ServiceSid, SessionSid),
    Sessions(ServiceSid, PageRequest),
    Participant(ServiceSid, SessionSid, ParticipantSid),
    Participants(ServiceSid, SessionSid, PageRequest),
    Interaction(ServiceSid, SessionSid, InteractionSid),
    Interactions(ServiceSid, SessionSid, PageRequest),
    MessageInteraction(ServiceSid, SessionSid, ParticipantSid, InteractionSid),
    MessageInteractions(ServiceSid, SessionSid, ParticipantSid, PageRequest),
}

impl Query {
    /// The answer; `None` if nothing is there.
    pub(super) fn answer(self, status: StatusCode, account: &Account, origin: &Origin) -> Option<Response<Vec<u8>>> {
        Some(match self {
            Self::Service(service) => {
                let service = account.service(service)?;
                json(status, &resource::Service::new(service.settings(), origin))
            }
            Self::Services(page) => {
                let items = |places| account.services_at(places);
                let show = |service: &Service| Some(resource::Service::new(service.settings(), origin));
                json(status, &ServiceList::new(page.turn_to(items, show, ServiceList::KEY, origin)))
            }
            Self::Number(service, number) => {
                let service = account.service(service)?;
                let (number, settings) = (service.number(number)?, service.settings());
                match resource::PhoneNumber::new(number, settings, origin) {
                    Some(phone_number) => json(status, &phone_number),
                    None => json(status, &resource::ShortCode::new(number, settings, origin)?),
                }
            }
            Self::PhoneNumbers(service, page) => {
                let service = account.service(service)?;
                let items =
                    |places| service.numbers_at(places).filter(|(_, number)| number.sid.phone_number().is_some());
                let show = |number: &PhoneNumber| resource::PhoneNumber::new(number, service.settings(), origin);
                json(status, &PhoneNumberList::new(page.turn_to(items, show, PhoneNumberList::KEY, origin)))
            }
            Self::ShortCodes(service, page) => {
                let service = account.service(service)?;
                let items = |places| service.numbers_at(places).filter(|(_, number)| number.sid.short_code().is_some());
                let show = |number: &PhoneNumber| resource::ShortCode::new(number, service.settings(), origin);
                json(status, &ShortCodeList::new(page.turn_to(items, show, ShortCodeList::KEY, origin)))
            }
            Self::Session(service, session) => {
                let service = account.service(service)?;
                json(status, &resource::Session::new(service.session(session)?, service.settings(), origin))
            }
            Self::Sessions(service, page) => {
                let service = account.service(service)?;
                let items = |places| service.sessions_at(places);
                let show = |session: &Session| Some(resource::Session::new(session, service.settings(), origin));
                json(status, &SessionList::new(page.turn_to(items, show, SessionList::KEY, origin)))
            }
            Self::Participant(service, session, participant) => {
                let service = account.service(service)?;
                let participant = service.participant(session, participant)?;
                json(status, &resource::Participant::new(participant, session, service.settings(), origin))
            }
            Self::Participants(service, session, page) => {
                let service = account.service(service)?;
                let items = |places| service.participants_at(session, places);
                let settings = service.settings();
                let show = |person: &Participant| Some(resource::Participant::new(person, session, settings, origin));
                json(status, &ParticipantList::new(page.turn_to(items, show, ParticipantList::KEY, origin)))
            }
            Self::Interaction(service, session, interaction) => {
                let service = account.service(service)?;
                let interaction = service.interaction(session, interaction)?;
                json(status, &resource::Interaction::new(interaction, session, service.settings(), origin))
            }
            Self::Interactions(service, session, page) => {
                let service = account.service(service)?;
                let items = |places| service.interactions_at(session, places);
                let settings = service.settings();
                let show = |item: &Interaction| Some(resource::Interaction::new(item, session, settings, origin));
                json(status, &InteractionList::new(page.turn_to(items, show, InteractionList::KEY, origin)))
            }
            Self::MessageInteraction(service, session, recipient, interaction) => {
                let service = account.service(service)?;
                let interaction = service.message_interaction(session, recipient, interaction)?;
                let settings = service.settings();
                json(status, &resource::Interaction::for_recipient(interaction, recipient, session, settings, origin))
            }
            Self::MessageInteractions(service, session, recipient, page) => {
                let service = account.service(service)?;
                let items = |places| service.message_interactions_at(session, recipient, places);
                let settings = service.settings();
                let show = |item: &Interaction| {
                    Some(resource::Interaction::for_recipient(item, recipient, session, settings, origin))
                };
                json(status, &InteractionList::new(page.turn_to(items, show, InteractionList::KEY, origin)))
            }
        })
    }
}
