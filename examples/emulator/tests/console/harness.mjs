// The emulator as a child process, and its console in a browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const ACCOUNT = 'AC00000000000000000000000000000001';
export const TOKEN = 'emulator-auth-token';
const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`;
const WAIT = 20_000;

export const launch = () => chromium.launch({
  headless: true,
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
  timeout: 60_000,
});

export class Emulator {
  static async start({ listen = '127.0.0.1:0', clock = ['--clock', 'manual', '--now', '2030-01-01T08:00:00Z'] } = {}) {
    const child = spawn(process.env.EMULATOR, ['--listen', listen, ...clock], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, EMULATOR_LOG: 'warn' },
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const ended = new Promise((resolve) => child.once('close', resolve));
    ended.then(() => process.off('exit', kill));
    const emulator = new Emulator();
    emulator.stop = async () => {
      child.kill('SIGTERM');
      const late = setTimeout(kill, 5_000);
      await ended;
      clearTimeout(late);
    };
    emulator.origin = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the emulator does not listen')), WAIT);
      child.once('error', reject);
      ended.then(() => reject(new Error('the emulator ended')));
      createInterface(child.stdout).on('line', (line) => {
        const origin = line.match(/listening on (http:\/\/127\.0\.0\.1:\d+)/)?.[1];
        if (!origin) return;
        clearTimeout(late);
        resolve(origin);
      });
    }).catch((error) => {
      kill();
      throw error;
    });
    return emulator;
  }

  // One request, without the console.
  async request(method, path, { form, json } = {}) {
    const response = await fetch(this.origin + path, {
      method,
      headers: { Authorization: AUTHORIZATION, ...(json ? { 'Content-Type': 'application/json' } : {}) },
      body: form ? new URLSearchParams(form) : json ? JSON.stringify(json) : undefined,
      signal: AbortSignal.timeout(WAIT),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  post(path, form) {
    return this.request('POST', path, { form });
  }

  control(path, json) {
    return this.request('POST', `/_emulator/${path}`, { json });
  }
}

// A console that watches over itself: `check` fails on whatever a good page does not do.
export async function open(browser, { origin }, { address = `${origin}/`, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 1000 },
    httpCredentials: { username: ACCOUNT, password: TOKEN },
    ...options,
  });
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  const faults = [], refusals = [];
  page.on('pageerror', (error) => faults.push(`error: ${error}`));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    // The browser itself mentions each answer of 400 and above; the tests say which of them they mean.
    const status = message.text().match(/^Failed to load resource: the server responded with a status of (4\d\d)/)?.[1];
    if (status && message.location().url.startsWith(`${origin}/`)) refusals.push(Number(status));
    else faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`)));
  await page.goto(address, { waitUntil: 'load' });
  await page.getByText('live', { exact: true }).waitFor();
  const check = (expected = []) => {
    assert.deepEqual(faults, []);
    assert.deepEqual(refusals, expected);
  };
  return { page, check, faults, close: () => context.close() };
}

// Asks again until what it gives passes, for a while.
export async function eventually(ask, passes) {
  const end = Date.now() + WAIT;
  for (;;) {
    const answer = await ask();
    if (passes(answer)) return answer;
    if (Date.now() > end) assert.fail(`still ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
