/** How long a program may take to answer, milliseconds: one that has not started yet may take a connection and say nothing. */
const PATIENCE_MS = 5_000;

/** Asks one of the programs. */
export async function ask(url: string): Promise<Response> {
  return await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** Asks for JSON. @throws Error when the answer is no success. */
export async function askJson(url: string): Promise<unknown> {
  const response = await ask(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}
