import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { ACCOUNT, Emulator, TOKEN, eventually, launch, open } from './harness.mjs';
import { play } from './scene.mjs';

const PATIENCE = { timeout: 120_000 };

let browser, emulator, webhooks, callbackUrl;

before(async () => {
  browser = await launch();
  webhooks = createServer((request, response) => {
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise((resolve) => webhooks.listen(0, '127.0.0.1', resolve));
  callbackUrl = `http://localhost:${webhooks.address().port}/status`;
}, PATIENCE);
after(async () => {
  await browser?.close();
  webhooks?.closeAllConnections();
  webhooks?.close();
}, PATIENCE);
beforeEach(async () => { emulator = await Emulator.start(); }, PATIENCE);
afterEach(() => emulator?.stop(), PATIENCE);

// What a person sees of the page.
const sees = (page, name) => page.getByRole('region', { name, exact: true });
const chosen = (page) => page.getByRole('combobox', { name: 'Service', exact: true });
const session = (page, name) => sees(page, 'Sessions').getByRole('group').filter({ has: page.getByText(name, { exact: true }) });
const row = (page, number) => sees(page, 'Number pool').getByRole('row').filter({ has: page.getByText(number, { exact: true }) });
const event = (page, text) => sees(page, 'Live events').getByRole('listitem').filter({ hasText: text });
const alert = (place) => place.getByRole('alert').filter({ visible: true });

async function createService(page, name) {
  await page.getByLabel('New service').fill(name);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await chosen(page).filter({ hasText: name }).waitFor();
}

async function addNumber(page, number, { country = '', carries = '', reserved = false } = {}) {
  const pool = sees(page, 'Number pool');
  await pool.getByLabel('Phone number or short code').fill(number);
  await pool.getByLabel('Country').fill(country);
  await pool.getByLabel('It carries').selectOption(carries);
  await pool.getByLabel('Reserved').setChecked(reserved);
  await pool.getByRole('button', { name: 'Add number' }).click();
  await row(page, number).waitFor();
}

async function createSession(page, name, { ttl = '', mode = 'voice-and-message' } = {}) {
  const sessions = sees(page, 'Sessions');
  await sessions.getByLabel('Unique name').fill(name);
  await sessions.getByLabel('Mode').selectOption(mode);
  await sessions.getByLabel('TTL, seconds').fill(ttl);
  await sessions.getByRole('button', { name: 'Create session' }).click();
  await session(page, name).first().waitFor();
}

async function addParticipant(page, name, identifier, friendlyName = '', proxy = '') {
  const card = session(page, name).first();
  const form = card.locator('form');
  if (!await form.isVisible()) await card.getByRole('button', { name: 'Add participant' }).click();
  await form.getByLabel('Identifier', { exact: true }).fill(identifier);
  await form.getByLabel('Friendly name').fill(friendlyName);
  await form.getByLabel('Proxy identifier').fill(proxy);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
}

const person = (page, name, identifier) =>
  session(page, name).first().getByRole('list', { name: 'Participants' }).getByRole('listitem').filter({ hasText: identifier });

async function contact(page, kind, from, to, body) {
  const traffic = sees(page, 'Traffic');
  await traffic.getByText(kind, { exact: true }).click();
  await traffic.getByLabel('From').fill(from);
  await traffic.getByLabel('To', { exact: true }).fill(to);
  if (body != null) await traffic.getByLabel('Body').fill(body);
  await traffic.getByRole('button', { name: kind === 'Call' ? 'Place call' : 'Send message' }).click();
}

const outcome = (page, text) => sees(page, 'Traffic').getByRole('status').filter({ hasText: text });

async function explain(page, name, identifier) {
  const pool = sees(page, 'Number pool');
  await pool.getByLabel('In session').selectOption({ label: name });
  await pool.getByLabel('Identifier').fill(identifier);
  await pool.getByRole('button', { name: 'Explain' }).click();
}

const verdict = (page, number) => page.getByRole('list', { name: 'Verdicts' }).getByRole('listitem').filter({ hasText: number });

async function waitForText(locator, text) {
  await eventually(() => locator.first().textContent({ timeout: 5_000 }).catch(() => ''), (got) => got.includes(text));
}

describe('the console', () => {
  test('two people reach each other, from an empty emulator on', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    await page.getByText('Create a service to begin').waitFor();
    await createService(page, 'rides');
    await page.getByText(ACCOUNT).waitFor();
    await addNumber(page, '+14155559001');
    await addNumber(page, '+14155559002', { reserved: true });
    await addNumber(page, '+442079460005');
    await createSession(page, 'ride-1', { ttl: '600' });
    await addParticipant(page, 'ride-1', '+12125550101', 'Alice');
    await waitForText(person(page, 'ride-1', 'Alice'), '+14155559001');
    await addParticipant(page, 'ride-1', '+12125550102', 'Bob');
    await waitForText(person(page, 'ride-1', 'Bob'), '+14155559001');
    await waitForText(row(page, '+14155559001'), '1 session');

    await createSession(page, 'ride-2');
    await explain(page, 'ride-2', '+12125550101');
    await waitForText(verdict(page, '+14155559001'), 'this person has it in another active session');
    await waitForText(verdict(page, '+14155559002'), 'it is reserved');
    await waitForText(verdict(page, '+442079460005'), 'it is of another country');
    await explain(page, 'ride-2', '+12125550103');
    await waitForText(verdict(page, '+14155559001'), 'this person would get it');

    await person(page, 'ride-1', 'Alice').getByRole('button', { name: 'Contact as' }).click();
    await sees(page, 'Traffic').getByRole('button', { name: 'Place call' }).click();
    await outcome(page, 'Connected. Bob (+12125550102) rings and sees +14155559001.').waitFor();
    await event(page, '+14155559001 → +12125550102').waitFor();
    await waitForText(event(page, '+14155559001 → +12125550102'), 'in ride-1');
    await waitForText(session(page, 'ride-1'), 'in-progress');

    const traffic = sees(page, 'Traffic');
    await traffic.getByLabel('Seconds').fill('42');
    await traffic.getByRole('button', { name: 'Report' }).click();
    await outcome(page, 'The outbound side is completed now, after 42 s.').waitFor();
    await traffic.getByRole('button', { name: 'Report' }).click();
    await event(page, '80906').waitFor();

    await contact(page, 'Message', '+12125550102', '+14155559001', 'On my way');
    await outcome(page, 'Sent on. Alice (+12125550101) gets it from +14155559001.').waitFor();
    await event(page, '“On my way”').waitFor();
    await contact(page, 'Message', '+12125550102', '+14155559001', ' stop ');
    await outcome(page, 'Dropped: the body is an opt-out word').waitFor();
    await outcome(page, 'code 80901').waitFor();
    await event(page, '80901').waitFor();
    await contact(page, 'Call', '', '+14155559001');
    await outcome(page, 'code 80902').waitFor();
    check();
    await close();
  });

  test('time that is moved closes a session', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    await createService(page, 'rides');
    await addNumber(page, '+14155559001');
    await createSession(page, 'ride-1', { ttl: '600' });
    await waitForText(session(page, 'ride-1'), 'expires 08:10:00');
    await addParticipant(page, 'ride-1', '+12125550101');
    const clock = page.getByRole('group', { name: 'Clock' });
    await clock.getByRole('button', { name: '+1 min' }).click();
    await waitForText(clock, '2030-01-01 08:01:00 UTC');
    await clock.getByText('Move').click();
    await clock.getByLabel('Advance by seconds').fill('538');
    await clock.getByRole('button', { name: 'Advance' }).click();
    await waitForText(clock, '08:09:58');
    await clock.getByLabel('Set to').fill('2030-01-01T08:09:59Z');
    await clock.getByRole('button', { name: 'Set', exact: true }).click();
    await waitForText(clock, '08:09:59');
    await waitForText(session(page, 'ride-1'), 'expires 08:10:00');
    await clock.getByLabel('Set to').fill('2030-01-01T08:00:00Z');
    await clock.getByRole('button', { name: 'Set', exact: true }).click();
    await alert(clock).waitFor();
    await clock.getByRole('button', { name: '+1 h' }).click();
    await waitForText(session(page, 'ride-1'), 'expired at 08:10:00');
    await contact(page, 'Call', '+12125550101', '+14155559001');
    await event(page, '80904').waitFor();
    await event(page, '80902').waitFor();

    // Somebody else moves it, and retention is over.
    await emulator.control('clock', { advance_seconds: 91 * 86_400 });
    await session(page, 'ride-1').waitFor({ state: 'detached' });
    check([400]);
    await close();
  });

  test('what is refused is said where it was asked', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    await createService(page, 'rides');
    await page.getByLabel('New service').fill('rides');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await waitForText(alert(page.getByRole('region', { name: 'Chosen service' })), '80602');
    await createSession(page, 'ride-1');
    await addParticipant(page, 'ride-1', '+12125550101');
    await waitForText(alert(session(page, 'ride-1')), '80205');
    await explain(page, 'ride-1', '+12125550101');
    await sees(page, 'Number pool').getByText('would get no number: 80205').waitFor();
    await addNumber(page, '+14155559001');
    await addParticipant(page, 'ride-1', '+12125550101');
    await person(page, 'ride-1', '+12125550101').waitFor();
    assert.equal(await alert(session(page, 'ride-1')).count(), 0);
    await addParticipant(page, 'ride-1', '+12125550101');
    await waitForText(alert(session(page, 'ride-1')), '80103 · ');
    assert.equal(await alert(session(page, 'ride-1')).getByRole('link').getAttribute('href'), 'https://www.twilio.com/docs/errors/80103');
    assert.equal(await alert(page).count(), 2);
    await row(page, '+14155559001').getByRole('button', { name: 'Remove' }).click();
    await waitForText(alert(row(page, '+14155559001')), '80611');
    await contact(page, 'Call', '+12125550101', '+14155559001');
    await outcome(page, 'Rejected: nobody else is in the session.').waitFor();
    await contact(page, 'Call', '+12125550101', '+14155550000');
    await waitForText(alert(sees(page, 'Traffic')), '20404');
    check([400, 400, 400, 400, 404]);
    await close();
  });

  test('a session is closed, opened again and deleted; people and numbers come and go', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    await createService(page, 'rides');
    await addNumber(page, '+14155559001');
    await addNumber(page, '+12125559004', { country: 'us', carries: 'voice' });
    await waitForText(row(page, '+12125559004'), 'UScalls—');
    await createSession(page, 'ride-1');
    await addParticipant(page, 'ride-1', '+12125550101', 'Alice', '+12125559004');
    await waitForText(person(page, 'ride-1', 'Alice'), '+12125559004');

    await person(page, 'ride-1', 'Alice').getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await person(page, 'ride-1', 'Alice').getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByText('Remove Alice (+12125550101) from the session, for good?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await waitForText(person(page, 'ride-1', 'Alice'), 'removed 08:00:00');

    await row(page, '+12125559004').getByRole('button', { name: 'Remove' }).click();
    await row(page, '+12125559004').waitFor({ state: 'detached' });
    await row(page, '+14155559001').getByRole('button', { name: 'Reserve', exact: true }).click();
    await waitForText(row(page, '+14155559001'), 'reserved');
    await row(page, '+14155559001').getByRole('button', { name: 'Unreserve' }).click();
    await waitForText(row(page, '+14155559001'), 'automatic');

    await addNumber(page, '44551', { country: 'us' });
    await waitForText(row(page, '44551'), 'texts');
    await row(page, '44551').getByRole('button', { name: 'Reserve', exact: true }).click();
    await waitForText(row(page, '44551'), 'reserved');

    await session(page, 'ride-1').getByRole('button', { name: 'Close' }).click();
    await waitForText(session(page, 'ride-1'), 'closed by request at 08:00:00');
    await sees(page, 'Sessions').getByLabel('Show').selectOption('active');
    await session(page, 'ride-1').waitFor({ state: 'detached' });
    await sees(page, 'Sessions').getByLabel('Show').selectOption('all');
    await session(page, 'ride-1').getByRole('button', { name: 'Re-open' }).click();
    await waitForText(session(page, 'ride-1'), 'in-progress');
    await session(page, 'ride-1').getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await session(page, 'ride-1').waitFor({ state: 'detached' });
    check();
    await close();
  });

  test('webhooks and their answers appear; events are filtered; a service has its settings', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    await createService(page, 'rides');
    const settings = page.getByRole('region', { name: 'Chosen service' });
    await settings.getByText('Settings').click();
    await settings.getByLabel('Callback URL', { exact: true }).fill(callbackUrl);
    await settings.getByLabel('Default TTL').fill('90');
    await settings.getByRole('button', { name: 'Save' }).click();
    await settings.getByText('TTL 1 min 30 s · callback').waitFor();
    await settings.getByText('Settings').click();
    await addNumber(page, '+14155559001');
    await createSession(page, 'ride-1');
    await addParticipant(page, 'ride-1', '+12125550101');
    await addParticipant(page, 'ride-1', '+12125550102');
    await person(page, 'ride-1', '+12125550102').waitFor();
    await contact(page, 'Call', '+12125550101', '+14155559001');
    await event(page, `callback to ${callbackUrl}`).waitFor();
    await event(page, '204 to the callback of event').waitFor();
    await event(page, `callback to ${callbackUrl}`).getByText('parameters').click();
    await event(page, 'interactionSid').getByText('Voice').waitFor();

    const events = sees(page, 'Live events');
    assert.equal(await events.getByRole('listitem').count(), 3);
    await events.getByLabel('Requests').uncheck();
    await events.getByLabel('Responses').uncheck();
    assert.equal(await events.getByRole('listitem').count(), 1);
    await createService(page, 'other');
    await events.getByLabel('This service only').check();
    await events.getByText('Nothing yet').waitFor();
    await chosen(page).selectOption('rides');
    await event(page, '+14155559001 → +12125550102').waitFor();
    check();
    await close();
  });

  test('text is text, whatever it looks like', PATIENCE, async () => {
    const { page, check, close } = await open(browser, emulator);
    const hostile = '<img src=x onerror="document.title=\'taken\'">';
    await createService(page, '"><script>document.title="taken"</script>');
    await addNumber(page, '+14155559001');
    await createSession(page, hostile);
    await addParticipant(page, hostile, '+12125550101', hostile);
    await waitForText(person(page, hostile, '+12125550101'), hostile);
    await addParticipant(page, hostile, '+12125550102', '\u202egnorw');
    await person(page, hostile, '+12125550102').waitFor();
    await contact(page, 'Message', '+12125550102', '+14155559001', hostile);
    await outcome(page, `Sent on. ${hostile} (+12125550101) gets it`).waitFor();
    await event(page, `“${hostile}”`).waitFor();
    await person(page, hostile, '+12125550101').getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByText(hostile).waitFor();
    await page.keyboard.press('Escape');
    await addParticipant(page, hostile, hostile);
    await waitForText(alert(session(page, hostile)), '80404');
    assert.equal(await page.locator('img, body script + script').count(), 0);
    assert.equal(await page.title(), 'Twilio Proxy emulator');
    check([400]);
    await close();
  });

  test('what is being typed survives what happens meanwhile', PATIENCE, async () => {
    const { service, ride } = await play(emulator, callbackUrl);
    const { page, check, close } = await open(browser, emulator);
    await session(page, 'ride-1041').getByRole('button', { name: 'Add participant' }).click();
    const input = session(page, 'ride-1041').getByLabel('Identifier', { exact: true });
    await input.focus();
    await page.keyboard.type('+1212');
    await emulator.control('calls', { from: ride.people[0].identifier, to: ride.people[0].proxy_identifier });
    await emulator.post(`${service}/Sessions`, { UniqueName: 'ride-1099' });
    await session(page, 'ride-1099').waitFor();
    await page.keyboard.type('5550');
    assert.equal(await input.inputValue(), '+12125550');
    check();
    await close();
  });

  test('the keyboard is enough', PATIENCE, async () => {
    const { ride } = await play(emulator, callbackUrl);
    const { page, check, close } = await open(browser, emulator);
    await person(page, 'ride-1041', 'Alice').waitFor();
    await sees(page, 'Traffic').getByRole('radio', { name: 'Call' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ride.people[0].identifier);
    await page.keyboard.press('Tab');
    await page.keyboard.type(ride.people[0].proxy_identifier);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Hello');
    await page.keyboard.press('Enter');
    await outcome(page, 'Sent on. Bob').waitFor();
    await session(page, 'ride-1041').locator('summary').focus();
    await page.keyboard.press('Enter');
    await person(page, 'ride-1041', 'Alice').waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await person(page, 'ride-1041', 'Alice').getByRole('button', { name: 'Contact as' }).focus();
    await page.keyboard.press('Space');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Send message');
    check();
    await close();
  });

  test('it finds back to an emulator that was started anew', PATIENCE, async () => {
    await play(emulator, callbackUrl);
    const { page, faults, close } = await open(browser, emulator);
    await event(page, '80901').waitFor();
    const listen = new URL(emulator.origin).host;
    await emulator.stop();
    await page.getByText('connection lost').waitFor();
    emulator = await Emulator.start({ listen });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('Create a service to begin').waitFor();
    await event(page, '80901').waitFor({ state: 'detached' });
    const { sid } = await emulator.post('/v1/Services', { UniqueName: 'anew' });
    await emulator.post(`/v1/Services/${sid}/PhoneNumbers`, { PhoneNumber: '+14155559001' });
    await emulator.control('calls', { from: '+12125550101', to: '+14155559001' });
    await event(page, '80902').waitFor();
    // While nobody listens, the browser says that nobody listens.
    assert.deepEqual(faults.filter((fault) => !/net::ERR_/.test(fault)), []);
    await close();
  });

  test('reset asks first', PATIENCE, async () => {
    await play(emulator, callbackUrl);
    const { page, check, close } = await open(browser, emulator);
    await session(page, 'ride-1041').waitFor();
    await page.getByRole('button', { name: 'Reset…' }).click();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal((await emulator.request('GET', '/v1/Services')).services.length, 1);
    await page.getByRole('button', { name: 'Reset…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await page.getByText('Create a service to begin').waitFor();
    await event(page, 'Everything was reset').waitFor();
    assert.equal(await sees(page, 'Live events').getByRole('listitem').count(), 1);
    check();
    await close();
  });

  test('long lists have an end, and say so', PATIENCE, async () => {
    const { sid } = await emulator.post('/v1/Services', { UniqueName: 'rides' });
    await emulator.post(`/v1/Services/${sid}/PhoneNumbers`, { PhoneNumber: '+14155559001' });
    for (let number = 0; number < 501; number += 1) {
      await emulator.post(`/v1/Services/${sid}/Sessions`, { UniqueName: `ride-${number}` });
      await emulator.control('calls', { from: null, to: '+14155559001' });
    }
    const { page, check, close } = await open(browser, emulator);
    await sees(page, 'Sessions').getByText('There are more: these are the first 500 that were created.').waitFor();
    assert.equal(await sees(page, 'Sessions').locator('details.session').count(), 500);
    await sees(page, 'Live events').getByText('the last 400').waitFor();
    assert.equal(await sees(page, 'Live events').getByRole('listitem').count(), 400);
    check();
    await close();
  });

  test('a clock that is real cannot be moved', PATIENCE, async () => {
    await emulator.stop();
    emulator = await Emulator.start({ clock: [] });
    const { page, check, close } = await open(browser, emulator);
    const clock = page.getByRole('group', { name: 'Clock' });
    await clock.getByText('real').waitFor();
    assert.equal(await clock.getByRole('button').count(), 0);
    const text = await clock.textContent();
    await eventually(() => clock.textContent(), (now) => now !== text);
    await createService(page, 'rides');
    await createSession(page, 'brief', { ttl: '2' });
    await waitForText(session(page, 'brief'), 'expired at');
    check();
    await close();
  });

  test('the address may hold the credentials', PATIENCE, async () => {
    const address = emulator.origin.replace('//', `//${ACCOUNT}:${TOKEN}@`);
    const { page, check, close } = await open(browser, emulator, { address, httpCredentials: undefined });
    await createService(page, 'rides');
    check();
    await close();
  });

  for (const [width, colorScheme] of [[1400, 'dark'], [1100, 'light'], [900, 'light'], [400, 'dark'], [400, 'light']]) {
    test(`nothing sticks out at ${width} px, ${colorScheme}, and all controls have names`, PATIENCE, async () => {
      await play(emulator, callbackUrl);
      const { page, check, close } = await open(browser, emulator, { viewport: { width, height: 900 }, colorScheme });
      await event(page, '80901').waitFor();
      await person(page, 'ride-1041', 'Alice').waitFor();
      await session(page, 'ride-1041').getByRole('button', { name: 'Add participant' }).click();
      for (const menu of ['Move', 'Settings']) {
        await page.getByText(menu, { exact: true }).click();
        const { x, width: wide } = await page.locator('.menu[open] > div').boundingBox();
        assert.ok(x >= 0 && x + wide <= width, `${menu} lies from ${x} to ${x + wide}`);
        await page.keyboard.press('Escape');
        assert.equal(await page.locator('.menu[open]').count(), 0);
      }
      assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth));
      const nameless = await page.evaluate(() => [...document.querySelectorAll('input, select, button')]
        .filter((control) => {
          const label = (control.labels?.[0] ?? control).cloneNode(true);
          label.querySelectorAll('input, select').forEach((part) => part.remove());
          return !label.textContent.trim();
        })
        .map((control) => control.outerHTML));
      assert.deepEqual(nameless, []);
      check();
      await close();
    });
  }

  test('a picture', { ...PATIENCE, skip: !process.env.SCREENSHOT }, async () => {
    const { ride } = await play(emulator, callbackUrl);
    const { page, check, close } = await open(browser, emulator, { viewport: { width: 1400, height: 1000 }, colorScheme: 'light' });
    await explain(page, 'ride-1042', '+12125550102');
    await waitForText(verdict(page, '+14155559002'), 'this person would get it');
    const [alice] = ride.people;
    await contact(page, 'Call', alice.identifier, alice.proxy_identifier);
    await outcome(page, 'Connected').waitFor();
    await eventually(() => event(page, '204').count(), (count) => count === 6);
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(2_000);
    await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
    check();
    await close();
  });
});
