/** Status codes of gRPC under the names that Go gives them, which are also the labels of the metrics. */
export const codes = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;

/** Name of a status code, such as `InvalidArgument`. */
export type CodeName = keyof typeof codes;

/** Number of a status code, 0 to 16. */
export type Code = (typeof codes)[CodeName];

/** How a call ended. The message is for people; it is cut when it travels (see `encodeMessage`). */
export interface Status {
  readonly code: Code;
  readonly message: string;
}

export const OK: Status = { code: codes.OK, message: "" };

/** A status by the name of its code. */
export function status(name: CodeName, message: string): Status {
  return { code: codes[name], message };
}

const names: readonly string[] = Object.keys(codes);

/** The name of a code; takes any number, because peers send any: an unknown one reads `Code(42)`, as in Go. */
export function codeName(code: number): string {
  return names[code] ?? `Code(${code})`;
}

/** Longest encoded message, in bytes: clients allow 8 to 16 KiB for all headers together. */
export const MAX_MESSAGE_BYTES = 4096;

const percent = 0x25;

/** Percent-encodes a message for the `grpc-message` trailer, cutting it between characters at `MAX_MESSAGE_BYTES`. */
export function encodeMessage(message: string): string {
  // One character takes at least one byte, so what lies beyond can't fit: hostile lengths cost no more than this.
  const head = message.slice(0, MAX_MESSAGE_BYTES);
  let text = "";
  for (const character of head) {
    const encoded = encodeCharacter(character);
    if (text.length + encoded.length > MAX_MESSAGE_BYTES) break;
    text += encoded;
  }
  return text;
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x20 && code <= 0x7e && code !== percent) return character;
  let text = "";
  for (const byte of Buffer.from(character, "utf8")) text += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return text;
}
