"use strict";
// Phone numbers through the library; short codes, which it knows no longer, through its general requests.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  ACCOUNT_SID,
  ALICE,
  BOB,
  NOW,
  P1,
  P2,
  UNKNOWN,
  assertFields,
  assertRefused,
  assertSid,
  fixture,
  people,
  seconds,
  sids,
} = require("./harness");

const TEXTS_ONLY = { sms_inbound: true, sms_outbound: true };

const world = fixture();

function capabilities(given) {
  const kinds = ["voice_inbound", "voice_outbound", "sms_inbound", "sms_outbound", "mms_inbound", "mms_outbound"];
  return { ...Object.fromEntries(kinds.map((kind) => [kind, false])), ...given };
}

test("num_8: a number that is added is registered on the spot", async () => {
  const rides = await world.services.create({ uniqueName: "rides" });
  const number = await rides.phoneNumbers().create({ phoneNumber: P1 });
  assertSid(number.sid, "PN");
  assert.deepEqual(number.toJSON(), {
    sid: number.sid,
    accountSid: ACCOUNT_SID,
    serviceSid: rides.sid,
    dateCreated: NOW,
    dateUpdated: NOW,
    phoneNumber: P1,
    friendlyName: null,
    isoCountry: "US",
    capabilities: capabilities({ voice_inbound: true, voice_outbound: true, ...TEXTS_ONLY }),
    url: `${world.emulator.url}/v1/Services/${rides.sid}/PhoneNumbers/${number.sid}`,
    isReserved: false,
    inUse: 0,
  });
  const { numbers } = await world.emulator.control("GET", "numbers");
  assert.deepEqual(numbers, [
    {
      sid: number.sid,
      phone_number: P1,
      friendly_name: null,
      iso_country: "US",
      capabilities: number.capabilities,
      service_sid: rides.sid,
    },
  ]);
});

test("num_8: an owned number is added by its SID", async () => {
  const sid = "PN000000000000000000000000000000ab";
  const described = { sid, iso_country: "CA", friendly_name: "Front desk", capabilities: TEXTS_ONLY };
  const owned = await world.emulator.own(P1, described);
  assert.deepEqual([owned.sid, owned.service_sid], [sid, null]);
  const rides = await world.services.create({ uniqueName: "rides" });
  assertFields(await rides.phoneNumbers().create({ sid, phoneNumber: P1, isReserved: true }), {
    sid,
    phoneNumber: P1,
    isoCountry: "CA",
    friendlyName: "Front desk",
    isReserved: true,
    capabilities: capabilities(TEXTS_ONLY),
  });
});

test("num_5: a number is reserved and freed", async () => {
  const rides = await world.rides();
  const [number] = await rides.phoneNumbers().list();
  await world.emulator.advance(60);
  const reserved = await number.update({ isReserved: true });
  assertFields(reserved, { isReserved: true, dateCreated: NOW, dateUpdated: seconds(60) });
  assert.equal((await rides.phoneNumbers()(number.sid).update({ isReserved: false })).isReserved, false);
  assert.equal((await number.update()).isReserved, false);
});

test("num_4: in use counts the active sessions", async () => {
  const rides = await world.rides();
  const [number] = await rides.phoneNumbers().list();
  const ride = await rides.sessions().create(people(ALICE, BOB));
  assert.equal((await number.fetch()).inUse, 1);
  await ride.update({ status: "closed" });
  assert.equal((await rides.phoneNumbers()(number.sid).fetch()).inUse, 0);
});

test("num_1: numbers are listed and deleted", async () => {
  const rides = await world.rides();
  const numbers = await rides.phoneNumbers().list();
  assert.deepEqual(
    numbers.map((number) => number.phoneNumber),
    [P1, P2],
  );
  assert.deepEqual(sids((await rides.phoneNumbers().page()).instances), sids(numbers));
  assert.equal(await rides.phoneNumbers().get(numbers[0].sid).remove(), true);
  await assertRefused(numbers[0].fetch(), 20404, 404);
  assert.deepEqual(sids(await rides.phoneNumbers().list()), [numbers[1].sid]);
});

test("api_1: short codes are still there", async () => {
  const owned = await world.emulator.own("44551", { iso_country: "US" });
  assert.deepEqual(owned.capabilities, capabilities(TEXTS_ONLY));
  const rides = await world.services.create({ uniqueName: "rides" });
  const v1 = world.client.proxy.v1;
  const uri = `/Services/${rides.sid}/ShortCodes`;
  const add = (Sid) => v1.create({ uri, method: "post", data: { Sid, IsReserved: "false" }, headers: form() });
  const code = await add(owned.sid);
  const one = `${uri}/${code.sid}`;
  assertSid(code.sid, "SC");
  assert.deepEqual(code, {
    sid: owned.sid,
    account_sid: ACCOUNT_SID,
    service_sid: rides.sid,
    date_created: "2030-01-01T00:00:00Z",
    date_updated: "2030-01-01T00:00:00Z",
    short_code: "44551",
    iso_country: "US",
    capabilities: owned.capabilities,
    url: `${world.emulator.url}/v1${one}`,
    is_reserved: false,
  });
  await assertRefused(add(owned.sid), 80105);
  await assertRefused(add("SC" + UNKNOWN), 80303);
  const updated = await v1.update({ uri: one, method: "post", data: { IsReserved: "true" }, headers: form() });
  assert.equal(updated.is_reserved, true);
  assert.deepEqual(await v1.fetch({ uri: one, method: "get" }), updated);
  assert.deepEqual((await v1.fetch({ uri, method: "get" })).short_codes, [updated]);
  assert.equal(await v1.remove({ uri: one, method: "delete" }), true);
  await assertRefused(v1.fetch({ uri: one, method: "get" }), 20404, 404);
});

// The library writes into the headers that it is given.
function form() {
  return { "Content-Type": "application/x-www-form-urlencoded" };
}
