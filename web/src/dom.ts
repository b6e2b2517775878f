type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

function fill(element: Element, attributes: Attributes, children: Child[]) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) if (child || child === "") element.append(child);
}

/** An element with its attributes (a function listens to the event of that name) and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** The same for a part of an SVG picture. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** A name that may be broken behind its hyphens and slashes, and within a word only where nothing else helps. */
export const breakable = (name: string): Node[] =>
  name.split(/(?<=[-/])/).flatMap((part) => [document.createTextNode(part), make("wbr")]);

/** Hands a file that the page made to the person. */
export function download(name: string, type: string, content: string) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Calls once, `milliseconds` after the last of many calls. */
export function calmly(milliseconds: number, action: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}

/** Calls at most once in `milliseconds`, and once more when calls came in between. */
export function sparingly(milliseconds: number, action: () => void): () => void {
  let timer = 0;
  let again = false;
  const run = () => {
    action();
    timer = setTimeout(() => {
      timer = 0;
      if (!again) return;
      again = false;
      run();
    }, milliseconds);
  };
  return () => {
    if (timer) again = true;
    else run();
  };
}
