"use strict";
// Sessions, participants and interactions through the library.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  ACCOUNT_SID,
  ALICE,
  BOB,
  CAROL,
  NOW,
  P1,
  P2,
  assertFields,
  assertRefused,
  assertSid,
  fixture,
  inTurn,
  people,
  seconds,
  sids,
} = require("./harness");

const world = fixture();

test("ses_1: everything is optional", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create();
  const url = `${rides.url}/Sessions/${session.sid}`;
  assertSid(session.sid, "KC");
  assert.deepEqual(session.toJSON(), {
    sid: session.sid,
    serviceSid: rides.sid,
    accountSid: ACCOUNT_SID,
    dateStarted: null,
    dateEnded: null,
    dateLastInteraction: null,
    dateExpiry: null,
    uniqueName: null,
    status: "open",
    closedReason: null,
    ttl: 0,
    mode: "voice-and-message",
    dateCreated: NOW,
    dateUpdated: NOW,
    url,
    links: { interactions: `${url}/Interactions`, participants: `${url}/Participants` },
  });
});

test("ses_3: a session is created with its participants", async () => {
  const rides = await world.rides();
  const settings = {
    uniqueName: "ride 1",
    dateExpiry: seconds(7200),
    ttl: 600,
    mode: "message-only",
    status: "open",
  };
  const session = await rides.sessions().create({
    ...settings,
    participants: [
      { Identifier: ALICE, FriendlyName: "Alice" },
      { Identifier: BOB, ProxyIdentifier: P2 },
    ],
  });
  assertFields(session, settings);
  const [alice, bob] = await session.participants().list();
  assertFields(alice, { identifier: ALICE, friendlyName: "Alice", proxyIdentifier: P1 });
  assertFields(bob, { identifier: BOB, friendlyName: null, proxyIdentifier: P2 });
});

test("ses_7: a session is closed and opened again", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create();
  await world.emulator.advance(60);
  const closed = await session.update({ status: "closed" });
  assertFields(closed, { status: "closed", closedReason: "api", dateEnded: seconds(60) });
  await world.emulator.advance(60);
  const given = { status: "in-progress", ttl: 300, dateExpiry: seconds(3600) };
  const reopened = await rides.sessions()(session.sid).update(given);
  assertFields(reopened, { ...given, closedReason: null, dateEnded: null, dateUpdated: seconds(120) });
});

test("tim_6: an expiry of another zone is converted", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create({ dateExpiry: "2030-01-01T03:00:00.75+01:00" });
  assert.deepEqual(session.dateExpiry, seconds(7200));
});

test("exp_1: the default ttl of the service counts unless one is given", async () => {
  const rides = await world.services.create({ uniqueName: "rides", defaultTtl: 60 });
  assert.equal((await rides.sessions().create()).ttl, 60);
  assert.equal((await rides.sessions().create({ ttl: 0 })).ttl, 0);
});

test("ses_10: a session is fetched by SID or name", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create({ uniqueName: "ride-1" });
  for (const context of [session, rides.sessions()(session.sid), rides.sessions().get("ride-1")]) {
    assert.deepEqual((await context.fetch()).toJSON(), session.toJSON());
  }
});

test("ses_11: a session is deleted with its participants", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create({ uniqueName: "ride-1", ...people(ALICE) });
  const [alice] = await session.participants().list();
  assert.equal(await session.remove(), true);
  for (const gone of [session, alice]) await assertRefused(gone.fetch(), 20404, 404);
  await assertRefused(rides.sessions()("ride-1").fetch(), 80308, 404);
  assert.deepEqual(await rides.sessions().list(), []);
});

test("par_13: a participant shows its number", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create();
  const [, number] = await rides.phoneNumbers().list();
  const alice = await session.participants().create({
    identifier: ` ${ALICE}\t`,
    friendlyName: "Alice",
    proxyIdentifier: P2,
    proxyIdentifierSid: number.sid,
  });
  const url = `${session.url}/Participants/${alice.sid}`;
  assertSid(alice.sid, "KP");
  assert.deepEqual(alice.toJSON(), {
    sid: alice.sid,
    sessionSid: session.sid,
    serviceSid: rides.sid,
    accountSid: ACCOUNT_SID,
    friendlyName: "Alice",
    identifier: ALICE,
    proxyIdentifier: P2,
    proxyIdentifierSid: number.sid,
    dateDeleted: null,
    dateCreated: NOW,
    dateUpdated: NOW,
    url,
    links: { message_interactions: `${url}/MessageInteractions` },
  });
  assert.deepEqual((await alice.fetch()).toJSON(), alice.toJSON());
  assert.deepEqual((await session.participants()(alice.sid).fetch()).toJSON(), alice.toJSON());
});

test("par_6: a channel address has one of its own channel", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create({ mode: "message-only" });
  const given = { identifier: `whatsapp:${ALICE}`, proxyIdentifier: `whatsapp:${P1}` };
  assertFields(await session.participants().create(given), { ...given, proxyIdentifierSid: null });
});

test("par_5: a participant who is removed stays on record", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create();
  const [alice, bob] = await inTurn([ALICE, BOB], (identifier) => session.participants().create({ identifier }));
  await world.emulator.advance(60);
  assert.equal(await alice.remove(), true);
  const carol = await session.participants().create({ identifier: CAROL });
  const [removed, ...others] = await session.participants().list();
  assertFields(removed, { sid: alice.sid, dateDeleted: seconds(60), dateUpdated: seconds(60) });
  assert.deepEqual(sids(others), [bob.sid, carol.sid]);
  assert.deepEqual((await alice.fetch()).toJSON(), removed.toJSON());
});

test("int_3: a message is sent to one participant", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create(people(ALICE));
  const [alice] = await session.participants().list();
  const messages = alice.messageInteractions();
  const sent = await messages.create({ body: 'Say "hi"', mediaUrl: ["https://rides.example.com/map.png"] });
  assertSid(sent.sid, "KI");
  const expected = {
    sid: sent.sid,
    sessionSid: session.sid,
    serviceSid: rides.sid,
    accountSid: ACCOUNT_SID,
    data: '{"body":"Say \\"hi\\""}',
    type: "message",
    inboundParticipantSid: null,
    inboundResourceSid: null,
    inboundResourceStatus: null,
    inboundResourceType: null,
    inboundResourceUrl: null,
    outboundParticipantSid: alice.sid,
    outboundResourceSid: null,
    outboundResourceStatus: "queued",
    outboundResourceType: "message",
    outboundResourceUrl: null,
    dateCreated: NOW,
    dateUpdated: NOW,
  };
  const url = `${session.url}/Participants/${alice.sid}/MessageInteractions/${sent.sid}`;
  assert.deepEqual(sent.toJSON(), { ...expected, participantSid: alice.sid, url });
  for (const context of [sent, messages(sent.sid)]) {
    assert.deepEqual((await context.fetch()).toJSON(), sent.toJSON());
  }
  assert.deepEqual(sids(await messages.list()), [sent.sid]);
  assert.deepEqual(sids((await messages.page()).instances), [sent.sid]);

  const [listed] = await session.interactions().list();
  assert.deepEqual(listed.toJSON(), { ...expected, url: `${session.url}/Interactions/${sent.sid}` });
  const [leg] = await world.emulator.events("leg");
  assert.deepEqual([leg.from, leg.to, leg.body], [P1, ALICE, 'Say "hi"']);
  assert.deepEqual([leg.session_sid, leg.interaction_sid], [session.sid, sent.sid]);
});

test("int_5: an interaction is fetched and deleted", async () => {
  const rides = await world.rides();
  const session = await rides.sessions().create(people(ALICE));
  const [alice] = await session.participants().list();
  const [first, second] = await inTurn(["One", "Two"], (body) => alice.messageInteractions().create({ body }));
  const interactions = session.interactions();
  const listed = await interactions.list();
  assert.deepEqual(sids((await interactions.page()).instances), sids(listed));
  assert.deepEqual((await interactions(first.sid).fetch()).toJSON(), listed[0].toJSON());
  assert.equal(await interactions(first.sid).remove(), true);
  assert.deepEqual(sids(await interactions.list()), [second.sid]);
  await assertRefused(interactions(first.sid).fetch(), 20404, 404);
  assert.equal(await listed[1].remove(), true);
});

test("api_4: the status of an answer tells what was done", async () => {
  const status = async (request) => (await request).statusCode;
  const created = await world.services.createWithHttpInfo({ uniqueName: "rides" });
  assert.equal(created.statusCode, 201);
  assert.match(created.headers["content-type"], /^application\/json/);
  const rides = created.body;
  assert.equal(await status(rides.fetchWithHttpInfo()), 200);
  assert.equal(await status(rides.updateWithHttpInfo({ defaultTtl: 60 })), 200);
  assert.equal(await status(world.services.pageWithHttpInfo()), 200);
  const added = await rides.phoneNumbers().createWithHttpInfo({ phoneNumber: P1 });
  const session = await rides.sessions().createWithHttpInfo();
  const alice = await session.body.participants().createWithHttpInfo({ identifier: ALICE });
  const message = await alice.body.messageInteractions().createWithHttpInfo({ body: "Hello" });
  for (const answer of [added, session, alice, message]) assert.equal(answer.statusCode, 201);
  const interaction = session.body.interactions()(message.body.sid);
  for (const resource of [interaction, alice.body, session.body, added.body, rides]) {
    assert.equal(await status(resource.removeWithHttpInfo()), 204);
  }
});

test("api_4: statuses by policy are no failure for the library", async () => {
  const policy = world.file({ participant_delete_status: 200, message_interaction_status: 200 });
  const emulator = await world.start("--policy", policy);
  const rides = await emulator.client().proxy.v1.services.create({ uniqueName: "rides" });
  await rides.phoneNumbers().create({ phoneNumber: P1 });
  const alice = await (await rides.sessions().create()).participants().create({ identifier: ALICE });
  assert.equal((await alice.messageInteractions().createWithHttpInfo({ body: "Hello" })).statusCode, 200);
  assert.equal(await alice.remove(), true);
  assert.notEqual((await alice.fetch()).dateDeleted, null);
});
