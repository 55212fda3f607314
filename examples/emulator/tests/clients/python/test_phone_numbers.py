"""Phone numbers through the library; short codes, which it knows no longer, through its general requests."""

from harness import ACCOUNT_SID, ALICE, BOB, NOW, P1, P2, SidOf, after, fields, refused, sids

TEXTS_ONLY = {"sms_inbound": True, "sms_outbound": True}


def capabilities(**true):
    kinds = ["voice_inbound", "voice_outbound", "sms_inbound", "sms_outbound", "mms_inbound", "mms_outbound"]
    return {kind: true.get(kind, False) for kind in kinds}


def test_num_8_a_number_that_is_added_is_registered_on_the_spot(emulator, services):
    rides = services.create(unique_name="rides")
    number = rides.phone_numbers.create(phone_number=P1)
    assert fields(number) == {
        "sid": SidOf("PN"),
        "account_sid": ACCOUNT_SID,
        "service_sid": rides.sid,
        "date_created": NOW,
        "date_updated": NOW,
        "phone_number": P1,
        "friendly_name": None,
        "iso_country": "US",
        "capabilities": capabilities(voice_inbound=True, voice_outbound=True, **TEXTS_ONLY),
        "url": f"{emulator.url}/v1/Services/{rides.sid}/PhoneNumbers/{number.sid}",
        "is_reserved": False,
        "in_use": 0,
    }
    [owned] = emulator.control("GET", "numbers")["numbers"]
    assert owned == {
        "sid": number.sid,
        "phone_number": P1,
        "friendly_name": None,
        "iso_country": "US",
        "capabilities": number.capabilities,
        "service_sid": rides.sid,
    }


def test_num_8_an_owned_number_is_added_by_its_sid(emulator, services):
    sid = "PN000000000000000000000000000000ab"
    owned = emulator.own(P1, sid=sid, iso_country="CA", friendly_name="Front desk", capabilities=TEXTS_ONLY)
    assert (owned["sid"], owned["service_sid"]) == (sid, None)
    rides = services.create(unique_name="rides")
    number = rides.phone_numbers.create(sid=sid, phone_number=P1, is_reserved=True)
    assert (number.sid, number.phone_number, number.iso_country) == (sid, P1, "CA")
    assert (number.friendly_name, number.is_reserved) == ("Front desk", True)
    assert number.capabilities == capabilities(**TEXTS_ONLY)


def test_num_5_a_number_is_reserved_and_freed(emulator, rides):
    number = rides.phone_numbers.list()[0]
    emulator.advance(60)
    reserved = number.update(is_reserved=True)
    assert (reserved.is_reserved, reserved.date_created, reserved.date_updated) == (True, NOW, after(60))
    assert rides.phone_numbers(number.sid).update(is_reserved=False).is_reserved is False
    assert number.update().is_reserved is False


def test_num_4_in_use_counts_the_active_sessions(rides):
    number = rides.phone_numbers.list()[0]
    ride = rides.sessions.create(participants=[{"Identifier": ALICE}, {"Identifier": BOB}])
    assert number.fetch().in_use == 1
    ride.update(status="closed")
    assert rides.phone_numbers(number.sid).fetch().in_use == 0


def test_num_1_numbers_are_listed_and_deleted(rides):
    numbers = rides.phone_numbers.list()
    assert [number.phone_number for number in numbers] == [P1, P2]
    assert sids(rides.phone_numbers.stream()) == sids(rides.phone_numbers.page()) == sids(numbers)
    assert rides.phone_numbers.get(numbers[0].sid).delete() is True
    with refused(20404, 404):
        numbers[0].fetch()
    assert sids(rides.phone_numbers.list()) == [numbers[1].sid]


def test_api_1_short_codes_are_still_there(client, emulator, rides):
    owned = emulator.own("44551", iso_country="US")
    assert owned["capabilities"] == capabilities(**TEXTS_ONLY)
    v1, uri = client.proxy.v1, f"/Services/{rides.sid}/ShortCodes"
    code = v1.create("POST", uri, data={"Sid": owned["sid"], "IsReserved": "false"})
    one = f"{uri}/{code['sid']}"
    assert code == {
        "sid": SidOf("SC"),
        "account_sid": ACCOUNT_SID,
        "service_sid": rides.sid,
        "date_created": "2030-01-01T00:00:00Z",
        "date_updated": "2030-01-01T00:00:00Z",
        "short_code": "44551",
        "iso_country": "US",
        "capabilities": owned["capabilities"],
        "url": f"{emulator.url}/v1{one}",
        "is_reserved": False,
    }
    with refused(80105):
        v1.create("POST", uri, data={"Sid": owned["sid"]})
    with refused(80303):
        v1.create("POST", uri, data={"Sid": "SC000000000000000000000000000000ff"})
    assert v1.update("POST", one, data={"IsReserved": "true"})["is_reserved"] is True
    assert v1.fetch("GET", one)["is_reserved"] is True
    assert [item["sid"] for item in v1.fetch("GET", uri)["short_codes"]] == [code["sid"]]
    assert v1.delete("DELETE", one) is True
    with refused(20404, 404):
        v1.fetch("GET", one)
