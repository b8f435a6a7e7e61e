import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGoUrl } from "./go-url.ts";

// The expected parts are those that url.Parse of Go 1.2x gives.
describe("a URL is taken apart as in Go", () => {
  test.each([
    ["xds://h:1", { scheme: "xds", host: "h:1", path: "" }],
    ["XDS://H:1/p", { scheme: "xds", host: "H:1", path: "/p" }],
    ["xds://[::1]:1", { scheme: "xds", host: "[::1]:1" }],
    ["xds://u:p@h:1", { host: "h:1", others: ["user"] }],
    ["xds://h:1?q#f", { host: "h:1", others: ["query", "fragment"] }],
    ["xds://h:1/a%20b", { host: "h:1", path: "/a%20b" }],
    ["xds:h:1", { scheme: "xds", host: "", opaque: "h:1" }],
    ["k8s://", { scheme: "k8s", host: "", path: "" }],
    ["k8s:", { scheme: "k8s", host: "", path: "", opaque: "" }],
    ["fs:///tmp/x", { scheme: "fs", host: "", path: "/tmp/x" }],
    ["fs:/tmp/x", { scheme: "fs", host: "", path: "/tmp/x" }],
    ["fs://tmp/x", { scheme: "fs", host: "tmp", path: "/x" }],
    ["galley:15010", { scheme: "galley", opaque: "15010" }],
    ["galley", { scheme: "", path: "galley" }],
    ["/a:b", { scheme: "", path: "/a:b" }],
    ["//h:1", { scheme: "", host: "h:1" }],
    ["///x", { scheme: "", host: "", path: "///x" }],
    ["", { scheme: "", host: "", path: "" }],
  ])("%s", (text, parts) => {
    expect(parseGoUrl(text)).toMatchObject({ ok: true, url: parts });
  });

  test.each([
    ["10.0.0.1:15010", "there is no scheme"],
    ["[::1]:15010", "there is no scheme"],
    [":15010", "scheme before the colon is missing"],
    ["xds://h:x", 'the port "x" is no number'],
    ["xds://[::1]x", 'the port "x" is no number'],
    ["xds://[::1:1", "bracket"],
    ["xds://a b:1", "a character that no host has"],
    ["xds://a%41:1", "a character that no host has"],
    ["xds://h:1/%zz", "two hexadecimal digits"],
    ["xds://h\n:1", "control character"],
  ])("%j is refused", (text, why) => {
    expect(parseGoUrl(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  test("any text gets a verdict", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom("xds:", "//", "@", ":", "[", "]", "?", "#", "%", "/", "1"));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(typeof parseGoUrl(pieces.join("")).ok).toBe("boolean");
      }),
    );
  });
});
