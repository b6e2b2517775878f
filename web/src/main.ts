import "uplot/dist/uPlot.min.css";
import "./base.css";
import "./runs.css";
import "./run.css";
import "./charts.css";
import "./compare.css";
import "./play.css";
import "./learn.css";
import { comparePage } from "./compare";
import { lost, onAway } from "./connection";
import { make } from "./dom";
import { runPage } from "./run";
import { runsPage } from "./runs";
import { chooseLanguage, language, say } from "./texts";
import { applyTheme, switchTheme, theme } from "./theme";

/** A page fills `main` and returns how to leave it. */
export type Leave = () => void;

const pages: [RegExp, (main: HTMLElement, match: string) => Leave][] = [
  [/^#?\/?$/, (main) => runsPage(main)],
  [/^#\/run\/([0-9a-f]+)$/, runPage],
  [/^#\/compare\/([0-9a-f,]*)$/, comparePage],
];

let leave: Leave | null = null;
const banner = make("div", { class: "banner", role: "status", hidden: true });

function header(): HTMLElement {
  const dark = theme() === "dark";
  const other = language() === "ja" ? "en" : "ja";
  return make("header", { class: "top" },
    make("a", { class: "skip", href: "#main", click: skip }, say("page.skip")),
    make("a", { class: "brand", href: "#/" }, "Forger"),
    make("span", { class: "soft tagline" }, say("page.tagline")),
    make("nav", {},
      make("a", { href: "#/" }, say("page.runs")),
      make("button", { class: "quiet", lang: other, click: () => { chooseLanguage(other); show(); } },
        say("page.language")),
      make("button", { class: "quiet", title: say(dark ? "page.to-light" : "page.to-dark"),
        "aria-label": say(dark ? "page.to-light" : "page.to-dark"), click: () => { switchTheme(); showHeader(); } },
      dark ? "☀" : "☾")));
}

function skip(event: Event) {
  event.preventDefault();
  document.querySelector<HTMLElement>("main")?.focus();
}

function showHeader() {
  document.body.firstElementChild?.replaceWith(header());
}

function show() {
  leave?.();
  document.documentElement.lang = language();
  document.title = "Forger";
  banner.textContent = say("connection.away");
  const main = make("main", { id: "main", tabindex: -1 });
  document.body.replaceChildren(make("div"), banner, main);
  showHeader();
  const address = location.hash;
  const page = pages.find(([pattern]) => pattern.test(address));
  if (page) {
    leave = page[1](main, page[0].exec(address)?.[1] ?? "");
  } else {
    leave = null;
    main.append(make("p", { class: "empty" }, say("page.missing")));
  }
}

onAway((away) => { banner.hidden = !away; });
addEventListener("hashchange", () => { scrollTo(0, 0); show(); });
addEventListener("offline", () => void lost());
applyTheme();
show();
