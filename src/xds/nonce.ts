import type { Nonce, Subscription } from "../distribution/subscription.ts";

/**
 * The push that a request answers. A NACK is told by its error alone (docs/spec/xds.md, Answers): without a nonce that this
 * stream has given, it refuses what is under way.
 */
export function answered(state: Subscription, nonce: string, isRefusal: boolean): Nonce {
  if (!isRefusal || state.phase !== "awaiting" || isEarlier(nonce, state.nonce)) return nonce as Nonce;
  return state.nonce;
}

/** Nonces of a stream count upwards. */
function isEarlier(nonce: string, latest: Nonce): boolean {
  return /^[1-9]\d{0,15}$/u.test(nonce) && Number(nonce) < Number(latest);
}
