import type { IncomingHttpHeaders } from "node:http2";
import type { Method } from "./method.ts";
import { parseTimeout } from "./timeout.ts";
import { status, type Status } from "./status.ts";

/** The methods that a server offers, by path. */
export type MethodTable = ReadonlyMap<string, Method>;

/**
 * What a request is, by its headers.
 * - `call`: for that method. `encoding` is how the peer may compress its messages, `identity` unless it says otherwise.
 * - `refused`: a gRPC request that can't be served; the status is told in the way of gRPC.
 * - `foreign`: no gRPC request at all; the answer is plain HTTP with a text for the person behind it.
 */
export type RequestVerdict =
  | {
      readonly kind: "call";
      readonly method: Method;
      readonly timeoutMs: number | undefined;
      readonly encoding: string;
    }
  | { readonly kind: "refused"; readonly status: Status }
  | { readonly kind: "foreign"; readonly httpStatus: number; readonly text: string };

/** What people are told who come with something other than gRPC. */
export const ABOUT = "This port serves gRPC over HTTP/2. Use a gRPC client.";

/** Judges a request by its headers alone. `te: trailers` is not asked for: some proxies drop it and nothing depends on it. */
export function judgeRequest(headers: IncomingHttpHeaders, methods: MethodTable): RequestVerdict {
  if (headers[":method"] !== "POST") {
    return { kind: "foreign", httpStatus: 405, text: `${ABOUT} Calls are made with POST.` };
  }
  if (!isGrpc(headers["content-type"])) {
    return { kind: "foreign", httpStatus: 415, text: `${ABOUT} The content type of a call is application/grpc.` };
  }
  const path = headers[":path"] ?? "";
  const method = methods.get(path);
  if (method === undefined) return { kind: "refused", status: status("Unimplemented", unknownPath(path, methods)) };
  const timeout = single(headers["grpc-timeout"]);
  const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout);
  if (timeout !== undefined && timeoutMs === undefined) {
    return { kind: "refused", status: status("Internal", `malformed grpc-timeout ${quote(timeout)}`) };
  }
  return { kind: "call", method, timeoutMs, encoding: single(headers["grpc-encoding"]) ?? "identity" };
}

// Other subtypes (+json) would need another codec; gRPC-Web is another protocol.
function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(\+proto)?\s*(;|$)/i.test(contentType);
}

function unknownPath(path: string, methods: MethodTable): string {
  const slash = path.indexOf("/", 1);
  if (!path.startsWith("/") || slash < 0) return `malformed method name ${quote(path)}`;
  const prefix = path.slice(0, slash + 1);
  for (const known of methods.keys()) {
    if (known.startsWith(prefix)) {
      return `unknown method ${quote(path.slice(slash + 1))} for service ${quote(path.slice(1, slash))}`;
    }
  }
  return `unknown service ${quote(path.slice(1, slash))}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
