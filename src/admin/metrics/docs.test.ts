import { expect, test } from "vitest";

import { renderMetricsPage } from "./docs.ts";

test("docs/metrics.md is what the catalogue says (`npx vitest run src/admin -u` writes it)", async () => {
  await expect(renderMetricsPage()).toMatchFileSnapshot("../../../docs/metrics.md");
});
