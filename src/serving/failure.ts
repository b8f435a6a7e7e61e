import type { Closed } from "../grpc/method.ts";
import { codes } from "../grpc/status.ts";
import { unreachable } from "../lib/unreachable.ts";

/** The code under which the end of a stream counts as a failure to receive; a peer that leaves is none. */
export function failureOf(reason: Closed): number | undefined {
  switch (reason.kind) {
    case "failed":
      return reason.status.code;
    case "reset":
      return codes.Internal;
    case "lost":
      return codes.Unavailable;
    case "ended":
    case "cancelled":
      return undefined;
    default:
      return unreachable(reason);
  }
}
