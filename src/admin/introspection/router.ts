import type { IncomingMessage } from "node:http";

import type { Reply } from "../http/reply.ts";
import { readBody } from "./body.ts";
import type { JsonObject } from "./json.ts";
import { cutPage } from "./listing.ts";
import { commonParameters, quote, readQuery } from "./query.ts";
import type { Query } from "./query.ts";
import { encodeToken } from "./token.ts";
import { badRequest, notFound } from "./topic.ts";
import type { Question, ReadAnswer, Refusal, Topic, WriteAnswer } from "./topic.ts";

const BASE = "/api/v1/";

/** Paths of Galley 1.3.6 that scripts use, and what they mean here. */
const aliases: Readonly<Record<string, string>> = { "/signalj/SIGUSR1": `${BASE}signals/SIGUSR1` };

/** Finds the topic that a request means and lets it answer. */
export class Router {
  readonly #topics: ReadonlyMap<string, Topic>;

  /** @throws Error when two topics share a name: a bug in the wiring */
  constructor(topics: readonly Topic[]) {
    this.#topics = new Map(topics.map((topic) => [topic.name, topic]));
    if (this.#topics.size < topics.length) throw new Error("two topics share a name");
  }

  async answer(request: IncomingMessage): Promise<Reply> {
    const [rawPath = "/", ...rest] = (request.url ?? "/").split("?");
    const path = decodePath(aliases[rawPath] ?? rawPath);
    if (path === undefined) return refuse({ status: 400, code: "bad-request", ...undecodable });
    if (path === "/" || `${path}/` === BASE || path === BASE) return this.#index(request.method);

    const isWithin = path.startsWith(BASE);
    const [name = "", ...below] = isWithin ? path.slice(BASE.length).split("/") : [];
    const topic = this.#topics.get(name);
    if (topic === undefined) return this.#unknown(isWithin ? `topic ${quote(name)}` : `path ${quote(path)}`);

    const query = readQuery(rest.join("?"), topic);
    if (query.kind === "refused") return refuse(query);
    const question: Question = { rest: below.join("/").replace(/\/$/, ""), parameter: query.parameter };
    if (isRead(request.method)) {
      await topic.load?.();
      const answer = topic.read(question);
      return replyTo(answer.kind === "value" ? (pagingOf(query) ?? answer) : answer, query);
    }
    const { write } = topic;
    if (write === undefined) return notAllowed("GET, HEAD");
    if (request.method !== "PUT" && request.method !== "POST") return notAllowed("GET, HEAD, PUT, POST");
    const misplaced = pagingOf(query);
    if (misplaced !== undefined) return refuse(misplaced);
    const body = await readBody(request);
    return replyTo(body.kind === "refused" ? body : write(question, body.json), query);
  }

  #index(method: string | undefined): Reply {
    if (!isRead(method)) return notAllowed("GET, HEAD");
    const topics = [...this.#topics.values()].map(({ name, rest, summary, parameters = {}, write }) => ({
      path: `${BASE}${name}${rest === undefined ? "" : `/${rest}`}`,
      summary,
      methods: write === undefined ? ["GET"] : ["GET", "PUT", "POST"],
      parameters,
    }));
    return json(200, { topics, commonParameters }, true);
  }

  #unknown(what: string): Reply {
    const refusal = notFound(what, `ask for one of the topics, or for ${BASE}`);
    const topics = [...this.#topics.keys()].map((name) => `${BASE}${name}`);
    return json(404, { error: { code: refusal.code, message: refusal.message, remedy: refusal.remedy, topics } });
  }
}

/** An answer that says why there is none. */
export function refuse(refusal: { status: number; code: string; message: string; remedy: string }): Reply {
  const { status, code, message, remedy } = refusal;
  return json(status, { error: { code, message, remedy } });
}

const undecodable = { message: "the path has a % that begins no encoded character", remedy: "encode it as %25" };

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isRead(method: string | undefined): boolean {
  return method === "GET" || method === "HEAD";
}

function replyTo(answer: ReadAnswer | WriteAnswer | Refusal, { limit, after, pretty }: Query): Reply {
  switch (answer.kind) {
    case "refused":
      return refuse(answer);
    case "value":
      return json(200, answer.value, pretty);
    case "accepted":
      return json(202, answer.value, pretty);
    case "list": {
      const { count } = answer.listing;
      const { items, next } = cutPage(answer.listing, after, limit);
      const token = next === undefined ? undefined : encodeToken(next);
      return json(200, { ...answer.head, count, items: items.map((entry) => entry.show()), continue: token }, pretty);
    }
  }
}

/** Why a question is refused that asks for a page of what is no list. */
function pagingOf({ paging }: Query): Refusal | undefined {
  return paging && badRequest(`${paging} means nothing here: the answer is no list`, "leave it out");
}

function notAllowed(allow: string): Reply {
  const message = "the method is not allowed here";
  const refusal = refuse({ status: 405, code: "method-not-allowed", message, remedy: `use one of ${allow}` });
  return { ...refusal, headers: { allow } };
}

function json(status: number, value: JsonObject, pretty = false): Reply {
  const body = `${JSON.stringify(value, undefined, pretty ? 2 : undefined)}\n`;
  return { status, contentType: "application/json; charset=utf-8", body };
}
