"""Sessions, participants and interactions through the library."""

import asyncio
from datetime import timedelta

import pytest
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from harness import (
    ACCOUNT_SID,
    ALICE,
    AUTH_TOKEN,
    BOB,
    CAROL,
    NOW,
    P1,
    P2,
    SECONDS,
    SidOf,
    after,
    fields,
    refused,
    sids,
)


def test_ses_1_everything_is_optional(rides):
    session = rides.sessions.create()
    url = f"{rides.url}/Sessions/{session.sid}"
    assert fields(session) == {
        "sid": SidOf("KC"),
        "service_sid": rides.sid,
        "account_sid": ACCOUNT_SID,
        "date_started": None,
        "date_ended": None,
        "date_last_interaction": None,
        "date_expiry": None,
        "unique_name": None,
        "status": "open",
        "closed_reason": None,
        "ttl": 0,
        "mode": "voice-and-message",
        "date_created": NOW,
        "date_updated": NOW,
        "url": url,
        "links": {"interactions": f"{url}/Interactions", "participants": f"{url}/Participants"},
    }


def test_ses_3_a_session_is_created_with_its_participants(rides):
    session = rides.sessions.create(
        unique_name="ride/1",
        date_expiry=after(7200),
        ttl=600,
        mode="message-only",
        status="open",
        participants=[
            {"Identifier": ALICE, "FriendlyName": "Alice"},
            {"Identifier": BOB, "ProxyIdentifier": P2},
        ],
    )
    assert (session.unique_name, session.date_expiry, session.ttl) == ("ride/1", after(7200), 600)
    assert (session.mode, session.status) == ("message-only", "open")
    alice, bob = session.participants.list()
    assert (alice.identifier, alice.friendly_name, alice.proxy_identifier) == (ALICE, "Alice", P1)
    assert (bob.identifier, bob.friendly_name, bob.proxy_identifier) == (BOB, None, P2)


def test_ses_7_a_session_is_closed_and_opened_again(emulator, rides):
    session = rides.sessions.create()
    emulator.advance(60)
    closed = session.update(status="closed")
    assert (closed.status, closed.closed_reason, closed.date_ended) == ("closed", "api", after(60))
    emulator.advance(60)
    reopened = rides.sessions(session.sid).update(status="in-progress", ttl=300, date_expiry=after(3600))
    assert (reopened.status, reopened.closed_reason, reopened.date_ended) == ("in-progress", None, None)
    assert (reopened.ttl, reopened.date_expiry, reopened.date_updated) == (300, after(3600), after(120))


def test_tim_6_an_expiry_of_another_zone_is_converted(rides):
    session = rides.sessions.create(date_expiry="2030-01-01T03:00:00.75+01:00")
    assert session.date_expiry == NOW + timedelta(hours=2)


def test_exp_1_the_default_ttl_of_the_service_counts_unless_one_is_given(services):
    rides = services.create(unique_name="rides", default_ttl=60)
    assert [rides.sessions.create().ttl, rides.sessions.create(ttl=0).ttl] == [60, 0]


def test_ses_10_a_session_is_fetched_by_sid_or_name(rides):
    session = rides.sessions.create(unique_name="ride-1")
    assert fields(rides.sessions(session.sid).fetch()) == fields(session)
    assert fields(rides.sessions("ride-1").fetch()) == fields(session)
    assert fields(session.fetch()) == fields(session)


def test_ses_11_a_session_is_deleted_with_its_participants(rides):
    session = rides.sessions.create(unique_name="ride-1", participants=[{"Identifier": ALICE}])
    [alice] = session.participants.list()
    assert session.delete() is True
    for gone in [session, alice]:
        with refused(20404, 404):
            gone.fetch()
    with refused(80308, 404):
        rides.sessions("ride-1").fetch()
    assert rides.sessions.list() == []


def test_par_13_a_participant_shows_its_number(emulator, rides):
    session = rides.sessions.create()
    [_, number] = rides.phone_numbers.list()
    alice = session.participants.create(
        identifier=f" {ALICE}\t", friendly_name="Alice", proxy_identifier=P2, proxy_identifier_sid=number.sid
    )
    url = f"{session.url}/Participants/{alice.sid}"
    assert fields(alice) == {
        "sid": SidOf("KP"),
        "session_sid": session.sid,
        "service_sid": rides.sid,
        "account_sid": ACCOUNT_SID,
        "friendly_name": "Alice",
        "identifier": ALICE,
        "proxy_identifier": P2,
        "proxy_identifier_sid": number.sid,
        "date_deleted": None,
        "date_created": NOW,
        "date_updated": NOW,
        "url": url,
        "links": {"message_interactions": f"{url}/MessageInteractions"},
    }
    assert fields(alice.fetch()) == fields(session.participants(alice.sid).fetch()) == fields(alice)


def test_par_6_a_channel_address_has_one_of_its_own_channel(rides):
    session = rides.sessions.create(mode="message-only")
    alice = session.participants.create(identifier=f"whatsapp:{ALICE}", proxy_identifier=f"whatsapp:{P1}")
    assert (alice.identifier, alice.proxy_identifier) == (f"whatsapp:{ALICE}", f"whatsapp:{P1}")
    assert alice.proxy_identifier_sid is None


def test_par_5_a_participant_who_is_removed_stays_on_record(emulator, rides):
    session = rides.sessions.create()
    alice, bob = (session.participants.create(identifier=one) for one in [ALICE, BOB])
    emulator.advance(60)
    assert alice.delete() is True
    carol = session.participants.create(identifier=CAROL)
    removed, *others = session.participants.list()
    assert (removed.sid, removed.date_deleted, removed.date_updated) == (alice.sid, after(60), after(60))
    assert sids(others) == [bob.sid, carol.sid]
    assert fields(alice.fetch()) == fields(removed)


def test_int_3_a_message_is_sent_to_one_participant(emulator, rides):
    session = rides.sessions.create(participants=[{"Identifier": ALICE}])
    [alice] = session.participants.list()
    sent = alice.message_interactions.create(body='Say "hi"', media_url=["https://rides.example.com/map.png"])
    expected = {
        "sid": SidOf("KI"),
        "session_sid": session.sid,
        "service_sid": rides.sid,
        "account_sid": ACCOUNT_SID,
        "data": '{"body":"Say \\"hi\\""}',
        "type": "message",
        "inbound_participant_sid": None,
        "inbound_resource_sid": None,
        "inbound_resource_status": None,
        "inbound_resource_type": None,
        "inbound_resource_url": None,
        "outbound_participant_sid": alice.sid,
        "outbound_resource_sid": None,
        "outbound_resource_status": "queued",
        "outbound_resource_type": "message",
        "outbound_resource_url": None,
        "date_created": NOW,
        "date_updated": NOW,
    }
    url = f"{session.url}/Participants/{alice.sid}/MessageInteractions/{sent.sid}"
    assert fields(sent) == {**expected, "participant_sid": alice.sid, "url": url}
    assert fields(alice.message_interactions(sent.sid).fetch()) == fields(sent.fetch()) == fields(sent)
    assert sids(alice.message_interactions.list()) == sids(alice.message_interactions.page()) == [sent.sid]
    assert sids(alice.message_interactions.stream()) == [sent.sid]

    [listed] = session.interactions.list()
    assert fields(listed) == {**expected, "url": f"{session.url}/Interactions/{sent.sid}"}
    [leg] = emulator.events("leg")
    assert (leg["from"], leg["to"], leg["body"]) == (P1, ALICE, 'Say "hi"')
    assert (leg["session_sid"], leg["interaction_sid"]) == (session.sid, sent.sid)


def test_int_5_an_interaction_is_fetched_and_deleted(rides):
    session = rides.sessions.create(participants=[{"Identifier": ALICE}])
    [alice] = session.participants.list()
    first, second = (alice.message_interactions.create(body=body) for body in ["One", "Two"])
    interactions = session.interactions
    assert sids(interactions.list()) == sids(interactions.stream()) == sids(interactions.page())
    assert fields(interactions(first.sid).fetch()) == fields(interactions.list()[0])
    assert interactions(first.sid).delete() is True
    assert sids(interactions.list()) == [second.sid]
    with refused(20404, 404):
        interactions(first.sid).fetch()
    assert interactions.list()[0].delete() is True


def test_api_4_the_status_of_an_answer_tells_what_was_done(services):
    def status(response):
        return response.status_code

    created = services.create_with_http_info(unique_name="rides")
    # The library documents its headers as a plain dictionary with this key, so that the case of the letters counts.
    assert (created.status_code, created.headers["Content-Type"]) == (201, "application/json")
    rides = created.data
    assert status(rides.fetch_with_http_info()) == 200
    assert status(rides.update_with_http_info(default_ttl=60)) == 200
    assert status(services.list_with_http_info()) == status(services.page_with_http_info()) == 200
    added = rides.phone_numbers.create_with_http_info(phone_number=P1)
    session = rides.sessions.create_with_http_info()
    alice = session.data.participants.create_with_http_info(identifier=ALICE)
    message = alice.data.message_interactions.create_with_http_info(body="Hello")
    assert [status(added), status(session), status(alice), status(message)] == [201] * 4
    for resource in [session.data.interactions(message.data.sid), alice.data, session.data, added.data, rides]:
        assert status(resource.delete_with_http_info()) == 204


def test_api_4_statuses_by_policy_are_no_failure_for_the_library(start, tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text('{"participant_delete_status": 200, "message_interaction_status": 200}')
    rides = start("--policy", policy).client().proxy.v1.services.create(unique_name="rides")
    rides.phone_numbers.create(phone_number=P1)
    alice = rides.sessions.create().participants.create(identifier=ALICE)
    assert alice.message_interactions.create_with_http_info(body="Hello").status_code == 200
    assert alice.delete_with_http_info().status_code == 200
    assert alice.fetch().date_deleted is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning:twilio")
def test_the_asynchronous_client_is_served_as_well(emulator):
    async def story():
        async with AsyncTwilioHttpClient(timeout=SECONDS) as http_client:
            client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=http_client)
            client.proxy.base_url = emulator.url
            rides = await client.proxy.v1.services.create_async(unique_name="rides")
            await rides.phone_numbers.create_async(phone_number=P1)
            ride = await rides.sessions.create_async(participants=[{"Identifier": ALICE}, {"Identifier": BOB}])
            people = [person async for person in await ride.participants.stream_async(page_size=1)]
            with refused(80609):
                await ride.participants.create_async(identifier=CAROL)
            return [person.proxy_identifier for person in people]

    assert asyncio.run(story()) == [P1, P1]
