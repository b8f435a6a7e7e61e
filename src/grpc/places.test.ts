import { describe, expect, it } from "vitest";
import { connectionPlaces, openFilesLimit } from "./places.ts";

describe("places for connections", () => {
  it("are as many as ten thousand sinks need, three times over, where files are no concern", () => {
    expect(connectionPlaces(undefined)).toBe(32_768);
    expect(connectionPlaces(1_048_576)).toBe(32_768);
    expect(connectionPlaces(1_048_576, 2)).toBe(32_768);
  });

  it("leave a thousand files to all else, and half of them where there are few", () => {
    expect(connectionPlaces(20_000)).toBe(18_976);
    expect(connectionPlaces(1024)).toBe(512);
    expect(connectionPlaces(255)).toBe(127);
  });

  it("are shared by the listeners of a process", () => {
    expect(connectionPlaces(4096, 2)).toBe(1536);
  });

  it.runIf(process.platform === "linux")("come from what the system lets this process open", () => {
    expect(openFilesLimit()).toBeGreaterThan(2);
  });
});
