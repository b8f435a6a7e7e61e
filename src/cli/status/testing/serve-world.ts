import { serveIntrospection } from "../../../admin/introspection/serve.ts";
import { silentLogger } from "../../../lib/logger.ts";
import type { Command } from "../../command/command.ts";
import { runCli } from "../../run.ts";
import { topicsOf, type World } from "./world.ts";

/** A made-up server on a port of its own. */
export interface ServedWorld extends AsyncDisposable {
  /** `host:port`, for `--admin`. */
  readonly admin: string;
}

export async function serveWorld(world: World): Promise<ServedWorld> {
  const listener = await serveIntrospection({
    address: "127.0.0.1",
    port: 0,
    topics: topicsOf(world),
    log: silentLogger,
  });
  return {
    admin: `127.0.0.1:${listener.port}`,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** What a command line did. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs one command line. `columns` makes its standard output a terminal of that width, and `onWrite` is told of all that is
 * written there so far.
 */
export async function run(
  command: Command<never>,
  words: readonly string[],
  columns?: number,
  onWrite: (out: string) => void = () => undefined,
): Promise<Ran> {
  let [out, err] = ["", ""];
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  const write = (text: string): void => onWrite((out += text));
  const io = { stdout: { write, ...terminal }, stderr: { write: (text: string) => (err += text) } };
  const status = await runCli([command as unknown as Command], words, {}, io);
  return { status, out, err };
}
