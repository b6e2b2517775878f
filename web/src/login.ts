import { make } from "./dom";
import { say } from "./texts";

let asked: Promise<void> | null = null;

/** Asks for the server's token until it is the right one. Several requests wait for one answer. */
export function askForToken(): Promise<void> {
  asked ??= new Promise<void>((resolve) => {
    const field = make("input", {
      id: "token", type: "password", autocomplete: "current-password", required: true, autofocus: true });
    const wrong = make("p", { class: "error", role: "alert" });
    const dialog = make("dialog", { class: "login", "aria-labelledby": "login-title", cancel: refuse },
      make("form", { submit: send },
        make("h2", { id: "login-title" }, say("login.title")),
        make("p", { class: "soft" }, say("login.help")),
        make("label", { for: "token" }, say("login.token")), field, wrong,
        make("button", { class: "primary" }, say("login.enter"))));
    document.body.append(dialog);
    dialog.showModal();

    function refuse(event: Event) {
      event.preventDefault();
    }

    async function send(event: Event) {
      event.preventDefault();
      try {
        const answer = await fetch("/api/v1/login", {
          method: "POST", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ token: field.value }) });
        if (!answer.ok) {
          wrong.textContent = say("login.wrong");
          field.select();
          return;
        }
      } catch {
        wrong.textContent = say("connection.away");
        return;
      }
      dialog.remove();
      asked = null;
      resolve();
    }
  });
  return asked;
}
