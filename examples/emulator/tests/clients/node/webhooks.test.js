"use strict";
// Webhooks as the application gets them, their signature checked with the library's own validator.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const twilio = require("twilio");
const {
  ALICE,
  AUTH_TOKEN,
  BOB,
  CAROL,
  P1,
  P2,
  assertFields,
  assertSid,
  eventually,
  fixture,
  people,
  seconds,
  sids,
} = require("./harness");

const world = fixture();

// Whether the library accepts the signature, and would not accept that of another request.
function assertSigned({ contentType, signature, url, form }) {
  assert.match(contentType, /^application\/x-www-form-urlencoded/);
  assert.equal(twilio.validateRequest(AUTH_TOKEN, signature, url, form), true);
  assert.equal(twilio.validateRequest(AUTH_TOKEN, signature, url, { ...form, interactionSid: "KI" }), false);
  assert.equal(twilio.validateRequest("another", signature, url, form), false);
}

function assertLacks(form, prefix) {
  const names = Object.keys(form).filter((name) => name.startsWith(prefix));
  assert.deepEqual(names, []);
}

// Alice and Bob, with every webhook there is.
async function ride() {
  const rides = await world.rides();
  const { webhooks } = world;
  await rides.update({
    callbackUrl: webhooks.url("callback?of=rides&name=J%C3%BCrgen+B"),
    interceptCallbackUrl: webhooks.url("intercept"),
    outOfSessionCallbackUrl: webhooks.url("out-of-session"),
  });
  const participants = [{ Identifier: ALICE }, { Identifier: BOB, FriendlyName: "Bob" }];
  const session = await rides.sessions().create({ uniqueName: "ride-1", participants });
  return { rides, session, webhooks, emulator: world.emulator };
}

test("whk_2: every change of an interaction is called back in order", async () => {
  const { session, webhooks, emulator } = await ride();
  const body = 'Grüße & "Küsse" + 50 %\n☎';
  const sent = await emulator.write(ALICE, P1, body);
  for (const status of ["sent", "delivered"]) {
    await emulator.report(sent.interaction_sid, { status, resource_sid: "SM000000000000000000000000000000ff" });
  }
  for (const status of ["queued", "sent"]) {
    const callback = await webhooks.take("callback");
    assertSigned(callback);
    assert.equal(callback.form.outboundResourceStatus, status);
  }
  const last = await webhooks.take("callback");
  assertSigned(last);
  const [alice, bob] = await session.participants().list();
  const [record] = await session.interactions().list();
  assert.deepEqual(last.form, {
    inboundParticipantSid: alice.sid,
    inboundResourceSid: record.inboundResourceSid,
    inboundResourceStatus: "delivered",
    inboundResourceType: "message",
    inboundResourceUrl: record.inboundResourceUrl,
    interactionAccountSid: session.accountSid,
    interactionData: record.data,
    interactionDateCreated: "2030-01-01T00:00:00Z",
    interactionDateUpdated: "2030-01-01T00:00:00Z",
    interactionServiceSid: session.serviceSid,
    interactionSessionSid: session.sid,
    interactionSid: record.sid,
    interactionType: "Message",
    outboundParticipantSid: bob.sid,
    outboundResourceSid: "SM000000000000000000000000000000ff",
    outboundResourceStatus: "delivered",
    outboundResourceType: "message",
    outboundResourceUrl: record.outboundResourceUrl,
  });
  assert.deepEqual(JSON.parse(record.data), { body });
});

test("whk_2: a message to one participant is called back without an inbound side", async () => {
  const { session, webhooks } = await ride();
  const [alice] = await session.participants().list();
  const sent = await alice.messageInteractions().create({ body: "Hello" });
  const callback = await webhooks.take("callback");
  assertSigned(callback);
  assert.equal(callback.form.interactionSid, sent.sid);
  assertLacks(callback.form, "inbound");
  assert.equal(webhooks.count("intercept"), 0);
});

test("rte_7: what the intercept forbids is blocked", async () => {
  const { session, webhooks, emulator } = await ride();
  webhooks.answers.intercept = [403, "text/plain", ""];
  const outcome = await emulator.write(ALICE, P1, "Hello");
  assert.deepEqual([outcome.outcome, outcome.code, outcome.leg], ["blocked", 80909, null]);
  assert.equal(outcome.session_sid, session.sid);
  const asked = await webhooks.take("intercept");
  assertSigned(asked);
  assert.equal(asked.form.interactionData, '{"body":"Hello"}');
  assertLacks(asked.form, "outbound");
  assert.deepEqual([await session.interactions().list(), (await session.fetch()).status], [[], "open"]);
  assert.deepEqual([await emulator.notifications(), await emulator.events("leg")], [[80909], []]);
  assert.equal(webhooks.count("callback"), 0);
});

test("rte_7: what the intercept does not forbid goes on", async () => {
  const { webhooks, emulator } = await ride();
  const outcome = await emulator.call(ALICE, P1);
  assert.deepEqual([outcome.outcome, outcome.leg], ["connected", { from: P1, to: BOB }]);
  const asked = await webhooks.take("intercept");
  assertSigned(asked);
  assert.deepEqual([asked.form.interactionType, asked.form.interactionData], ["Voice", ""]);
  for (const { form } of [asked, await webhooks.take("callback")]) {
    assert.equal(form.interactionSid, outcome.interaction_sid);
  }
});

for (const status of [302, 404, 500]) {
  test(`whk_7: an intercept that fails forbids nothing: ${status}`, async () => {
    const { webhooks, emulator } = await ride();
    webhooks.answers.intercept = [status, "text/plain", ""];
    assert.equal((await emulator.call(ALICE, P1)).outcome, "connected");
    assert.deepEqual([await emulator.notifications(), webhooks.count("elsewhere")], [[80908], 0]);
  });
}

test("whk_7: a callback that fails is 80908", async () => {
  const { rides, webhooks, emulator } = await ride();
  webhooks.answers.callback = [500, "text/plain", ""];
  await emulator.call(ALICE, P1);
  await eventually(async () => (await emulator.notifications()).length > 0);
  assert.deepEqual(await emulator.notifications(), [80908]);
  const [intercept, callback] = await emulator.events("request");
  assert.deepEqual([intercept.purpose, callback.purpose], ["intercept", "callback"]);
  const answered = (await emulator.events("response")).map(({ request, status }) => [request, status]);
  assert.deepEqual(answered, [
    [intercept.id, 200],
    [callback.id, 500],
  ]);
  assert.equal(callback.url, (await rides.fetch()).callbackUrl);
  assert.deepEqual(callback.parameters, (await webhooks.take("callback")).pairs);
});

const AUTO_CREATE = {
  participantIdentifier: BOB,
  participantProxyIdentifier: P2,
  uniqueName: "ride-2",
  mode: "message-only",
  ttl: 600,
  dateExpiry: "2030-01-02T00:00:00Z",
};

test("whk_4: an answer out of session creates one and connects", async () => {
  const { rides, webhooks, emulator } = await ride();
  webhooks.answers["out-of-session"] = [200, "application/json; charset=utf-8", JSON.stringify(AUTO_CREATE)];
  const outcome = await emulator.write(CAROL, P1, "Hello");
  assert.deepEqual([outcome.outcome, outcome.leg], ["connected", { from: P2, to: BOB }]);
  const asked = await webhooks.take("out-of-session");
  assertSigned(asked);
  assert.deepEqual([asked.form.From, asked.form.To, asked.form.Body], [CAROL, P1, "Hello"]);
  assertLacks(asked.form, "session");

  const created = await rides.sessions()(outcome.session_sid).fetch();
  assertFields(created, {
    uniqueName: "ride-2",
    status: "in-progress",
    mode: "message-only",
    ttl: 600,
    dateExpiry: seconds(86_400),
  });
  const both = await created.participants().list();
  assert.deepEqual(
    both.map((person) => [person.identifier, person.proxyIdentifier]),
    [
      [CAROL, P1],
      [BOB, P2],
    ],
  );
  assert.deepEqual(sids(await created.interactions().list()), [outcome.interaction_sid]);
  assert.deepEqual((await emulator.write(BOB, P2, "Hello, Carol")).leg, { from: P1, to: CAROL });
  assert.equal(webhooks.count("out-of-session"), 0);
});

test("whk_3: the previous session goes along", async () => {
  const { session, webhooks, emulator } = await ride();
  await session.update({ status: "closed" });
  assert.equal((await emulator.call(BOB, P1)).outcome, "out_of_session");
  const asked = await webhooks.take("out-of-session");
  assertSigned(asked);
  const [alice, bob] = await session.participants().list();
  const expected = {
    From: BOB,
    To: P1,
    inboundParticipantSid: bob.sid,
    inboundParticipantFriendlyName: "Bob",
    outboundParticipantSid: alice.sid,
    sessionSid: session.sid,
    sessionUniqueName: "ride-1",
    sessionClosedReason: "api",
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, asked.form[name]])), expected);
});

for (const [status, contentType, text, outcome, code] of [
  [200, "text/xml", "<Response><Say>Nobody is here</Say></Response>", "twiml", null],
  [500, "text/xml", "<Response/>", "out_of_session", 80913],
  [302, "text/xml", "<Response/>", "out_of_session", 80913],
  [200, "text/xml", "", "out_of_session", 80905],
  [200, "application/json", "[]", "out_of_session", 12100],
  [200, "application/json", JSON.stringify({ ...AUTO_CREATE, uniqueName: "ride-1" }), "out_of_session", 80603],
]) {
  test(`whk_5: an answer out of session may lead elsewhere: ${status} ${contentType} ${code}`, async () => {
    const { rides, session, webhooks, emulator } = await ride();
    webhooks.answers["out-of-session"] = [status, contentType, text];
    const answered = await emulator.call(CAROL, P1);
    assert.deepEqual(
      [answered.outcome, answered.code, answered.leg, answered.twiml, answered.service_sid],
      [outcome, code, null, outcome === "twiml" ? text : null, rides.sid],
    );
    assert.deepEqual(sids(await rides.sessions().list()), [session.sid]);
  });
}

test("rte_11: a session that ends while it waits drops the contact", async () => {
  const { session, webhooks, emulator } = await ride();
  webhooks.before.intercept = () => session.update({ status: "closed" });
  const outcome = await emulator.call(ALICE, P1);
  assert.deepEqual([outcome.outcome, outcome.code], ["dropped", 20404]);
  assert.deepEqual(await session.interactions().list(), []);
});

test("localhost is as good a host as any", async () => {
  const { webhooks } = world;
  const rides = await world.rides();
  await rides.update({ callbackUrl: webhooks.url("callback").replace("127.0.0.1", "localhost") });
  const [alice] = await (await rides.sessions().create(people(ALICE))).participants().list();
  await alice.messageInteractions().create({ body: "Hello" });
  const callback = await webhooks.take("callback");
  assertSigned(callback);
  assert.match(callback.url, /^http:\/\/localhost:/);
  assertSid(callback.form.interactionSid, "KI");
});
