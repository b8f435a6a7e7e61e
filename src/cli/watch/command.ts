import { systemClock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import { istioCollections } from "../../model/registry.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus } from "../errors/print.ts";
import { interrupted } from "../interrupted.ts";
import { dataWriter } from "../status/view.ts";
import { colours } from "../terminal/colours.ts";
import type { OutputStream } from "../terminal/io.ts";
import { clientSecurity } from "./client-tls.ts";
import { JsonPrinter, YamlPrinter } from "./document-printer.ts";
import { endingOutput } from "./ending-output.ts";
import { Notes } from "./notes.ts";
import type { watchOptions } from "./options.ts";
import { overMcp } from "./over-mcp.ts";
import { overXds } from "./over-xds.ts";
import type { OutputForm, Printer } from "./printer.ts";
import type { WatchProtocol } from "./protocol.ts";
import { StatsPrinter } from "./stats-printer.ts";
import { TablePrinter } from "./table-printer.ts";

type Context = CommandContext<typeof watchOptions>;

/** What `galley watch` does. */
export async function runWatch(context: Context): Promise<number> {
  const { values } = context.settings;
  const registry = istioCollections();
  const protocol = values.xds ? overXds(context, registry) : overMcp(context, registry);
  const done = new AbortController();
  const out = endingOutput(context.io.stdout, () => done.abort());
  const printer = printerFor(values.output, protocol, out, context.env);
  const security = clientSecurity(values);
  // Files that can't be used are a mistake now; later they are a reason to try again.
  await security?.read();
  const notes = new Notes({
    err: context.io.stderr,
    server: values.server,
    paint: colours(context.io.stderr, context.env),
    advise: (failure) => protocol.advise(failure, security?.flags),
  });
  using stopped = interrupted();
  let complete = false;
  let resources = 0;
  let subjects = 0;
  const timer =
    values.timeout > 0 ? systemClock.schedule(values.timeout, () => complete || done.abort()) : () => undefined;
  const end = await protocol.watch({
    address: values.server,
    tls: security?.read,
    signal: AbortSignal.any([stopped.signal, done.signal]),
    wall: () => systemClock.wall(),
    arrived(what) {
      printer.arrived(what);
      if (!what.first) return;
      resources += what.effects.length;
      if (what.effects.length > 0) subjects++;
    },
    complete: () => {
      complete = true;
      printer.complete();
      if (values.output === "table") notes.complete(resources, subjects, protocol.noun, !values.once);
      if (values.once) done.abort();
    },
    note: (event) => notes.take(event),
  });
  timer();
  out.check();
  if (end.kind === "unsupported") {
    throw new GalleyError(
      "GLY_UNSUPPORTED_COLLECTION",
      `${values.server} does not serve ${JSON.stringify(end.collection)}`,
    );
  }
  if (complete || stopped.signal.aborted) return exitStatus.ok;
  const hint = notes.advice;
  throw new GalleyError(
    "GLY_TIMEOUT",
    `not every ${protocol.noun} has come from ${values.server} in time: ${listed(end.missing)}`,
    hint === undefined ? {} : { hint },
  );
}

function printerFor(
  form: OutputForm,
  { noun, kindOf }: WatchProtocol,
  out: OutputStream,
  env: Context["env"],
): Printer {
  const write = dataWriter(out);
  switch (form) {
    case "table":
      return new TablePrinter(out, colours(out, env), systemClock, noun);
    case "yaml":
      return new YamlPrinter(write, kindOf);
    case "json":
      return new JsonPrinter(write, noun);
    case "stats":
      return new StatsPrinter(out, noun);
  }
}

/** The first few of them, and how many more there are. */
function listed(missing: readonly string[]): string {
  const few = missing.slice(0, 3).join(", ");
  return missing.length > 3 ? `${few} and ${missing.length - 3} more are missing` : `${few} is missing`;
}
