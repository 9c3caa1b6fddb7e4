"use strict";
// What the reader says of each study. Kept in this tab, which survives a reload, until saved as a file. Marks carry study
// ids, never patients' names.

/** @typedef {{mark: "agree" | "disagree" | "unsure", note: string, marked: string, saved: boolean, noteOnly: boolean}} Mark */

const FORMAT = { format: "screener-marks", version: 1 };
const KEPT = `screener-marks-${page.report_id}`;
const CHOICES = new Set(["agree", "disagree", "unsure"]);
const LONGEST_NOTE = 2000;

const marks = {
  /** @type {Map<string, Mark>} by study_id */
  all: new Map(),
  /** @param {Study} study */
  of: (study) => marks.all.get(study.study_id),
};

const unsaved = () => [...marks.all.values()].filter((each) => !each.saved).length;

/**
 * Return a mark that may be taken up: of a screened study of this list, with a note and a time.
 * @returns {Mark | undefined}
 */
function validMark(studyId, found, saved) {
  const study = byStudyId.get(studyId);
  if (!study || study.status === "not_screened" || !CHOICES.has(found?.mark)) return undefined;
  const { mark: choice, note, marked } = found;
  if (typeof note !== "string" || note.length > LONGEST_NOTE || Number.isNaN(Date.parse(marked))) return undefined;
  return { mark: choice, note, marked: new Date(marked).toISOString(), saved, noteOnly: false };
}

/** Take up what this tab knew before it was loaded again. */
function recallMarks() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    byId("reader").value = kept.reader ?? "";
    for (const [studyId, found] of kept.marks ?? []) {
      const known = validMark(studyId, found, found.saved === true);
      if (known) marks.all.set(studyId, known);
    }
  } catch {
    // No storage here: the marks live as long as the page.
  }
}

function keepMarks() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ reader: byId("reader").value, marks: [...marks.all] }));
  } catch {
    // No storage here; leaving the page with unsaved marks asks first.
  }
}

/** Tell how many are marked, or a message.
 * @param {string} [message] */
function tellMarks(message) {
  const count = marks.all.size ? say("marked_count", { marked: marks.all.size, unsaved: unsaved() }) : say("marked_none");
  byId("marked").textContent = byId("marked-here").textContent = message ?? count;
}

/** What follows whenever a mark has changed.
 * @param {Study} study */
function marksChanged(study) {
  tellChoice(study);
  tellMarks();
  keepMarks();
  drawRows(true);
}

/** Mark a study; the same mark once more changes nothing, so that a key held down does no harm.
 * @param {Study} study @param {"agree" | "disagree" | "unsure"} choice */
function mark(study, choice) {
  const before = marks.of(study);
  if (study.status === "not_screened" || (before?.mark === choice && !before.noteOnly)) return;
  putMark(study, choice, before?.note ?? "");
  marksChanged(study);
}

/** @param {Study} study */
function unmark(study) {
  if (!marks.all.delete(study.study_id)) return;
  byId("note").value = "";
  marksChanged(study);
}

/** @param {Study} study */
function putMark(study, choice, note, noteOnly = false) {
  marks.all.set(study.study_id, { mark: choice, note, marked: new Date().toISOString(), saved: false, noteOnly });
}

/** A note alone stands with the mark that says least, and takes it along when it is erased.
 * @param {Study} study @param {string} note */
function annotate(study, note) {
  const before = marks.of(study);
  const noteOnly = before?.noteOnly ?? !before;
  if (noteOnly && !note) marks.all.delete(study.study_id);
  else putMark(study, before?.mark ?? "unsure", note, noteOnly);
  tellChoice(study);
  tellMarks();
}

/** @param {Study} study */
function tellMark(study) {
  byId("marks").disabled = study.status === "not_screened";
  byId("mark-meaning").textContent = say(`mark_${study.status}`);
  byId("note").value = marks.of(study)?.note ?? "";
  tellChoice(study);
}

/** @param {Study} study */
function tellChoice(study) {
  for (const button of document.querySelectorAll("[data-mark]")) {
    button.setAttribute("aria-pressed", String(marks.of(study)?.mark === button.dataset.mark));
  }
}

/** Save all marks as a file, if it is known who reads. */
function saveMarks() {
  const reader = byId("reader").value.trim();
  if (!marks.all.size) {
    tellMarks();
    return;
  }
  if (!reader) {
    tellMarks(say("reader_missing"));
    closeViewer(byId("reader"));
    return;
  }
  const saved = [...marks.all].map(([study_id, { mark: choice, note, marked }]) => ({ study_id, mark: choice, note, marked }));
  const now = new Date().toISOString();
  const content = { ...FORMAT, report_id: page.report_id, model: page.model, reader, saved: now, marks: saved };
  const name = `marks-${page.report_id}-${now.slice(0, 19).replaceAll(":", "")}.json`;
  const link = /** @type {HTMLAnchorElement} */ (element("a"));
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  for (const each of marks.all.values()) each.saved = true;
  keepMarks();
  tellMarks(say("saved", { marked: marks.all.size, file: name }));
}

/** Take up marks that this reader saved before; of a study marked in both, the later one.
 * @param {File} file */
async function openMarks(file) {
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    content = undefined;
  }
  const fits = content?.format === FORMAT.format && content.version === FORMAT.version && content.report_id === page.report_id;
  if (!fits || !Array.isArray(content.marks) || typeof content.reader !== "string") {
    tellMarks(say("not_marks", { file: file.name }));
    return;
  }
  const reader = byId("reader").value.trim();
  if (reader ? reader !== content.reader : marks.all.size > 0) {
    tellMarks(say("other_reader", { file: file.name, reader: content.reader }));
    return;
  }
  byId("reader").value = content.reader;
  takeUp(content.marks, file.name);
}

function takeUp(found, name) {
  let taken = 0;
  for (const each of found) {
    const known = validMark(each?.study_id, each, true);
    const before = known && marks.all.get(each.study_id);
    if (!known || (before && before.marked > known.marked)) continue;
    marks.all.set(each.study_id, known);
    taken++;
  }
  keepMarks();
  refreshList();
  tellMarks(say("opened", { marked: taken, file: name }));
}
