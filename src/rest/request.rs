//! What each operation reads from a request, in the order of API-9: the resources of the path, the form, its parameters.

use alloc::{format, string::String, vec::Vec};
use core::str::FromStr;

use http::HeaderMap;

use super::{
    Ask, Context, ParameterFlaw, Query, Refusal,
    form::{Form, Parameter, boolean, ttl},
    operation::SidOrName,
    page::PageRequest,
    participant_object::ParticipantObject,
    query::Part,
};
use crate::{
    account::Account,
    address::{E164, ProxyNumber},
    command::{AccountCommand, Command, Error},
    interaction::{MessageBody, NewMessage},
    inventory::NumberChoice,
    number::{NumberSid, NumberUpdate, PhoneNumber},
    participant::{NewParticipant, Participant},
    service::{
        CreateSessionError, DateExpiryNotInFuture, FetchSessionError, NewService, Patch, Service, ServiceUpdate,
        UpdateSessionError, check_expiry,
    },
    session::{NewSession, SessionUpdate},
    sid::{
        ChatInstanceSid, InteractionSid, ParticipantSid, PhoneNumberSid, Resource, ServiceSid, SessionSid,
        ShortCodeSid, Sid,
    },
    time::Timestamp,
};

/// A request, and what it is asked of.
pub(super) struct Asked<'a> {
    pub(super) account: &'a Account,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) context: &'a Context<'a>,
}

impl<'a> Asked<'a> {
    fn not_found(&self) -> Refusal {
        Refusal::NotFound { path: self.path.into() }
    }

    fn refused(&self, error: impl Into<Error>) -> Refusal {
        Refusal::Operation { path: self.path.into(), error: error.into() }
    }

    fn service(&self, service: ServiceSid) -> Result<&'a Service, Refusal> {
        self.account.service(service).ok_or_else(|| self.not_found())
    }

    fn number(&self, service: ServiceSid, number: NumberSid) -> Result<&'a PhoneNumber, Refusal> {
        self.service(service)?.number(number).ok_or_else(|| self.not_found())
    }

    /// The service of a session that is there.
    fn session(&self, service: ServiceSid, session: SessionSid) -> Result<&'a Service, Refusal> {
        let service = self.service(service)?;
        service.session(session).ok_or_else(|| self.not_found())?;
        Ok(service)
    }

    fn participant(
        &self,
        service: ServiceSid,
        session: SessionSid,
        participant: ParticipantSid,
    ) -> Result<&'a Participant, Refusal> {
        let service = self.service(service)?;
        service.participant(session, participant).ok_or_else(|| self.not_found())
    }

    fn interaction(
        &self,
        service: ServiceSid,
        session: SessionSid,
        interaction: InteractionSid,
    ) -> Result<(), Refusal> {
        let found = self.service(service)?.interaction(session, interaction);
        found.map(|_| ()).ok_or_else(|| self.not_found())
    }

    fn form(&self) -> Result<Form<'a>, Refusal> {
        Form::of_body(self.headers, self.body)
    }

    fn page(&self, path: String, created: u64) -> Result<PageRequest, Refusal> {
        PageRequest::read(self.query, path, created, self.account.policy().max_page_size)
    }

    /// An expiry date, which must lie in the future (EXP-4).
    fn date_expiry<E: From<DateExpiryNotInFuture> + Into<Error>>(
        &self,
        form: &Form<'_>,
    ) -> Result<Option<Timestamp>, Refusal> {
        let date_expiry = form.get(Parameter::DateExpiry)?;
        check_expiry(date_expiry, self.account.latest_instant()).map_err(|error| self.refused(E::from(error)))?;
        Ok(date_expiry)
    }
}

fn missing(parameter: Parameter) -> Refusal {
    Refusal::Parameter { parameter, flaw: ParameterFlaw::Missing }
}

/// A command to a service, and what is then shown.
fn in_service(service: ServiceSid, command: Command, shown: impl Into<Option<Part>>) -> Ask {
    let query = shown.into().map(|part| Query::Within(service, part));
    Ask { command: Some(AccountCommand::Service { service, command }), query }
}

pub(super) fn list_services(asked: &Asked<'_>) -> Result<Ask, Refusal> {
    let page = asked.page("/v1/Services".into(), asked.account.services_created())?;
    Ok(Query::Services(page).into())
}

pub(super) fn create_service(asked: &Asked<'_>) -> Result<Ask, Refusal> {
    let form = asked.form()?;
    let unique_name = form.get(Parameter::UniqueName)?.ok_or_else(|| missing(Parameter::UniqueName))?;
    let mut new = NewService::new(asked.context.sid(), asked.account.sid(), unique_name);
    new.default_ttl = form.get_with(Parameter::DefaultTtl, ttl)?.unwrap_or_default();
    new.callback_url = form.get(Parameter::CallbackUrl)?;
    new.geo_match_level = form.get(Parameter::GeoMatchLevel)?.unwrap_or_default();
    new.number_selection_behavior = form.get(Parameter::NumberSelectionBehavior)?.unwrap_or_default();
    new.intercept_callback_url = form.get(Parameter::InterceptCallbackUrl)?;
    new.out_of_session_callback_url = form.get(Parameter::OutOfSessionCallbackUrl)?;
    new.chat_instance_sid = form.get_with(Parameter::ChatInstanceSid, chat_instance_sid)?;
    let query = Query::Within(new.sid, Part::Service);
    Ok(Ask { command: Some(AccountCommand::CreateService { new }), query: Some(query) })
}

pub(super) fn fetch_service(asked: &Asked<'_>, SidOrName(service): SidOrName<'_>) -> Result<Ask, Refusal> {
    let service = asked.account.fetch_service(&service).map_err(|_| asked.not_found())?;
    Ok(Query::Within(service.settings().sid, Part::Service).into())
}

pub(super) fn update_service(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    asked.service(service)?;
    let form = asked.form()?;
    let update = ServiceUpdate {
        unique_name: form.get(Parameter::UniqueName)?,
        default_ttl: form.get_with(Parameter::DefaultTtl, ttl)?,
        callback_url: patch(&form, Parameter::CallbackUrl, from_text)?,
        geo_match_level: form.get(Parameter::GeoMatchLevel)?,
        number_selection_behavior: form.get(Parameter::NumberSelectionBehavior)?,
        intercept_callback_url: patch(&form, Parameter::InterceptCallbackUrl, from_text)?,
        out_of_session_callback_url: patch(&form, Parameter::OutOfSessionCallbackUrl, from_text)?,
        chat_instance_sid: patch(&form, Parameter::ChatInstanceSid, chat_instance_sid)?,
    };
    Ok(in_service(service, Command::UpdateService { update }, Part::Service))
}

pub(super) fn delete_service(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    asked.service(service)?;
    Ok(Ask { command: Some(AccountCommand::DeleteService { service }), query: None })
}

/// A field that the empty text clears (SVC-3).
fn patch<T>(
    form: &Form<'_>,
    parameter: Parameter,
    read: impl FnOnce(&str) -> Result<T, ParameterFlaw>,
) -> Result<Patch<T>, Refusal> {
    if form.last(parameter) == Some("") {
        return Ok(Patch::Clear);
    }
    Ok(form.get_with(parameter, read)?.map_or(Patch::Keep, Patch::Set))
}

fn from_text<T: FromStr<Err: Into<ParameterFlaw>>>(value: &str) -> Result<T, ParameterFlaw> {
    value.parse().map_err(Into::into)
}

fn chat_instance_sid(value: &str) -> Result<ChatInstanceSid, ParameterFlaw> {
    value.parse().map_err(ParameterFlaw::ChatInstanceSid)
}

pub(super) fn number_sid<R: Resource>(value: &str) -> Result<Sid<R>, ParameterFlaw> {
    value.parse().map_err(ParameterFlaw::NumberSid)
}

pub(super) fn list_phone_numbers(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    let created = asked.service(service)?.numbers_added();
    let page = asked.page(format!("/v1/Services/{service}/PhoneNumbers"), created)?;
    Ok(Query::Within(service, Part::PhoneNumbers(page)).into())
}

pub(super) fn create_phone_number(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    asked.service(service)?;
    let form = asked.form()?;
    let sid: Option<PhoneNumberSid> = form.get_with(Parameter::Sid, number_sid)?;
    let phone_number: Option<E164> = form.get(Parameter::PhoneNumber)?;
    let choice = NumberChoice {
        sid: sid.map(NumberSid::from),
        phone_number: phone_number.map(ProxyNumber::from),
        is_reserved: form.get_with(Parameter::IsReserved, boolean)?.unwrap_or_default(),
    };
    add_number(asked, service, choice)
}

pub(super) fn list_short_codes(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    let created = asked.service(service)?.numbers_added();
    let page = asked.page(format!("/v1/Services/{service}/ShortCodes"), created)?;
    Ok(Query::Within(service, Part::ShortCodes(page)).into())
}

pub(super) fn create_short_code(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    asked.service(service)?;
    let sid: Option<ShortCodeSid> = asked.form()?.get_with(Parameter::Sid, number_sid)?;
    let sid = sid.ok_or_else(|| missing(Parameter::Sid))?;
    add_number(asked, service, NumberChoice { sid: Some(sid.into()), ..NumberChoice::default() })
}

/// An addition to the pool of the very number that the choice means now.
fn add_number(asked: &Asked<'_>, service: ServiceSid, choice: NumberChoice) -> Result<Ask, Refusal> {
    let new = asked.account.chosen_number(choice).map_err(|error| asked.refused(error))?;
    let query = Query::Within(service, Part::Number(new.sid()));
    let choice = NumberChoice { sid: Some(new.sid()), ..choice };
    Ok(Ask { command: Some(AccountCommand::AddNumber { service, choice }), query: Some(query) })
}

pub(super) fn fetch_number<R: Resource>(asked: &Asked<'_>, service: ServiceSid, number: Sid<R>) -> Result<Ask, Refusal>
where
    NumberSid: From<Sid<R>>,
{
    asked.number(service, number.into())?;
    Ok(Query::Within(service, Part::Number(number.into())).into())
}

pub(super) fn update_number<R: Resource>(asked: &Asked<'_>, service: ServiceSid, number: Sid<R>) -> Result<Ask, Refusal>
where
    NumberSid: From<Sid<R>>,
{
    let number = number.into();
    asked.number(service, number)?;
    let update = NumberUpdate { is_reserved: asked.form()?.get_with(Parameter::IsReserved, boolean)? };
    Ok(in_service(service, Command::UpdateNumber { number, update }, Part::Number(number)))
}

pub(super) fn delete_number<R: Resource>(asked: &Asked<'_>, service: ServiceSid, number: Sid<R>) -> Result<Ask, Refusal>
where
    NumberSid: From<Sid<R>>,
{
    let number = number.into();
    asked.number(service, number)?;
    Ok(in_service(service, Command::RemoveNumber { number }, None))
}

pub(super) fn list_sessions(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    let created = asked.service(service)?.sessions_created();
    let page = asked.page(format!("/v1/Services/{service}/Sessions"), created)?;
    Ok(Query::Within(service, Part::Sessions(page)).into())
}

pub(super) fn create_session(asked: &Asked<'_>, service: ServiceSid) -> Result<Ask, Refusal> {
    asked.service(service)?;
    let form = asked.form()?;
    let mut new = NewSession::new(asked.context.sid());
    new.unique_name = form.get(Parameter::UniqueName)?;
    new.date_expiry = asked.date_expiry::<CreateSessionError>(&form)?;
    new.ttl = form.get_with(Parameter::Ttl, ttl)?;
    new.mode = form.get(Parameter::Mode)?.unwrap_or_default();
    new.status = form.get(Parameter::Status)?;
    new.participants = participants(asked, &form)?;
    new.fail_on_participant_conflict = fail_on_participant_conflict(&form)?;
    let shown = Part::Session(new.sid);
    Ok(in_service(service, Command::CreateSession { new }, shown))
}

pub(super) fn fetch_session(
    asked: &Asked<'_>,
    service: ServiceSid,
    SidOrName(session): SidOrName<'_>,
) -> Result<Ask, Refusal> {
    match asked.service(service)?.fetch_session(&session) {
        Ok(session) => Ok(Query::Within(service, Part::Session(session.sid)).into()),
        Err(FetchSessionError::SessionNotFound(_)) => Err(asked.not_found()),
        Err(FetchSessionError::SessionNameNotFound) => Err(Refusal::SessionNameNotFound),
    }
}

pub(super) fn update_session(asked: &Asked<'_>, service: ServiceSid, session: SessionSid) -> Result<Ask, Refusal> {
    asked.session(service, session)?;
    let form = asked.form()?;
    let update = SessionUpdate {
        date_expiry: asked.date_expiry::<UpdateSessionError>(&form)?,
        ttl: form.get_with(Parameter::Ttl, ttl)?,
        status: form.get(Parameter::Status)?,
        fail_on_participant_conflict: fail_on_participant_conflict(&form)?,
    };
    Ok(in_service(service, Command::UpdateSession { session, update }, Part::Session(session)))
}

pub(super) fn delete_session(asked: &Asked<'_>, service: ServiceSid, session: SessionSid) -> Result<Ask, Refusal> {
    asked.session(service, session)?;
    Ok(in_service(service, Command::DeleteSession { session }, None))
}

fn fail_on_participant_conflict(form: &Form<'_>) -> Result<bool, Refusal> {
    Ok(form.get_with(Parameter::FailOnParticipantConflict, boolean)?.unwrap_or_default())
}

pub(super) fn list_participants(asked: &Asked<'_>, service: ServiceSid, session: SessionSid) -> Result<Ask, Refusal> {
    let created = asked.session(service, session)?.participants_added();
    let page = asked.page(format!("/v1/Services/{service}/Sessions/{session}/Participants"), created)?;
    Ok(Query::Within(service, Part::Participants(session, page)).into())
}

pub(super) fn create_participant(asked: &Asked<'_>, service: ServiceSid, session: SessionSid) -> Result<Ask, Refusal> {
    asked.session(service, session)?;
    let form = asked.form()?;
    let identifier = form.get(Parameter::Identifier)?.ok_or_else(|| missing(Parameter::Identifier))?;
    let mut new = NewParticipant::new(asked.context.sid(), identifier);
    new.friendly_name = form.get(Parameter::FriendlyName)?;
    new.proxy_identifier = form.get(Parameter::ProxyIdentifier)?;
    new.proxy_identifier_sid = form.get_with(Parameter::ProxyIdentifierSid, number_sid)?;
    new.fail_on_participant_conflict = fail_on_participant_conflict(&form)?;
    let shown = Part::Participant(session, new.sid);
    Ok(in_service(service, Command::AddParticipant { session, new }, shown))
}

/// The participants that a new session is to have: each a JSON object (API-2, API-10).
fn participants(asked: &Asked<'_>, form: &Form<'_>) -> Result<Vec<NewParticipant>, Refusal> {
    let read = |(index, value)| ParticipantObject::read(value)?.into_new(asked.context.nth_sid(index));
    (0..).zip(form.participants()).map(read).collect()
}

pub(super) fn fetch_participant(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    participant: ParticipantSid,
) -> Result<Ask, Refusal> {
    asked.participant(service, session, participant)?;
    Ok(Query::Within(service, Part::Participant(session, participant)).into())
}

pub(super) fn delete_participant(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    participant: ParticipantSid,
) -> Result<Ask, Refusal> {
    asked.participant(service, session, participant)?;
    Ok(in_service(service, Command::RemoveParticipant { session, participant }, None))
}

pub(super) fn list_message_interactions(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    participant: ParticipantSid,
) -> Result<Ask, Refusal> {
    asked.participant(service, session, participant)?;
    let path = format!("/v1/Services/{service}/Sessions/{session}/Participants/{participant}/MessageInteractions");
    let page = asked.page(path, asked.service(service)?.interactions_created())?;
    Ok(Query::Within(service, Part::MessageInteractions(session, participant, page)).into())
}

pub(super) fn create_message_interaction(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    participant: ParticipantSid,
) -> Result<Ask, Refusal> {
    if !asked.participant(service, session, participant)?.is_live() {
        return Err(asked.not_found());
    }
    let body: MessageBody = asked.form()?.get(Parameter::Body)?.ok_or_else(|| missing(Parameter::Body))?;
    let new = NewMessage::new(asked.context.sid(), body);
    let shown = Part::MessageInteraction(session, participant, new.sid);
    Ok(in_service(service, Command::SendMessage { session, participant, new }, shown))
}

pub(super) fn fetch_message_interaction(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    participant: ParticipantSid,
    interaction: InteractionSid,
) -> Result<Ask, Refusal> {
    asked.participant(service, session, participant)?;
    let found = asked.service(service)?.message_interaction(session, participant, interaction);
    found.ok_or_else(|| asked.not_found())?;
    Ok(Query::Within(service, Part::MessageInteraction(session, participant, interaction)).into())
}

pub(super) fn list_interactions(asked: &Asked<'_>, service: ServiceSid, session: SessionSid) -> Result<Ask, Refusal> {
    let created = asked.session(service, session)?.interactions_created();
    let page = asked.page(format!("/v1/Services/{service}/Sessions/{session}/Interactions"), created)?;
    Ok(Query::Within(service, Part::Interactions(session, page)).into())
}

pub(super) fn fetch_interaction(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    interaction: InteractionSid,
) -> Result<Ask, Refusal> {
    asked.interaction(service, session, interaction)?;
    Ok(Query::Within(service, Part::Interaction(session, interaction)).into())
}

pub(super) fn delete_interaction(
    asked: &Asked<'_>,
    service: ServiceSid,
    session: SessionSid,
    interaction: InteractionSid,
) -> Result<Ask, Refusal> {
    asked.interaction(service, session, interaction)?;
    Ok(in_service(service, Command::DeleteInteraction { session, interaction }, None))
}
