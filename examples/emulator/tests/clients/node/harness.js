"use strict";
// An emulator to talk to, a server for its webhooks, and what the tests say about both.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { after, before, beforeEach } = require("node:test");
const { setTimeout: sleep } = require("node:timers/promises");
const twilio = require("twilio");

const ROOT = path.resolve(__dirname, "../../../../..");
const BINARY = path.resolve(ROOT, process.env.EMULATOR ?? "target/debug/emulator");
const ACCOUNT_SID = "AC00000000000000000000000000000001";
const AUTH_TOKEN = "emulator-auth-token";
const MILLISECONDS = 10_000;

const MANUAL_CLOCK = ["--clock", "manual", "--now", "2030-01-01T00:00:00Z"];
const UNKNOWN = "0".repeat(30) + "ff";

const [ALICE, BOB, CAROL, DAVE] = [1, 2, 3, 4].map((digit) => `+1415555000${digit}`);
const [P1, P2, P3] = [1, 2, 3].map((digit) => `+1415555900${digit}`);
const [LONDONER, LONDON] = ["+447700900001", "+442079460001"];

// A process of its own, at a free port.
class Emulator {
  static async start(...flags) {
    const emulator = new Emulator();
    emulator.process = spawn(BINARY, ["--listen", "127.0.0.1:0", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { EMULATOR_LOG: "warn", ...process.env },
    });
    const tooLate = setTimeout(() => emulator.process.kill("SIGKILL"), MILLISECONDS);
    let first;
    for await (const line of readline.createInterface({ input: emulator.process.stdout })) {
      first = line;
      break;
    }
    clearTimeout(tooLate);
    const listening = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(first);
    if (!listening) {
      await emulator.stop();
      throw new Error(`the emulator's first line is ${first}`);
    }
    emulator.url = listening[1];
    return emulator;
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
  }

  client(username = ACCOUNT_SID, password = AUTH_TOKEN) {
    const client = twilio(username, password, { timeout: MILLISECONDS });
    client.proxy.baseUrl = this.url;
    return client;
  }

  // What the control plane answers, which is to be with this status.
  async control(method, path, body, status = 200) {
    const response = await fetch(`${this.url}/_emulator/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: {
        Authorization: "Basic " + Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString("base64"),
        ...(body && { "Content-Type": "application/json" }),
      },
      signal: AbortSignal.timeout(2 * MILLISECONDS),
    });
    const text = await response.text();
    assert.equal(response.status, status, text);
    return text && JSON.parse(text);
  }

  reset() {
    return this.control("POST", "reset", undefined, 204);
  }

  advance(seconds) {
    return this.control("POST", "clock", { advance_seconds: seconds });
  }

  own(phoneNumber, described) {
    return this.control("POST", "numbers", { phone_number: phoneNumber, ...described }, 201);
  }

  call(from, to, more) {
    return this.control("POST", "calls", { from, to, ...more });
  }

  write(from, to, body, more) {
    return this.control("POST", "messages", { from, to, body, ...more });
  }

  report(interactionSid, report) {
    return this.control("POST", `interactions/${interactionSid}`, report);
  }

  // What has arisen since the last reset.
  async events(type) {
    const { events } = await this.control("GET", "events");
    return events.filter((event) => event.type !== "reset" && (type === undefined || event.type === type));
  }

  async notifications() {
    return (await this.events("notification")).map((event) => event.code);
  }
}

// Keeps the requests that come in, by path, and answers them as `answers` says, once `before` has been done.
class WebhookServer {
  static async start() {
    const server = new WebhookServer();
    server.answers = {};
    server.before = {};
    server.received = {};
    server.http = http.createServer((request, response) => server.#serve(request, response));
    server.http.listen(0, "127.0.0.1");
    await once(server.http, "listening");
    return server;
  }

  async #serve(request, response) {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const path = request.url.split("?")[0].slice(1);
    const pairs = [...new URLSearchParams(body)];
    (this.received[path] ??= []).push({
      url: `http://${request.headers.host}${request.url}`,
      pairs,
      form: Object.fromEntries(pairs),
      contentType: request.headers["content-type"],
      signature: request.headers["x-twilio-signature"],
    });
    await this.before[path]?.();
    const [status, contentType, text] = this.answers[path] ?? [200, "text/plain", ""];
    const location = status >= 300 && status < 400 && { Location: this.url("elsewhere") };
    response.writeHead(status, { "Content-Type": contentType, ...location }).end(text);
  }

  url(path) {
    return `http://127.0.0.1:${this.http.address().port}/${path}`;
  }

  // The next request to this path.
  async take(path) {
    await eventually(() => this.count(path) > 0);
    return this.received[path].shift();
  }

  count(path) {
    return this.received[path]?.length ?? 0;
  }

  async stop() {
    this.http.close();
    this.http.closeAllConnections();
  }
}

// For one file of tests: an emulator that is as good as new for each of them, others with flags of their own, and webhooks.
function fixture() {
  const world = {};
  const cleanUp = [];
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "emulator-"));

  world.start = async (...flags) => {
    const emulator = await Emulator.start(...flags);
    cleanUp.push(emulator);
    return emulator;
  };
  // A file with this JSON, by its path.
  world.file = (json) => {
    const file = path.join(temporary, `${fs.readdirSync(temporary).length}.json`);
    fs.writeFileSync(file, JSON.stringify(json));
    return file;
  };
  // A service with two numbers.
  world.rides = async () => {
    const rides = await world.services.create({ uniqueName: "rides" });
    for (const phoneNumber of [P1, P2]) await rides.phoneNumbers().create({ phoneNumber });
    return rides;
  };

  // A hook for a whole file is not deferred: it runs here, and needs what stands above.
  before(async () => {
    world.emulator = await world.start(...MANUAL_CLOCK);
  });
  beforeEach(async () => {
    await world.emulator.reset();
    world.client = world.emulator.client();
    world.services = world.client.proxy.v1.services;
    // What was still on its way in the last test goes to the address of its own server.
    world.webhooks = await WebhookServer.start();
    cleanUp.push(world.webhooks);
  });
  after(async () => {
    for (const one of cleanUp) await one.stop();
    fs.rmSync(temporary, { recursive: true });
  });
  return world;
}

const NOW = seconds(0);

// The instant so many seconds after the start of the manual clock.
function seconds(count) {
  return new Date(Date.UTC(2030, 0, 1, 0, 0, count));
}

// The parameter of a session that has these people.
function people(...identifiers) {
  return { participants: identifiers.map((Identifier) => ({ Identifier })) };
}

function assertSid(sid, prefix) {
  assert.match(sid, new RegExp(`^${prefix}[0-9a-f]{32}$`));
}

// Whether the library has read these values, and perhaps others.
function assertFields(instance, expected) {
  const all = instance.toJSON();
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, all[name]])), expected);
}

function sids(instances) {
  return instances.map((instance) => instance.sid);
}

// Makes one after the other: lists are in the order of commands.
async function inTurn(items, make) {
  const made = [];
  for (const item of items) made.push(await make(item));
  return made;
}

// Waits until what is done in the background has come to this.
async function eventually(condition) {
  for (const end = Date.now() + MILLISECONDS; Date.now() < end; await sleep(10)) {
    if (await condition()) return;
  }
  throw new Error("it has not come to this");
}

// The exception of a request that must fail.
async function failure(request) {
  let answer;
  try {
    answer = await request;
  } catch (error) {
    return error;
  }
  assert.fail(`not refused: ${JSON.stringify(answer)}`);
}

async function assertRefused(request, code, status = 400, message = /./) {
  const error = await failure(request);
  assert.deepEqual([error.code, error.status], [code, status], error);
  assert.match(error.message, message);
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
}

module.exports = {
  ACCOUNT_SID,
  ALICE,
  AUTH_TOKEN,
  BOB,
  CAROL,
  DAVE,
  LONDON,
  LONDONER,
  MANUAL_CLOCK,
  MILLISECONDS,
  NOW,
  P1,
  P2,
  P3,
  ROOT,
  UNKNOWN,
  assertFields,
  assertRefused,
  assertSid,
  eventually,
  failure,
  fixture,
  inTurn,
  people,
  seconds,
  sids,
};
