// What people do with a run's model on the page of `forger watch`, in a real browser.
import assert from "node:assert/strict";
import { cpSync, renameSync, writeFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { close, done, end, folder, open, start, until } from "./browser.mjs";

let link;

before(async () => {
  const small = ["--quiet", "--set", "data.size=[16,16]"];
  await done("data", "make", "shapes", `${folder}/images`, "--count", "400");
  await done("train", `${folder}/images`, "--recipe", "fast", "--steps", "60", "--out", `${folder}/runs/shapes`, ...small,
    "--set", "training.preview_steps=20", "--set", "referee.every_steps=60");
  await done("train", "synthetic:shapes", "--recipe", "fast", "--steps", "2", "--out", `${folder}/runs/five-latents`, ...small,
    "--set", "generator.latent_size=5");
  await done("train", "synthetic:shapes", "--recipe", "compact", "--steps", "2", "--out", `${folder}/runs/larger`, "--quiet",
    "--set", "training.warmup_steps=0");
  cpSync(`${folder}/runs/shapes`, `${folder}/runs/damaged`, { recursive: true });
  writeFileSync(`${folder}/runs/damaged/model.safetensors`, "x".repeat(100));
  const watching = await start(/at (http:\S+)/, "watch", `${folder}/runs`, "--port", "0");
  link = watching.found[1];
});
afterEach(close);
after(end);

async function openRun(name, options) {
  const { page, troubles } = await open(link, options);
  const asked = [];
  page.on("request", (request) => { if (request.method() === "POST") asked.push(new URL(request.url())); });
  await page.getByRole("link", { name }).click();
  return { page, troubles, asked };
}

const bytesOf = (address) => Buffer.from(address.split(",")[1], "base64");

/** An image file to bring along. */
async function drawing(page, width, height) {
  const address = await page.evaluate(([wide, high]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: wide, height: high });
    canvas.getContext("2d").fillRect(0, 0, wide / 2, high / 3);
    return canvas.toDataURL();
  }, [width, height]);
  return { name: "drawing.png", mimeType: "image/png", buffer: bytesOf(address) };
}

test("a direction moves the sample, and a cell is the sample of its seed", async () => {
  const { page, troubles, asked } = await openRun("shapes");
  const large = page.locator("img.play-large");
  await until("the samples beside it", async () => (await page.locator(".play-cell").count()) === 16);
  assert.equal(asked.filter((url) => url.pathname.endsWith("/tasks/sample")).length, 2, "one request for all cells");
  const before = await large.getAttribute("src");
  await page.locator("#play-direction-0").focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  await until("another sample", async () => (await large.getAttribute("src")) !== before);

  const pixels = (address) => page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, 16, 16).data];
  }, address);
  const cell = page.locator(".play-cell").nth(4);
  const seen = await pixels(await cell.locator("img").getAttribute("src"));
  await cell.click();
  await until("the seed", async () => (await page.locator("#play-seed").inputValue()) === "6");
  await until("its sample", async () => {
    const now = await pixels(await large.getAttribute("src"));
    return now.every((value, i) => Math.abs(value - seen[i]) <= 1);
  });
  assert.deepEqual(troubles, []);
});

test("there are as many directions as the model has", async () => {
  const { page } = await openRun("five-latents");
  await until("the explorer", async () => (await page.locator(".play-cell").count()) === 16);
  assert.equal(await page.locator("[id^=play-direction-]").count(), 5);
});

test("the way between two samples is picked by keyboard and by touch, and played", async () => {
  for (const touch of [false, true]) {
    const { page, troubles, asked } = await openRun("shapes", touch ? { width: 390, touch } : {});
    const cells = page.locator(".play-cell");
    await until("the samples", async () => (await cells.count()) === 16);
    const choose = async (element) => {
      if (touch) return element.tap();
      await element.focus();
      return page.keyboard.press("Enter");
    };
    const [a, b] = [page.getByRole("button", { name: /sample A/i }), page.getByRole("button", { name: /sample B/i })];
    const slider = page.locator("#play-between");
    assert.ok(await slider.isDisabled());
    await choose(a);
    await choose(cells.nth(2));
    assert.equal(await b.getAttribute("aria-pressed"), "true");
    await choose(cells.nth(9));
    await until("both ends", async () => (await slider.isEnabled()) && (await slider.inputValue()) === "32");
    assert.deepEqual([await a.innerText(), await b.innerText()], ["A: 4", "B: 11"]);
    assert.deepEqual(await page.locator(".play-cell:not([data-end=''])").evaluateAll((list) => list.map((each) => each.dataset.end)),
      ["A", "B"]);
    const large = page.locator("img.play-large");
    const walks = () => asked.filter((url) => url.searchParams.get("interpolate") === "true");
    await until("the walk", () => walks().length === 1);
    assert.equal(walks()[0].searchParams.get("seeds"), "4,11");
    await until("its end", async () => (await large.getAttribute("src")) !== null);
    await slider.focus();
    await page.keyboard.press("Home");
    const start = await large.getAttribute("src");
    await page.keyboard.press("PageUp");
    await until("a picture on the way", async () => (await large.getAttribute("src")) !== start);
    await page.keyboard.press("Home");
    await choose(page.locator(".play-between .play"));
    await until("the film", async () => Number(await slider.inputValue()) > 2);
    await choose(page.locator(".play-between .play"));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    assert.deepEqual(troubles, []);
  }
});

test("the nearest training image stands beside a sample, and follows", async () => {
  const { page, troubles } = await openRun("shapes");
  await page.locator(".sample-view canvas").first().click({ position: { x: 40, y: 40 } });
  const box = page.locator(".magnifier");
  const button = box.getByRole("button", { name: "Nearest training image" });
  await button.click();
  const picture = box.locator(".nearest-picture");
  await picture.waitFor();
  assert.match(await box.locator(".nearest").innerText(), /Distance [\d.]+\. Of \d+ images that the training never saw/);
  assert.match(await box.locator("figcaption").innerText(), /Nearest training image: .+\.png/);
  const first = await picture.getAttribute("src");
  await until("that of another sample", async () => {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(400);
    return (await picture.getAttribute("src")) !== first;
  });
  await button.click();
  await until("none", async () => !(await picture.isVisible()));
  await page.keyboard.press("Escape");

  await page.locator(".play-panel .nearest > button").click();
  await page.locator(".play-panel .nearest-picture").waitFor();
  assert.deepEqual(troubles, []);
});

test("data that are not there are said", async () => {
  renameSync(`${folder}/images`, `${folder}/elsewhere`);
  try {
    const { page } = await openRun("damaged");
    await page.locator(".sample-view canvas").first().click({ position: { x: 40, y: 40 } });
    await page.locator(".magnifier").getByRole("button", { name: "Nearest training image" }).click();
    await until("why", async () => /cannot be read here: .*images.*does not exist/.test(await page.locator(".magnifier .nearest").innerText()));
    assert.equal(await page.locator(".magnifier .nearest > button").getAttribute("aria-pressed"), "false");
  } finally {
    renameSync(`${folder}/elsewhere`, `${folder}/images`);
  }
});

test("a damaged model is said where one would play with it", async () => {
  const { page } = await openRun("damaged");
  await page.locator(".play-panel .error").waitFor();
  assert.match(await page.locator(".play-panel .error").innerText(), /cannot be loaded: .*model\.safetensors/);
});

test("an image comes back, with the options that the model takes", async () => {
  const { page, troubles } = await openRun("shapes");
  const large = page.locator("img.play-large");
  await large.waitFor();
  assert.ok(!(await page.locator(".play-options").isVisible()), "there is nothing to choose without an encoder");
  await page.locator("#play-file").setInputFiles(
    { name: "sample.png", mimeType: "image/png", buffer: bytesOf(await large.getAttribute("src")) });
  await until("the image that comes back", async () => (await page.locator(".play-result img").count()) > 0);
  assert.deepEqual(troubles, []);

  const larger = await openRun("larger");
  const options = larger.page.locator(".play-options");
  await options.locator("summary").click();
  assert.deepEqual(await options.locator("label").allInnerTexts(), ["Scale", "Seamless: opposite sides meet", "Mean of eight turns and flips (slower)"]);
  await options.locator("#play-option-scale").fill("2");
  await options.locator("#play-option-tta").check();
  await larger.page.locator("#play-file").setInputFiles(await drawing(larger.page, 48, 32));
  const made = larger.page.locator(".play-result img").first();
  await made.waitFor();
  const sides = await made.evaluate((image) => image.decode().then(() => [image.naturalWidth, image.parentElement.lastElementChild.naturalWidth]));
  assert.equal(sides[0], 2 * sides[1]);
  const last = larger.asked.at(-1).searchParams;
  assert.deepEqual([last.get("scale"), last.get("tta"), last.get("wrap")], ["2", "true", null]);
});

test("a long job shows how far it is, and ends when it is cancelled", async () => {
  const { page } = await openRun("larger");
  await page.locator("#play-file").waitFor();
  await page.locator("#play-file").setInputFiles(await drawing(page, 1400, 1000));
  const bar = page.locator(".play-working progress");
  await until("progress", async () => (await bar.evaluate(({ value }) => value)) > 0);
  await page.getByRole("button", { name: "Cancel" }).click();
  await until("its end", async () => !(await page.locator(".play-working").isVisible()));
  assert.equal(await page.locator(".play-result img").count(), 0);
  assert.equal(await page.locator(".play-image .play-trouble").innerText(), "");
});

test("a single check is a point in the charts", async () => {
  const { page } = await openRun("shapes");
  const chart = page.locator('[data-chart="p-real-unseen"]');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator("canvas").waitFor();
  const inked = () => chart.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let orange = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] > 180 && data[i + 1] < 120 && data[i + 2] < 60 && data[i + 3] > 200) orange++;
    return orange;
  });
  await until("a point that is seen", async () => (await inked()) > 30);
});
