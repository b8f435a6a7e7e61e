import { describe, expect, test } from "vitest";
import { completionCommand } from "../completion/command.ts";
import { colours, noColours } from "../terminal/colours.ts";
import { displayWidth } from "../terminal/width.ts";
import { versionCommand } from "../version/command.ts";
import type { CommandOutline } from "./command.ts";
import { commandHelp } from "./help.ts";
import { rootHelp } from "./root-help.ts";
import { serverOutline } from "./server-outline.ts";

const commands = [serverOutline, versionCommand, completionCommand] as unknown as readonly CommandOutline[];

describe("help", () => {
  test("of the server reads as it was looked at", async () => {
    const text = commandHelp(serverOutline, { width: 80, paint: noColours });
    await expect(text).toMatchFileSnapshot("golden/help-server.txt");
  });

  test("of a small command reads as it was looked at", async () => {
    const text = commandHelp(versionCommand, { width: 80, paint: noColours });
    await expect(text).toMatchFileSnapshot("golden/help-version.txt");
  });

  test("of all commands reads as it was looked at", async () => {
    await expect(rootHelp(commands, { width: 80, paint: noColours })).toMatchFileSnapshot("golden/help.txt");
  });

  test.each([40, 60, 80, 100])("fits into %d cells, but for words that can't be broken", (width) => {
    for (const command of commands) {
      const lines = commandHelp(command, { width, paint: noColours }).split("\n");
      // Examples and usage are to be copied whole; a flag's label is one word.
      const prose = lines.filter((line) => !/^ {2}(?:galley|source|-)/u.test(line) && /\S \S/u.test(line.trim()));
      expect(prose.filter((line) => displayWidth(line) > width)).toEqual([]);
    }
  });

  test("names every flag of the server", () => {
    const text = commandHelp(serverOutline, { width: 80, paint: noColours });
    for (const { name } of Object.values(serverOutline.options)) expect(text).toMatch(new RegExp(`--${name}\\b`, "u"));
  });

  test("is the same text in colour", () => {
    const paint = colours({ write: () => true, isTTY: true }, {});
    const plain = commandHelp(serverOutline, { width: 80, paint: noColours });
    // oxlint-disable-next-line no-control-regex
    expect(commandHelp(serverOutline, { width: 80, paint }).replaceAll(/\u001b\[\d+m/gu, "")).toBe(plain);
  });
});
