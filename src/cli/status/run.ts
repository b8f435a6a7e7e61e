import { systemClock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import { sleep } from "../../lib/sleep.ts";
import { istioCollections } from "../../model/registry.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus, printProblems } from "../errors/print.ts";
import { interrupted } from "../interrupted.ts";
import { colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import { parseAdmin } from "./address.ts";
import { AdminApi } from "./admin-api.ts";
import { findFaults } from "./check.ts";
import { writeEntries, writeValue } from "./entries.ts";
import type { statusOptions, StatusWord } from "./options.ts";
import { overview } from "./overview.ts";
import { statusTopics } from "./topics.ts";
import { dataWriter, lineWidth } from "./view.ts";

/** Rows of a table, unless all are asked for. */
const MOST_ROWS = 50;
const WATCH_MS = 2_000;
const clearScreen = "\x1b[H\x1b[2J\x1b[3J";

type StatusContext = CommandContext<typeof statusOptions>;

/** What `galley status` does. */
export async function runStatus(context: StatusContext): Promise<number> {
  const { values } = context.settings;
  const { stdout, stderr } = context.io;
  using api = new AdminApi(parseAdmin(values.admin));
  if (values.watch) return await watchStatus(context, api);
  await show(context, api, (text) => void stdout.write(text));
  if (!values.check) return exitStatus.ok;
  const faults = findFaults((await api.get("status")).value);
  for (const fault of faults) stderr.write(`${api.address}: ${escapeControls(fault)}\n`);
  return faults.length === 0 ? exitStatus.ok : exitStatus.failed;
}

/** Shows it until interrupted. That the server can't be reached is shown too: it may come back. */
async function watchStatus(context: StatusContext, api: AdminApi): Promise<number> {
  const { settings, io, env } = context;
  if (io.stdout.isTTY !== true || settings.values.output !== "table" || settings.values.check) {
    throw new GalleyError("GLY_VALUE", "--watch shows tables on a terminal, and only that");
  }
  using stop = interrupted();
  while (!stop.signal.aborted) {
    let screen = "";
    try {
      await show(context, api, (text) => (screen += text));
    } catch (error) {
      if (!GalleyError.is(error)) throw error;
      printProblems([error], { stdout: io.stdout, stderr: { ...io.stderr, write: (text) => (screen += text) } }, env);
    }
    io.stdout.write(clearScreen + screen);
    await sleep(systemClock, WATCH_MS, stop.signal);
  }
  return exitStatus.ok;
}

/** Shows what is asked for once. */
async function show(
  { settings, positionals, io, env }: StatusContext,
  api: AdminApi,
  write: (text: string) => void,
): Promise<void> {
  const { output, all } = settings.values;
  const word = positionals[0] as StatusWord | undefined;
  const layout = { paint: colours(io.stdout, env), width: lineWidth(io.stdout) };
  const registry = istioCollections();
  if (word !== undefined) {
    const topic = statusTopics[word];
    if (output !== "table") return await writeEntries(dataWriter(io.stdout), output, topic.entries(api));
    return write(`${await topic.table({ api, registry, most: all ? Number.POSITIVE_INFINITY : MOST_ROWS, layout })}\n`);
  }
  const { value, at } = await api.get("status");
  if (output !== "table") writeValue(dataWriter(io.stdout), output, value);
  else write(`${overview(value, api.address, registry, { ...layout, now: at })}\n`);
}
