import { systemClock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { SinkEvent } from "../../mcp/sink/client.ts";
import { suggest } from "../../lib/suggest.ts";
import { istioCollections } from "../../model/registry.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus } from "../errors/print.ts";
import { interrupted } from "../interrupted.ts";
import { type Colours, colours } from "../terminal/colours.ts";
import type { OutputStream } from "../terminal/io.ts";
import { adviceOn } from "./advice.ts";
import { type ClientSecurity, clientSecurity } from "./client-tls.ts";
import { defaultCollections, findCollections } from "./collections.ts";
import { JsonPrinter, YamlPrinter } from "./document-printer.ts";
import type { watchOptions } from "./options.ts";
import type { OutputForm, Printer } from "./printer.ts";
import { watch } from "./session.ts";
import { StatsPrinter } from "./stats-printer.ts";
import { TablePrinter } from "./table-printer.ts";

/** What `galley watch` does. */
export async function runWatch(context: CommandContext<typeof watchOptions>): Promise<number> {
  const { values } = context.settings;
  const { stdout } = context.io;
  const registry = istioCollections();
  const named = context.positionals.flatMap((word) => resolve(word));
  const paint = colours(stdout, context.env);
  const printer = printerFor(values.output, stdout, paint);
  const security = clientSecurity(values);
  // Files that can't be used are a mistake now; later they are a reason to try again.
  await security?.read();
  const notes = new Notes(context.io.stderr, values.server, security, colours(context.io.stderr, context.env));
  using stopped = interrupted();
  const done = new AbortController();
  let complete = false;
  let resources = 0;
  let collections = 0;
  const timer =
    values.timeout > 0 ? systemClock.schedule(values.timeout, () => complete || done.abort()) : () => undefined;
  const end = await watch({
    address: values.server,
    tls: security?.read,
    node: { id: values.id, annotations: annotationsOf(values.annotations) },
    collections: named.length > 0 ? named : defaultCollections(registry),
    incremental: values.incremental,
    tolerant: named.length === 0,
    registry,
    signal: AbortSignal.any([stopped.signal, done.signal]),
    wall: () => systemClock.wall(),
    arrived(what) {
      printer.arrived(what);
      if (!what.first) return;
      resources += what.effects.length;
      if (what.effects.length > 0) collections++;
    },
    complete: () => {
      complete = true;
      printer.complete();
      if (values.output === "table") notes.complete(resources, collections, !values.once);
      if (values.once) done.abort();
    },
    note: (event) => notes.take(event),
  });
  timer();
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
    `not every collection has come from ${values.server} in time`,
    hint === undefined ? {} : { hint },
  );

  function resolve(word: string): readonly string[] {
    const meant = findCollections(word, registry);
    if (meant.ok) return meant.names;
    if (meant.candidates.length > 0) {
      throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(word)} may be ${meant.candidates.join(" or ")}`);
    }
    const near = suggest(
      word,
      registry.all.map((spec) => spec.plural),
    );
    const hint = near === undefined ? "`galley status collections` lists those of a server" : `did you mean ${near}?`;
    throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(word)} is no collection`, { hint });
  }

  function printerFor(form: OutputForm, out: OutputStream, colour: Colours): Printer {
    const write = (text: string): void => void out.write(text);
    switch (form) {
      case "table":
        return new TablePrinter(write, colour, systemClock);
      case "yaml":
        return new YamlPrinter(write, registry);
      case "json":
        return new JsonPrinter(write);
      case "stats":
        return new StatsPrinter(out);
    }
  }
}

function annotationsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at <= 0)
        throw new GalleyError("GLY_VALUE", `--annotations: ${JSON.stringify(pair)} is not of the form key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Tells on stderr how the connection is doing, and nothing while all is well from the start. */
class Notes {
  readonly #err: OutputStream;
  readonly #server: string;
  readonly #security: ClientSecurity | undefined;
  readonly #colours: Colours;
  #down = false;
  #advice: string | undefined;

  constructor(err: OutputStream, server: string, security: ClientSecurity | undefined, paint: Colours) {
    this.#err = err;
    this.#server = server;
    this.#security = security;
    this.#colours = paint;
  }

  /** What can be done about the connection, while there is none. */
  get advice(): string | undefined {
    return this.#advice;
  }

  take(event: SinkEvent): void {
    if (event.kind === "disconnected") {
      this.#down = true;
      const wait = `trying again in ${(event.retryMs / 1000).toFixed(1)} s`;
      this.#say(this.#colours.yellow(`${this.#server}: ${event.message || "the stream ended"}; ${wait}`));
      this.#advise(adviceOn(event, this.#security?.flags));
    } else if (event.kind === "connected" && this.#down) {
      this.#down = false;
      this.#advice = undefined;
      this.#say(`${this.#server}: connected`);
    } else if (event.kind === "nacked") {
      this.#say(this.#colours.red(`${event.collection}: refused: ${event.message}`));
    }
  }

  complete(resources: number, collections: number, stays: boolean): void {
    const rest = stays ? "; waiting for changes, Ctrl-C ends it" : "";
    const what = `${count(resources, "resource")} in ${count(collections, "collection")}`;
    this.#say(this.#colours.dim(`${what}${rest}`));
  }

  /** The same advice is given once for each time that the connection is lost. */
  #advise(advice: string | undefined): void {
    if (advice !== undefined && advice !== this.#advice) this.#say(`hint: ${advice}`);
    this.#advice = advice;
  }

  #say(text: string): void {
    this.#err.write(`${text}\n`);
  }
}
