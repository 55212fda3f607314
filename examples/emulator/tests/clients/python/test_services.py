"""Services through the library."""

import pytest

from harness import ACCOUNT_SID, NOW, SidOf, after, fields, refused, sids

SETTINGS = {
    "default_ttl": 3600,
    "callback_url": "https://rides.example.com/callback?a=1&b=%20",
    "geo_match_level": "area-code",
    "number_selection_behavior": "avoid-sticky",
    "intercept_callback_url": "https://rides.example.com/intercept",
    "out_of_session_callback_url": "https://rides.example.com/out-of-session",
    "chat_instance_sid": "IS00000000000000000000000000000001",
}


def test_svc_2_a_new_service_has_the_defaults(emulator, services):
    service = services.create(unique_name="rides")
    url = f"{emulator.url}/v1/Services/{service.sid}"
    assert fields(service) == {
        "sid": SidOf("KS"),
        "unique_name": "rides",
        "account_sid": ACCOUNT_SID,
        "chat_instance_sid": None,
        "callback_url": None,
        "default_ttl": 0,
        "number_selection_behavior": "prefer-sticky",
        "geo_match_level": "country",
        "intercept_callback_url": None,
        "out_of_session_callback_url": None,
        "date_created": NOW,
        "date_updated": NOW,
        "url": url,
        "links": {
            "sessions": f"{url}/Sessions",
            "phone_numbers": f"{url}/PhoneNumbers",
            "short_codes": f"{url}/ShortCodes",
        },
    }


def test_api_2_every_parameter_of_a_service_arrives(services):
    service = services.create(unique_name="Fahrten für alle", **SETTINGS)
    assert fields(service).items() >= SETTINGS.items()
    assert service.unique_name == "Fahrten für alle"


def test_svc_3_an_update_changes_what_it_gives(emulator, services):
    service = services.create(unique_name="rides")
    emulator.advance(60)
    updated = service.update(unique_name="meals", **SETTINGS)
    assert fields(updated).items() >= SETTINGS.items()
    assert (updated.unique_name, updated.date_created, updated.date_updated) == ("meals", NOW, after(60))

    emulator.advance(60)
    assert fields(service.update()) == fields(updated)
    cleared = dict.fromkeys(
        ["callback_url", "intercept_callback_url", "out_of_session_callback_url", "chat_instance_sid"]
    )
    updated = service.update(default_ttl=0, **dict.fromkeys(cleared, ""))
    assert fields(updated).items() >= cleared.items()
    assert (updated.default_ttl, updated.geo_match_level, updated.date_updated) == (0, "area-code", after(120))


@pytest.mark.parametrize("level", ["area-code", "overlay", "radius", "country", "extended-area-code"])
def test_svc_6_every_geo_match_level_is_kept_as_given(services, level):
    assert services.create(unique_name="rides", geo_match_level=level).geo_match_level == level


def test_svc_5_a_service_is_fetched_by_sid_or_name(services):
    service = services.create(unique_name="Fahrten für alle")
    assert fields(services(service.sid).fetch()) == fields(service)
    assert fields(services.get("Fahrten für alle").fetch()) == fields(service)


def test_svc_4_a_service_is_deleted_with_all_that_it_has(rides, services):
    ride = rides.sessions.create(unique_name="ride-1")
    assert rides.delete() is True
    for gone in [rides, ride]:
        with refused(20404, 404):
            gone.fetch()
    again = services.create(unique_name="rides")
    assert again.sid != rides.sid
    assert again.phone_numbers.list() == again.sessions.list() == []


def test_svc_5_services_are_listed_in_the_order_of_their_creation(services):
    created = sids(services.create(unique_name=name) for name in ["c", "a", "b"])
    assert sids(services.list()) == sids(services.stream()) == sids(services.page()) == created
