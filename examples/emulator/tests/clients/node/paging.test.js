"use strict";
// API-5: lists over three pages.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { ALICE, BOB, P1, assertRefused, fixture, inTurn, people, sids } = require("./harness");

const world = fixture();
const FIVE = [0, 1, 2, 3, 4];

async function ride(...identifiers) {
  const rides = await world.services.create({ uniqueName: "rides" });
  await rides.phoneNumbers().create({ phoneNumber: P1 });
  return rides.sessions().create(people(...identifiers));
}

const LISTS = {
  async services() {
    return [world.services, await inTurn(FIVE, (n) => world.services.create({ uniqueName: `service-${n}` }))];
  },
  async "phone numbers"() {
    const numbers = (await world.services.create({ uniqueName: "rides" })).phoneNumbers();
    return [numbers, await inTurn(FIVE, (n) => numbers.create({ phoneNumber: `+1415555900${n}` }))];
  },
  async sessions() {
    const sessions = (await world.services.create({ uniqueName: "rides" })).sessions();
    return [sessions, await inTurn(FIVE, (n) => sessions.create({ uniqueName: `ride-${n}` }))];
  },
  async participants() {
    const participants = (await ride()).participants();
    const comeAndGo = async (n) => {
      const person = await participants.create({ identifier: `+1415555000${n}` });
      await person.remove();
      return person;
    };
    return [participants, await inTurn(FIVE, comeAndGo)];
  },
  async "message interactions"() {
    const [alice] = await (await ride(ALICE)).participants().list();
    const messages = alice.messageInteractions();
    return [messages, await inTurn(FIVE, (n) => messages.create({ body: `Message ${n}` }))];
  },
  async interactions() {
    const session = await ride(ALICE, BOB);
    const both = await session.participants().list();
    const write = (n) => both[n % 2].messageInteractions().create({ body: `Message ${n}` });
    return [session.interactions(), await inTurn(FIVE, write)];
  },
};

for (const [name, make] of Object.entries(LISTS)) {
  test(`api_5: list and each go through all pages of ${name}`, async () => {
    const [items, made] = await make();
    const created = sids(made);
    assert.deepEqual(sids(await items.list({ pageSize: 2 })), created);
    assert.deepEqual(sids(await items.list({ limit: 3 })), created.slice(0, 3));
    const seen = [];
    const done = new Promise((resolve, reject) => {
      items.each({ pageSize: 2, done: (error) => (error ? reject(error) : resolve()) }, ({ sid }) => seen.push(sid));
    });
    await done;
    assert.deepEqual(seen, created);
  });

  test(`api_5: pages of ${name} are turned forwards and backwards, and fetched by URL`, async () => {
    const [items, made] = await make();
    const created = sids(made);
    const first = await items.page({ pageSize: 2 });
    const second = await first.nextPage();
    const third = await second.nextPage();
    assert.deepEqual([third.nextPage(), first.previousPage()], [undefined, undefined]);
    const back = await third.previousPage();
    const start = await back.previousPage();
    assert.equal(start.previousPage(), undefined);
    const byUrl = await items.getPage(first.nextPageUrl);
    assert.deepEqual(
      [first, second, third, back, start, byUrl].map((page) => sids(page.instances)),
      [
        [0, 2],
        [2, 4],
        [4, 5],
        [2, 4],
        [0, 2],
        [2, 4],
      ].map((range) => created.slice(...range)),
    );
  });
}

test("api_5: what is created between two pages comes last", async () => {
  const [sessions, made] = await LISTS.sessions();
  const page = await sessions.page({ pageSize: 3 });
  const late = await sessions.create();
  assert.deepEqual(sids((await page.nextPage()).instances), [...sids(made.slice(3)), late.sid]);
});

test("api_5: what no list offers is 80701", async () => {
  for (const asked of [{ pageSize: 1001 }, { pageSize: 0 }, { pageToken: "PN1" }]) {
    await assertRefused(world.services.page(asked), 80701);
  }
});

test("api_5: the cap of the policy clamps", async () => {
  const emulator = await world.start("--policy", world.file({ max_page_size: 2 }));
  const { services } = emulator.client().proxy.v1;
  const created = sids(await inTurn(FIVE, (n) => services.create({ uniqueName: `service-${n}` })));
  assert.deepEqual(sids((await services.page({ pageSize: 1000 })).instances), created.slice(0, 2));
  assert.deepEqual(sids(await services.list()), created);
});
