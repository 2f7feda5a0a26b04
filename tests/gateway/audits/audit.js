// Runs every server audit of graphql-http against the URL given, and prints a JSON line a result.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  if ('response' in result && !result.response.bodyUsed) await result.response.body?.cancel();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason: result.reason }));
}
