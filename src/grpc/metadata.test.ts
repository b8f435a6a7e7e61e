import { describe, expect, it } from "vitest";
import { metadataOf, metadataProblem, toHeaders } from "./metadata.ts";

describe("metadataProblem", () => {
  it("finds none in what gRPC allows, repeated keys and binary values included", () => {
    const metadata = [
      ["config.source.version", "1.2.3"],
      ["zone", "a b"],
      ["zone", ""],
      ["trace-bin", "AAEC/w=="],
    ] as const;
    expect(metadataProblem(metadata)).toBeUndefined();
  });

  it.each([
    ["Zone", "x", "a to z"],
    ["", "x", "a to z"],
    [":path", "x", "a to z"],
    ["ключ", "x", "a to z"],
    ["grpc-status", "0", "belongs to the protocol"],
    ["content-type", "x", "belongs to the protocol"],
    ["connection", "close", "belongs to the protocol"],
    ["zone", "naïve", "printable ASCII"],
    ["zone", "a\nb", "printable ASCII"],
    ["zone", " x", "blanks"],
    ["x-bin", "not base64!", "base64"],
  ])("names the key %j with value %j and says: %s", (key, value, why) => {
    const problem = metadataProblem([
      ["fine", "x"],
      [key, value],
    ]);
    expect(problem).toContain(JSON.stringify(key));
    expect(problem).toContain(why);
  });
});

describe("metadataOf", () => {
  it("keeps what isn't the protocol's, in order", () => {
    const raw = [":method", "POST", ":path", "/a/b", "te", "trailers", "content-type", "application/grpc"];
    const rest = ["user-agent", "x", "grpc-timeout", "1S", "zone", "a", "zone", "b"];
    expect(metadataOf([...raw, ...rest])).toEqual([
      ["user-agent", "x"],
      ["zone", "a"],
      ["zone", "b"],
    ]);
  });
});

describe("toHeaders", () => {
  it("gathers the values of a repeated key", () => {
    const headers = toHeaders([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["a", "4"],
    ]);
    expect(headers).toEqual({ a: ["1", "3", "4"], b: "2" });
  });
});
