import type { Command } from "./command/command.ts";
import { checkServer, serverOutline } from "./command/server-outline.ts";
import { completionCommand } from "./completion/command.ts";
import { doctorOutline } from "./doctor/outline.ts";
import { getCommand } from "./get/command.ts";
import type { ServerOptions } from "./options/table.ts";
import { probeCommand } from "./probe/command.ts";
import { statusCommand } from "./status/command.ts";
import { versionCommand } from "./version/command.ts";
import type { watchOptions } from "./watch/options.ts";
import { watchOutline } from "./watch/outline.ts";

// What a command stands on is loaded when it runs: a probe that an orchestrator starts every few seconds must not wait for
// the whole of the API's messages.
const serverCommand: Command<ServerOptions> = {
  ...serverOutline,
  check: checkServer,
  run: async (context) => (await import("./server/command.ts")).runServer(context),
};

const watchCommand: Command<typeof watchOptions> = {
  ...watchOutline,
  run: async (context) => (await import("./watch/command.ts")).runWatch(context),
};

const doctorCommand: Command<typeof doctorOutline.options> = {
  ...doctorOutline,
  run: async (context) => (await import("./doctor/command.ts")).runDoctor(context),
};

/** What `galley` can be told to do. */
export const commands: readonly Command[] = [
  serverCommand,
  watchCommand,
  statusCommand,
  getCommand,
  probeCommand,
  doctorCommand,
  versionCommand,
  completionCommand,
];
