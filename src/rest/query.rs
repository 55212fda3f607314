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
    Services(PageRequest),
    Within(ServiceSid, Part),
}

/// A service, or something in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Part {
    Service,
    Number(NumberSid),
    PhoneNumbers(PageRequest),
    ShortCodes(PageRequest),
    Session(SessionSid),
    Sessions(PageRequest),
    Participant(SessionSid, ParticipantSid),
    Participants(SessionSid, PageRequest),
    Interaction(SessionSid, InteractionSid),
    Interactions(SessionSid, PageRequest),
    MessageInteraction(SessionSid, ParticipantSid, InteractionSid),
    MessageInteractions(SessionSid, ParticipantSid, PageRequest),
}

impl Query {
    /// The answer; `None` if nothing is there.
    pub(super) fn answer(self, status: StatusCode, account: &Account, origin: &Origin) -> Option<Response<Vec<u8>>> {
        match self {
            Self::Services(page) => {
                let items = |places| account.services_at(places);
                let show = |service: &Service| Some(resource::Service::new(service.settings(), origin));
                Some(json(status, &ServiceList::new(page.turn_to(items, show, ServiceList::KEY, origin))))
            }
            Self::Within(service, part) => part.answer(status, account.service(service)?, origin),
        }
    }
}

impl Part {
    fn answer(self, status: StatusCode, service: &Service, origin: &Origin) -> Option<Response<Vec<u8>>> {
        let settings = service.settings();
        Some(match self {
            Self::Service => json(status, &resource::Service::new(settings, origin)),
            Self::Number(number) => {
                let number = service.number(number)?;
                match resource::PhoneNumber::new(number, settings, origin) {
                    Some(phone_number) => json(status, &phone_number),
                    None => json(status, &resource::ShortCode::new(number, settings, origin)?),
                }
            }
            Self::PhoneNumbers(page) => {
                let items =
                    |places| service.numbers_at(places).filter(|(_, number)| number.sid.phone_number().is_some());
                let show = |number: &PhoneNumber| resource::PhoneNumber::new(number, settings, origin);
                json(status, &PhoneNumberList::new(page.turn_to(items, show, PhoneNumberList::KEY, origin)))
            }
            Self::ShortCodes(page) => {
                let items = |places| service.numbers_at(places).filter(|(_, number)| number.sid.short_code().is_some());
                let show = |number: &PhoneNumber| resource::ShortCode::new(number, settings, origin);
                json(status, &ShortCodeList::new(page.turn_to(items, show, ShortCodeList::KEY, origin)))
            }
            Self::Session(session) => {
                json(status, &resource::Session::new(service.session(session)?, settings, origin))
            }
            Self::Sessions(page) => {
                let items = |places| service.sessions_at(places);
                let show = |session: &Session| Some(resource::Session::new(session, settings, origin));
                json(status, &SessionList::new(page.turn_to(items, show, SessionList::KEY, origin)))
            }
            Self::Participant(session, participant) => {
                let participant = service.participant(session, participant)?;
                json(status, &resource::Participant::new(participant, session, settings, origin))
            }
            Self::Participants(session, page) => {
                let items = |places| service.participants_at(session, places);
                let show = |person: &Participant| Some(resource::Participant::new(person, session, settings, origin));
                json(status, &ParticipantList::new(page.turn_to(items, show, ParticipantList::KEY, origin)))
            }
            Self::Interaction(session, interaction) => {
                let interaction = service.interaction(session, interaction)?;
                json(status, &resource::Interaction::new(interaction, session, settings, origin))
            }
            Self::Interactions(session, page) => {
                let items = |places| service.interactions_at(session, places);
                let show = |item: &Interaction| Some(resource::Interaction::new(item, session, settings, origin));
                json(status, &InteractionList::new(page.turn_to(items, show, InteractionList::KEY, origin)))
            }
            Self::MessageInteraction(session, recipient, interaction) => {
                let interaction = service.message_interaction(session, recipient, interaction)?;
                json(status, &resource::Interaction::for_recipient(interaction, recipient, session, settings, origin))
            }
            Self::MessageInteractions(session, recipient, page) => {
                let items = |places| service.message_interactions_at(session, recipient, places);
                let show = |item: &Interaction| {
                    Some(resource::Interaction::for_recipient(item, recipient, session, settings, origin))
                };
                json(status, &InteractionList::new(page.turn_to(items, show, InteractionList::KEY, origin)))
            }
        })
    }
}
