import { expect, test } from "vitest";
import { commandHelp } from "../command/help.ts";
import { noColours } from "../terminal/colours.ts";
import { watchOutline } from "./outline.ts";

test("the help of galley watch reads as it was looked at", async () => {
  const text = commandHelp(watchOutline, { width: 80, paint: noColours });
  await expect(text).toMatchFileSnapshot("golden/help-watch.txt");
});
