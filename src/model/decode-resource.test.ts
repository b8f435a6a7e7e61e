import { expect, test } from "vitest";
import { decodeResource } from "./decode-resource.ts";
import { encodeResource } from "../wire/encode-resource.ts";

const gateway = { message: "istio.networking.v1alpha3.Gateway", generations: ["1.3"] } as const;

function encoded(createTime: { seconds: number; nanos: number } | undefined): Uint8Array {
  const metadata = { name: "a/b", createTime, labels: { app: "x" }, annotations: {} };
  const resource = encodeResource(gateway, metadata, { selector: { a: "b" } });
  if (!resource.ok) throw new Error("not encoded");
  return resource.legacy!;
}

test.each([
  [undefined, undefined],
  [{ seconds: 0, nanos: 0 }, "1970-01-01T00:00:00Z"],
  [{ seconds: 1580472000, nanos: 5_000_000 }, "2020-01-31T12:00:00.005Z"],
  [{ seconds: -1, nanos: 0 }, "1969-12-31T23:59:59Z"],
])("a creation time of %j is shown as %j", (given, shown) => {
  expect(decodeResource(encoded(given), "1.3").createTime).toBe(shown);
});

test("a body that the generation doesn't know, or can't read, is shown as base64", () => {
  const bytes = encoded(undefined);
  const at = Buffer.from(bytes).indexOf("Gateway");
  const renamed = Uint8Array.from(bytes);
  renamed[at] = "g".charCodeAt(0);
  expect(decodeResource(renamed, "1.3").body).toBe(Buffer.from("12060a0161120162", "hex").toString("base64"));
  const broken = Uint8Array.from(bytes);
  broken[bytes.length - 8] = 0xff;
  expect(typeof decodeResource(broken, "1.3").body).toBe("string");
});

test("bytes that are no resource are refused", () => {
  expect(() => decodeResource(Uint8Array.of(0xff, 0xff), "1.3")).toThrow(/varint|premature|invalid/i);
});
