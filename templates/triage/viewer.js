"use strict";
// One study at a time: opened by a click, by Enter, or by a link that names it.

const viewer = {
  /** @type {Study | undefined} */
  study: undefined,
  /** @type {HTMLElement | undefined} where the focus goes once it is closed */
  after: undefined,
};

/** @param {Study} study @param {boolean} [linked] whether the address already names it */
function openStudy(study, linked = false) {
  viewer.study = study;
  const dialog = /** @type {HTMLDialogElement} */ (byId("viewer"));
  const fromList = !dialog.open && !linked;
  const another = dialog.open;
  if (!dialog.open) {
    dialog.showModal();
    byId("study-heading").focus();
  }
  select(study);
  tellStudy(study);
  showRadiograph(study, whyNoImage(study));
  setAddress(linkTo(study), fromList);
  // The focus stays where it is: nothing else would tell a screen reader that this is another study.
  announce(another ? [called(study), byId("place").textContent, byId("verdict").textContent].join(", ") : "");
}

/** Close the viewer and go to an element, the list if none is named.
 * @param {HTMLElement} [next] */
function closeViewer(next) {
  if (viewer.study) {
    viewer.after = next;
    viewer.study = undefined; // from now on keys are the list's
    byId("viewer").close();
  } else {
    next?.focus();
  }
}

/** What is to be done whichever way the viewer was closed; the browser tells a little later. */
function viewerClosed() {
  viewer.study = undefined;
  radiograph.wanted++;
  setAddress(location.pathname + location.search);
  refreshList(); // marks may have changed what the filters show
  (viewer.after ?? byId("list")).focus({ preventScroll: true });
  viewer.after = undefined;
}

/**
 * Name in the address what is shown. The first study opened from the list is put above it in the tab's history, so that
 * Back closes it; all others take that place, so that one Back leads to the list, however many were looked at.
 * @param {string} address @param {boolean} [fromList]
 */
function setAddress(address, fromList = false) {
  const above = Boolean(history.state?.above);
  try {
    if (fromList && !above) history.pushState({ above: true }, "", address);
    else history.replaceState({ above }, "", address);
  } catch {
    // Safari allows a hundred in half a minute; the address then lags behind.
  }
}

/** @param {Study} study */
const linkTo = (study) => `#study=${encodeURIComponent(study.study_id)}`;

/** Open the study that the address names; close the viewer where it names none, as after Back. */
function followLink() {
  const named = new URLSearchParams(location.hash.slice(1)).get("study");
  if (named === null) {
    closeViewer();
    return;
  }
  const study = byStudyId.get(named);
  if (study && !list.shown.includes(study)) clearFilters();
  if (study) openStudy(study, true);
  else byId("count").textContent = say("unknown_study");
}

/** Go to another study of the list; with the viewer open, show it.
 * @param {number} steps */
function go(steps) {
  const study = neighbour(steps);
  if (!study) return;
  if (viewer.study) {
    if (study !== viewer.study) openStudy(study);
  } else {
    byId("list").focus({ preventScroll: true }); // so that a screen reader follows the selected row
    select(study);
  }
}

/** @param {Study} study */
function whyNoImage(study) {
  const found = imageOf(study);
  if (found?.note) return found.note;
  if (study.rank === null) return say(study.refused ? "no_image_refused" : "no_image_missed");
  return document.readyState === "loading" ? say("no_image_yet") : say("no_image_asked");
}

/** Let a screen reader say something that only the eye would notice.
 * @param {string} words */
const announce = (words) => { byId("announced").textContent = words; };

/** @param {Study} study */
const called = (study) => [study.patient_id, study.patient_name].filter(Boolean).join(" · ") || study.file;

/** @param {Study} study */
function tellStudy(study) {
  byId("study-heading").textContent = called(study);
  byId("place").textContent = say("place", { number: list.shown.indexOf(study) + 1, all: list.shown.length });
  byId("verdict").textContent = verdictInWords(study);
  byId("verdict").className = `verdict chip ${study.band}`;
  byId("meaning").textContent = study.rank === null ? say(study.refused ? "meaning_refused" : "meaning_missed") : page.meanings[study.population];
  byId("bar").hidden = study.rank === null;
  byId("bar-value").style.width = `${onAxis(Number(study.probability))}%`;
  byId("bar-threshold").style.left = `${onAxis(page.thresholds[study.population])}%`;
  const notes = [...(study.reason ? [`! ${study.reason}`] : []), ...study.notes, ...(study.earlier ? [study.earlier] : [])];
  byId("study-notes").replaceChildren(...notes.map((note) => element("li", note.startsWith("!") ? "failure" : "", note)));
  byId("facts").replaceChildren(...facts(study).flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));
  byId("link").setAttribute("href", linkTo(study));
  const address = inViewer(study);
  byId("in-viewer").hidden = !address;
  byId("in-viewer").setAttribute("href", address);
  tellMark(study);
}

/**
 * Return where the hospital's viewer shows a study; empty without such a viewer, or a UID to ask it for: a study may be
 * called by its file, or by a pseudonym.
 * @param {Study} study
 */
function inViewer(study) {
  const uid = /^[0-9]+(\.[0-9]+)+$/.test(study.study_id) ? study.study_id : "";
  return page.viewer_url && uid ? page.viewer_url.replaceAll("{study_uid}", uid) : "";
}

/** @param {Study} study @returns {[string, string][]} */
function facts(study) {
  const all = /** @type {[string, string][]} */ ([
    [page.labels.rank, study.rank === null ? "–" : String(study.rank)],
    [page.labels.age_sex, study.person],
    [page.labels.accession, study.accession_number],
    [page.labels.date, dateInWords(study)],
    [page.labels.view, study.view],
    [say("images"), String(study.images)],
    [say("file"), study.file],
    [say("study_id"), study.study_id],
    [say("model"), page.model],
  ]);
  return all.filter(([, value]) => value);
}
