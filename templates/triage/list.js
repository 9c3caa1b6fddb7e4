"use strict";
// The list: search, filters, order, selection. Only the rows that the window shows are in the document, so that ten
// thousand studies scroll as ten do.

const OVERSCAN = 12; // rows drawn above and below the window
const MOST_PRINTED = 1000;
const NO_NOTE = "-";
const ANY_NOTE = "+";
const FAILED = "!";
const BANDS = ["first", "next", "later", "flagged", "not_flagged", "not_screened"]; // in the order of looking at them
const ALL_FLAGGED = "all_flagged";

const list = {
  query: "", band: "", view: "", notes: "", from: "", to: "", mark: "",
  sort: "rank",
  descending: false,
  /** @type {Study[]} */
  shown: studies,
  /** @type {Study | undefined} */
  selected: undefined,
  drawn: "",
};

const collator = new Intl.Collator(page.language, { numeric: true });

/** @type {Record<string, (study: Study) => string | number | null>} */
const sortKeys = {
  rank: (study) => study.rank,
  patient: (study) => study.patient_id || study.patient_name,
  accession: (study) => study.accession_number,
  date: (study) => study.study_date,
  view: (study) => study.view,
  probability: (study) => (study.probability === null ? null : Number(study.probability)),
  band: (study) => BANDS.indexOf(study.band),
  notes: (study) => [study.reason, ...study.notes].filter(Boolean).join("; "),
  mark: (study) => marks.of(study)?.mark ?? "",
};

/** The kind of a note: "age 46, validated for 1–5" and "age 61, …" are one.
 * @param {string} note */
const kindOf = (note) => note.replace(/\d+/g, "…");

/** @param {Study} study */
function haystack(study) {
  study.haystack ??= [
    study.patient_id, study.patient_name, study.accession_number, study.study_id, study.file, study.reason,
    study.study_date, dateInWords(study), ...study.notes,
  ].join("\n").toLocaleLowerCase();
  return study.haystack;
}

/** @param {Study} study */
function fits(study) {
  if (list.band && (list.band === ALL_FLAGGED ? study.status !== "flagged" : study.band !== list.band)) return false;
  if (list.view && study.view !== list.view) return false;
  if (list.from && (!study.study_date || study.study_date < list.from)) return false;
  if (list.to && (!study.study_date || study.study_date > list.to)) return false;
  if (list.mark && Boolean(marks.of(study)) !== (list.mark === "marked")) return false;
  return fitsNotes(study) && list.query.split(/\s+/).every((word) => haystack(study).includes(word));
}

/** @param {Study} study */
function fitsNotes(study) {
  if (list.notes === FAILED) return study.cause === "failed" || study.refused === 1;
  if (list.notes === ANY_NOTE) return study.notes.length > 0;
  if (list.notes === NO_NOTE) return study.notes.length === 0;
  return !list.notes || study.notes.some((note) => kindOf(note) === list.notes);
}

/** Choose and order the rows anew, and draw them. */
function refreshList() {
  list.shown = studies.filter(fits);
  const key = sortKeys[list.sort];
  const keyed = list.shown.map((study) => ({ study, key: key(study) }));
  keyed.sort((a, b) => compared(a.key, b.key) || a.study.index - b.study.index);
  list.shown = keyed.map((each) => each.study);
  if (list.selected && !list.shown.includes(list.selected)) list.selected = undefined;
  byId("count").textContent = say("count", { shown: list.shown.length, all: studies.length });
  byId("nothing").textContent = say(studies.length ? "nothing" : "none");
  byId("nothing").hidden = list.shown.length > 0;
  for (const head of document.querySelectorAll("#list th")) {
    const own = head.querySelector("button").dataset.sort === list.sort;
    head.setAttribute("aria-sort", own ? (list.descending ? "descending" : "ascending") : "none");
  }
  if (byId("rows").getBoundingClientRect().bottom < window.innerHeight / 2) byId("toolbar").scrollIntoView({ block: "start" });
  drawRows(true);
}

/** What is unknown comes last in both directions. */
function compared(a, b) {
  const [noA, noB] = [a === null || a === "", b === null || b === ""];
  if (noA || noB) return Number(noA) - Number(noB);
  const order = typeof a === "number" ? a - b : collator.compare(a, b);
  return list.descending ? -order : order;
}

const rowHeight = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));

/** Draw the rows that the window shows; again: also if they are the same as before. */
function drawRows(again = false) {
  const body = byId("rows");
  const above = -body.getBoundingClientRect().top;
  const many = Math.ceil(window.innerHeight / rowHeight()) + 2 * OVERSCAN;
  // A list that a filter has just made shorter may end above the window.
  const first = Math.max(0, Math.min(Math.floor(above / rowHeight()) - OVERSCAN, list.shown.length - many));
  const last = Math.min(list.shown.length, first + many);
  const range = `${first}-${last}`;
  if (!again && range === list.drawn) return;
  list.drawn = range;
  putRows(first, last);
}

/** @param {number} first @param {number} last */
function putRows(first, last) {
  const rows = list.shown.slice(first, last).map((study, place) => row(study, first + place));
  byId("rows").replaceChildren(space(first), ...rows, space(list.shown.length - last));
  const table = byId("list");
  table.setAttribute("aria-rowcount", String(list.shown.length + 1));
  const selected = list.selected && byId(`row-${list.selected.index}`);
  if (selected) table.setAttribute("aria-activedescendant", selected.id);
  else table.removeAttribute("aria-activedescendant");
}

/** @param {number} rows */
function space(rows) {
  const made = element("tr", "space");
  made.setAttribute("aria-hidden", "true");
  const cell = /** @type {HTMLTableCellElement} */ (element("td"));
  cell.colSpan = [...byId("list").tHead.rows[0].cells].filter((head) => head.offsetParent !== null).length;
  cell.style.height = `${rows * rowHeight()}px`;
  made.append(cell);
  made.hidden = rows === 0;
  return made;
}

/** @param {Study} study @param {number} place */
function row(study, place) {
  const made = element("tr", `study ${study.status} in-${study.band}${study === list.selected ? " selected" : ""}`);
  made.id = `row-${study.index}`;
  made.setAttribute("aria-rowindex", String(place + 2));
  made.setAttribute("aria-selected", String(study === list.selected));
  made.setAttribute("aria-label", inOneLine(study));
  made.append(
    thumbnailCell(study), element("td", "rank", study.rank === null ? "–" : String(study.rank)), patientCell(study),
    textCell("accession", study.accession_number), textCell("date", dateInWords(study)), textCell("view", study.view),
    probabilityCell(study), bandCell(study), notesCell(study), markCell(study),
  );
  made.addEventListener("click", () => { if (getSelection().isCollapsed) openStudy(study); }); // or a text is being copied
  return made;
}

/** A study as a screen reader tells its row: how soon to look at it before its dates and notes.
 * @param {Study} study */
function inOneLine(study) {
  const marked = marks.of(study);
  const who = study.patient_id || study.patient_name || study.file;
  return [
    study.rank === null ? "" : `${page.labels.rank} ${study.rank}`, verdictInWords(study), who, study.person, dateInWords(study), study.view,
    study.reason, ...study.notes, study.last_earlier, marked ? say(marked.mark) : "",
  ].filter(Boolean).join(", ");
}

const textCell = (name, text) => {
  const cell = element("td", name, text || "–");
  cell.title = text;
  return cell;
};

/** @param {Study} study */
function thumbnailCell(study) {
  const cell = element("td", "thumbnail");
  const thumbnail = thumbnailOf(study);
  if (thumbnail) {
    const picture = /** @type {HTMLImageElement} */ (element("img"));
    picture.src = thumbnail;
    picture.alt = "";
    cell.append(picture);
  }
  return cell;
}

/** @param {Study} study */
function patientCell(study) {
  const cell = element("td", "patient", study.patient_id || "–");
  const second = [study.patient_name, study.person].filter(Boolean).join(" · ") || (study.patient_id ? "" : study.file);
  cell.title = [study.patient_id, study.patient_name, study.person, study.file].filter(Boolean).join("\n");
  if (second) cell.append(element("span", "second", second));
  return cell;
}

/** @param {Study} study */
function probabilityCell(study) {
  const cell = element("td", "probability", study.shown || "–");
  cell.title = study.probability ?? "";
  if (study.probability !== null) {
    const gauge = element("div", "gauge");
    const value = element("div");
    value.style.width = `${onAxis(Number(study.probability))}%`;
    gauge.append(value);
    cell.append(gauge);
  }
  return cell;
}

/** The band as a word in its colour: dark to light, as in the PDF.
 * @param {Study} study */
function bandCell(study) {
  const cell = element("td", "band");
  cell.append(element("span", study.rank === null ? "" : `chip ${study.band}`, bandInWords(study)));
  return cell;
}

/** @param {Study} study */
function notesCell(study) {
  const cell = element("td", "notes");
  const lines = element("div", "lines"); // as many as the row has room for
  if (study.reason) lines.append(element("span", study.cause === "failed" ? "failure" : "", `! ${study.reason}`), study.notes.length ? "; " : "");
  lines.append(study.notes.join("; "));
  if (study.last_earlier) lines.append(lines.textContent ? "; " : "", element("span", "earlier", study.last_earlier));
  cell.append(lines);
  cell.title = [study.reason, ...study.notes, study.earlier].filter(Boolean).join("\n");
  return cell;
}

/** @param {Study} study */
function markCell(study) {
  const mark = marks.of(study);
  return element("td", "mark", mark ? say(mark.mark) + (mark.note ? " ✎" : "") : "");
}

/** Select a study and bring its row into the window.
 * @param {Study | undefined} study */
function select(study) {
  list.selected = study;
  const place = study ? list.shown.indexOf(study) : -1;
  if (place >= 0) {
    const above = getComputedStyle(byId("toolbar")).position === "sticky" ? [byId("toolbar"), byId("list").tHead] : [byId("list").tHead];
    const covered = above.reduce((sum, each) => sum + each.getBoundingClientRect().height, 0);
    const top = byId("rows").getBoundingClientRect().top + place * rowHeight();
    if (top < covered) window.scrollBy({ top: top - covered, behavior: "instant" });
    else if (top + rowHeight() > window.innerHeight) window.scrollBy({ top: top + rowHeight() - window.innerHeight, behavior: "instant" });
  }
  drawRows(true);
}

/** Return the study so many places further down the list; the first one where none is selected.
 * @param {number} steps */
function neighbour(steps) {
  const place = list.selected ? list.shown.indexOf(list.selected) : -1;
  if (place < 0) return list.shown[0];
  return list.shown[Math.max(0, Math.min(list.shown.length - 1, place + steps))];
}
