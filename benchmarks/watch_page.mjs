// Opens a run's page in a fresh browser: prints, as JSON, the seconds until its first chart is drawn and the megabytes of its scripts.
import { createRequire } from "node:module";
import path from "node:path";

const [, , root, link] = process.argv;
const { chromium } = createRequire(path.join(root, "web/package.json"))("playwright-core");
const browser = await chromium.launch({ executablePath: process.env.FORGER_BROWSER ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const session = await page.context().newCDPSession(page);
await session.send("Performance.enable");
const drawn = () => [...document.querySelectorAll("[data-chart] canvas")].some((canvas) => canvas.width > 0 &&
  canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0));
const start = performance.now();
await page.goto(link, { waitUntil: "commit" });
await page.waitForFunction(drawn, null, { polling: "raf", timeout: 60000 });
const seconds = (performance.now() - start) / 1000;
await new Promise((resolve) => setTimeout(resolve, 2000));
const { metrics } = await session.send("Performance.getMetrics");
const heap = metrics.find(({ name }) => name === "JSHeapUsedSize").value / 1e6;
await browser.close();
console.log(JSON.stringify({ seconds, heap }));
