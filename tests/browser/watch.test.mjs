// The page of `forger watch` in a real browser: a training on points is started, watched, and looked back at.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { close, done, end, folder, open, start, until } from "./browser.mjs";

let link;
let training;

before(async () => {
  ({ child: training } = await start(/training/, "train", "synthetic:ring8", "--recipe", "points", "--minutes", "10", "--out", `${folder}/runs/ring`,
    "--set", "training.preview_steps=200", "--set", "referee.every_steps=400"));
  await done("train", "synthetic:shapes", "--recipe", "fast", "--steps", "60", "--out", `${folder}/runs/shapes`, "--quiet",
    "--set", "training.preview_steps=20", "--set", "data.size=[16,16]");
  const watching = await start(/at (http:\S+)/, "watch", `${folder}/runs`, "--port", "0");
  link = watching.found[1];
});
afterEach(close);
after(end);

const text = (page, selector) => page.locator(selector).first().innerText();
const picture = (page, selector) => page.locator(selector).first().evaluate((canvas) => canvas.toDataURL());

test("runs are listed, live", async () => {
  const { page, troubles } = await open(link);
  await page.getByRole("link", { name: "ring" }).waitFor();
  assert.equal(await page.locator("table.runs tbody tr").count(), 2);
  const step = () => text(page, "tr:has-text('ring') td.step");
  const first = await step();
  await until("a newer step", async () => (await step()) !== first);
  await page.getByRole("searchbox").or(page.locator("input[type=search], input[placeholder]")).first().fill("shapes");
  await until("the filter", async () => (await page.locator("table.runs tbody tr:visible").count()) === 1);
  assert.deepEqual(troubles, []);
});

test("a training is watched: its verdict, its charts and its samples", async () => {
  const { page, troubles } = await open(link);
  await page.getByRole("link", { name: "ring" }).click();
  await page.locator(".run-head h1").waitFor();
  await until("a verdict", async () => (await page.locator(".run-main .chip:not(.none)").count()) > 0);
  await page.locator(".uplot canvas").first().scrollIntoViewIfNeeded();
  const before = await picture(page, ".uplot canvas");
  await until("a chart that moves", async () => (await picture(page, ".uplot canvas")) !== before);

  const slider = page.locator("#samples input[type=range]");
  await until("samples of several steps", async () => Number(await slider.getAttribute("max")) >= 2);
  await slider.focus();
  const last = await picture(page, ".sample-view canvas");
  await page.keyboard.press("Home");
  await until("other samples", async () => (await picture(page, ".sample-view canvas")) !== last);
  assert.match(await text(page, "#samples output"), /0/);
  assert.deepEqual(troubles, []);
});

test("two runs are compared", async () => {
  const { page, troubles } = await open(link);
  for (const name of ["ring", "shapes"]) {
    await page.locator(`tr:has-text('${name}') input[type=checkbox]`).check();
  }
  await page.locator(".compare-bar a").click();
  await page.locator(".uplot canvas").first().waitFor();
  assert.equal(await page.locator(".sample-view canvas").count(), 2);
  assert.deepEqual(troubles, []);
});

test("it speaks Japanese, and is readable in the dark and on a telephone", async () => {
  for (const width of [390, 1280]) {
    const { page, troubles } = await open(link, { width, language: "ja-JP", dark: true });
    await page.getByRole("link", { name: "ring" }).click();
    await page.locator(".run-head h1").waitFor();
    await until("a verdict in Japanese", async () => /[ぁ-ん]/.test(await page.locator(".run-main").innerText()));
    assert.equal(await page.evaluate(() => document.documentElement.lang), "ja");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `wider than ${width}`);
    const [paper, ink] = await page.evaluate(() => [document.body, document.querySelector("h1")].map((element, i) =>
      getComputedStyle(element)[i === 0 ? "backgroundColor" : "color"].match(/\d+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0)));
    assert.ok(paper < ink, "dark paper, light ink");
    assert.deepEqual(troubles, []);
  }
});

test("a server that goes away is said, and a run that is gone", async () => {
  const { child, found } = await start(/at (http:\S+)/, "watch", `${folder}/runs`, "--port", "0");
  const { page } = await open(found[1]);
  await page.getByRole("link", { name: "shapes" }).click();
  await page.locator(".run-head h1").waitFor();
  child.kill("SIGINT");
  await page.locator(".banner:visible").waitFor();
});

test("watching a training does not end it", async () => {
  assert.equal(training.exitCode, null);
  training.kill("SIGINT");
  await until("its end", () => training.exitCode !== null);
  const { page, troubles } = await open(link);
  await page.getByRole("link", { name: "ring" }).click();
  await page.locator(".run-head h1").waitFor();
  await until("no training", async () => (await page.locator(".run-head .live:visible").count()) === 0);
  assert.deepEqual(troubles, []);
});
