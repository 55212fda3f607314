"use strict";
// What the README shows runs as it stands, but for the port.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { promisify } = require("node:util");
const { MILLISECONDS, ROOT, assertSid, fixture } = require("./harness");

const world = fixture();

test("the JavaScript of the README runs", async () => {
  const readme = fs.readFileSync(path.join(ROOT, "examples/emulator/README.md"), "utf8");
  const [[, code], ...others] = [...readme.matchAll(/^```js\n(.*?)^```$/gms)];
  assert.deepEqual(others, []);
  assert.ok(code.includes("http://127.0.0.1:8080"));
  const emulator = await world.start();
  const moved = code.replaceAll("http://127.0.0.1:8080", emulator.url);
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", moved], { timeout: 2 * MILLISECONDS });
  assertSid(stdout.trim(), "KS");
  assert.equal((await emulator.client().proxy.v1.services("rides").fetch()).sid, stdout.trim());
});
