"use strict";
// What the page holds: the run, its studies, their images, and the words. Everything is text until it is drawn.

/**
 * One study, by the columns of the worklist.
 * @typedef {object} Study
 * @property {number | null} rank null where it was not screened
 * @property {"flagged" | "not_flagged" | "not_screened"} status
 * @property {string} study_id
 * @property {string} patient_id
 * @property {string} patient_name empty unless the report includes names
 * @property {string} accession_number
 * @property {string} study_date ISO 8601
 * @property {string} view
 * @property {number} images
 * @property {string | null} probability six decimals, as printed
 * @property {string} shown the probability as people read it, "0.57"; empty where it was not screened
 * @property {"first" | "next" | "later" | "flagged" | "not_flagged" | "not_screened"} band
 * @property {string} person age and sex, as far as they are known
 * @property {string} earlier what earlier runs said of the patient's other studies
 * @property {string} last_earlier the last of them only
 * @property {string} population as whose it was read; empty where it was not screened
 * @property {string} reason
 * @property {string[]} notes
 * @property {string} file
 * @property {string} cause
 * @property {0 | 1} refused
 * @property {number} index its place in the worklist
 * @property {string} [haystack] what the search looks through
 */

/** @typedef {{image?: string, map?: number[][], stable?: boolean, note: string}} StudyImage */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const page = JSON.parse(byId("worklist").textContent);

/** @type {Study[]} */
const studies = page.rows.map((cells, index) => {
  const study = { index };
  page.columns.forEach((column, place) => { study[column] = cells[place]; });
  return study;
});

/** @type {Map<string, Study>} */
const byStudyId = new Map(studies.map((study) => [study.study_id, study]));

/**
 * Return a text with its placeholders filled.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? value.toLocaleString(page.language) : value;
  });
}

/**
 * Return a study's date as its language writes it.
 * @param {Study} study
 */
function dateInWords(study) {
  const [year, month, day] = study.study_date.split("-");
  return day ? page.date.replace("yyyy", year).replace("MM", month).replace("dd", day) : study.study_date;
}

/**
 * Return a text of the catalogue with its placeholders filled.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
const say = (key, values = {}) => filled(page.words[key], values);

/**
 * Return the element that holds a study's image; null where there is none, or it is not loaded yet.
 * @param {Study} study
 */
const imageElement = (study) => byId(`image-${study.rank ?? `refused-${study.index}`}`);

/**
 * Return a study's thumbnail as an address; empty where there is none.
 * @param {Study} study
 */
function thumbnailOf(study) {
  const base64 = imageElement(study)?.dataset.thumbnail;
  return base64 ? jpeg(base64) : "";
}

/**
 * Return a study's image.
 * @param {Study} study
 * @returns {StudyImage | undefined}
 */
function imageOf(study) {
  const held = imageElement(study);
  try {
    return held ? JSON.parse(held.textContent) : undefined;
  } catch {
    return undefined; // cut short: this very element is being loaded
  }
}

/** @param {string} base64 */
const jpeg = (base64) => `data:image/jpeg;base64,${base64}`;

/**
 * Return a new element with a class and a text; the text is never read as HTML.
 * @param {string} tag
 * @param {string} [name]
 * @param {string} [text]
 */
function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/** @param {Study} study */
function bandInWords(study) {
  return study.band === "not_screened" ? say("not_screened") : page.bands[study.band];
}

/** Return the probability and how soon to look at a study, in words.
 * @param {Study} study */
const verdictInWords = (study) => say(`verdict_${study.band}`, { probability: study.shown });

/** Return where a probability lies on the stretched axis of the PDF, 0 to 100.
 * @param {number} probability */
function onAxis(probability) {
  const logit = Math.log(probability / (1 - probability));
  return 50 + (50 * Math.max(-page.axis, Math.min(page.axis, logit))) / page.axis;
}
