/** Why a sink refuses a push: a gRPC code and a text for people. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** The gRPC codes under which pushes are refused; sources count them by these. */
export const refusalCodes = {
  /** Something in the push can't be decoded. */
  unknown: 2,
  /** The push breaks a rule, or the application refuses it. */
  invalid: 3,
  /** The collection was not asked for. */
  unsupported: 12,
} as const;

/** Longest text of a refusal, characters: a request that is too large would end the stream instead. */
const MAX_TEXT = 2000;

/** What an application threw, as a refusal. */
export function refusalOf(thrown: unknown): Refusal {
  const text = textOf(thrown);
  return { code: refusalCodes.invalid, message: text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…` };
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "refused"; // what was thrown can't even be shown
  }
}
