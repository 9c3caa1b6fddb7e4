"use strict";
// What the reader says of each study. Kept in this tab, which survives a reload, until saved as a file; nothing stays on the
// workstation after the tab is closed. Marks carry study ids, never names.

/** @typedef {{mark: "agree" | "disagree" | "unsure", note: string, marked: string, saved: boolean}} Mark */

const FORMAT = { format: "screener-marks", version: 1 };
const KEPT = `screener-marks-${page.report_id}`;
const CHOICES = new Set(["agree", "disagree", "unsure"]);

const marks = {
  /** @type {Map<string, Mark>} by study_id */
  all: new Map(),
  /** @param {Study} study */
  of: (study) => marks.all.get(study.study_id),
};

const unsaved = () => [...marks.all.values()].filter((mark) => !mark.saved).length;

/** Take up what this tab knew before it was loaded again. */
function recallMarks() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    marks.all = new Map(kept.marks ?? []);
    byId("reader").value = kept.reader ?? "";
  } catch {
    marks.all = new Map(); // no storage here: the marks live as long as the page
  }
}

/** @param {string} [message] what to say instead of how many are marked */
function marksChanged(message) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ reader: byId("reader").value, marks: [...marks.all] }));
  } catch {
    // No storage here; leaving the page with unsaved marks asks first.
  }
  const count = marks.all.size ? say("marked_count", { marked: marks.all.size, unsaved: unsaved() }) : say("marked_none");
  byId("marked").textContent = message ?? count;
}

/** Mark a study, or with the same mark once more, unmark it.
 * @param {Study} study @param {string} choice */
function mark(study, choice) {
  if (study.status === "not_screened") return;
  const before = marks.of(study);
  if (before?.mark === choice) marks.all.delete(study.study_id);
  else putMark(study, choice, before?.note ?? "");
  tellMark(study);
  marksChanged();
  drawRows(true);
}

/** @param {Study} study */
function putMark(study, choice, note) {
  marks.all.set(study.study_id, { mark: choice, note, marked: new Date().toISOString(), saved: false });
}

/** A note alone stands with the mark that says least. @param {Study} study @param {string} note */
function annotate(study, note) {
  putMark(study, marks.of(study)?.mark ?? "unsure", note);
  tellChoice(study);
  marksChanged();
  drawRows(true);
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
  if (!reader || !marks.all.size) {
    if (viewer.study) closeViewer();
    marksChanged(say(reader ? "marked_none" : "reader_missing"));
    byId("reader").focus();
    return;
  }
  const saved = [...marks.all].map(([study_id, { mark: choice, note, marked }]) => ({ study_id, mark: choice, note, marked }));
  const content = { ...FORMAT, report_id: page.report_id, model: page.model, reader, saved: new Date().toISOString(), marks: saved };
  const name = `marks-${page.report_id}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.json`;
  const link = /** @type {HTMLAnchorElement} */ (element("a"));
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  for (const each of marks.all.values()) each.saved = true;
  marksChanged(say("saved", { marked: marks.all.size, file: name }));
}

/** Take up marks that were saved before; of a study marked in both, the later one.
 * @param {File} file */
async function openMarks(file) {
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    content = undefined;
  }
  if (content?.format !== FORMAT.format || content.report_id !== page.report_id || !Array.isArray(content.marks)) {
    marksChanged(say("not_marks", { file: file.name }));
    return;
  }
  for (const { study_id, mark: choice, note, marked } of content.marks) {
    const before = marks.all.get(study_id);
    if (!byStudyId.has(study_id) || !CHOICES.has(choice) || (before && before.marked > marked)) continue;
    marks.all.set(study_id, { mark: choice, note: String(note ?? ""), marked: String(marked), saved: true });
  }
  byId("reader").value ||= String(content.reader ?? "");
  marksChanged(say("opened", { marked: content.marks.length }));
  drawRows(true);
}
