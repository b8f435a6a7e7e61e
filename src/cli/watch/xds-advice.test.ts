import { expect, test } from "vitest";
import { codes } from "../../grpc/status.ts";
import { mcpAdviceOn } from "./advice.ts";
import type { TlsFlags } from "./client-tls.ts";
import { xdsAdviceOn } from "./xds-advice.ts";

const plain = { mode: "state", dialect: "standard" } as const;
const tls: TlsFlags = { insecure: false, caCertFile: "", tlsCertFile: "me.pem", tlsKeyFile: "", serverName: "" };

test.each([
  [codes.Unimplemented, "unknown service", "--server"],
  [codes.InvalidArgument, "the first request of a stream must say who asks: node.id is missing", "--node-id"],
  [codes.Unknown, 'missing parts in the service node "galley-watch~a"', "--as-istiod"],
  [codes.InvalidArgument, "a stream may ask for 200 types", "see its log"],
  [codes.Unauthenticated, "the peer's address is in none of the allowed networks", "--xds-allow"],
  [codes.PermissionDenied, "authentication failure", "show it a certificate with --tls-cert-file"],
  [codes.Unauthenticated, "authentication failure", "show it a certificate with --tls-cert-file"],
  [codes.ResourceExhausted, "Received message larger than max (5 vs. 4)", "fewer types"],
  [codes.Unavailable, "connect ECONNREFUSED 127.0.0.1:1", "nothing listens there"],
  [codes.Unavailable, "connect ENOENT /run/galley", "nothing listens there"],
  [codes.Unavailable, "Name resolution failed for target dns:nosuch:1", "the name is not known"],
  [codes.Unavailable, "Protocol error", "speaks no gRPC"],
  [codes.Unavailable, "Received HTTP status code 502", "speaks no gRPC"],
  [codes.Unavailable, "read ECONNRESET", "--ca-cert-file"],
])("what ends with code %i and %j has the advice: … %s …", (code, message, advice) => {
  expect(xdsAdviceOn({ code, message }, undefined, plain)).toContain(advice);
});

test("a server without deltas is told from one without xDS", () => {
  const failure = { code: codes.Unimplemented, message: "unknown method" };
  expect(xdsAdviceOn(failure, undefined, { ...plain, mode: "delta" })).toContain("leave out --delta");
});

test("who asks as istiod already is not told to", () => {
  const failure = { code: codes.InvalidArgument, message: "no such node" };
  expect(xdsAdviceOn(failure, undefined, { ...plain, dialect: "istiod" })).not.toContain("--as-istiod");
});

test("over TLS the trouble with certificates is explained as over MCP", () => {
  const failure = { code: codes.Unavailable, message: "self-signed certificate" };
  expect(xdsAdviceOn(failure, tls, plain)).toContain("--ca-cert-file");
  expect(xdsAdviceOn({ code: codes.Unauthenticated, message: "no" }, tls, plain)).toContain("me.pem");
});

test("a stream that just ends needs no advice", () => {
  expect(xdsAdviceOn({ code: codes.OK, message: "" }, undefined, plain)).toBeUndefined();
});

test("who watches over MCP what speaks xDS alone is told so", () => {
  expect(mcpAdviceOn({ code: codes.Unimplemented, message: "unknown service" }, undefined)).toContain("--xds");
  expect(mcpAdviceOn({ code: codes.OK, message: "" }, undefined)).toBeUndefined();
});
