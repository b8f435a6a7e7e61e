import type { IncomingHttpHeaders } from "node:http2";
import { describe, expect, it } from "vitest";
import type { Method } from "./method.ts";
import { judgeRequest } from "./request.ts";
import { codes } from "./status.ts";

const echo: Method = {
  path: "/test.Echo/Stream",
  open: () => {
    throw new Error("not called: judging opens nothing");
  },
};
const methods = new Map([[echo.path, echo]]);

const good: IncomingHttpHeaders = {
  ":method": "POST",
  ":path": "/test.Echo/Stream",
  "content-type": "application/grpc",
  te: "trailers",
};

function judge(change: IncomingHttpHeaders): ReturnType<typeof judgeRequest> {
  return judgeRequest({ ...good, ...change }, methods);
}

describe("judgeRequest", () => {
  it("takes a call, with or without te: trailers", () => {
    const call = { kind: "call", method: echo, timeoutMs: undefined, encoding: "identity" };
    expect(judge({})).toEqual(call);
    expect(judge({ te: undefined })).toEqual(call);
  });

  it.each(["application/grpc+proto", "Application/gRPC", "application/grpc; charset=utf-8", "application/grpc ;x=y"])(
    "takes the content type %s",
    (type) => {
      expect(judge({ "content-type": type }).kind).toBe("call");
    },
  );

  it.each([
    undefined,
    "",
    "text/plain",
    "application/json",
    "application/grpc-web",
    "application/grpc+json",
    "application/grpcx",
  ])("answers the content type %s with 415", (type) => {
    expect(judge({ "content-type": type })).toMatchObject({ kind: "foreign", httpStatus: 415 });
  });

  it.each(["GET", "HEAD", "PUT", "OPTIONS", "CONNECT", "post"])(
    "answers %s with 405 and says what the port is",
    (method) => {
      const verdict = judge({ ":method": method });
      expect(verdict).toMatchObject({ kind: "foreign", httpStatus: 405 });
      expect(verdict.kind === "foreign" && verdict.text).toContain("gRPC over HTTP/2");
    },
  );

  it.each([
    ["/test.Echo/Other", 'unknown method "Other" for service "test.Echo"'],
    ["/test.Ech/Stream", 'unknown service "test.Ech"'],
    ["/test.Echo/Stream/more", 'unknown method "Stream/more" for service "test.Echo"'],
    ["/test.Echo/Stream?x=y", 'unknown method "Stream?x=y" for service "test.Echo"'],
    ["/", 'malformed method name "/"'],
    ["*", 'malformed method name "*"'],
  ])("refuses the path %s as unimplemented", (path, message) => {
    expect(judge({ ":path": path })).toEqual({ kind: "refused", status: { code: codes.Unimplemented, message } });
  });

  it("quotes no more than a bounded part of a path", () => {
    const verdict = judge({ ":path": `/${"x".repeat(9000)}/y` });
    expect(verdict.kind === "refused" && verdict.status.message.length).toBeLessThan(300);
  });

  it("reads the timeout, and refuses a malformed one", () => {
    expect(judge({ "grpc-timeout": "2S" })).toMatchObject({ kind: "call", timeoutMs: 2000 });
    expect(judge({ "grpc-timeout": "soon" })).toEqual({
      kind: "refused",
      status: { code: codes.Internal, message: 'malformed grpc-timeout "soon"' },
    });
  });

  it("remembers how the peer may compress", () => {
    expect(judge({ "grpc-encoding": "gzip" })).toMatchObject({ kind: "call", encoding: "gzip" });
  });
});
