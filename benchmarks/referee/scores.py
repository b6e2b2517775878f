"""From the results of single runs to the scores of the referee, and to docs/referee.md."""
import collections
import statistics

from inducers import HEALTHY, INDUCERS
from oracle import FAULTS, ORDER
from tasks import ROOT, machine, revision

DOCUMENT = ROOT / "docs/referee.md"
BEGIN, END = "<!-- begin: written by benchmarks/referee/run.py -->", "<!-- end -->"
CLAIMS = FAULTS | {"converged"}


def share(part, whole):
    return part / whole if whole else float("nan")


def percent(value):
    return "–" if value != value else f"{value:.0%}"


def judged(results):
    """Runs whose truth is clear and that the referee spoke about."""
    return [r for r in results if r["arm"] == "plain" and r["label"] and r["predicted"]]


def confusion(results):
    """{true state: {named state: runs}}. A name that the oracle also accepts counts as the true one."""
    table = collections.defaultdict(collections.Counter)
    for result in judged(results):
        named = result["predicted"]
        table[named if named in result["accepted"] else result["label"]][named] += 1
    return table


def macro_f1(table):
    """Mean F1 over the states that truly occur, and each state's."""
    each = {}
    for state in table:
        hits = table[state][state]
        named = sum(row[state] for row in table.values())
        true = sum(table[state].values())
        each[state] = share(2 * hits, named + true)
    return (statistics.mean(each.values()) if each else float("nan")), each


def is_healthy(result):
    """Whether nobody spoilt it and the oracle calls it sound; which of the sound states it is in may be too close to call."""
    return result["inducer"] == "none" and result["sound"] and result["label"] not in FAULTS


def score(results):
    """The scores of one half."""
    table = confusion(results)
    f1, each = macro_f1(table)
    plain = [r for r in results if r["arm"] == "plain"]
    healthy = [r for r in plain if is_healthy(r) and r["predicted"]]
    faulty = [r for r in judged(results) if r["label"] in FAULTS]
    delays = [r["delay"] for r in faulty if r["delay"] is not None]
    branched = [r["delay"] for r in faulty if r["delay"] is not None and INDUCERS[r["inducer"]].branch == HEALTHY]
    after_onset = [r["delay_after_onset"] for r in faulty if r["delay_after_onset"] is not None]
    return {
        "macro_f1": f1, "f1": each, "confusion": {true: dict(row) for true, row in table.items()},
        "runs": len(plain), "judged": len(judged(results)),
        "ambiguous": sum(not r["label"] for r in plain),
        "healthy_runs": len(healthy), "healthy_runs_with_false_alarms": sum(bool(r["false_alarms"]) for r in healthy),
        "converged_claims": sum(r["converged_claims"] for r in results),
        "false_converged": sum(len(r["false_converged"]) for r in results),
        "median_delay": statistics.median(delays) if delays else None,
        "median_delay_branched": statistics.median(branched) if branched else None,
        "median_delay_after_onset": statistics.median(after_onset) if after_onset else None,
        "faults_never_named": sum(r["delay"] is None for r in faulty), "faults": len(faulty),
        "mending": mending(results),
    }


def mending(results):
    """Rescue rates, and harm to healthy runs, over pairs of one training with and without."""
    by_key = collections.defaultdict(dict)
    for result in results:
        by_key[result["setup"], result["inducer"], result["seed"]][result["arm"]] = result
    spoilt = [arms for arms in by_key.values() if {"plain", "mend", "sham"} <= set(arms)
              and arms["plain"]["label"] in FAULTS]
    sound = [arms for arms in by_key.values() if {"plain", "mend"} <= set(arms) and is_healthy(arms["plain"])]
    rescued = {arm: share(sum(arms[arm]["sound"] for arms in spoilt), len(spoilt)) for arm in ("mend", "sham")}
    harmed = sum(not arms["mend"]["sound"] or max(arms["mend"]["distance"], 2) > 1.5 * max(arms["plain"]["distance"], 2)
                 for arms in sound)
    return {"spoilt": len(spoilt), "rescued": rescued["mend"], "rescued_by_sham": rescued["sham"],
            "healthy": len(sound), "harmed": share(harmed, len(sound))}


def table_of(rows):
    head, *body = rows
    return "\n".join(["| " + " | ".join(map(str, head)) + " |", "|" + " --- |" * len(head),
                      *("| " + " | ".join(map(str, row)) + " |" for row in body)])


def inducer_table(results):
    """What each inducer was meant to do, and what it did."""
    cells = collections.defaultdict(list)
    for result in results:
        if result["arm"] == "plain":
            cells[result["half"], result["setup"], result["inducer"], result["aims_at"]].append(result)
    rows = [("half", "training", "inducer", "meant", "runs", "true state by the oracle", "named by the referee")]
    count = lambda names: ", ".join(f"{name} {n}" for name, n in collections.Counter(names).most_common())
    for key, runs in sorted(cells.items()):
        rows.append((*key, len(runs), count(r["label"] or "(ambiguous)" for r in runs),
                     count(r["predicted"] or "–" for r in runs)))
    return table_of(rows)


def confusion_table(confusion):
    named = [s for s in [*ORDER, "undecided", "warming-up"] if any(s in row for row in confusion.values())]
    rows = [("true state", *named)]
    for true in (state for state in ORDER if state in confusion):
        rows.append((true, *(f"**{confusion[true].get(s, 0)}**" if s == true else confusion[true].get(s, "") or ""
                             for s in named)))
    return table_of(rows)


def markdown(results, scores, command, stacked):
    text = [f"`{command}` on {machine()}, Forger {revision()}.", ""]
    rows = [("", "calibration", "test")]
    pick = lambda make: [make(scores[half]) if half in scores else "–" for half in ("calibration", "test")]
    rows += [
        ("runs (too close to call for the oracle)", *pick(lambda s: f"{s['runs']} ({s['ambiguous']})")),
        ("macro-F1", *pick(lambda s: f"{s['macro_f1']:.2f}")),
        ("healthy runs with a false alarm", *pick(lambda s: f"{s['healthy_runs_with_false_alarms']} of {s['healthy_runs']}")),
        ("“converged” (where it was not true)", *pick(lambda s: f"{s['converged_claims']} ({s['false_converged']})")),
        ("median delay in checks where a healthy training was spoilt", *pick(lambda s: s["median_delay_branched"])),
        ("... of all, five of warming up among them (from the first effect)",
         *pick(lambda s: f"{s['median_delay']} ({s['median_delay_after_onset']})")),
        ("faults never named", *pick(lambda s: f"{s['faults_never_named']} of {s['faults']}")),
        ("rescued by `--mend` (by rolling back alone)",
         *pick(lambda s: f"{percent(s['mending']['rescued'])} ({percent(s['mending']['rescued_by_sham'])}) of "
                         f"{s['mending']['spoilt']}")),
        ("healthy runs harmed by `--mend`",
         *pick(lambda s: f"{percent(s['mending']['harmed'])} of {s['mending']['healthy']}")),
    ]
    text += [table_of(rows), ""]
    for half, values in scores.items():
        if half == "both":
            continue
        text += [f"### True and named states, {half} half", "", confusion_table(values["confusion"]), "",
                 "F1: " + ", ".join(f"{state} {value:.2f}" for state, value in sorted(values["f1"].items())) + ".", ""]
    if stacked:
        text += ["### Stacked modes", "", table_of([("recipe", "modes of 1,000", "KL to the uniform", "steps", "minutes"),
                 *((name, s["modes"], f"{s['divergence']:.2f}", s["steps"], f"{s['minutes']:.0f}")
                   for name, s in stacked.items())]), ""]
    text += ["### What each inducer did", "", inducer_table(results), ""]
    return "\n".join(text)


def write_document(generated):
    """Replaces the part between the markers; everything around it belongs to people."""
    before, after = "# The referee, measured\n\n", "\n"
    if DOCUMENT.exists():
        text = DOCUMENT.read_text()
        if BEGIN in text and END in text:
            before, after = text[:text.index(BEGIN)], text[text.index(END) + len(END):]
        else:
            before = text.rstrip() + "\n\n"
    DOCUMENT.write_text(before + BEGIN + "\n" + generated + END + after)
