// Runs every server audit of graphql-http against the URL given, and prints a JSON line a result. A second argument
// is sent as the header authorization.
import { serverAudits } from 'graphql-http';

const [url, authorization] = process.argv.slice(2);
const fetchFn = (input, init) => {
  const headers = new Headers(init?.headers);
  if (authorization) headers.set('authorization', authorization);
  return fetch(input, { ...init, headers });
};
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  if ('response' in result && !result.response.bodyUsed) await result.response.body?.cancel();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason: result.reason }));
}
