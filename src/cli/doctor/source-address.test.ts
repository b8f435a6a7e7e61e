import { expect, test } from "vitest";
import { readAddress } from "./source-address.ts";

test.each([
  ["xds://galley.istio-system.svc:15010", { kind: "xds", host: "galley.istio-system.svc", port: 15_010, ignored: [] }],
  ["xds://[::1]:15010", { kind: "xds", host: "::1", port: 15_010 }],
  ["xds://:15010", { kind: "xds", host: "", port: 15_010 }],
  ["xds://h:1/x?y", { kind: "xds", ignored: ["the path /x", "the query"] }],
  ["xds://u@h:1#z", { kind: "xds", ignored: ["what stands before @", "the fragment"] }],
  ["k8s://", { kind: "kubernetes", ignored: [] }],
  ["k8s:///", { kind: "kubernetes", ignored: [] }],
  ["k8s://west", { kind: "kubernetes", ignored: ["the host west"] }],
  ["fs:///etc/config", { kind: "files", path: "/etc/config", ignored: [] }],
  ["fs://etc/config", { kind: "files", path: "/config", ignored: ["the host etc"] }],
])("istiod uses %s", (text, expected) => {
  expect(readAddress(text)).toMatchObject(expected);
});

test.each([
  ["", "address-missing", false, "empty"],
  ["10.0.0.1:15010", "address-invalid", true, "no URL"],
  ["galley:15010", "address-scheme-unknown", false, "the host galley stands in the place of the scheme"],
  ["galley", "address-scheme-unknown", false, "no scheme"],
  ["mcp://galley:9901", "address-scheme-unknown", false, "begins with mcp:"],
  ["xds://galley", "address-without-port", true, "there is no port"],
  ["xds://galley:", "address-without-port", true, "behind the colon"],
  ["xds://galley:0", "address-without-port", true, "port 0"],
  ["xds://galley:70000", "address-without-port", true, "beyond 65535"],
  ["xds://", "address-without-port", true, "no host and no port"],
  ["xds:galley:15010", "address-without-port", true, "without //"],
  ["xds://::1:15010", "address-without-port", true, "brackets"],
  ["fs://", "files-without-path", true, "needs a path"],
  ["fs:etc", "files-without-path", true, "needs a path"],
  ["k8s://west/x", "kubernetes-path-unsupported", false, "not implemented"],
])("istiod can't use %j: %s", (text, id, isFatal, why) => {
  expect(readAddress(text)).toMatchObject({ kind: "unusable", id, isFatal, why: expect.stringContaining(why) });
});
