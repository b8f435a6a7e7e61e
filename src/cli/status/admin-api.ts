import { Agent } from "node:http";
import { GalleyError } from "../../lib/errors.ts";
import { type AdminAddress, formatAdmin } from "./address.ts";
import { Fields } from "./fields.ts";
import { type HttpAnswer, httpGet } from "./http-get.ts";

/** What the introspection API answered: what was asked for, or why not. */
export type AdminAnswer =
  | { readonly ok: true; readonly value: Fields; readonly at: number }
  | { readonly ok: false; readonly status: number; readonly message: string; readonly remedy: string };

/** A page of a list, or its beginning. */
export interface AdminList {
  /** Entries of the whole list. */
  readonly count: number;
  readonly items: readonly Fields[];
  /** What the list says of itself. */
  readonly head: Fields;
  /** The server's clock, milliseconds since the epoch. */
  readonly at: number;
}

/** Values of the query of a URL; those that are undefined are left out. */
export type AdminQuery = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 256 * 1_048_576;
/** What the server gives in a page at most. */
const MAX_PAGE = 5_000;

/** The introspection API of one server (docs/introspection.md). Failing to reach it throws a `GalleyError`. */
export class AdminApi {
  readonly address: string;
  readonly #target: AdminAddress;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(target: AdminAddress) {
    this.#target = target;
    this.address = formatAdmin(target);
  }

  /** Asks for a topic or a part of one: `status`, `status/sinks`. */
  async ask(topic: string, query: AdminQuery = {}): Promise<AdminAnswer> {
    const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const path = `/api/v1/${topic}${given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`}`;
    const answer = await httpGet({
      ...this.#target,
      path,
      agent: this.#agent,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    }).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    return this.#read(answer);
  }

  /** The same, where a refusal means that the server can't do what every server does. */
  async get(topic: string, query: AdminQuery = {}): Promise<{ readonly value: Fields; readonly at: number }> {
    const answer = await this.ask(topic, query);
    if (answer.ok) return answer;
    throw new GalleyError("GLY_CONNECT", `${this.address} refuses ${topic}: ${answer.message}`, {
      hint: answer.status === 404 ? "the server is of another release; use the galley of that one" : answer.remedy,
    });
  }

  /** A list page by page, fetched as they are asked for. */
  async *pages(topic: string, query: AdminQuery = {}, limit: number = MAX_PAGE): AsyncGenerator<AdminList, void> {
    let token: string | undefined;
    do {
      const { value, at } = await this.get(topic, { ...query, limit: String(limit), continue: token });
      const items = value.list("items");
      yield { count: value.number("count"), items, head: value, at };
      const next = value.text("continue");
      // A server that says the same again, or nothing and more to come, would be asked for ever.
      token = next === token || items.length === 0 ? undefined : next;
    } while (token);
  }

  /** A list from its beginning, `most` entries of it; only the pages for those are fetched. */
  async list(topic: string, most: number, query: AdminQuery = {}): Promise<AdminList> {
    const items: Fields[] = [];
    let last: AdminList | undefined;
    for await (const page of this.pages(topic, query, Math.max(1, Math.min(most, MAX_PAGE)))) {
      last = page;
      for (const item of page.items) if (items.length < most) items.push(item);
      if (items.length >= most) break;
    }
    return { ...last!, items };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #read({ status, body, dateMs }: HttpAnswer): AdminAnswer {
    const value = new Fields(parse(body));
    if (typeof value.raw === "object" && value.raw !== null) {
      if (status === 200) return { ok: true, value, at: dateMs ?? Date.now() };
      const error = value.object("error");
      const [message, remedy] = [error.text("message"), error.text("remedy")];
      if (message !== "") return { ok: false, status, message, remedy };
    }
    throw new GalleyError("GLY_CONNECT", `what answers at ${this.address} is no introspection port of Galley`, {
      hint: `--admin wants the --ctrlz-port of the server, not its other ports (HTTP status ${status})`,
    });
  }

  #unreachable(error: unknown): GalleyError {
    const reason = error instanceof Error ? error.message || String(error) : String(error);
    return new GalleyError("GLY_CONNECT", `no Galley answers at ${this.address}: ${explain(error, reason)}`, {
      cause: error,
      hint: "check that galley server runs, and give its introspection port with --admin=HOST:PORT; for one in Kubernetes, forward the port first: kubectl port-forward POD 9876",
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name can't be looked up now",
  ECONNRESET: "the connection was cut off",
  HPE_INVALID_CONSTANT: "what listens there doesn't speak HTTP",
};

function explain(error: unknown, reason: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? reason;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
