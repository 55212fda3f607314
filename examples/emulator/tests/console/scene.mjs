// A morning at a taxi company, enough to fill the console.
export async function play(emulator, callbackUrl) {
  const rides = await emulator.post('/v1/Services', { UniqueName: 'rides', DefaultTtl: 3600, CallbackUrl: callbackUrl });
  const service = `/v1/Services/${rides.sid}`;
  const number = (form) => emulator.post(`${service}/PhoneNumbers`, form);
  await number({ PhoneNumber: '+14155559001' });
  await number({ PhoneNumber: '+14155559002' });
  await number({ PhoneNumber: '+12125559003', IsReserved: 'true' });
  await emulator.control('numbers', { phone_number: '+12125559004', capabilities: { voice_inbound: true, voice_outbound: true } });
  await number({ PhoneNumber: '+12125559004' });
  await number({ PhoneNumber: '+442079460005' });

  const session = async (name, people, form = {}) => {
    const { sid } = await emulator.post(`${service}/Sessions`, { UniqueName: name, ...form });
    const added = [];
    for (const [FriendlyName, Identifier] of people) {
      added.push(await emulator.post(`${service}/Sessions/${sid}/Participants`, { Identifier, FriendlyName }));
    }
    return { path: `${service}/Sessions/${sid}`, people: added };
  };
  const contact = (kind, person, more = {}) =>
    emulator.control(kind, { from: person.identifier, to: person.proxy_identifier, ...more });
  const later = (seconds) => emulator.control('clock', { advance_seconds: seconds });

  const done = await session('ride-1040', [['Dana', '+13105550140'], ['Femi', '+13105550141']]);
  await contact('messages', done.people[0], { body: 'Thanks for the ride!' });
  await later(240);
  await emulator.post(done.path, { Status: 'closed' });
  const ride = await session('ride-1041', [['Alice', '+12125550101'], ['Bob', '+12125550102']]);
  await later(95);
  const call = await contact('calls', ride.people[0]);
  await later(42);
  await emulator.control(`interactions/${call.interaction_sid}`, { status: 'completed', duration: 42 });
  await later(60);
  await contact('messages', ride.people[1], { body: 'I am at the corner, blue car.' });
  const parcel = await session('parcel-77', [['Alice', '+12125550101'], ['Depot', '+12125550177']], { DateExpiry: '2030-01-01T18:00:00Z' });
  await contact('messages', parcel.people[1], { body: 'Your parcel is ready at gate 7.' });
  await session('ride-1042', [['Chen', '+12125550103']]);
  await later(30);
  await contact('messages', ride.people[0], { body: 'STOP' });
  await emulator.control('calls', { from: '+19175550199', to: '+14155559001' });
  return { service, ride };
}
