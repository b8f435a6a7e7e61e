import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Command } from "../../src/cli/command/command.ts";
import { runCli } from "../../src/cli/run.ts";
import { runWatch } from "../../src/cli/watch/command.ts";
import type { watchOptions } from "../../src/cli/watch/options.ts";
import { watchOutline } from "../../src/cli/watch/outline.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { serveConfiguration } from "../../src/sdk/serve-configuration.ts";
import { MemorySource } from "../../src/sources/memory/source.ts";

const watchCommand: Command<typeof watchOptions> = { ...watchOutline, run: runWatch };

// What some terminals obey: a control of one character, delete, and a mark that turns the direction of the line.
const note = "a\u009b2J\u007f\u202Ez";

async function watched(isTTY: boolean, form: string): Promise<string> {
  const source = new MemorySource({ registry: istioCollections() });
  source.set({
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "web", namespace: "shop", annotations: { note } },
    spec: { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
  });
  await using server = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
  let out = "";
  const io = { stdout: { write: (text: string) => (out += text), isTTY, columns: 80 }, stderr: { write: () => "" } };
  const words = ["watch", "gateways", "--once", `--server=${server.address}`, "-o", form];
  expect(await runCli([watchCommand], words, {}, io)).toBe(0);
  return out;
}

test.each(["json", "yaml", "table", "stats"])(
  "as %s it writes nothing to a terminal that would control it",
  async (form) => {
    const out = await watched(true, form);
    // oxlint-disable-next-line no-control-regex
    expect(out.replaceAll(/\u001b\[[\d;]*[mHJ]/gu, "")).not.toMatch(/[^\P{Cc}\n]|\u202E/u);
  },
);

test("a program reads every character as it is", async () => {
  const json = JSON.parse(await watched(false, "json")) as { annotations: { note: string } };
  expect(json.annotations.note).toBe(note);
  const yaml = parse(await watched(false, "yaml")) as { metadata: { annotations: { note: string } } };
  expect(yaml.metadata.annotations.note).toBe(note);
});
