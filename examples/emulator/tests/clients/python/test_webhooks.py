"""Webhooks as the application gets them, their signature checked with the library's own validator."""

import json
import threading
import time

import pytest
from twilio.request_validator import RequestValidator

from harness import ALICE, AUTH_TOKEN, BOB, CAROL, P1, P2, SECONDS, SidOf, after, eventually

VALIDATOR = RequestValidator(AUTH_TOKEN)


def valid(webhook):
    """Whether the library accepts its signature, and would not accept that of another request."""
    tampered = {**webhook.form, "interactionSid": "KI"}
    return (
        webhook.content_type.startswith("application/x-www-form-urlencoded")
        and VALIDATOR.validate(webhook.url, webhook.form, webhook.signature)
        and not VALIDATOR.validate(webhook.url, tampered, webhook.signature)
        and not RequestValidator("another").validate(webhook.url, webhook.form, webhook.signature)
    )


@pytest.fixture
def ride(rides, webhooks):
    """Alice and Bob, with every webhook there is."""
    rides.update(
        callback_url=webhooks.url("callback?of=rides&name=J%C3%BCrgen+B"),
        intercept_callback_url=webhooks.url("intercept"),
        out_of_session_callback_url=webhooks.url("out-of-session"),
    )
    return rides.sessions.create(
        unique_name="ride-1", participants=[{"Identifier": ALICE}, {"Identifier": BOB, "FriendlyName": "Bob"}]
    )


def test_whk_2_every_change_of_an_interaction_is_called_back_in_order(emulator, webhooks, ride):
    body = 'Grüße & "Küsse" + 50 %\n☎'
    sent = emulator.write(ALICE, P1, body)
    for status in ["sent", "delivered"]:
        emulator.report(sent["interaction_sid"], status=status, resource_sid="SM000000000000000000000000000000ff")
    callbacks = [webhooks.take("callback") for _ in range(3)]
    assert all(valid(callback) for callback in callbacks)
    assert [callback.form["outboundResourceStatus"] for callback in callbacks] == ["queued", "sent", "delivered"]
    alice, bob = ride.participants.list()
    [record] = ride.interactions.list()
    assert callbacks[2].form == {
        "inboundParticipantSid": alice.sid,
        "inboundResourceSid": record.inbound_resource_sid,
        "inboundResourceStatus": "delivered",
        "inboundResourceType": "message",
        "inboundResourceUrl": record.inbound_resource_url,
        "interactionAccountSid": ride.account_sid,
        "interactionData": record.data,
        "interactionDateCreated": "2030-01-01T00:00:00Z",
        "interactionDateUpdated": "2030-01-01T00:00:00Z",
        "interactionServiceSid": ride.service_sid,
        "interactionSessionSid": ride.sid,
        "interactionSid": record.sid,
        "interactionType": "Message",
        "outboundParticipantSid": bob.sid,
        "outboundResourceSid": "SM000000000000000000000000000000ff",
        "outboundResourceStatus": "delivered",
        "outboundResourceType": "message",
        "outboundResourceUrl": record.outbound_resource_url,
    }
    assert json.loads(record.data) == {"body": body}


def test_whk_2_a_message_to_one_participant_is_called_back_without_an_inbound_side(webhooks, ride):
    sent = ride.participants.list()[0].message_interactions.create(body="Hello")
    callback = webhooks.take("callback")
    assert valid(callback)
    assert callback.form["interactionSid"] == sent.sid
    assert not any(name.startswith("inbound") for name in callback.form)
    assert webhooks.count("intercept") == 0


def test_rte_7_what_the_intercept_forbids_is_blocked(emulator, webhooks, ride):
    webhooks.answers["intercept"] = (403, "text/plain", "")
    outcome = emulator.write(ALICE, P1, "Hello")
    assert (outcome["outcome"], outcome["code"], outcome["leg"]) == ("blocked", 80909, None)
    assert outcome["session_sid"] == ride.sid
    asked = webhooks.take("intercept")
    assert valid(asked)
    assert asked.form["interactionData"] == '{"body":"Hello"}'
    assert not any(name.startswith("outbound") for name in asked.form)
    assert (ride.interactions.list(), ride.fetch().status) == ([], "open")
    assert (emulator.notifications(), emulator.events("leg"), webhooks.count("callback")) == ([80909], [], 0)


def test_rte_7_what_the_intercept_does_not_forbid_goes_on(emulator, webhooks, ride):
    outcome = emulator.call(ALICE, P1)
    assert (outcome["outcome"], outcome["leg"]) == ("connected", {"from": P1, "to": BOB})
    asked = webhooks.take("intercept")
    assert valid(asked)
    assert (asked.form["interactionType"], asked.form["interactionData"]) == ("Voice", "")
    assert (
        asked.form["interactionSid"] == outcome["interaction_sid"] == webhooks.take("callback").form["interactionSid"]
    )


@pytest.mark.parametrize("status", [302, 404, 500])
def test_whk_7_an_intercept_that_fails_forbids_nothing(emulator, webhooks, ride, status):
    webhooks.answers["intercept"] = (status, "text/plain", "")
    assert emulator.call(ALICE, P1)["outcome"] == "connected"
    assert (emulator.notifications(), webhooks.count("elsewhere")) == ([80908], 0)


def test_whk_7_a_callback_that_fails_is_80908(emulator, webhooks, rides, ride):
    webhooks.answers["callback"] = (500, "text/plain", "")
    emulator.call(ALICE, P1)
    eventually(lambda: emulator.notifications() == [80908])
    requests = {event["purpose"]: event for event in emulator.events("request")}
    responses = {event["request"]: event["status"] for event in emulator.events("response")}
    assert responses == {requests["intercept"]["id"]: 200, requests["callback"]["id"]: 500}
    callback = webhooks.take("callback")
    assert requests["callback"]["url"] == rides.fetch().callback_url
    assert [tuple(pair) for pair in requests["callback"]["parameters"]] == callback.pairs


def test_whk_7_nobody_at_the_url_is_no_answer(emulator, webhooks, ride):
    webhooks.stop()
    assert emulator.call(ALICE, P1)["outcome"] == "connected"
    eventually(lambda: emulator.notifications() == [80908, 80908])
    assert [event["status"] for event in emulator.events("response")] == [None, None]


AUTO_CREATE = {
    "participantIdentifier": BOB,
    "participantProxyIdentifier": P2,
    "uniqueName": "ride-2",
    "mode": "message-only",
    "ttl": 600,
    "dateExpiry": "2030-01-02T00:00:00Z",
}


def test_whk_4_an_answer_out_of_session_creates_one_and_connects(emulator, webhooks, rides, ride):
    webhooks.answers["out-of-session"] = (200, "application/json; charset=utf-8", json.dumps(AUTO_CREATE))
    outcome = emulator.write(CAROL, P1, "Hello")
    assert (outcome["outcome"], outcome["leg"]) == ("connected", {"from": P2, "to": BOB})
    asked = webhooks.take("out-of-session")
    assert valid(asked)
    assert (asked.form["From"], asked.form["To"], asked.form["Body"]) == (CAROL, P1, "Hello")
    assert not any(name.startswith("session") for name in asked.form)

    created = rides.sessions(outcome["session_sid"]).fetch()
    assert (created.unique_name, created.status, created.mode) == ("ride-2", "in-progress", "message-only")
    assert (created.ttl, created.date_expiry) == (600, after(86_400))
    people = [(person.identifier, person.proxy_identifier) for person in created.participants.list()]
    assert people == [(CAROL, P1), (BOB, P2)]
    assert [record.sid for record in created.interactions.list()] == [outcome["interaction_sid"]]
    assert webhooks.take("intercept").form["interactionSid"] == outcome["interaction_sid"]
    assert emulator.write(BOB, P2, "Hello, Carol")["leg"] == {"from": P1, "to": CAROL}
    assert webhooks.count("out-of-session") == 0


def test_whk_3_the_previous_session_goes_along(emulator, webhooks, ride):
    ride.update(status="closed")
    outcome = emulator.call(BOB, P1)
    assert outcome["outcome"] == "out_of_session"
    asked = webhooks.take("out-of-session")
    assert valid(asked)
    alice, bob = ride.participants.list()
    expected = {
        "From": BOB,
        "To": P1,
        "inboundParticipantSid": bob.sid,
        "inboundParticipantFriendlyName": "Bob",
        "outboundParticipantSid": alice.sid,
        "sessionSid": ride.sid,
        "sessionUniqueName": "ride-1",
        "sessionClosedReason": "api",
    }
    assert asked.form.items() >= expected.items()


ANSWERS = [
    ((200, "text/xml", "<Response><Say>Nobody is here</Say></Response>"), "twiml", None),
    ((200, "application/xml", "<Response/>"), "twiml", None),
    ((500, "text/xml", "<Response/>"), "out_of_session", 80913),
    ((302, "text/xml", "<Response/>"), "out_of_session", 80913),
    ((200, "text/xml", ""), "out_of_session", 80905),
    ((200, "text/html", "<p>Nobody is here</p>"), "out_of_session", 80905),
    ((200, "application/json", "[]"), "out_of_session", 12100),
    ((200, "application/json", '{"uniqueName": "ride-2"}'), "out_of_session", 12100),
    ((200, "application/json", json.dumps({**AUTO_CREATE, "uniqueName": "ride-1"})), "out_of_session", 80603),
    ((200, "application/json", json.dumps({"participantIdentifier": "+447700900001"})), "out_of_session", 80203),
]


@pytest.mark.parametrize(
    ("answer", "outcome", "code"), ANSWERS, ids=[f"{answer[0]} {answer[1]} {code}" for answer, _, code in ANSWERS]
)
def test_whk_5_an_answer_out_of_session_may_lead_elsewhere(emulator, webhooks, rides, ride, answer, outcome, code):
    webhooks.answers["out-of-session"] = answer
    answered = emulator.call(CAROL, P1)
    assert (answered["outcome"], answered["code"], answered["leg"]) == (outcome, code, None)
    assert answered["twiml"] == (answer[2] if outcome == "twiml" else None)
    assert answered["service_sid"] == rides.sid
    assert [session.sid for session in rides.sessions.list()] == [ride.sid]
    raised = {"twiml": [], "out_of_session": [code if code in (80913, 80905, 12100) else 80905]}
    assert emulator.notifications() == [80902, *raised[outcome]]


def test_whk_5_nobody_at_the_out_of_session_url_is_80913(emulator, webhooks, ride):
    webhooks.stop()
    outcome = emulator.call(CAROL, P1)
    assert (outcome["outcome"], outcome["code"]) == ("out_of_session", 80913)


def test_rte_3_an_opt_out_word_calls_nobody(emulator, webhooks, ride):
    assert emulator.write(CAROL, P1, "STOP")["outcome"] == "dropped"
    assert (emulator.notifications(), emulator.events("request")) == ([80901], [])


def test_rte_11_a_session_that_ends_while_it_waits_drops_the_contact(emulator, webhooks, ride):
    def close_while_it_waits():
        webhooks.take("intercept")
        ride.update(status="closed")

    webhooks.before["intercept"] = close_while_it_waits
    outcome = emulator.call(ALICE, P1)
    assert (outcome["outcome"], outcome["code"]) == ("dropped", 20404)
    assert ride.interactions.list() == []


def test_a_reset_forgets_what_is_on_its_way(emulator, webhooks, ride):
    reset = threading.Event()
    webhooks.before["callback"] = lambda: reset.wait(SECONDS)
    webhooks.answers["callback"] = (500, "text/plain", "")
    emulator.call(ALICE, P1)
    webhooks.take("callback")
    emulator.reset()
    reset.set()
    for _ in range(20):
        time.sleep(0.01)
        assert (emulator.events(), emulator.control("GET", "state")["services"]) == ([], [])


def test_localhost_is_as_good_a_host_as_any(emulator, webhooks, rides):
    rides.update(callback_url=webhooks.url("callback").replace("127.0.0.1", "localhost"))
    rides.sessions.create(participants=[{"Identifier": ALICE}]).participants.list()[0].message_interactions.create(
        body="Hello"
    )
    callback = webhooks.take("callback")
    assert valid(callback)
    assert callback.url.startswith("http://localhost:")
    assert callback.form["interactionSid"] == SidOf("KI")
