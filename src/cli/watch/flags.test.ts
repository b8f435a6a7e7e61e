import { expect, test } from "vitest";
import type { Command } from "../command/command.ts";
import { completionCommand } from "../completion/command.ts";
import { runCli } from "../run.ts";
import { runWatch } from "./command.ts";
import type { watchOptions } from "./options.ts";
import { watchOutline } from "./outline.ts";

const watchCommand: Command<typeof watchOptions> = { ...watchOutline, run: runWatch };

async function galley(...words: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) } };
  const status = await runCli([watchCommand, completionCommand], words, {}, io);
  return { status, out, err };
}

test.each([
  [["--xds", "gatway"], '"gatway" is no type', "did you mean gateway?"],
  [["--xds", "no/such/kind"], '"no/such/kind" is no type', "networking.istio.io/v1/VirtualService"],
  [["gatways"], '"gatways" is no collection', "did you mean gateways?"],
  [["nothing/"], '"nothing/" is no collection', "galley status collections"],
  [["--xds", "--incremental"], "are about MCP", "Leave out --xds"],
  [["--xds", "--annotations=a=b"], "are about MCP", "--node-id"],
  [["--xds", "--delta", "--as-istiod"], "istiod never asks for deltas", "exclude each other"],
  [["--delta"], "are about xDS", "Add --xds"],
  [["--revision=a"], "are about xDS", "Add --xds"],
  [["--annotations=a"], '"a" is not of the form key=value', "key=value"],
])("galley watch %j is a mistake, and it is said which", async (words, message, remedy) => {
  const { status, err } = await galley("watch", ...words);
  expect(status).toBe(255);
  expect(err).toContain(message);
  expect(err.toLowerCase()).toContain(remedy.toLowerCase());
});

test("what never came is named, up to three of them", async () => {
  // A port that nothing listens on: 1 is for what nobody uses.
  const { status, err } = await galley("watch", "--xds", "--timeout=100ms", "--server=127.0.0.1:1");
  expect(status).toBe(1);
  expect(err).toContain("core/v1alpha1/MeshConfig, security.istio.io/v1/AuthorizationPolicy, networking.istio.io/v1/");
  expect(err).toContain("and 13 more are missing [GLY_TIMEOUT]");
  expect(err).toContain("hint: nothing listens there");
});

test("its flags are completed", async () => {
  const { out } = await galley("completion", "bash");
  for (const flag of ["--xds", "--delta", "--as-istiod", "--revision", "--node-id"]) expect(out).toContain(flag);
});
