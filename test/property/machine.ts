import { giveUp } from "../../src/distribution/answer.ts";
import { nextPush } from "../../src/distribution/next-push.ts";
import { onRequest } from "../../src/distribution/on-request.ts";

/** A machine under test: the real one, or a mutant that a property has to find out. */
export interface Machine {
  readonly onRequest: typeof onRequest;
  readonly nextPush: typeof nextPush;
  readonly giveUp: typeof giveUp;
}

export const real: Machine = { onRequest, nextPush, giveUp };

/** @throws Error when an invariant does not hold */
export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
