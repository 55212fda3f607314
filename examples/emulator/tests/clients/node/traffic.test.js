"use strict";
// Calls and messages, placed over the control plane and seen through the library.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  ALICE,
  BOB,
  CAROL,
  DAVE,
  MANUAL_CLOCK,
  P1,
  P2,
  assertFields,
  assertSid,
  fixture,
  people,
  seconds,
  sids,
} = require("./harness");

const API = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001";

const world = fixture();

// Whether it goes on in this session, and the receiver sees this sender.
function assertConnected(outcome, session, from, to) {
  assertSid(outcome.interaction_sid, "KI");
  assert.deepEqual(outcome, {
    outcome: "connected",
    code: null,
    service_sid: session.serviceSid,
    session_sid: session.sid,
    interaction_sid: outcome.interaction_sid,
    leg: { from, to },
    twiml: null,
  });
}

function assertNobodyReached(outcome, ...expected) {
  assert.deepEqual([outcome.outcome, outcome.code, outcome.leg], [...expected, null]);
}

test("a masked ride", async () => {
  const { emulator } = world;
  const rides = await world.rides();
  let ride = await rides.sessions().create({ uniqueName: "ride-1", ttl: 600 });
  const alice = await ride.participants().create({ identifier: ALICE, proxyIdentifier: P1 });
  const bob = await ride.participants().create({ identifier: BOB, proxyIdentifier: P2 });

  // They call and write to each other, and each sees only the number that was given to them (RTE-2, SES-6).
  await emulator.advance(10);
  const called = await emulator.call(ALICE, P1);
  assertConnected(called, ride, P2, BOB);
  await emulator.advance(10);
  const media = ["https://rides.example.com/map.png"];
  const answered = await emulator.write(BOB, P2, "On my way", { media });
  assertConnected(answered, ride, P1, ALICE);
  ride = await ride.fetch();
  assertFields(ride, { status: "in-progress", dateStarted: seconds(10), dateLastInteraction: seconds(20) });

  // The call ends, the message arrives (INT-2).
  const outboundSid = "CA000000000000000000000000000000ff";
  const report = { status: "completed", duration: 5, resource_sid: outboundSid };
  const reported = await emulator.report(called.interaction_sid, report);
  assert.equal(reported.outbound_resource_status, "completed");
  await emulator.report(answered.interaction_sid, { status: "delivered" });
  const [call, answer] = await ride.interactions().list();
  assertSid(call.inboundResourceSid, "CA");
  assert.deepEqual(call.toJSON(), {
    sid: called.interaction_sid,
    sessionSid: ride.sid,
    serviceSid: rides.sid,
    accountSid: rides.accountSid,
    data: '{"duration":"5"}',
    type: "voice",
    inboundParticipantSid: alice.sid,
    inboundResourceSid: call.inboundResourceSid,
    inboundResourceStatus: "in-progress",
    inboundResourceType: "call",
    inboundResourceUrl: `${API}/Calls/${call.inboundResourceSid}.json`,
    outboundParticipantSid: bob.sid,
    outboundResourceSid: outboundSid,
    outboundResourceStatus: "completed",
    outboundResourceType: "call",
    outboundResourceUrl: `${API}/Calls/${outboundSid}.json`,
    dateCreated: seconds(10),
    dateUpdated: seconds(20),
    url: `${ride.url}/Interactions/${call.sid}`,
  });
  assertFields(answer, {
    type: "message",
    data: '{"body":"On my way"}',
    inboundResourceStatus: "delivered",
    inboundResourceUrl: `${API}/Messages/${answer.inboundResourceSid}.json`,
    outboundResourceStatus: "delivered",
  });

  // The service writes to one of them (INT-3). Opt-out words and strangers reach nobody (RTE-3, RTE-4).
  const notice = await bob.messageInteractions().create({ body: "Turn left" });
  assert.deepEqual(sids(await ride.interactions().list()), [call.sid, answer.sid, notice.sid]);
  assertNobodyReached(await emulator.write(ALICE, P1, " stop\n"), "dropped", 80901);
  assertNobodyReached(await emulator.call(CAROL, P1), "out_of_session", 80902);
  assertNobodyReached(await emulator.write(CAROL, P1, "Hello"), "out_of_session", 80903);

  // Ten minutes after the last message, that was it (EXP-1, EXP-3).
  await emulator.advance(599);
  assert.equal((await ride.fetch()).status, "in-progress");
  await emulator.advance(60);
  assertFields(await ride.fetch(), { status: "closed", closedReason: "expired", dateEnded: seconds(620) });
  assertNobodyReached(await emulator.call(ALICE, P1), "out_of_session", 80902);
  assert.equal((await ride.interactions().list()).length, 3);

  // All of that stands in the events (WHK-6).
  assert.deepEqual(await emulator.notifications(), [80901, 80902, 80905, 80903, 80905, 80904, 80902, 80905]);
  const legs = (await emulator.events("leg")).map((leg) => [leg.from, leg.to, leg.body, leg.media]);
  assert.deepEqual(legs, [
    [P2, BOB, null, null],
    [P1, ALICE, "On my way", media],
    [P2, BOB, "Turn left", []],
  ]);
});

test("sel_9: two people may share a number and still be told apart", async () => {
  const rides = await world.rides();
  const first = await rides.sessions().create(people(ALICE, BOB));
  const second = await rides.sessions().create(people(CAROL, DAVE));
  for (const [ride, caller, partner] of [
    [first, ALICE, BOB],
    [first, BOB, ALICE],
    [second, DAVE, CAROL],
  ]) {
    assertConnected(await world.emulator.call(caller, P1), ride, P1, partner);
  }
});

test("rte_5: a session carries what its mode says", async () => {
  const rides = await world.rides();
  const called = await rides.sessions().create({ mode: "voice-only", ...people(ALICE, BOB) });
  const written = await rides.sessions().create({ mode: "message-only", ...people(CAROL, DAVE) });
  assertConnected(await world.emulator.call(ALICE, P1), called, P1, BOB);
  assertNobodyReached(await world.emulator.write(ALICE, P1, "Hello"), "rejected", 80910);
  assertConnected(await world.emulator.write(CAROL, P1, "Hello"), written, P1, DAVE);
  assertNobodyReached(await world.emulator.call(CAROL, P1), "rejected", 80911);
  for (const session of [called, written]) assert.equal((await session.interactions().list()).length, 1);
});

test("rte_6: who is alone reaches nobody", async () => {
  const ride = await (await world.rides()).sessions().create(people(ALICE));
  assertNobodyReached(await world.emulator.call(ALICE, P1), "rejected", 80614);
  assert.equal((await ride.fetch()).status, "open");
});

test("rte_10: who withholds the number is a stranger", async () => {
  await (await world.rides()).sessions().create(people(ALICE, BOB));
  assertNobodyReached(await world.emulator.call(null, P1), "out_of_session", 80902);
});

test("rte_1: at a channel address the service is named", async () => {
  const rides = await world.rides();
  const ride = await rides.sessions().create({ mode: "message-only" });
  const address = { identifier: `whatsapp:${ALICE}`, proxyIdentifier: `whatsapp:${P1}` };
  await ride.participants().create(address);
  await ride.participants().create({ identifier: BOB });
  for (const service of [rides.sid, "rides"]) {
    const more = { service };
    const outcome = await world.emulator.write(address.identifier, address.proxyIdentifier, "Hello", more);
    assertConnected(outcome, ride, P1, BOB);
  }
});

test("int_2: a status that is final stays", async () => {
  const ride = await (await world.rides()).sessions().create(people(ALICE, BOB));
  const sid = (await world.emulator.call(ALICE, P1)).interaction_sid;
  for (const status of ["ringing", "in-progress", "no-answer", "completed"]) {
    await world.emulator.report(sid, { status });
  }
  assert.equal((await ride.interactions()(sid).fetch()).outboundResourceStatus, "no-answer");
  assert.deepEqual(await world.emulator.notifications(), [80906]);
});

test("exp_7: a session is gone 90 days after its end", async () => {
  const sessions = (await world.rides()).sessions();
  await sessions.create({ ttl: 60, ...people(ALICE, BOB) });
  await world.emulator.advance(60);
  assert.equal((await sessions.list())[0].closedReason, "expired");
  await world.emulator.advance(90 * 86_400);
  assert.deepEqual(await sessions.list(), []);
});

test("the state goes to another emulator", async () => {
  const ride = await (await world.rides()).sessions().create(people(ALICE, BOB));
  const state = await world.emulator.control("GET", "state");
  const other = await world.start(...MANUAL_CLOCK);
  await other.control("PUT", "state", state, 204);
  const copy = await other.client().proxy.v1.services(ride.serviceSid).sessions(ride.sid).fetch();
  assert.deepEqual(copy.dateCreated, ride.dateCreated);
  assertConnected(await other.call(ALICE, P1), ride, P1, BOB);
});
