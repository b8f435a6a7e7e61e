import { GalleyError } from "../../lib/errors.ts";

/** Why an address can't be listened on, and what to do. @param flag the flag that names it */
export function listenError(error: unknown, address: string, flag: string): GalleyError {
  const reason = error instanceof Error ? error.message : String(error);
  return new GalleyError("GLY_LISTEN", `unable to listen: ${address}: ${reason}`, {
    hint: `give a free address with ${flag}, or stop what listens there`,
    cause: error,
  });
}
