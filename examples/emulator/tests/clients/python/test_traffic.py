"""Calls and messages, placed over the control plane and seen through the library."""

import json

import pytest

from harness import ALICE, BOB, CAROL, DAVE, MANUAL_CLOCK, P1, P2, SidOf, after, fields, sids

API = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001"


def ride_of(rides, *people, **settings):
    return rides.sessions.create(participants=[{"Identifier": person} for person in people], **settings)


def connected(outcome, session, sender, receiver):
    """Whether it goes on in this session, and the receiver sees this sender."""
    return (
        (outcome["outcome"], outcome["code"], outcome["twiml"]) == ("connected", None, None)
        and (outcome["service_sid"], outcome["session_sid"]) == (session.service_sid, session.sid)
        and outcome["interaction_sid"] == SidOf("KI")
        and outcome["leg"] == {"from": sender, "to": receiver}
    )


def nobody_reached(outcome):
    return outcome["outcome"], outcome["code"], outcome["leg"]


def test_a_masked_ride(emulator, rides):
    ride = rides.sessions.create(unique_name="ride-1", ttl=600)
    alice, bob = (
        ride.participants.create(identifier=identifier, proxy_identifier=number)
        for identifier, number in [(ALICE, P1), (BOB, P2)]
    )

    # They call and write to each other, and each sees only the number that was given to them (RTE-2, SES-6).
    emulator.advance(10)
    call = emulator.call(ALICE, P1)
    assert connected(call, ride, P2, BOB)
    emulator.advance(10)
    answer = emulator.write(BOB, P2, "On my way", media=["https://rides.example.com/map.png"])
    assert connected(answer, ride, P1, ALICE)
    ride = ride.fetch()
    assert (ride.status, ride.date_started, ride.date_last_interaction) == ("in-progress", after(10), after(20))

    # The call ends, the message arrives (INT-2).
    reported = emulator.report(
        call["interaction_sid"], status="completed", duration=5, resource_sid="CA000000000000000000000000000000ff"
    )
    assert reported["outbound_resource_status"] == "completed"
    emulator.report(answer["interaction_sid"], status="delivered")
    call, answer = ride.interactions.list()
    assert fields(call) == {
        "sid": reported["sid"],
        "session_sid": ride.sid,
        "service_sid": rides.sid,
        "account_sid": rides.account_sid,
        "data": '{"duration":"5"}',
        "type": "voice",
        "inbound_participant_sid": alice.sid,
        "inbound_resource_sid": SidOf("CA"),
        "inbound_resource_status": "in-progress",
        "inbound_resource_type": "call",
        "inbound_resource_url": f"{API}/Calls/{call.inbound_resource_sid}.json",
        "outbound_participant_sid": bob.sid,
        "outbound_resource_sid": "CA000000000000000000000000000000ff",
        "outbound_resource_status": "completed",
        "outbound_resource_type": "call",
        "outbound_resource_url": f"{API}/Calls/CA000000000000000000000000000000ff.json",
        "date_created": after(10),
        "date_updated": after(20),
        "url": f"{ride.url}/Interactions/{call.sid}",
    }
    assert (answer.type, json.loads(answer.data)) == ("message", {"body": "On my way"})
    assert (answer.inbound_resource_status, answer.outbound_resource_status) == ("delivered", "delivered")
    assert answer.inbound_resource_url == f"{API}/Messages/{answer.inbound_resource_sid}.json"

    # The service writes to one of them (INT-3). Opt-out words and strangers reach nobody (RTE-3, RTE-4).
    notice = bob.message_interactions.create(body="Turn left")
    assert sids(ride.interactions.list()) == [call.sid, answer.sid, notice.sid]
    assert nobody_reached(emulator.write(ALICE, P1, " stop\n")) == ("dropped", 80901, None)
    assert nobody_reached(emulator.call(CAROL, P1)) == ("out_of_session", 80902, None)
    assert nobody_reached(emulator.write(CAROL, P1, "Hello")) == ("out_of_session", 80903, None)

    # Ten minutes after the last message, that was it (EXP-1, EXP-3).
    emulator.advance(599)
    assert ride.fetch().status == "in-progress"
    emulator.advance(60)
    ride = ride.fetch()
    assert (ride.status, ride.closed_reason, ride.date_ended) == ("closed", "expired", after(620))
    assert nobody_reached(emulator.call(ALICE, P1)) == ("out_of_session", 80902, None)
    assert len(ride.interactions.list()) == 3

    # All of that stands in the events (WHK-6).
    assert emulator.notifications() == [80901, 80902, 80905, 80903, 80905, 80904, 80902, 80905]
    legs = [(leg["from"], leg["to"], leg["body"], leg["media"]) for leg in emulator.events("leg")]
    assert legs == [
        (P2, BOB, None, None),
        (P1, ALICE, "On my way", ["https://rides.example.com/map.png"]),
        (P2, BOB, "Turn left", []),
    ]
    events = emulator.events()
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))
    assert {event["service_sid"] for event in events} == {rides.sid}
    assert events[0]["at"] == "2030-01-01T00:00:10Z"
    later = emulator.control("GET", f"events?after={ids[2]}")
    assert (later["events"], later["last"]) == (events[3:], ids[-1])


def test_sel_9_two_people_may_share_a_number_and_still_be_told_apart(emulator, rides):
    first, second = ride_of(rides, ALICE, BOB), ride_of(rides, CAROL, DAVE)
    assert {person.proxy_identifier for ride in [first, second] for person in ride.participants.list()} == {P1}
    for ride, caller, partner in [(first, ALICE, BOB), (first, BOB, ALICE), (second, DAVE, CAROL)]:
        assert connected(emulator.call(caller, P1), ride, P1, partner)


@pytest.mark.parametrize(("mode", "code"), [("voice-only", 80910), ("message-only", 80911)])
def test_rte_5_a_session_carries_what_its_mode_says(emulator, rides, mode, code):
    ride = ride_of(rides, ALICE, BOB, mode=mode)
    call, message = emulator.call(ALICE, P1), emulator.write(ALICE, P1, "Hello")
    served, rejected = (call, message) if mode == "voice-only" else (message, call)
    assert connected(served, ride, P1, BOB)
    assert nobody_reached(rejected) == ("rejected", code, None)
    assert (rejected["session_sid"], len(ride.interactions.list())) == (ride.sid, 1)


def test_rte_6_who_is_alone_reaches_nobody(emulator, rides):
    ride = ride_of(rides, ALICE)
    assert nobody_reached(emulator.call(ALICE, P1)) == ("rejected", 80614, None)
    assert (ride.fetch().status, ride.interactions.list()) == ("open", [])


def test_rte_10_who_withholds_the_number_is_a_stranger(emulator, rides):
    ride_of(rides, ALICE, BOB)
    assert nobody_reached(emulator.call(None, P1)) == ("out_of_session", 80902, None)


def test_rte_12_a_number_of_no_pool_is_not_there(emulator, rides):
    error = emulator.control("POST", "calls", {"from": ALICE, "to": "+14155559009"}, status=404)
    assert (error["code"], error["status"]) == (20404, 404)
    assert error["more_info"] == "https://www.twilio.com/docs/errors/20404"
    assert emulator.events() == []


@pytest.mark.parametrize("by", ["sid", "unique_name"])
def test_rte_1_at_a_channel_address_the_service_is_named(emulator, rides, by):
    ride = rides.sessions.create(mode="message-only")
    ride.participants.create(identifier=f"whatsapp:{ALICE}", proxy_identifier=f"whatsapp:{P1}")
    ride.participants.create(identifier=BOB)
    outcome = emulator.write(f"whatsapp:{ALICE}", f"whatsapp:{P1}", "Hello", service=getattr(rides, by))
    assert connected(outcome, ride, P1, BOB)


def test_int_2_a_status_that_is_final_stays(emulator, rides):
    ride = ride_of(rides, ALICE, BOB)
    sid = emulator.call(ALICE, P1)["interaction_sid"]
    for status in ["ringing", "in-progress", "no-answer", "completed"]:
        emulator.report(sid, status=status)
    assert ride.interactions(sid).fetch().outbound_resource_status == "no-answer"
    assert emulator.notifications() == [80906]


def test_exp_7_a_session_is_gone_90_days_after_its_end(emulator, rides):
    ride_of(rides, ALICE, BOB, ttl=60)
    emulator.advance(60)
    assert rides.sessions.list()[0].closed_reason == "expired"
    emulator.advance(90 * 86_400)
    assert rides.sessions.list() == []


def test_sel_8_an_explanation_names_the_number_that_the_library_then_gets(emulator, rides):
    ride_of(rides, ALICE, BOB)
    session = rides.sessions.create()
    first, second = rides.phone_numbers.list()

    def explain():
        # The identifier goes through a query, where a plus sign is a blank.
        return emulator.control("GET", f"explain?session={session.sid}&identifier={ALICE.replace('+', '%2B')}")

    explained = explain()
    assert (explained["number_sid"], explained["code"], explained["message"]) == (second.sid, None, None)
    assert explained["numbers"] == [
        {"sid": first.sid, "phone_number": P1, "verdict": "held"},
        {"sid": second.sid, "phone_number": P2, "verdict": "chosen"},
    ]
    assert session.participants.create(identifier=ALICE).proxy_identifier_sid == second.sid
    explained = explain()
    assert (explained["number_sid"], explained["code"]) == (None, 80103)
    assert not explained["numbers"]


def test_the_state_goes_to_another_emulator(emulator, rides, start):
    ride = ride_of(rides, ALICE, BOB)
    state = emulator.control("GET", "state")
    other = start(*MANUAL_CLOCK)
    other.control("PUT", "state", state, status=204)
    copy = other.client().proxy.v1.services(rides.sid).sessions(ride.sid).fetch()
    assert copy.date_created == ride.date_created
    assert connected(other.call(ALICE, P1), ride, P1, BOB)


def test_what_is_kept_outlives_the_process(start, tmp_path):
    emulator = start(*MANUAL_CLOCK, "--data", tmp_path)
    rides = emulator.client().proxy.v1.services.create(unique_name="rides")
    rides.phone_numbers.create(phone_number=P1)
    ride = ride_of(rides, ALICE, BOB)
    sent = emulator.write(ALICE, P1, "Hello")
    emulator.stop()
    emulator = start(*MANUAL_CLOCK, "--data", tmp_path)
    kept = emulator.client().proxy.v1.services(rides.sid).sessions(ride.sid).fetch()
    assert (kept.status, sids(kept.interactions.list())) == ("in-progress", [sent["interaction_sid"]])


def test_tim_2_the_clock_moves_only_forward_and_only_if_it_is_manual(emulator, start):
    assert emulator.control("GET", "clock") == {"now": "2030-01-01T00:00:00Z", "mode": "manual"}
    for body in [{"set": "2029-12-31T23:59:59Z"}, {"advance_seconds": 10**12}, {"advance": 1}]:
        emulator.control("POST", "clock", body, status=400)
    clock = emulator.control("POST", "clock", {"set": "2031-01-01T00:00:00Z"})
    assert clock == {"now": "2031-01-01T00:00:00Z", "mode": "manual"}
    start().control("POST", "clock", {"advance_seconds": 1}, status=409)
