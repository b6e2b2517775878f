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
  const last = await picture(page, "canvas.learn-view");
  await page.keyboard.press("Home");
  await until("other samples", async () => (await picture(page, "canvas.learn-view")) !== last);
  assert.match(await text(page, "#samples output"), /0/);
  assert.deepEqual(troubles, []);
});

test("points are shown with the discriminator's field and the generator's manifold", async () => {
  const { page, troubles } = await open(link);
  await page.getByRole("link", { name: "ring" }).click();
  const canvas = page.locator("canvas.learn-view");
  await page.locator("#samples").getByText("Step", { exact: false }).first().waitFor();
  const id = new URL(page.url()).hash.split("/").pop();
  const slider = page.locator("#samples input[type=range]");
  await until("samples of several steps", async () => Number(await slider.getAttribute("max")) >= 3);

  // The newest is followed, until another one is chosen.
  const shown = async () => /[\d,]*\d/.exec(await canvas.getAttribute("aria-label"))[0].replaceAll(",", "");
  await until("a picture", async () => /\d/.test(await canvas.getAttribute("aria-label")));
  const first = await shown();
  await until("a newer picture", async () => Number(await shown()) > Number(first));
  await slider.focus();
  await page.keyboard.press("Home");
  await until("the first picture", async () => (await shown()) === "0");
  await page.keyboard.press("ArrowRight");
  await until("the next one", async () => (await shown()) === "200");
  assert.match(await canvas.getAttribute("aria-label"), /field, .*manifold, Real points, Samples/);

  // Each layer is drawn by itself, from the keyboard.
  const still = async () => {
    let before = "";
    await until("a still picture", async () => before === (before = await picture(page, "canvas.learn-view")));
    return before;
  };
  const seen = new Set([await still()]);
  for (const layer of ["Real points", "Samples", "Generator's manifold"]) {
    await page.getByRole("checkbox", { name: layer }).focus();
    await page.keyboard.press("Space");
    seen.add(await still());
  }
  assert.equal(seen.size, 4);

  // The field alone: green where the discriminator says real, purple where it says fake, as its numbers have it.
  const [greens, numbers] = await page.evaluate(async ([id]) => {
    const { field } = await (await fetch(`api/v1/runs/${id}/previews/200.json`)).json();
    const place = document.querySelector("canvas.learn-view");
    const middle = (index) => (index + 0.5) * place.width / field.side;
    return [field.p_real.map((_, i) => {
      const [x, y] = [middle(i % field.side), middle(Math.floor(i / field.side))];
      const [red, green] = place.getContext("2d").getImageData(x, y, 1, 1).data;
      return green - red;
    }), field.p_real];
  }, [id]);
  assert.ok(greens[numbers.indexOf(Math.max(...numbers))] > greens[numbers.indexOf(Math.min(...numbers))]);
  for (const [i, p] of numbers.entries()) {
    if (Math.abs(p - 0.5) > 0.1) assert.equal(greens[i] > 0, p > 0.5, `cell ${i}: ${p}`);
  }

  await page.getByRole("checkbox", { name: "Discriminator's field" }).uncheck();
  assert.equal(await page.locator(".learn-scale:visible").count(), 0);
  const light = await still();
  await page.getByRole("button", { name: "Dark colours" }).click();
  assert.notEqual(await still(), light);
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
