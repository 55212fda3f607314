"use strict";
// Services through the library.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  ACCOUNT_SID,
  NOW,
  assertFields,
  assertRefused,
  assertSid,
  fixture,
  inTurn,
  seconds,
  sids,
} = require("./harness");

const SETTINGS = {
  defaultTtl: 3600,
  callbackUrl: "https://rides.example.com/callback?a=1&b=%20",
  geoMatchLevel: "area-code",
  numberSelectionBehavior: "avoid-sticky",
  interceptCallbackUrl: "https://rides.example.com/intercept",
  outOfSessionCallbackUrl: "https://rides.example.com/out-of-session",
  chatInstanceSid: "IS00000000000000000000000000000001",
};

const world = fixture();

test("svc_2: a new service has the defaults", async () => {
  const service = await world.services.create({ uniqueName: "rides" });
  const url = `${world.emulator.url}/v1/Services/${service.sid}`;
  assertSid(service.sid, "KS");
  assert.deepEqual(service.toJSON(), {
    sid: service.sid,
    uniqueName: "rides",
    accountSid: ACCOUNT_SID,
    chatInstanceSid: null,
    callbackUrl: null,
    defaultTtl: 0,
    numberSelectionBehavior: "prefer-sticky",
    geoMatchLevel: "country",
    interceptCallbackUrl: null,
    outOfSessionCallbackUrl: null,
    dateCreated: NOW,
    dateUpdated: NOW,
    url,
    links: { sessions: `${url}/Sessions`, phone_numbers: `${url}/PhoneNumbers`, short_codes: `${url}/ShortCodes` },
  });
});

test("api_2: every parameter of a service arrives", async () => {
  const service = await world.services.create({ uniqueName: "Fahrten für alle", ...SETTINGS });
  assertFields(service, { uniqueName: "Fahrten für alle", ...SETTINGS });
});

test("svc_3: an update changes what it gives", async () => {
  const service = await world.services.create({ uniqueName: "rides" });
  await world.emulator.advance(60);
  let updated = await service.update({ uniqueName: "meals", ...SETTINGS });
  assertFields(updated, { uniqueName: "meals", ...SETTINGS, dateCreated: NOW, dateUpdated: seconds(60) });

  await world.emulator.advance(60);
  assert.deepEqual((await service.update()).toJSON(), updated.toJSON());
  const urls = ["callbackUrl", "interceptCallbackUrl", "outOfSessionCallbackUrl", "chatInstanceSid"];
  const all = (value) => Object.fromEntries(urls.map((name) => [name, value]));
  updated = await world.services(service.sid).update({ defaultTtl: 0, ...all("") });
  assertFields(updated, { defaultTtl: 0, geoMatchLevel: "area-code", dateUpdated: seconds(120), ...all(null) });
});

test("svc_6: every geo match level is kept as given", async () => {
  for (const geoMatchLevel of ["area-code", "overlay", "radius", "country", "extended-area-code"]) {
    assertFields(await world.services.create({ uniqueName: geoMatchLevel, geoMatchLevel }), { geoMatchLevel });
  }
});

test("svc_5: a service is fetched by SID or name", async () => {
  const uniqueName = "Fahrten für alle";
  const service = await world.services.create({ uniqueName });
  for (const context of [service, world.services(service.sid), world.services.get(uniqueName)]) {
    assert.deepEqual((await context.fetch()).toJSON(), service.toJSON());
  }
});

test("svc_4: a service is deleted with all that it has", async () => {
  const rides = await world.rides();
  const ride = await rides.sessions().create({ uniqueName: "ride-1" });
  assert.equal(await rides.remove(), true);
  for (const gone of [rides, ride]) await assertRefused(gone.fetch(), 20404, 404);
  const again = await world.services.create({ uniqueName: "rides" });
  assert.notEqual(again.sid, rides.sid);
  assert.deepEqual([await again.phoneNumbers().list(), await again.sessions().list()], [[], []]);
});

test("svc_5: services are listed in the order of their creation", async () => {
  const created = sids(await inTurn(["c", "a", "b"], (uniqueName) => world.services.create({ uniqueName })));
  assert.deepEqual(sids(await world.services.list()), created);
  assert.deepEqual(sids((await world.services.page()).instances), created);
});
