"""API-5: lists over three pages."""

import json

import pytest
from twilio.base.exceptions import TwilioException

from harness import ALICE, BOB, P1, sids


def services(services):
    return services, sids(services.create(unique_name=f"service-{n}") for n in range(5))


def phone_numbers(services):
    numbers = services.create(unique_name="rides").phone_numbers
    return numbers, sids(numbers.create(phone_number=f"+1415555900{n}") for n in range(5))


def sessions(services):
    sessions = services.create(unique_name="rides").sessions
    return sessions, sids(sessions.create(unique_name=f"ride-{n}") for n in range(5))


def ride(services):
    rides = services.create(unique_name="rides")
    rides.phone_numbers.create(phone_number=P1)
    return rides.sessions.create()


def participants(services):
    participants = ride(services).participants
    created = []
    for n in range(5):
        person = participants.create(identifier=f"+1415555000{n}")
        created.append(person.sid)
        person.delete()
    return participants, created


def message_interactions(services):
    messages = ride(services).participants.create(identifier=ALICE).message_interactions
    return messages, sids(messages.create(body=f"Message {n}") for n in range(5))


def interactions(services):
    session = ride(services)
    messages = [session.participants.create(identifier=one).message_interactions for one in [ALICE, BOB]]
    return session.interactions, sids(messages[n % 2].create(body=f"Message {n}") for n in range(5))


LISTS = [services, phone_numbers, sessions, participants, message_interactions, interactions]


@pytest.fixture(params=LISTS, ids=lambda make: make.__name__, name="made")
def a_list_and_what_it_has(request, services):
    return request.param(services)


def test_api_5_list_and_stream_go_through_all_pages(made):
    items, created = made
    assert sids(items.list(page_size=2)) == created
    assert sids(items.stream(page_size=2)) == created
    assert sids(items.list(limit=3)) == sids(items.stream(limit=3, page_size=2)) == created[:3]


def test_api_5_pages_are_turned_forwards_and_backwards(made):
    items, created = made
    first = items.page(page_size=2)
    second = first.next_page()
    third = second.next_page()
    assert third.next_page() is None
    assert first.previous_page() is None
    back = third.previous_page()
    start = back.previous_page()
    assert start.previous_page() is None
    expected = [created[:2], created[2:4], created[4:], created[2:4], created[:2]]
    assert [sids(page) for page in [first, second, third, back, start]] == expected


def test_api_5_a_page_is_fetched_by_its_url(made):
    items, created = made
    url = items.page(page_size=2).next_page_url
    assert sids(items.get_page(url)) == created[2:4]
    assert items.get_page(url).previous_page_url is not None


def test_api_5_what_is_created_between_two_pages_comes_last(services):
    items, created = sessions(services)
    page = items.page(page_size=3)
    created.append(items.create().sid)
    assert sids(page.next_page()) == created[3:]


@pytest.mark.parametrize("asked", [{"page_size": 1001}, {"page_size": -1}, {"page_token": "PN1"}], ids=str)
def test_api_5_what_no_list_offers_is_80701(services, asked):
    # The library's exception for pages has neither code nor status, but the whole answer.
    with pytest.raises(TwilioException) as caught:
        services.page(**asked)
    _, answer = caught.value.args
    assert (answer.status_code, json.loads(answer.text)["code"]) == (400, 80701)


def test_api_5_the_cap_of_the_policy_clamps(start, tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text('{"max_page_size": 2}')
    items, created = sessions(start("--policy", policy).client().proxy.v1.services)
    assert sids(items.page(page_size=1000)) == created[:2]
    assert sids(items.list()) == created
