"use strict";
// What is listened to, and the first drawing. The images are still being loaded when this runs.

/** Keys that work everywhere but where one types. @type {Record<string, () => void>} */
const keys = {
  j: () => go(1),
  k: () => go(-1),
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  "/": () => closeViewer(byId("search")),
  s: saveMarks,
  "?": () => byId("help").showModal(),
};

/** Keys that do the same however long they are held. */
const REPEATED = new Set(["j", "k", "ArrowDown", "ArrowUp", "+", "-"]);

/** Keys of the viewer. @type {Record<string, (study: Study) => void>} */
const viewerKeys = {
  a: (study) => mark(study, "agree"),
  d: (study) => mark(study, "disagree"),
  u: (study) => mark(study, "unsure"),
  x: (study) => unmark(study),
  n: () => byId("note").focus(),
  o: toggleOverlay,
  i: () => setRadiograph({ inverted: !radiograph.inverted }),
  r: resetRadiograph,
  p: () => setRadiograph({ panning: !radiograph.panning }),
  "+": () => zoomBy(1.25),
  "-": () => zoomBy(0.8),
};

const STEP = 40; // pixels by which a key moves the image

/** Which way arrows with Shift move the image, for those who cannot drag it. @type {Record<string, [number, number]>} */
const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** Show the map or hide it, and say where it is strongest. */
function toggleOverlay() {
  setRadiograph({ overlay: !radiograph.overlay });
  announce(radiograph.overlay ? pictureInWords() : "");
}

/** @param {KeyboardEvent} event */
function keyPressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.altKey || event.metaKey || byId("help").open) return;
  if (target.matches("select, textarea, input:not([type=range])")) {
    if (typed(target, event.key)) event.preventDefault();
    return;
  }
  if (target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
  const key = { "=": "+" }[event.key] ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (event.repeat && !REPEATED.has(key)) return;
  if (key.length === 1 && !byId("single-keys").checked) return;
  if (viewer.study && event.shiftKey && Object.hasOwn(moves, key)) {
    const [x, y] = moves[key];
    setRadiograph({ x: radiograph.x + x, y: radiograph.y + y });
  } else if (key === "Enter" && !viewer.study && !target.matches("button, a, summary") && list.selected) {
    openStudy(list.selected);
  } else if (viewer.study && Object.hasOwn(viewerKeys, key)) {
    viewerKeys[key](viewer.study);
  } else if (Object.hasOwn(keys, key)) {
    keys[key]();
  } else {
    return;
  }
  event.preventDefault();
}

/** Return whether a key typed into a field leaves it: the way back to list and image.
 * @param {HTMLElement} field @param {string} key */
function typed(field, key) {
  const leaves = key === "Escape" || (field.id === "search" && (key === "Enter" || key === "ArrowDown"));
  if (!leaves) return false;
  if (viewer.study) byId("study-heading").focus();
  else byId("list").focus({ preventScroll: true });
  if (field.id === "search" && key !== "Escape") select(list.shown[0]);
  return true;
}

const filters = { search: "query", "by-band": "band", "by-view": "view", "by-notes": "notes", from: "from", to: "to", "by-mark": "mark" };

/** Keep what the list shows, and how, for when this tab is loaded again. */
function keepView() {
  const chosen = Object.values(filters).map((name) => [name, list[name]]);
  const view = { ...Object.fromEntries(chosen), sort: list.sort, descending: list.descending };
  try {
    sessionStorage.setItem(`${KEPT}-view`, JSON.stringify({ ...view, singleKeys: byId("single-keys").checked, theme: document.documentElement.dataset.theme ?? "" }));
  } catch {
    // No storage here: a page that is loaded again begins anew.
  }
}

/** Take up the view that this tab had; what the list does not offer is left out. */
function recallView() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`${KEPT}-view`) ?? "{}");
    for (const [id, name] of Object.entries(filters)) {
      byId(id).value = String(kept[name] ?? "");
      list[name] = id === "search" ? byId(id).value.trim().toLocaleLowerCase() : byId(id).value;
    }
    if (Object.hasOwn(sortKeys, kept.sort)) Object.assign(list, { sort: kept.sort, descending: kept.descending === true });
    byId("single-keys").checked = kept.singleKeys !== false;
    if (["dark", "light"].includes(kept.theme)) document.documentElement.dataset.theme = kept.theme;
  } catch {
    // No storage here, or nothing of ours in it.
  }
}

function clearFilters() {
  for (const [id, name] of Object.entries(filters)) byId(id).value = list[name] = "";
  Object.assign(list, { sort: "rank", descending: false });
  refreshList();
}

function listenToControls() {
  for (const [id, name] of Object.entries(filters)) {
    byId(id).addEventListener("input", () => {
      list[name] = id === "search" ? byId(id).value.trim().toLocaleLowerCase() : byId(id).value;
      refreshList();
    });
  }
  byId("clear").addEventListener("click", clearFilters);
  for (const button of document.querySelectorAll(".sort")) button.addEventListener("click", () => sortBy(button.dataset.sort));
  byId("theme").addEventListener("click", changeTheme);
  byId("show-help").addEventListener("click", () => byId("help").showModal());
  byId("close-help").addEventListener("click", () => byId("help").close());
}

/** @param {string} name */
function sortBy(name) {
  list.descending = list.sort === name ? !list.descending : name === "probability";
  list.sort = name;
  refreshList();
}

function changeTheme() {
  const root = document.documentElement;
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  root.dataset.theme = now === "light" ? "dark" : "light";
}

function listenToViewer() {
  byId("viewer").addEventListener("close", viewerClosed);
  byId("close").addEventListener("click", () => closeViewer());
  byId("next").addEventListener("click", () => go(1));
  byId("previous").addEventListener("click", () => go(-1));
  for (const [id, key] of [["toggle-overlay", "o"], ["invert", "i"], ["reset", "r"], ["zoom-in", "+"], ["zoom-out", "-"]]) {
    byId(id).addEventListener("click", () => viewerKeys[key](viewer.study));
  }
  byId("drag-window").addEventListener("click", () => setRadiograph({ panning: false }));
  byId("drag-pan").addEventListener("click", () => setRadiograph({ panning: true }));
  byId("opacity").addEventListener("input", () => setRadiograph({ overlay: true }));
  for (const name of ["level", "width"]) byId(name).addEventListener("input", () => setRadiograph({ [name]: Number(byId(name).value) }));
  listenToRadiograph();
}

function listenToMarks() {
  for (const button of document.querySelectorAll("[data-mark]")) {
    button.addEventListener("click", () => mark(viewer.study, button.dataset.mark));
  }
  byId("unmark").addEventListener("click", () => unmark(viewer.study));
  byId("note").addEventListener("input", () => annotate(viewer.study, byId("note").value));
  byId("note").addEventListener("change", keepMarks);
  byId("reader").addEventListener("change", keepMarks);
  window.addEventListener("pagehide", keepMarks);
  window.addEventListener("pagehide", keepView);
  byId("save").addEventListener("click", saveMarks);
  byId("save-here").addEventListener("click", saveMarks);
  byId("open").addEventListener("click", () => byId("opened").click());
  byId("opened").addEventListener("change", () => {
    const [file] = byId("opened").files;
    if (file) openMarks(file);
    byId("opened").value = "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (!unsaved()) return;
    event.preventDefault();
    event.returnValue = ""; // older browsers ask for this
  });
}

/** @param {string} id @param {[string, string][]} options value and label */
function offer(id, options) {
  for (const [value, label] of options) {
    const option = /** @type {HTMLOptionElement} */ (element("option", "", label));
    option.value = value;
    byId(id).append(option);
  }
}

function offerFilters() {
  const views = [...new Set(studies.map((study) => study.view))].filter(Boolean).toSorted();
  offer("by-view", views.map((view) => [view, view]));
  const kinds = [...new Set(studies.flatMap((study) => study.notes.map(kindOf)))].toSorted();
  const common = [[ANY_NOTE, say("some_note")], [NO_NOTE, say("no_note")], [FAILED, say("failed")]];
  offer("by-notes", [...common, ...kinds.map((kind) => [kind, kind])]);
}

/** A printed list has no window: draw its first thousand rows, and those that it shows again afterwards. */
function listenToPrinter() {
  window.addEventListener("beforeprint", () => {
    putRows(0, Math.min(MOST_PRINTED, list.shown.length));
    const shown = Math.min(MOST_PRINTED, list.shown.length);
    byId("printed").textContent = say("printed", { shown, all: list.shown.length });
  });
  window.addEventListener("afterprint", refreshList);
}

/** Draw the legend of the overlay's colours, over middle grey as most of an image is. */
function drawScale() {
  const context = byId("scale").getContext("2d", READABLE);
  const image = context.createImageData(ramp.length, 1);
  new Uint32Array(image.data.buffer).set(ramp);
  const colours = document.createElement("canvas");
  [colours.width, colours.height] = [ramp.length, 1];
  colours.getContext("2d").putImageData(image, 0, 0);
  context.fillStyle = "#808080";
  context.fillRect(0, 0, ramp.length, 1);
  context.drawImage(colours, 0, 0);
}

function start() {
  drawScale();
  offerFilters();
  recallView();
  recallMarks();
  listenToControls();
  listenToViewer();
  listenToMarks();
  listenToPrinter();
  document.addEventListener("keydown", keyPressed);
  window.addEventListener("scroll", () => requestAnimationFrame(() => drawRows()), { passive: true });
  window.addEventListener("resize", () => drawRows());
  window.addEventListener("hashchange", followLink);
  new ResizeObserver(([toolbar]) => {
    document.documentElement.style.setProperty("--sticky", `${Math.floor(toolbar.target.getBoundingClientRect().height)}px`);
  }).observe(byId("toolbar"));
  refreshList();
  tellMarks();
  // By now all images are here: the rows get their thumbnails, and a study that a link names its image.
  document.addEventListener("DOMContentLoaded", () => { drawRows(true); followLink(); });
}

start();
