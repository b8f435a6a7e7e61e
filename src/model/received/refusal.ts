/** Why a change is refused: a gRPC code and a text for people. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** The gRPC codes under which changes are refused; Galley counts them by these. */
export const refusalCodes = {
  /** Something can't be decoded. */
  unknown: 2,
  /** A rule is broken, or the application refuses the change. */
  invalid: 3,
  /** It is about something that was not asked for. */
  unsupported: 12,
} as const;

/** Longest text of a refusal, characters: a request that is too large would end the stream instead. */
const MAX_TEXT = 2000;

/** What an application threw, or the reason that there is otherwise, as a refusal. */
export function refusalOf(thrown: unknown): Refusal {
  const text = textOf(thrown);
  return { code: refusalCodes.invalid, message: text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…` };
}

/** Has the application take a change in; why it refuses it, if it does. */
export async function refusalBy(apply: () => unknown): Promise<Refusal | undefined> {
  try {
    await apply();
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "refused"; // what was thrown can't even be shown
  }
}
