import { language, say } from "./texts";

const locale = () => (language() === "ja" ? "ja-JP" : "en-GB");

/** A measured number, short: three significant digits. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace("e+", "e");
  if (size >= 1000) return Math.round(value).toLocaleString(locale());
  return String(Number(value.toPrecision(3)));
}

export const whole = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : Math.round(value).toLocaleString(locale());

const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** How long ago a moment was. */
export function ago(iso: string | null): string {
  if (!iso) return "–";
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? units[3];
  if (unit === "second") return say("time.now");
  return new Intl.RelativeTimeFormat(locale(), { style: "short" }).format(-Math.floor(seconds / size), unit);
}

export function moment(iso: string | null): string {
  return iso ? new Date(iso).toLocaleString(locale()) : "–";
}

/** A span of time, as "1 h 05 min". */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return say("time.seconds", { seconds: Math.round(seconds) });
  if (minutes < 60) return say("time.minutes", { minutes });
  return say("time.hours", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}
