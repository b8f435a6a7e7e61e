import { quote } from "../query.ts";
import { accepted, notFound, value } from "../topic.ts";
import type { Refusal, Topic } from "../topic.ts";

/** What can be set off: by name, as signals of the system, because Galley 1.3.6 did it so. */
export interface Signal {
  readonly name: string;
  readonly meaning: string;
  /** Begins it and returns at once. */
  send(): void;
}

export function signalsTopic(signals: readonly Signal[]): Topic {
  const unknown = (name: string): Refusal => notFound(`signal ${quote(name)}`, "signals lists those there are");
  return {
    name: "signals",
    rest: "<name>",
    summary: "What can be set off; PUT or POST to signals/<name> sets it off.",
    read({ rest }) {
      const shown = signals.filter(({ name }) => rest === "" || name === rest);
      if (shown.length === 0 && rest !== "") return unknown(rest);
      return value({ signals: shown.map(({ name, meaning }) => ({ name, meaning })) });
    },
    write({ rest }) {
      const signal = signals.find(({ name }) => name === rest);
      if (signal === undefined) return unknown(rest);
      signal.send();
      return accepted({ signal: signal.name });
    },
  };
}
