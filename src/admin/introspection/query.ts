import type { Refusal, Topic } from "./topic.ts";
import { badRequest } from "./topic.ts";
import { decodeToken } from "./token.ts";

/** Entries a page has unless the reader says how many. */
const DEFAULT_LIMIT = 500;

/** Entries a page has at most. */
const MAX_LIMIT = 5_000;

/** Parameters that do not depend on the topic, and what they mean. */
export const commonParameters: Readonly<Record<string, string>> = {
  limit: `for lists: entries of a page, 1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} unless told`,
  continue: "for lists: the token of the page before, to get the next one",
  pretty: "`true` for indented JSON",
};

/** The part of a URL after `?`, read. */
export interface Query {
  readonly kind: "query";
  readonly limit: number;
  /** Key after which the page begins. */
  readonly after: string | undefined;
  readonly pretty: boolean;
  /** The parameter of paging that is given, if one is; only a list has pages. */
  readonly paging: "limit" | "continue" | undefined;
  readonly parameter: (name: string) => string | undefined;
}

/** Reads the query of a question to a topic. What the topic doesn't know is refused: a slip would change the answer unseen. */
export function readQuery(text: string, topic: Topic): Query | Refusal {
  const given = new URLSearchParams(text);
  const known = [...Object.keys(topic.parameters ?? {}), ...Object.keys(commonParameters)];
  const expected = `the parameters of ${topic.name} are ${known.join(", ")}`;
  for (const name of given.keys()) {
    if (!known.includes(name)) return badRequest(`unknown parameter ${quote(name)}`, expected);
    if (given.getAll(name).length > 1) return badRequest(`the parameter ${name} is given twice`, "give it once");
  }

  const limitText = given.get("limit") ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,9}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_LIMIT) {
    return badRequest(`limit is ${quote(limitText)}`, `give a whole number from 1 to ${MAX_LIMIT}`);
  }
  const token = given.get("continue");
  const after = token === null ? undefined : decodeToken(token);
  if (token !== null && after === undefined) {
    return badRequest(
      "the token of `continue` is damaged",
      "take it from the page before as it is, or start without one",
    );
  }
  const pretty = given.get("pretty") ?? "false";
  if (pretty !== "true" && pretty !== "false") {
    return badRequest(`pretty is ${quote(pretty)}`, "give true or false");
  }
  const paging = (["limit", "continue"] as const).find((name) => given.has(name));
  const parameter = (name: string): string | undefined => given.get(name) ?? undefined;
  return { kind: "query", limit, after, pretty: pretty === "true", paging, parameter };
}

const LONGEST_SHOWN = 100;

/** A reader's own words in a message, kept short. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`);
}
