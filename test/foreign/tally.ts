/** Counts checks and prints a line for each. */
export class Tally {
  passed = 0;
  failed = 0;

  /** @param failure what is wrong; nothing if the check holds. */
  record(title: string, failure?: string): void {
    if (failure === undefined) this.passed++;
    else this.failed++;
    console.log(failure === undefined ? `ok ${title}` : `FAIL ${title}: ${failure}`);
  }

  /** Runs one check; what it throws is why it fails. */
  async check(title: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.record(title);
    } catch (error) {
      this.record(title, error instanceof Error ? error.message : String(error));
    }
  }
}
