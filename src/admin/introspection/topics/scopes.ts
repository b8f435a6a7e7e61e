import type { Json, JsonObject } from "../json.ts";
import { listingOf } from "../listing.ts";
import { quote } from "../query.ts";
import { accepted, badRequest, list, notFound, value } from "../topic.ts";
import type { Refusal, Topic } from "../topic.ts";

/** The scopes of the log and from which level on each writes. */
export interface ScopesView {
  /** Every scope, with what is logged under it and its level. */
  scopes(): Iterable<{ readonly name: string; readonly meaning: string; readonly level: string }>;
  /** The levels there are, finest first. */
  readonly levels: readonly string[];
  /** @param name one of `scopes()` @param level one of `levels` */
  setLevel(name: string, level: string): void;
}

export function scopesTopic(log: ScopesView): Topic {
  const unknown = (name: string): Refusal => notFound(`log scope ${quote(name)}`, "scopes lists those there are");
  const find = (wanted: string): { name: string; meaning: string; level: string } | undefined => {
    for (const { name, meaning, level } of log.scopes()) if (name === wanted) return { name, meaning, level };
    return undefined;
  };
  return {
    name: "scopes",
    rest: "<scope>",
    summary: 'The scopes of the log and their levels; PUT {"level":"debug"} to scopes/<scope> changes one.',
    read({ rest }) {
      if (rest !== "") {
        const scope = find(rest);
        return scope === undefined ? unknown(rest) : value(scope);
      }
      const entries = [...log.scopes()].map(({ name, meaning, level }) => ({
        key: name,
        show: () => ({ name, meaning, level }),
      }));
      return list(listingOf(entries), { levels: log.levels });
    },
    write({ rest }, body) {
      if (find(rest) === undefined) return unknown(rest);
      const expected = `send {"level":"…"} with one of ${log.levels.join(", ")}`;
      const fields = fieldsOf(body);
      // What isn't known is refused, as it is in a query: whoever sends it takes it for done.
      const odd = Object.keys(fields).find((name) => name !== "level");
      if (odd !== undefined) return badRequest(`unknown field ${quote(odd)}`, expected);
      const { level } = fields;
      if (typeof level !== "string") return badRequest("the body names no level", expected);
      if (!log.levels.includes(level)) return badRequest(`unknown level ${quote(level)}`, expected);
      log.setLevel(rest, level);
      return accepted({ name: rest, level });
    },
  };
}

function fieldsOf(body: Json | undefined): { readonly [field: string]: Json | undefined; readonly level?: Json } {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as JsonObject) : {};
}
