/** What a script of this suite is called with, and how it says what it found: one JSON object on standard output. */

/** The gateway's endpoint and the sandbox behind it. */
export const [endpoint, sandbox] = process.argv.slice(2, 4) as [string, string];

const warnings: unknown[][] = [];
for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
  console[level] = (...args) => warnings.push([level, ...args.map(String)]);

/** Runs the script; what it returns is the report. A warning that the client wrote is reported with it. */
export async function report(script: () => Promise<Record<string, unknown>>): Promise<void> {
  const found = await script();
  // Clients keep timers of their own, so the script ends here.
  process.stdout.write(JSON.stringify({ ...found, warnings }), () => process.exit());
}

/** Something that the sandbox's control plane does. */
export async function control(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await fetch(`${sandbox}/_sandbox/${path}`, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/** How often the sandbox was asked for an operation. */
async function calls(operation: string): Promise<number> {
  const made = (await (await fetch(`${sandbox}/_sandbox/calls`)).json()) as { operation: string }[];
  return made.filter((call) => call.operation === operation).length;
}

/** The row of an event, as every script reports it. */
export type Row = { source: string; sourceId: string; occurredAt: string };

/** The events as a client holds them. */
export type List = {
  readonly rows: readonly Row[];
  readonly events: { incompleteSources: readonly string[] } | null | undefined;
  readonly codes: unknown[];
  more(size: number): Promise<boolean>;
};

/** Fetches pages of changing sizes until there is none; all rows in order. */
export async function walk(list: List): Promise<readonly Row[]> {
  for (let step = 0; await list.more([100, 7, 250, 33, 64][step % 5]!); step++);
  return list.rows;
}

/** A walk in which the scrolls are forgotten, a source goes down and comes back. */
export async function throughAnOutage(list: List) {
  await control('POST', 'scrolls/expire');
  await list.more(300);
  await control('PUT', 'faults', [{ operation: 'cloud4wi.*', kind: 'status', status: 503 }]);
  const before = list.rows.length;
  await list.more(600);
  const down = {
    sources: list.events?.incompleteSources,
    codes: list.codes,
    rows: list.rows.slice(before),
  };
  await control('DELETE', 'faults');
  await list.more(100);
  const back = { sources: list.events?.incompleteSources, codes: list.codes };
  return { down, back, rows: await walk(list) };
}

/** What a client throws where nothing was answered at all. */
const unanswered = (error: { graphQLErrors: { extensions?: { code?: string } }[] }) => ({
  rows: [],
  codes: error.graphQLErrors.map(({ extensions }) => extensions?.code),
});

/** Lists of Cloud4Wi's events while it fails once, while it goes on failing, and with a page in between that failed. */
export async function failing(open: () => Promise<List>) {
  const fail = (fault: object) =>
    control('PUT', 'faults', [
      { operation: 'cloud4wi.events', kind: 'status', status: 503, ...fault },
    ]);
  const meet = async (fault: object) => {
    await fail(fault);
    await control('DELETE', 'calls');
    const { rows, codes } = await open().catch(unanswered);
    return { rows: rows.length, codes, calls: await calls('events') };
  };
  const found = { once: await meet({ times: 1 }), always: await meet({}) };
  await control('DELETE', 'faults');
  const list = await open();
  await fail({});
  await list.more(900).catch(unanswered);
  const kept = list.rows.length;
  await control('DELETE', 'faults');
  await list.more(900);
  return { ...found, kept, then: list.rows.length };
}
