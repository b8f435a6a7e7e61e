#!/usr/bin/env node
import { completionCommand } from "./completion/command.ts";
import { runCli } from "./run.ts";
import { serverCommand } from "./server/command.ts";
import { versionCommand } from "./version/command.ts";
import { watchCommand } from "./watch/command.ts";

const commands = [serverCommand, watchCommand, versionCommand, completionCommand];

process.exitCode = await runCli(commands, process.argv.slice(2), process.env, process);
