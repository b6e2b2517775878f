// What the tests of the page share: the program as a person runs it, and a browser that notes what must not happen.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const source = process.env.FORGER_SOURCE;
const { chromium } = createRequire(path.join(source, "web/package.json"))("playwright-core");
const program = process.env.FORGER_PROGRAM;

export const folder = mkdtempSync(path.join(tmpdir(), "forger-browser-"));
const running = [];

/** Starts the program; resolves with the first line that matches. */
export function start(pattern, ...args) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, OMP_NUM_THREADS: "1" } });
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (piece) => {
      text += piece;
      const found = pattern.exec(text);
      if (found) resolve({ child, found });
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("exit", (code) => reject(new Error(`forger ${args.join(" ")} ended with ${code}: ${text}`)));
  });
}

/** Runs the program to its end, which must be a good one. */
export function done(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, OMP_NUM_THREADS: "1" } });
    let errors = "";
    child.stderr.on("data", (piece) => { errors += piece; });
    child.on("exit", (code) => (code === 0 || code === 1 ? resolve() : reject(new Error(`forger ${args.join(" ")}: ${errors}`))));
  });
}

let browser;
const contexts = [];

/** A page at a place; `troubles` collects errors on its console and requests to other hosts. */
export async function open(link, { width = 1280, language = "en-US", dark = false, touch = false } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.FORGER_BROWSER, args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: language,
    colorScheme: dark ? "dark" : "light", hasTouch: touch });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  const troubles = [];
  page.on("console", (message) => { if (message.type() === "error") troubles.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.host !== new URL(link).host) troubles.push(`request to ${url.host}`);
  });
  await page.goto(link);
  return { page, troubles };
}

/** Waits until a question, asked again and again, has the answer yes. */
export async function until(what, ask) {
  const end = Date.now() + 30000;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** After each test: pages that are open draw on. */
export async function close() {
  for (const context of contexts.splice(0)) await context.close();
}

export async function end() {
  await browser?.close();
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
