/** Asks the gateway: trusted documents by their ids over GET, answers kept and validated, failures sorted out. */

/** An operation of the manifest. The types exist for the compiler alone. */
export interface TrustedDocument<Data, Variables> {
  readonly id: string;
  readonly types?: (variables: Variables) => Data;
}

export interface GraphQLError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; source?: string; retryable?: boolean; retryAfter?: number };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: GraphQLError[];
}

/** What was asked, as far as it could be had. */
export interface Asked<Data> {
  data: Data;
  errors: GraphQLError[];
}

/** Nothing of what was asked could be had; a retry may help after so many seconds, or not at all. */
export class GatewayFailed extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly retryAfter: number | null,
  ) {
    super(message);
  }
}

const PATIENCE = 10_000; // ms for an exchange: less than an app waits for a screen
const MOST_KEPT = 1_000; // answers

/** One gateway, asked as one caller; what is kept belongs to that caller. */
export class Gateway {
  private readonly kept = new Map<string, { etag: string; text: string }>();

  constructor(
    private readonly endpoint: string,
    private readonly key?: string,
  ) {}

  /**
   * Runs a document. Errors that left data are told beside it.
   *
   * @throws GatewayFailed where there is no data at all.
   */
  async ask<Data, Variables>(
    document: TrustedDocument<Data, Variables>,
    variables: Variables,
  ): Promise<Asked<Data>> {
    const url = new URL(this.endpoint);
    url.searchParams.set('documentId', document.id);
    url.searchParams.set('variables', JSON.stringify(variables));
    const { data, errors = [] }: Answer<Data> = JSON.parse(await this.fetched(url.href));
    if (data == null) throw failed(errors);
    return { data, errors };
  }

  private async fetched(url: string): Promise<string> {
    const kept = this.kept.get(url);
    const headers = new Headers({ accept: 'application/graphql-response+json' });
    if (this.key !== undefined) headers.set('authorization', `Bearer ${this.key}`);
    if (kept !== undefined) headers.set('if-none-match', kept.etag);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
      text = await response.text();
    } catch {
      throw new GatewayFailed('The gateway does not answer.', 'UNREACHABLE', 1);
    }
    if (response.status === 304 && kept !== undefined) {
      this.keep(url, kept);
      return kept.text;
    }
    const etag = response.headers.get('etag');
    if (etag !== null) this.keep(url, { etag, text });
    return text;
  }

  /** The latest stands last; the one that was not asked for longest goes. */
  private keep(url: string, answer: { etag: string; text: string }): void {
    this.kept.delete(url);
    this.kept.set(url, answer);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** Of several errors the first says why; asking again helps where each of them may pass. */
export function failed(errors: GraphQLError[]): GatewayFailed {
  const [first] = errors;
  if (first === undefined) return new GatewayFailed('There was no answer.', 'NO_ANSWER', null);
  const mayPass = errors.every(({ extensions }) => extensions.retryable);
  const waits = errors.map(({ extensions }) => extensions.retryAfter ?? 1);
  return new GatewayFailed(first.message, first.extensions.code, mayPass ? Math.max(...waits) : null);
}
