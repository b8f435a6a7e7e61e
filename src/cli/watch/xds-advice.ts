import { codes } from "../../grpc/status.ts";
import { adviceOn, type Failure } from "./advice.ts";
import type { TlsFlags } from "./client-tls.ts";
import type { XdsPlan } from "./xds-session.ts";

/**
 * What a person can do about a stream of xDS that ends like this.
 * @param flags how the server is reached; plaintext without them
 */
export function xdsAdviceOn(
  failure: Failure,
  flags: TlsFlags | undefined,
  { mode, dialect }: Pick<XdsPlan, "mode" | "dialect">,
): string | undefined {
  const { code, message } = failure;
  switch (code) {
    case codes.Unimplemented:
      return mode === "delta"
        ? "the server knows no deltas over xDS, or no xDS at all: leave out --delta, and then --xds"
        : "the server does not speak xDS at this address: give another one with --server, or leave out --xds to watch over MCP";
    case codes.InvalidArgument:
    case codes.Unknown:
      return refusedRequest(message, dialect === "istiod");
    case codes.Unauthenticated:
    case codes.PermissionDenied:
      return /allowed networks/u.test(message)
        ? "the server's --xds-allow lists the networks that may connect: have this machine's listed, or run this on the server's machine"
        : adviceOn({ ...failure, code: codes.Unauthenticated }, flags);
    case codes.ResourceExhausted:
      return "ask for fewer types, one watch for some of them: a message or what is asked for is too large";
    case codes.Internal:
    case codes.Unavailable:
      return unreachable(message) ?? adviceOn(failure, flags);
    default:
      return adviceOn(failure, flags);
  }
}

/** istiod reads node IDs, and ends the stream of whoever has one of another form. */
function refusedRequest(message: string, isIstiod: boolean): string | undefined {
  if (/node/iu.test(message) && !isIstiod) {
    return "the server can't read who asks: --as-istiod says it as istiod does, --node-id in your own words";
  }
  return "the server takes offence at the request: see its log, and try one type, or another --node-id or --revision";
}

function unreachable(message: string): string | undefined {
  if (/ECONNREFUSED|ENOENT/u.test(message)) {
    return "nothing listens there: see that the server runs, and give the address of its xDS with --server";
  }
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/u.test(message)) {
    return "the name is not known here: correct it in --server";
  }
  if (/HTTP status|http\/1|Protocol error/iu.test(message)) {
    return "what answers there speaks no gRPC: give the address of the server's xDS with --server, or, if it has TLS, --ca-cert-file";
  }
  return undefined;
}
