// In the order of their numbers. The names are those of Go, which Galley 1.3.6 used as label values and alerts match on.
const names = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

/** What stands for every number that is no code: a peer may send any. */
const NO_CODE = "other";

/** The name of a gRPC code. */
export function codeName(code: number): string {
  return names[code] ?? NO_CODE;
}

/** A gRPC code as a decimal number. */
export function codeNumber(code: number): string {
  return names[code] === undefined ? NO_CODE : String(code);
}
