import type { Json, JsonObject } from "./json.ts";
import type { Listing } from "./listing.ts";

/** Why a question has no answer, and what to do. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: 400 | 404 | 503;
  /** Stable, kebab-case, for scripts. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a topic answers a reader. A list is cut into pages by whoever serves it; `head` goes before the entries. */
export type ReadAnswer =
  | { readonly kind: "value"; readonly value: JsonObject }
  | { readonly kind: "list"; readonly listing: Listing; readonly head?: JsonObject }
  | Refusal;

/** What a topic answers a writer: it was done, or will be. */
export type WriteAnswer = { readonly kind: "accepted"; readonly value: JsonObject } | Refusal;

/** What is asked of a topic. */
export interface Question {
  /** What follows the name of the topic in the path, decoded, without a slash at either end. */
  readonly rest: string;
  /** One of the parameters that the topic declares. */
  readonly parameter: (name: string) => string | undefined;
}

/** Something that can be asked about, at `/api/v1/<name>`. Reading changes nothing. */
export interface Topic {
  readonly name: string;
  /** One sentence, for the index. */
  readonly summary: string;
  /** What may follow the name, for the index: `<name>`. */
  readonly rest?: string;
  /** The parameters it takes beside those of paging, and what they mean. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Loads what reading stands on; called before each. */
  readonly load?: () => Promise<void>;
  readonly read: (question: Question) => ReadAnswer;
  /** PUT and POST. Absent: the topic is only read. @param body parsed JSON, `undefined` when there was none */
  readonly write?: (question: Question, body: Json | undefined) => WriteAnswer;
}

export function value(value: JsonObject): ReadAnswer {
  return { kind: "value", value };
}

export function list(listing: Listing, head: JsonObject = {}): ReadAnswer {
  return { kind: "list", listing, head };
}

export function accepted(value: JsonObject): WriteAnswer {
  return { kind: "accepted", value };
}

/** The answer to what lies under a topic that has nothing under it. */
export function notFound(what: string, remedy: string): Refusal {
  return { kind: "refused", status: 404, code: "not-found", message: `there is no ${what}`, remedy };
}

export function badRequest(message: string, remedy: string): Refusal {
  return { kind: "refused", status: 400, code: "bad-request", message, remedy };
}
