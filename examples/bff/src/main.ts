/** Serves the app on the loopback. `GATEWAY_URL` and `GATEWAY_KEY` say whom it asks and as whom; `PORT` where it listens. */

import type { AddressInfo } from 'node:net';
import { Gateway } from './gateway.js';
import { server } from './server.js';

const { GATEWAY_URL = 'http://127.0.0.1:8000/graphql', GATEWAY_KEY, PORT = '4000' } = process.env;

const listening = server(new Gateway(GATEWAY_URL, GATEWAY_KEY));
listening.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = listening.address() as AddressInfo;
  console.log(`The app is at http://127.0.0.1:${port}/`);
});
