import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { googleTokens } from "../../src/mcp/callout/google-tokens.ts";
import { MetadataServer, noGoogle } from "../support/metadata-server.ts";

let folder: TestFolder;
let metadata: MetadataServer;

beforeEach(async () => {
  folder = await TestFolder.make();
  metadata = await MetadataServer.start();
  useEnvironment(metadata.environment(folder.path));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await metadata[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function useEnvironment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}

test("tokens come from the metadata server, for all of Google Cloud", async () => {
  const token = await googleTokens(systemClock);
  expect(await token()).toBe("token-1");
  expect(metadata.asked).toEqual(["https://www.googleapis.com/auth/cloud-platform"]);
});

test("a token is used again until it is about to expire, and then another one is asked for", async () => {
  const token = await googleTokens(systemClock);
  metadata.answer = () => ({ token: `long-${metadata.asked.length}`, expiresIn: 3600 });
  expect([await token(), await token()]).toEqual(["long-1", "long-1"]);

  const next = await googleTokens(systemClock);
  metadata.answer = () => ({ token: `short-${metadata.asked.length}`, expiresIn: 60 });
  expect([await next(), await next()]).toEqual(["short-2", "short-3"]);
});

test("a token that can't be had is an error, and the next attempt asks again", async () => {
  const token = await googleTokens(systemClock);
  metadata.answer = () => ({ status: 403 });
  await expect(token()).rejects.toThrow("Forbidden");
  metadata.answer = () => ({ token: "good" });
  expect(await token()).toBe("good");
});

test("an answer without a token is an error", async () => {
  const token = await googleTokens(systemClock);
  metadata.answer = () => ({});
  await expect(token()).rejects.toThrow("token");
});

test("a metadata server that never answers is given up after a time", async () => {
  const clock = new ManualClock();
  const token = await googleTokens(clock);
  expect(clock.pending).toBe(0);
  metadata.answer = () => {
    clock.advance(20_000);
    return { token: "late" };
  };
  await expect(token()).rejects.toThrow("Google did not give a token within 20 s");
});

test("without credentials anywhere it says so at once", async () => {
  useEnvironment(noGoogle(folder.path));
  await expect(googleTokens(systemClock)).rejects.toMatchObject({
    code: "GLY_SINK_CREDENTIALS",
    message: expect.stringContaining("there are no Google credentials to call sinks with"),
  });
});

test("a file of credentials that can't be read is named", async () => {
  useEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: folder.at("nothing.json") });
  await expect(googleTokens(systemClock)).rejects.toMatchObject({
    code: "GLY_SINK_CREDENTIALS",
    message: expect.stringContaining("nothing.json"),
  });
});
