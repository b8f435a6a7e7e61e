import type { Decode } from "../options.ts";
import { decode } from "./harness.ts";

/** A decoder for reader threads that ends its whole thread at a document called `poison`, or already while it is made. */
export function createDecode(argument: unknown): Decode {
  if (argument === "never") throw new Error("made to fail");
  return (doc, origin, store) => {
    if (JSON.stringify(doc).includes('"poison"')) process.exit(1);
    return decode(doc, origin, store);
  };
}
